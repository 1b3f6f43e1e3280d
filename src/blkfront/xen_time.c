// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen's system time, from shared info.

#include "blkfront/xen_info.h" // xen_shared

// (a * b) >> 32, without a 64-bit multiplication.
static u64
mul_shift32(u64 a, u32 b)
{
    return (((a & 0xffffffff) * b) >> 32) + (a >> 32) * b;
}

// By the factors for this CPU (struct vcpu_time_info).
static u64
scale(u64 cycles, u32 mul, int shift)
{
    cycles = shift >= 0 ? cycles << shift : cycles >> -shift;
    return mul_shift32(cycles, mul);
}

// How long so many cycles of the time stamp counter take; 0 where Xen does
// not say.
u64
xen_cycles_to_ns(u64 cycles)
{
    volatile struct vcpu_time_info *t = &xen_shared()->vcpu_info[0].time;
    return scale(cycles, t->tsc_to_system_mul, t->tsc_shift);
}

// Xen's system time in ns: the clock of SCHEDOP_poll's time-outs (struct
// vcpu_time_info in xen/include/public/xen.h).  Where shared info is gone,
// because an OS has taken it, every time is late: waits end at once.
u64
xen_time(void)
{
    volatile struct vcpu_time_info *t = &xen_shared()->vcpu_info[0].time;
    int tries;
    for (tries = 0; tries < 1000; tries++) {
        u32 version = t->version;
        machine_rmb(); // The version before what it guards
        u64 delta = machine_tsc() - t->tsc_timestamp, base = t->system_time;
        u32 mul = t->tsc_to_system_mul;
        int shift = t->tsc_shift;
        machine_rmb(); // What it guards before the version again
        if (!mul)
            break; // The window of a device: each read is one of qemu's
        if ((version & 1) || version != t->version)
            continue;
        return base + scale(delta, mul, shift);
    }
    return ~0ULL;
}
