// SPDX-License-Identifier: LGPL-3.0-or-later
// The versions and the machine that were measured.
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include <jansson.h> // json_t

#include "guests.h" // struct guest_list

json_t *environment_json(const struct plan *plan
                         , const struct guest_list *list);

#endif
