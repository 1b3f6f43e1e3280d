// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The CPU: what fake/xen.h makes of its instructions, and where the other
// domains may get a turn.
#ifndef __SHADOW_X86_H
#define __SHADOW_X86_H

#include "fake/world.h" // world_turn
#include "types.h" // u32

void cpuid(u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
void wrmsr(u32 index, u64 value);

static inline void
smp_rmb(void)
{
    world_turn(SEAM_RMB);
}

static inline void
smp_wmb(void)
{
    world_turn(SEAM_WMB);
}

static inline void
cpu_relax(void)
{
    world_turn(SEAM_PAUSE);
}

static inline u64
rdtscll(void)
{
    return world_tsc();
}

#endif // x86.h
