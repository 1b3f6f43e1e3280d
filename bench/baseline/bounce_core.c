// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Disk ops through a buffer of the firmware's own, whose pages stay granted
// as long as the disk is connected: one request at a time fills the buffer,
// and each byte is copied once more.  Takes the place of blkfront/core.c, to
// compare with.

#include "blkfront/internal.h" // core_run
#include "blkfront/op.h" // struct op_s
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_run

#ifndef BOUNCE_PAGES
#define BOUNCE_PAGES PAGES_BOUNCE
#endif

#define BOUNCE_SECTORS (BOUNCE_PAGES * XEN_SECTORS_PER_PAGE)

// Transfer the sectors of an op, one bufferful after the other, until all are
// done or one of them fails.  Returns enum xfer_result.
int
core_run(struct vbd_s *vbd, struct op_s *op)
{
    void *bounce = machine_ptr(Pages.bounce);
    struct op_s piece = { .write = op->write };
    int result;
    // Whether or not the backend keeps its mappings, the grants stay.
    if (vbd->pool.policy != GREF_POOL_STICKY)
        gref_pool_stick(&vbd->pool, Pages.bounce / XEN_PAGE_SIZE
                        , BOUNCE_PAGES);
    do {
        u32 left = op->count - op->done;
        void *buf = machine_ptr(op->addr + op->done * XEN_SECTOR_SIZE);
        piece.lba = op->lba + op->done;
        piece.count = left < BOUNCE_SECTORS ? left : BOUNCE_SECTORS;
        if (op->write)
            machine_copy(bounce, buf, piece.count * XEN_SECTOR_SIZE);
        result = xfer_run(vbd, &piece, Pages.bounce);
        if (!op->write)
            machine_copy(buf, bounce, piece.done * XEN_SECTOR_SIZE);
        op->done += piece.done;
        vbd->stats.bounced += piece.done;
    } while (!result && piece.done == piece.count && op->done < op->count);
    return result;
}
