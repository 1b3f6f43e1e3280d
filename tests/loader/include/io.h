// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of the payload's io.h: the machine's memory is an array.
#ifndef LOADER_TEST_IO_H
#define LOADER_TEST_IO_H

#include "types.h" // u32

#define MACHINE_SIZE (16 * 1024 * 1024)

extern u8 machine[MACHINE_SIZE];

static inline void *
physical(u32 address)
{
    return machine + address;
}

#endif
