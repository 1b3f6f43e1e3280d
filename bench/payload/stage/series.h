// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs a job's calls and keeps how long each took, out of the way of disk
// buffers, until the last is done.
#ifndef PAYLOAD_SERIES_H
#define PAYLOAD_SERIES_H

#include "disk.h" // struct disk
#include "job.h" // struct job_spec

struct series {
    struct disk disk;
    struct job_spec job;
    // What writes write: what was there before, as an untimed read tells, or
    // the next generation of these sectors.
    u8 put_back;
    u8 go_on; // after the warm-up with the next calls, not the same ones again
    struct model_range *range;
};

// Both return 0, or -1 after reporting why not.
int series_check(const struct script_line *line, const struct series *series);
int series_run(struct series *series);
void series_timed(void);
void series_over(void);
u32 *series_samples(void); // TSC ticks of each timed call

#endif
