// SPDX-License-Identifier: LGPL-3.0-or-later
//
// When to let go of the disks, and how to come back.
#ifndef __BLKFRONT_HANDOVER_H
#define __BLKFRONT_HANDOVER_H

#include "blkfront/machine.h" // machine_tsc

struct vbd_s;

// For 16-bit code and 32-bit code.
struct handover_s {
    u8 open;            // Something is shared with Xen or with a backend
    u8 busy;            // An op is on its way, or POST: no time to let go
    u8 idle_limit;      // Timer ticks without an op; 0: no limit
    u16 tick;           // How long one is, in units of 2^20 cycles
    u32 last_op;        // When it ended, in the same units
};

extern struct handover_s Handover;

// Now, as struct handover_s counts.
static inline u32
handover_clock(void)
{
    return (u32)(machine_tsc() >> 20);
}

void handover_setup(void);
void handover_add(struct vbd_s *vbd);
int handover_return(struct vbd_s *vbd);
void handover_unstick(struct vbd_s *vbd);
void handover_lost(struct vbd_s *vbd);
void handover_prepboot(void);
void blkfront_handover(int by_tick);

#endif // handover.h
