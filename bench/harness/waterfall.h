// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the instructions of the timed calls go: counted in the lab's QEMU by
// bench/profile/count.c, which costs no virtual time.
#ifndef HARNESS_WATERFALL_H
#define HARNESS_WATERFALL_H

#include <jansson.h> // json_t

#include "guests.h" // struct guest

// To be called before the lab runs: has its QEMU count.
void waterfall_prepare(const struct plan *plan);

struct waterfall {
    char *text; // of the counts, NULL if there are none
    unsigned job; // how many timed jobs came before, of all guests
    int lost; // one was not as it should be: whose the rest is, is not known
};

void waterfall_open(const struct plan *plan, struct waterfall *waterfall);
void waterfall_close(struct waterfall *waterfall);
// Instructions of a call of the next timed job, which had so many calls, by
// party; NULL if they are not known.
json_t *waterfall_next(struct waterfall *waterfall, unsigned calls);

#endif
