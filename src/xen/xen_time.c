// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen's system time, from shared info.  Compiled for 16-bit and 32-bit code.

#include "biosvar.h" // VARLOW
#include "xen/xen_info.h" // xen_shared
#include "xen/xen_time.h" // xen_time

// A tick of the BIOS timer: 65536 / 1193182 Hz.
#define XEN_TIME_TICK_NS 54925494

u16 XenTimeTick VARLOW;

// (a * b) >> 32, without a 64-bit multiplication.
static u64
xen_time_mul_shift32(u64 a, u32 b)
{
    return (((a & 0xffffffff) * b) >> 32) + (a >> 32) * b;
}

// Apply the factors that Xen gives for this CPU (struct vcpu_time_info).
static u64
xen_time_scale(u64 cycles, u32 mul, int shift)
{
    cycles = shift >= 0 ? cycles << shift : cycles >> -shift;
    return xen_time_mul_shift32(cycles, mul);
}

// Convert cycles of the time stamp counter to nanoseconds.  Returns 0 if Xen
// gives no factors.
static u64
xen_time_from_cycles(u64 cycles)
{
    volatile struct vcpu_time_info *t = &xen_shared()->vcpu_info[0].time;
    return xen_time_scale(cycles, t->tsc_to_system_mul, t->tsc_shift);
}

// Find out how long a timer tick is on the coarse clock.  POST only.
void
xen_time_setup(void)
{
    while (xen_time_from_cycles((u64)XenTimeTick << 20) < XEN_TIME_TICK_NS
           && XenTimeTick < 0xffff)
        XenTimeTick++;
}

// Xen's system time in ns, which is also the clock of SCHEDOP_poll's time-outs
// (struct vcpu_time_info in xen/include/public/xen.h).  If shared info is
// gone, because an OS has moved it, the result is later than any deadline:
// waits end at once.
u64
xen_time(void)
{
    volatile struct vcpu_time_info *t = &xen_shared()->vcpu_info[0].time;
    int tries;
    for (tries = 0; tries < 1000; tries++) {
        u32 version = t->version;
        smp_rmb(); // The version before what it guards
        u64 delta = rdtscll() - t->tsc_timestamp, base = t->system_time;
        u32 mul = t->tsc_to_system_mul;
        int shift = t->tsc_shift;
        smp_rmb(); // What it guards before the version again
        if (!mul)
            break; // Not memory but a device: qemu serves each read
        if ((version & 1) || version != t->version)
            continue;
        return base + xen_time_scale(delta, mul, shift);
    }
    return ~0ULL;
}
