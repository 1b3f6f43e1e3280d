// SPDX-License-Identifier: LGPL-3.0-or-later
// results.json: fio's json+ layout, and what int13bench knows beside it.
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include "guests.h" // struct guest_list

enum results_state {
    RESULTS_SO_FAR, // more guests will end
    RESULTS_INTERRUPTED, // and no more will
    RESULTS_COMPLETE,
};

// Writes results.json, at once or not at all: of all guests if they are complete,
// else of those that are done. Returns how many jobs are not valid, and what was
// written in *written unless that is NULL. Ends the program if the file cannot be
// written and no more guests will end.
int results_write(const struct plan *plan, struct guest_list *list
                  , enum results_state state, json_t **written);

#endif
