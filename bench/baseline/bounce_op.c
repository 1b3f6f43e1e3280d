// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Disk ops through a buffer of the firmware's own, whose pages stay granted
// as long as the disk is connected: one request at a time fills the buffer,
// and each byte is copied once more.  Takes the place of blkfront/op.c, to
// compare with.

#include "blkfront/handover.h" // handover_stop
#include "blkfront/op.h" // op_run
#include "blkfront/pages.h" // Pages
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_run
#include "block.h" // struct disk_op_s
#include "std/disk.h" // DISK_RET_SUCCESS

#ifndef BOUNCE_PAGES
#define BOUNCE_PAGES PAGES_BOUNCE
#endif

#define BOUNCE_SECTORS (BOUNCE_PAGES * SECTORS_PER_PAGE)

// Transfer what fits the buffer.  Returns DISK_RET_*, and in *count how many
// sectors it was.
static int
transfer(struct vbd_s *vbd, u64 lba, void *buf_fl, u32 *count, int write)
{
    u32 wanted = *count;
    *count = 0;
    if (write)
        machine_copy(phys_to_ptr(Pages.bounce), buf_fl, wanted * XEN_SECTOR_SIZE);
    plan_start(&Xfer.plan);
    plan_add(&Xfer.plan, Pages.bounce, wanted);
    int result = xfer_run(vbd, lba, write);
    if (result != XFER_DONE) {
        handover_stop(vbd, result == XFER_NO_RESPONSE ? "no response"
                                                      : "transfer failed");
        return DISK_RET_ETIMEOUT;
    }
    *count = xfer_count_done(vbd);
    if (!write)
        machine_copy(buf_fl, phys_to_ptr(Pages.bounce), *count * XEN_SECTOR_SIZE);
    vbd->stats.bounced += *count;
    return *count == wanted ? DISK_RET_SUCCESS : DISK_RET_EBADTRACK;
}

// One bufferful after the other, until all is done or one of them fails.
static int
transfer_all(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    int ret = DISK_RET_SUCCESS;
    u32 total = op->count;
    op->count = 0;
    while (!ret && op->count < total) {
        u32 count = total - op->count;
        if (count > BOUNCE_SECTORS)
            count = BOUNCE_SECTORS;
        ret = transfer(vbd, op->lba + op->count
                       , op->buf_fl + op->count * XEN_SECTOR_SIZE, &count
                       , write);
        op->count += count;
    }
    return ret;
}

// Read or write op->count sectors of 512 bytes at op->lba.  Returns
// DISK_RET_* and leaves in op->count how many were transferred.
int
op_run(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    vbd->stats.calls++;
    int ret = xfer_check(vbd, op->lba, op->count, write);
    if (!ret) {
        // Whether or not the backend keeps its mappings, the grants stay.
        if (vbd->pool.policy != GREF_STICKY)
            gref_pool_stick(&vbd->pool, Pages.bounce / XEN_PAGE_SIZE
                            , BOUNCE_PAGES);
        ret = transfer_all(vbd, op, write);
    } else {
        op->count = 0;
    }
    vbd->stats.errors += !!ret;
    return ret;
}

// 16-bit code begins no ops here; one that it did begin would start again.
int
op_resume(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    return op_run(vbd, op, write);
}
