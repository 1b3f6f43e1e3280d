// SPDX-License-Identifier: LGPL-3.0-or-later
//
// When to disconnect the disks, and how to connect them again.
#ifndef __BLKFRONT_HANDOVER_H
#define __BLKFRONT_HANDOVER_H

#include "biosvar.h" // GET_LOW
#include "types.h" // u8
#include "xen/xen_time.h" // xen_time_coarse

struct vbd_s;

// For 16-bit and 32-bit code.
struct handover_s {
    u8 open;            // Something is shared with Xen or with a backend
    u8 busy;            // An op is under way, or POST: do not disconnect
    u8 idle_limit;      // Timer ticks without an op; 0: no limit
    u16 announcements;  // Calls that announced an OS
    u32 last_op;        // When the last op ended, on the coarse clock
};

extern struct handover_s Handover;

// A timer tick leaves the disks alone until handover_end().
static inline void
handover_begin(void)
{
    Handover.busy = 1;
}

// An op is over: idle time counts from here.
static inline void
handover_note_op(void)
{
    Handover.last_op = xen_time_coarse();
}

static inline void
handover_end(void)
{
    handover_note_op();
    Handover.busy = 0;
}

// A call announces an OS.  Those of POST's own do not count.  For 16-bit and
// 32-bit code.
static inline void
handover_note_announcement(void)
{
    if (!GET_LOW(Handover.busy))
        SET_LOW(Handover.announcements, GET_LOW(Handover.announcements) + 1);
}

// Disconnect the disks after 'ticks' timer ticks without an op; 0: never.
static inline void
handover_set_idle_limit(u8 ticks)
{
    Handover.idle_limit = ticks;
}

void handover_setup(void);
int handover_reconnect(struct vbd_s *vbd);
int handover_was_announced(struct vbd_s *vbd);
void handover_leave(struct vbd_s *vbd);
void handover_unstick(struct vbd_s *vbd);
void handover_lost(struct vbd_s *vbd);
void handover_stop(struct vbd_s *vbd, const char *why);
int handover_flush(struct vbd_s *vbd, u32 ms);
void handover_disconnect(struct vbd_s *vbd);
void handover_prepboot(void);
void handover_now(int by_tick);

#endif // handover.h
