// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads what the payload reported about its jobs on the serial port.
#ifndef HARNESS_SERIAL_H
#define HARNESS_SERIAL_H

#include "types.h" // u32

struct record {
    u32 *samples; // TSC ticks, in the order of the calls; free() them
    u32 count;
    u32 tsc_khz;
    char tsc_source[16];
};

// spec: job_spec_crc() of the job that was asked for.
int serial_record(const char *log, const char *job, u32 spec
                  , struct record *record, const char **problem);
int serial_passed(const char *log);

#endif
