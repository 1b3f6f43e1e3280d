// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers as fio reads them, which is not as they look: with kb_base=1024, the
// default, 4k is 4096 bytes and 4KiB is 4000.
#ifndef HARNESS_FIONUMBER_H
#define HARNESS_FIONUMBER_H

#include "types.h" // u64

struct fio_number {
    long long value;
    int percent; // "50%": of the file
    int overflow; // fio's arithmetic wraps; value means nothing
};

// The text behind the first number of a list, as fio takes it apart: at commas, at
// colons if there are none, else at minus signs. NULL if there is no other number.
const char *fio_next_part(const char *text);
// All read the text up to a comma, and return 0, or -1 if fio refuses it.
int fio_read_bytes(const char *text, unsigned kb_base
                   , struct fio_number *number);
// In us, which is the unit of a number without one.
int fio_read_time(const char *text, struct fio_number *number);
// Of flags and booleans.
int fio_read_int(const char *text, int *number);

#endif
