// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen's system time, and a coarse clock for code that cannot reach it.
#ifndef __XEN_TIME_H
#define __XEN_TIME_H

#include "xen/machine.h" // rdtscll

// One tick of the BIOS timer, in units of the coarse clock.
extern u16 XenTimeTick;

// The coarse clock: a unit is 2^20 cycles of the time stamp counter.  Wraps.
static inline u32
xen_time_coarse(void)
{
    return (u32)(rdtscll() >> 20);
}

void xen_time_setup(void);
u64 xen_time(void);

// Is shared info still where we mapped it?  It is not after the guest was
// restored, nor after an OS has moved it.
static inline int
xen_is_mapped(void)
{
    return xen_time() != ~0ULL;
}

#endif // xen_time.h
