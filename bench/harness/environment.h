// SPDX-License-Identifier: LGPL-3.0-or-later
// On what it was measured.
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include <jansson.h> // json_t

#include "guests.h" // struct guest_list

json_t *environment_json(const struct plan *plan
                         , const struct guest_list *list);

#endif
