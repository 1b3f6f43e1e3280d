// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory above 4 GiB, by paging.
#ifndef PAYLOAD_HIGH_H
#define PAYLOAD_HIGH_H

#include "types.h" // u64

void *high_memory(u64 address);
void high_leave(void);

#endif
