// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Transfer the pages of a plan from or to the backend.  For 16-bit and
// 32-bit code alike.
#ifndef __BLKFRONT_XFER_H
#define __BLKFRONT_XFER_H

#include "indirect.h" // struct plan_s

struct vbd_s;

// As long as SeaBIOS's ATA driver waits (IDE_TIMEOUT), within 2 s.
#define XFER_SECONDS 30

// Why a transfer cannot go on.  All but the first and the last mean that the
// device has to be stopped, which also ends the grants of the op.
enum xfer_result {
    XFER_DONE,          // All is answered; requests may have failed
    XFER_NO_GREFS,
    XFER_RING_FULL,
    XFER_BAD_RESPONSE,
    XFER_NO_RESPONSE,
    XFER_KEEPS_PAGES,
    XFER_NOT_AHEAD,     // Nothing was done: it was not read ahead
};

// Shared by all disks: SeaBIOS has one op in flight, and nothing yields
// before it is done.
struct xfer_s {
    struct plan_s plan;
    int slot[PLAN_MAX_SEGMENTS];        // Ring slot of each request
    int result;                         // enum xfer_result, of 16-bit code
};

extern struct xfer_s Xfer;

int xfer_check(struct vbd_s *vbd, u64 lba, u32 count, int write);
int xfer_can_grant(struct vbd_s *vbd, u32 addr, u32 len);
int xfer_flush(struct vbd_s *vbd);
void xfer_push(struct vbd_s *vbd);
int xfer_await(struct vbd_s *vbd, u32 seconds);
int xfer_make_room(struct vbd_s *vbd, u32 count);
int xfer_run(struct vbd_s *vbd, u64 lba, int write);
int xfer_in_place(struct vbd_s *vbd, u64 lba, u32 count, u32 addr, int write);
u32 xfer_count_done(struct vbd_s *vbd);

#endif // xfer.h
