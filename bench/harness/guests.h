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
};

struct guest_list {
    struct guest *guests;
    size_t count;
};

void guests_prepare(const struct plan *plan, struct guest_list *list);
void guests_run(const struct plan *plan, const struct guest_list *list);
// A file that the guest left, to be freed; NULL if there is none.
char *guest_file(const struct guest *guest, const char *name);

#endif
