// SPDX-License-Identifier: LGPL-3.0-or-later
// The BIOS's map of memory, and places in it.
#ifndef LOADER_MEMORY_H
#define LOADER_MEMORY_H

#include "bzimage.h" // struct boot_params

int memory_ask(struct boot_params *params);
int memory_is_ram(const struct boot_params *params, u64 from, u64 to);
u32 memory_highest(const struct boot_params *params, u32 size, u64 floor
                   , u64 limit);
int memory_open_a20(void);

#endif
