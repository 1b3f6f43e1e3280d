// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the instructions of the timed calls go: counted in the lab's QEMU by
// bench/profile/count.c, which costs no virtual time.
#ifndef HARNESS_WATERFALL_H
#define HARNESS_WATERFALL_H

#include <jansson.h> // json_t

#include "guests.h" // struct guest

// Makes the lab's QEMU count; must be called before the lab runs.
void waterfall_prepare(const struct plan *plan, unsigned session);

struct waterfall {
    char *text; // of the counts, NULL if there are none
    unsigned job; // how many timed jobs came before, of all guests
    int lost; // a job did not match, so it is not known whose the rest are
};

// Of the guests of one session of the run, from 1.
void waterfall_open(const struct plan *plan, unsigned session
                    , struct waterfall *waterfall);
void waterfall_close(struct waterfall *waterfall);
// Returns the instructions of a call of the next timed job, which had this many
// calls, by party; NULL if they are not known.
json_t *waterfall_next(struct waterfall *waterfall, unsigned calls);

#endif
