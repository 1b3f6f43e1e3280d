// SPDX-License-Identifier: LGPL-3.0-or-later
// results.json: fio's json+ layout, and what int13bench knows beside it.
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include "guests.h" // struct guest_list

int results_write(const struct plan *plan, const struct guest_list *list);

#endif
