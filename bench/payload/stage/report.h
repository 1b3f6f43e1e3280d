// SPDX-License-Identifier: LGPL-3.0-or-later
// Counting and reporting of the payload's checks.
#ifndef PAYLOAD_REPORT_H
#define PAYLOAD_REPORT_H

#include "disk.h" // struct transfer
#include "script.h" // struct script_line

void check_pass(void);
void check_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void transfer_fail(const struct disk *disk, const struct transfer *transfer
                   , const char *what);
int transfer_succeeded(const struct disk *disk, const struct transfer *transfer);
void check_sum(void);
u32 check_failures(void);
int check_exhausted(void);
void check_refuse(const struct script_line *line, const char *what
                  , const char *which);
int check_words(const struct script_line *line);

#endif
