// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The core: one op of up to 64 KiB, from the caller's buffer to the backend and
// back.  There are two ways, siblings with one signature:
//
//  xfer_run     grants the caller's pages in place, and copies nothing, except
//               that it moves data within an unaligned buffer;
//  core_bounce  uses pages of our own: for unaligned writes, for memory that
//               must not or cannot be granted, and for a second attempt.
//
// 32-bit code.

#include "blkfront/internal.h" // core_run
#include "blkfront/op.h" // struct op_s
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_run
#include "string.h" // memset
#include "xen/machine.h" // machine_copy

#define CORE_BOUNCE_SIZE (INDIRECT_PLAN_SECTORS * XEN_SECTOR_SIZE)
_Static_assert(CORE_BOUNCE_SIZE == PAGES_BOUNCE * XEN_PAGE_SIZE
               , "the bounce pages hold an op");

static int
core_bounce(struct vbd_s *vbd, struct op_s *op, u32 addr)
{
    void *bounce = machine_ptr(Pages.bounce), *buf = machine_ptr(addr);
    if (!vbd->trusted)
        // Pages are granted whole: wipe what earlier ops have left in them.
        memset(bounce, 0, CORE_BOUNCE_SIZE);
    if (op->write)
        machine_copy(bounce, buf, op->count * XEN_SECTOR_SIZE);
    int result = xfer_run(vbd, op, Pages.bounce);
    if (!op->write)
        machine_copy(buf, bounce, op->done * XEN_SECTOR_SIZE);
    vbd->stats.bounced += op->done;
    return result;
}

// Transfer the sectors of an op that xfer_check() has passed.  Returns enum
// xfer_result: XFER_DONE also if some sectors failed, see op->done.
//
// A single error makes GRUB use CHS until the next boot, so make sure: perhaps
// the backend just cannot use the caller's pages, or the disk recovers.
int
core_run(struct vbd_s *vbd, struct op_s *op)
{
    int bounce = !xfer_can_grant(vbd, op)
                 || (op->write && op->addr % XEN_SECTOR_SIZE), result;
    if (op->begun)
        result = xfer_resume(vbd, op);
    else
        result = bounce ? core_bounce(vbd, op, op->addr)
                        : xfer_run(vbd, op, op->addr);
    if (result != XFER_DONE || op->done == op->count)
        return result;
    vbd->stats.retries++;
    return core_bounce(vbd, op, op->addr);
}
