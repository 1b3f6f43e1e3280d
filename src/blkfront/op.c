// SPDX-License-Identifier: LGPL-3.0-or-later
//
// One disk op, from the caller's buffer to the backend and back.  Three ways
// lead there:
//
//  ahead   a read of a stream is copied out of what was read ahead;
//  direct  the caller's pages are granted in place; nothing is copied but
//          what xfer_in_place() moves within an unaligned buffer;
//  bounce  through pages of ours: for unaligned writes, for memory that must
//          not or cannot be granted, and for a second try after an error.
//
// What is more than 64 KiB or lies above 4 GiB goes by flat.c where it can.

#include "xen/evtchn.h" // evtchn_is_bound
#include "blkfront/flat.h" // flat_run
#include "blkfront/handover.h" // handover_lost
#include "blkfront/op.h" // op_run
#include "blkfront/pages.h" // Pages
#include "blkfront/readahead.h" // readahead_read
#include "blkfront/vbd.h" // struct vbd_s
#include "xen/xen_time.h" // xen_time
#include "blkfront/xfer.h" // xfer_run
#include "block.h" // struct disk_op_s
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memset

#define BOUNCE_SIZE (PLAN_MAX_SECTORS * XEN_SECTOR_SIZE)
_Static_assert(BOUNCE_SIZE == PAGES_BOUNCE * XEN_PAGE_SIZE
               , "the bounce pages hold an op");


/****************************************************************
 * The three ways
 ****************************************************************/

// Whether a transfer failed because there is no connection any more.  Where
// this guest was restored, whatever was read of Xen's pages means nothing.
static int
is_lost(struct vbd_s *vbd, int result)
{
    return !xen_is_mapped()
           || (result == XFER_NO_RESPONSE && !evtchn_is_bound(vbd->port));
}

// Turn the result of a transfer of 'done' sectors into DISK_RET_*, and leave
// in op->count how many it was.  No grant for the op outlives it: a backend
// that does not answer, or that keeps a page it must not keep, is forced
// closed first, which ends the sticky ones, too.  One that is not there any
// more has no pages; its disk may come back.
static int
conclude(struct vbd_s *vbd, struct disk_op_s *op, int result, u32 done)
{
    static const char *const why[] = {
        [XFER_NO_GREFS] = "out of grants",
        [XFER_RING_FULL] = "ring full",
        [XFER_BAD_RESPONSE] = "broken response",
        [XFER_NO_RESPONSE] = "no response",
        [XFER_KEEPS_PAGES] = "keeps pages",
    };
    u32 count = op->count;
    if (result != XFER_DONE) {
        op->count = 0;
        if (is_lost(vbd, result))
            handover_lost(vbd);
        else
            handover_stop(vbd, why[result]);
        return DISK_RET_ETIMEOUT;
    }
    op->count = (u16)done;
    return done == count ? DISK_RET_SUCCESS : DISK_RET_EBADTRACK;
}

// The same of the transfer of Xfer.plan.
static int
conclude_plan(struct vbd_s *vbd, struct disk_op_s *op, int result)
{
    u32 done = result == XFER_DONE ? xfer_count_done(vbd) : 0;
    return conclude(vbd, op, result, done);
}

static int
direct_op(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    int result = xfer_in_place(vbd, op->lba, op->count
                               , ptr_to_phys(op->buf_fl), write);
    return conclude_plan(vbd, op, result);
}

static int
bounce_op(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    void *bounce = phys_to_ptr(Pages.bounce);
    if (!vbd->trusted)
        // Pages are granted whole: leave nothing of earlier ops in them.
        memset(bounce, 0, BOUNCE_SIZE);
    if (write)
        machine_copy(bounce, op->buf_fl, op->count * XEN_SECTOR_SIZE);
    plan_start(&Xfer.plan);
    plan_add(&Xfer.plan, Pages.bounce, op->count);
    int ret = conclude_plan(vbd, op, xfer_run(vbd, op->lba, write));
    if (!write)
        machine_copy(op->buf_fl, bounce, op->count * XEN_SECTOR_SIZE);
    vbd->stats.bounced += op->count;
    return ret;
}

// Returns -1 where another way has to be taken.
static int
ahead_op(struct vbd_s *vbd, struct disk_op_s *op)
{
    int result = XFER_NOT_AHEAD;
    if (CONFIG_XEN_BLKFRONT_READAHEAD)
        result = readahead_read(vbd, op->lba, op->count
                                , ptr_to_phys(op->buf_fl));
    if (result == XFER_DONE)
        return DISK_RET_SUCCESS;
    return result == XFER_NOT_AHEAD ? -1 : conclude(vbd, op, result, 0);
}


/****************************************************************
 * Choose
 ****************************************************************/

// What is done about an op for 'count' sectors that ended with 'ret'.  An
// error would make GRUB use CHS until the next boot, so be sure: the backend
// may just not be able to use the caller's pages, or the disk may recover.
static int
try_again(struct vbd_s *vbd, struct disk_op_s *op, int write, int ret
          , u16 count)
{
    if (ret != DISK_RET_EBADTRACK)
        return ret;
    op->count = count;
    vbd->stats.retries++;
    return bounce_op(vbd, op, write);
}

// The one place that chooses, for up to 64 KiB.
static int
choose_op(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    u32 addr = ptr_to_phys(op->buf_fl);
    u16 count = op->count;
    int ret = write ? -1 : ahead_op(vbd, op);
    if (ret >= 0)
        return ret;
    int bounce = !xfer_can_grant(vbd, addr, count * XEN_SECTOR_SIZE)
                 || (write && addr % XEN_SECTOR_SIZE);
    ret = bounce ? bounce_op(vbd, op, write) : direct_op(vbd, op, write);
    return try_again(vbd, op, write, ret, count);
}

// Serve an op of any length 64 KiB at a time, but for its first 'done' sectors.
static int
run_pieces(struct vbd_s *vbd, struct disk_op_s *op, int write, u32 done)
{
    struct disk_op_s piece = { .drive_fl = op->drive_fl };
    int ret;
    do {
        u32 left = op->count - done;
        piece.lba = op->lba + done;
        piece.buf_fl = op->buf_fl + done * XEN_SECTOR_SIZE;
        piece.count = (u16)(left < PLAN_MAX_SECTORS ? left : PLAN_MAX_SECTORS);
        ret = choose_op(vbd, &piece, write);
        done += piece.count;
    } while (!ret && done < op->count);
    op->count = (u16)done;
    return ret;
}

// Serve an op that is longer, or whose buffer ends above 4 GiB: by its own
// pages, or else, and where that fails, in pieces.  Nothing but grants reaches
// what is above 4 GiB.
static int
flat_op(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    u32 count = op->count, sector, done = 0;
    int high = op->command & CMD_FLAT, ret = DISK_RET_EPARAM;
    int result = XFER_NO_GREFS;
    if (!vbd->persistent && flat_can_share(vbd, op, &sector))
        result = flat_run(vbd, op->lba, sector, count, &done, write);
    if (result != XFER_NO_GREFS || is_lost(vbd, result)) {
        ret = conclude(vbd, op, result, done);
        if (ret != DISK_RET_EBADTRACK || high)
            return ret;
        vbd->stats.retries++;
    }
    op->count = high ? 0 : (u16)count;
    return high ? ret : run_pieces(vbd, op, write, done);
}

// Read or write op->count sectors of 512 bytes at op->lba.  Returns
// DISK_RET_* and leaves in op->count how many were transferred.
int
op_run(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    vbd->stats.calls++;
    int ret = xfer_check(vbd, op->lba, op->count, write);
    if (ret)
        op->count = 0;
    else if (op->count > PLAN_MAX_SECTORS || op->command & CMD_FLAT)
        ret = flat_op(vbd, op, write);
    else if (op->count)
        ret = choose_op(vbd, op, write);
    vbd->stats.errors += !!ret;
    return ret;
}

// Bring to its end a direct op that 16-bit code has begun: Xfer.result says
// how the transfer went.  Otherwise as op_run().
int
op_resume(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    u16 count = op->count;
    int ret = conclude_plan(vbd, op, Xfer.result);
    ret = try_again(vbd, op, write, ret, count);
    vbd->stats.errors += !!ret;
    return ret;
}
