// SPDX-License-Identifier: LGPL-3.0-or-later
// The guest of each path that ran with Xen's trace: what it left, and the
// counters of a job from that.
#ifndef HARNESS_TRACED_H
#define HARNESS_TRACED_H

#include "counters.h" // struct traced_run
#include "guests.h" // struct guest_list

struct traced {
    struct traced_run run;
    char *log, *serial;
    int missing; // it has not run yet
};

// Reads what the traced twin of a guest left; nothing if the plan has none.
void traced_read(const struct plan *plan, struct guest_list *list
                 , struct guest *of, struct traced *traced);
void traced_free(struct traced *traced);
// The counters of the job of this place in the script. NULL, with the reason
// in *problem, if any is missing or may be wrong.
json_t *traced_counters(const struct traced *traced, const struct fio_job *job
                        , size_t place, const char **problem);

#endif
