// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The core: one op of up to 64 KiB, from the caller's buffer to the backend and
// back.  There are two ways, siblings with one signature:
//
//  xfer_run     grants the caller's pages in place, and copies nothing, except
//               that it moves data within an unaligned buffer;
//  core_bounce  uses pages of our own: for unaligned writes, for memory that
//               must not or cannot be granted, and for a second attempt.  And for
//               what is not of whole blocks of the disk's: a write reads first
//               what it must not change of them.
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
_Static_assert(VBD_MAX_BLOCK <= XEN_PAGE_SIZE, "and whole blocks");

// Read the block of a disk's that a write begins or ends in, from the sector 'first'
// of 'blocks' on, to its place in the bounce pages.  Returns enum xfer_result:
// XFER_NOT_DONE if it cannot be read.
static int
core_read_block(struct vbd_s *vbd, const struct op_s *blocks, u32 first)
{
    struct op_s block = {
        .lba = blocks->lba + first, .count = vbd->block_mask + 1,
    };
    int result = xfer_run(vbd, &block, Pages.bounce + first * XEN_SECTOR_SIZE);
    if (result == XFER_DONE && block.done != block.count)
        return XFER_NOT_DONE;
    return result;
}

// Read what a write must not change of the blocks that it begins and ends in: what
// is before the sector 'first' and from the sector 'end' on.  Returns as
// core_read_block().
static int
core_read_ends(struct vbd_s *vbd, const struct op_s *blocks, u32 first, u32 end)
{
    u32 mask = vbd->block_mask, last = end & ~mask;
    int result = XFER_DONE;
    if (first)
        result = core_read_block(vbd, blocks, 0);
    if (!result && end & mask && !(first && !last))
        result = core_read_block(vbd, blocks, last);
    return result;
}

// Transfer what is left of an op, or as much of it as the bounce pages hold of
// whole blocks of the disk's.  Returns enum xfer_result, and adds to op->done.
static int
core_bounce_part(struct vbd_s *vbd, struct op_s *op, u32 *left)
{
    u64 lba = op->lba + op->done;
    u32 mask = vbd->block_mask, first = (u32)lba & mask;
    u32 count = op->count - op->done;
    if (count > INDIRECT_PLAN_SECTORS - first)
        count = INDIRECT_PLAN_SECTORS - first;
    struct op_s blocks = {
        .lba = lba - first, .count = (first + count + mask) & ~mask
        , .write = op->write,
    };
    void *buf = machine_ptr(op->addr + op->done * XEN_SECTOR_SIZE);
    void *data = machine_ptr(Pages.bounce + first * XEN_SECTOR_SIZE);
    int result = XFER_DONE;
    if (!vbd->trusted)
        // Pages are granted whole: wipe what earlier ops have left in them.
        memset(machine_ptr(Pages.bounce), 0, CORE_BOUNCE_SIZE);
    if (op->write) {
        result = core_read_ends(vbd, &blocks, first, first + count);
        machine_copy(data, buf, count * XEN_SECTOR_SIZE);
    }
    if (!result)
        result = xfer_run(vbd, &blocks, Pages.bounce);
    u32 done = blocks.done > first ? blocks.done - first : 0;
    if (done > count)
        done = count;
    if (!op->write)
        machine_copy(buf, data, done * XEN_SECTOR_SIZE);
    vbd->stats.bounced += done;
    op->done += done;
    *left = count - done;
    return result == XFER_NOT_DONE ? XFER_DONE : result;
}

static int
core_bounce(struct vbd_s *vbd, struct op_s *op)
{
    u32 left;
    int result;
    op->done = 0;
    do {
        result = core_bounce_part(vbd, op, &left);
    } while (!result && !left && op->done < op->count);
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
        result = bounce ? core_bounce(vbd, op)
                        : xfer_run(vbd, op, op->addr);
    if (result != XFER_DONE || op->done == op->count)
        return result;
    vbd->stats.retries++;
    return core_bounce(vbd, op);
}
