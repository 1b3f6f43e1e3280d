// SPDX-License-Identifier: LGPL-3.0-or-later
// What the calls of each job cost in the traced run: exits and hypercalls from
// Xen's trace, requests and the like from the driver's log.
#ifndef HARNESS_COUNTERS_H
#define HARNESS_COUNTERS_H

#include <jansson.h> // json_t
#include <stddef.h> // size_t

struct traced_run {
    const char *exits; // what bench/exits printed
    const char *log; // Xen's console
    const char *vdev; // the PV disk, NULL without one
    unsigned long tsc_khz; // of the ticks in exits, 0: not known
};

// For a PV disk, a traced run's script has each job once without its timed
// calls and then whole, and a `memmap`, which makes the driver report, before
// each of these and at the end.
int counters_jobs_per_job(const struct traced_run *run);
json_t *counters_json(const struct traced_run *run, size_t job, size_t calls);

#endif
