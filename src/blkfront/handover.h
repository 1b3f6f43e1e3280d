// SPDX-License-Identifier: LGPL-3.0-or-later
//
// When to let go of the disks, and how to come back.
#ifndef __BLKFRONT_HANDOVER_H
#define __BLKFRONT_HANDOVER_H

#include "types.h" // u8

struct vbd_s;

// For 16-bit code and 32-bit code.
struct handover_s {
    u8 open;            // Something is shared with Xen or with a backend
    u8 busy;            // An op is on its way, or POST: no time to let go
    u8 idle_limit;      // Timer ticks without an op; 0: no limit
    u32 last_op;        // When it ended, by the coarse clock
};

extern struct handover_s Handover;

void handover_setup(void);
int handover_return(struct vbd_s *vbd);
void handover_unstick(struct vbd_s *vbd);
void handover_lost(struct vbd_s *vbd);
void handover_prepboot(void);
void blkfront_handover(int by_tick);

#endif // handover.h
