// SPDX-License-Identifier: LGPL-3.0-or-later
// The guests of a plan, the script and disk of each, and their run in the lab.
#ifndef HARNESS_GUESTS_H
#define HARNESS_GUESTS_H

#include "plan.h" // struct path

#define GUEST_VDEV "xvde"

// A guest runs all jobs of a path once; the last one of each path is traced.
struct guest {
    struct path path;
    unsigned repetition; // from 1; 0 is traced
    char *dir;
    char *script;
    char asked[20]; // a hash over all that it is asked for
    int done; // its results are there
    unsigned session; // of the run, from 1: more than one if it was resumed
    char *exits; // of a traced one, once they have been decoded
    int exits_known;
};

struct guest_list {
    struct guest *guests;
    size_t count;
    unsigned sessions;
};

// Lists the guests, without touching any file.
void guests_list(const struct plan *plan, struct guest_list *list);
// Makes the disks and the lab's batch of those that are not done.
void guests_prepare(const struct plan *plan, const struct guest_list *list);
// Runs those, and calls ended() whenever one is done. Returns xenlab's exit
// status, -1 if it cannot be run; *last is what it said last, to be freed.
typedef void guest_ended_fn(void *user);
int guests_run(const struct plan *plan, struct guest_list *list
               , guest_ended_fn *ended, void *user, char **last);
// Has the guest left its results, from a lab that works?
int guest_is_done(const struct guest *guest);
size_t guests_done(const struct guest_list *list);
// A file that the guest left, to be freed; NULL if there is none.
char *guest_file(const struct guest *guest, const char *name);

#endif
