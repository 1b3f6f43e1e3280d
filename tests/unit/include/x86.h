// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The CPU that fake/xen.h plays.
#ifndef __SHADOW_X86_H
#define __SHADOW_X86_H

#include "types.h" // u32

void cpuid(u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
void wrmsr(u32 index, u64 value);

#endif // x86.h
