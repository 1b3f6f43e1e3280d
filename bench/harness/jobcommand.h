// SPDX-License-Identifier: LGPL-3.0-or-later
// Jobs as the payload's commands.
#ifndef HARNESS_JOBCOMMAND_H
#define HARNESS_JOBCOMMAND_H

#include <stdio.h> // FILE

#include "jobfile.h" // struct fio_job

void jobcommand_write(FILE *script, const struct fio_job *job);
// What the payload must report of the job that it ran, timed or traced.
u32 jobcommand_crc(const struct fio_job *job, int traced);
void jobcommand_write_traced(FILE *script, const struct fio_job *job, int pv);

#endif
