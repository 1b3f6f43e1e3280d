// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Transfer the sectors of an op from or to the backend, in 16-bit and 32-bit
// code alike.
#ifndef __BLKFRONT_XFER_H
#define __BLKFRONT_XFER_H

#include "types.h" // u32

struct op_s;
struct vbd_s;

// As long as SeaBIOS's ATA driver waits (IDE_TIMEOUT), within 2 s.
#define XFER_MS 30000

// How long a read waits for what was read ahead before it goes to the disk instead.
#define XFER_AHEAD_MS 5000

// How a transfer went.  All but the first and the last require that the disk
// be stopped, which also ends the grants of the op.
enum xfer_result {
    XFER_DONE,          // All requests are answered; some may have failed
    XFER_NO_GREFS,
    XFER_RING_FULL,
    XFER_BAD_RESPONSE,
    XFER_NO_RESPONSE,
    XFER_KEEPS_PAGES,
    XFER_NOT_DONE,      // Nothing was done: take another way
};

int xfer_check(struct vbd_s *vbd, const struct op_s *op);
int xfer_can_grant(struct vbd_s *vbd, const struct op_s *op);
int xfer_flush(struct vbd_s *vbd, u32 ms);
void xfer_push(struct vbd_s *vbd);
int xfer_await(struct vbd_s *vbd, u32 ms);
int xfer_make_room(struct vbd_s *vbd, u32 count, u32 ms);
void xfer_settle(struct vbd_s *vbd);
int xfer_run(struct vbd_s *vbd, struct op_s *op, u32 addr);
int xfer_resume(struct vbd_s *vbd, struct op_s *op);

#endif // xfer.h
