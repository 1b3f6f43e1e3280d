// SPDX-License-Identifier: LGPL-3.0-or-later
// In place of the payload's bios.h: the BIOS is the test's, and addresses of this
// machine's take more than 16 bits.
#ifndef LOADER_TEST_BIOS_H
#define LOADER_TEST_BIOS_H

#include "types.h" // u32

struct real_regs {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 ds, es;
    u32 flags;
};

#define FLAG_CF 1
#define NEAR_POINTER 0x1234

extern void *near_pointer; // what the last near_offset() was of

void bios_call(u8 vector, struct real_regs *regs);

static inline u16
near_offset(void *p)
{
    near_pointer = p;
    return NEAR_POINTER;
}

#endif
