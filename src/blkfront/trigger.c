// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What triggers a handover: BIOS calls that an OS or its loader makes, and
// time.  Compiled for 16-bit and 32-bit code.

#include "biosvar.h" // GET_LOW
#include "blkfront/blkfront.h" // blkfront_release
#include "blkfront/handover.h" // handover_now
#include "config.h" // CONFIG_XEN_BLKFRONT
#include "stacks.h" // call32
#include "xen/xen_time.h" // xen_time_coarse

static void
trigger_release(int by_tick)
{
    if (!CONFIG_XEN_BLKFRONT || !GET_LOW(Handover.open)
        || GET_LOW(Handover.busy))
        return;
    if (MODESEGMENT)
        call32(handover_now, by_tick, 0);
    else
        handover_now(by_tick);
}

// A call announces an OS: disconnect all disks.
void
blkfront_release(void)
{
    trigger_release(0);
}

// Disconnect the disks if none has been used for a while.  The clock decides
// and not the number of ticks: when a guest gets the CPU back, Xen delivers
// all the ticks that it has missed at once.  A tick may come in
// the middle of a BIOS call that yields, even if the caller has interrupts
// disabled.
void
blkfront_tick(void)
{
    if (!CONFIG_XEN_BLKFRONT || !GET_LOW(Handover.open))
        return;
    u32 limit = GET_LOW(Handover.idle_limit) * GET_LOW(XenTimeTick);
    if (limit && xen_time_coarse() - GET_LOW(Handover.last_op) > limit)
        trigger_release(1);
}

// int15 is called with 'ax'.  These calls announce an OS: questions about
// memory, which loaders and kernels ask before they leave the BIOS behind
// (E820, E801, 88h), A20 (2401h), and the CPU mode that the OS will use
// (EC00h).
void
blkfront_int15(u16 ax)
{
    if (!CONFIG_XEN_BLKFRONT)
        return;
    if (ax == 0xe820 || ax == 0xe801 || ax >> 8 == 0x88 || ax == 0x2401
        || ax == 0xec00) {
        handover_note_announcement();
        blkfront_release();
    } else {
        blkfront_tick();
    }
}
