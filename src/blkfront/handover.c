// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Nobody tells the BIOS when an operating system takes over, and each of them
// treats a disk that is already connected in its own way: Linux resets it, the
// BSDs ignore it.  So the disks are disconnected whenever an OS may come next:
// at the end of POST, when none has been used for a while, and at calls that
// announce an OS.  The next op connects its disk again.  32-bit code.

#include "blkfront/drive.h" // DriveList
#include "blkfront/handover.h" // handover_reconnect
#include "blkfront/internal.h" // window_close
#include "blkfront/vbd.h" // vbd_disconnect
#include "blkfront/xfer.h" // xfer_flush
#include "config.h" // CONFIG_XEN_BLKFRONT
#include "output.h" // dprintf
#include "stacks.h" // run_thread
#include "xen/evtchn.h" // evtchn_is_bound
#include "xen/xen_info.h" // xen_info_leave
#include "xen/xen_time.h" // xen_time

struct handover_s Handover VARLOW;

// Idle time after which xenstore cannot be in use any more: xenstored answers
// within 5 s, or is given up (xenstore.c).
#define HANDOVER_BUSY_TICKS 100

// What a tick may cost, of all disks together: interrupts are off.
#define HANDOVER_TICK_MS 1000

// POST only: no disk is disconnected before handover_prepboot().
void
handover_setup(void)
{
    Handover.open = 1;
    handover_begin();
}

// Log what a disk has done, if it was used since the last report.
static void
handover_report(struct vbd_s *vbd)
{
    struct vbd_stats_s *s = &vbd->stats;
    if (s->calls == vbd->calls_reported)
        return;
    vbd->calls_reported = s->calls;
    vbd_log_name(vbd);
    dprintf(1, "calls=%u requests=%u indirect=%u segments=%u"
            " bounced=%u moved=%u ahead=%u notifies=%u suppressed=%u"
            " spins=%u sleeps=%u retries=%u errors=%u connects=%u\n"
            , s->calls, s->requests, s->indirect, s->segments
            , s->bounced, s->moved, s->ahead, s->notifies, s->suppressed
            , s->spins, s->sleeps, s->retries, s->errors, s->connects);
}

// Flush the backend's write cache if there may be something in it, within 'ms'.
// For a disk that is connected.  Returns false if the answer is not there yet.
int
handover_flush(struct vbd_s *vbd, u32 ms)
{
    int result = XFER_DONE;
    if (vbd->dirty && vbd_can_flush(vbd))
        result = xfer_flush(vbd, ms);
    if (result)
        vbd_log(vbd, "cannot flush");
    vbd->dirty = result == XFER_NO_RESPONSE;
    return !vbd->dirty;
}

static void
handover_disconnect_within(struct vbd_s *vbd, u32 ms)
{
    int kept = vbd_disconnect(vbd, ms);
    // By now a backend that was late has unmapped the pages.
    vbd_log_kept(vbd, kept + window_close(vbd) + flat_close(vbd));
}

// Disconnect a disk and end all that it shares with its backend.  Bounded by
// VBD_CLOSE_MS.
void
handover_disconnect(struct vbd_s *vbd)
{
    handover_disconnect_within(vbd, VBD_CLOSE_MS);
}

// An OS may come: wait for all that is under way, and disconnect.  A backend that
// was late when it was waited for before, by a tick that had no more time, gets one
// more chance.
static void
handover_let_go(void *data)
{
    struct vbd_s *vbd = data;
    if (vbd->state == VBD_CONNECTED) {
        xfer_settle(vbd);
        handover_flush(vbd, XFER_MS);
        handover_disconnect(vbd);
    } else if (vbd->late) {
        handover_disconnect(vbd);
        vbd->late = 0;
    }
    handover_report(vbd);
}

static void
handover_close_xen(void)
{
    xen_info_leave();
    Handover.open = 0;
}

// Disconnect all disks, in parallel.  POST only.
void
handover_prepboot(void)
{
    struct blkfront_drive_s *drive;
    Handover.busy = 1;
    pages_note_low_end(); // POST has moved it as it needed memory
    for (drive = DriveList; drive; drive = drive->next)
        run_thread(handover_let_go, drive_vbd(drive));
    wait_threads();
    handover_close_xen();
    Handover.busy = 0;
}

// Map Xen's pages, wherever they are, and give xenstored a new chance.
static int
handover_open_xen(void)
{
    struct blkfront_drive_s *drive;
    int was_mapped = xen_is_mapped(), ret = xen_info_enter();
    xenstore_resume();
    if (!was_mapped)
        for (drive = DriveList; drive; drive = drive->next)
            vbd_check_port(drive_vbd(drive));
    return ret;
}

// Is this a bad time for a tick?  It may come while iPXE is halted until
// xenstored answers it, and then the reply is not for us.  For a reply that
// has been there too long nobody waits.
static int
handover_is_bad_time(void)
{
    u32 idle = xen_time_coarse() - Handover.last_op;
    return xenstore_is_in_use() && idle < HANDOVER_BUSY_TICKS * XenTimeTick;
}

// Disconnect a disk that nobody uses, within twice 'ms'.  One that waits for its
// storage stays connected until a later tick: what waits here is the whole guest.
static void
handover_let_go_idle(struct vbd_s *vbd, u32 ms)
{
    if (vbd->state != VBD_CONNECTED)
        return;
    int answers = ring_reap(&vbd->ring) >= 0 && evtchn_is_bound(vbd->port);
    if (answers && (vbd->ring.busy + vbd->ring.deferred
                    || !handover_flush(vbd, ms)))
        return;
    handover_disconnect_within(vbd, ms);
    handover_report(vbd);
}

// How many disks are connected, or were late and are not done with?
static u32
handover_count_open(void)
{
    struct blkfront_drive_s *drive;
    u32 count = 0;
    for (drive = DriveList; drive; drive = drive->next)
        count += drive_vbd(drive)->state == VBD_CONNECTED
                 || drive_vbd(drive)->late;
    return count;
}

// Some disks have been let go of.  Close what is Xen's if those were all.
static void noinline
handover_finish(void)
{
    if (!handover_count_open())
        handover_close_xen();
    Handover.busy = 0;
}

// Disconnect all disks that are connected, or, by a tick, those that need no
// waiting for.  Called when no op is under way.
void VISIBLE32FLAT
handover_now(int by_tick)
{
    struct blkfront_drive_s *drive;
    if (!CONFIG_XEN_BLKFRONT || (by_tick && handover_is_bad_time()))
        return;
    Handover.busy = 1;
    if (!xen_is_mapped())
        handover_open_xen();
    // Two parts for each disk, one of them for a flush
    u32 ms = HANDOVER_TICK_MS / (2 * handover_count_open() + 1);
    for (drive = DriveList; drive; drive = drive->next)
        if (by_tick)
            handover_let_go_idle(drive_vbd(drive), ms);
        else
            handover_let_go(drive_vbd(drive));
    handover_finish();
}

// Is an op the first one on a disk since a call announced an OS?
int
handover_was_announced(struct vbd_s *vbd)
{
    u16 before = vbd->announcements;
    vbd->announcements = Handover.announcements;
    return before != vbd->announcements;
}

// Disconnect one disk.  Called when no op is under way.
void
handover_leave(struct vbd_s *vbd)
{
    Handover.busy = 1;
    handover_let_go(vbd);
    handover_finish();
}

// How long a disk that could not be connected is left alone: each attempt may
// take 10 s.
#define HANDOVER_RETRY_NS 60000000000ULL

// Connect a disk that was disconnected.  Returns 0, or -1 with the reason in
// the log, within about 10 s.
int
handover_reconnect(struct vbd_s *vbd)
{
    if ((!Handover.open || !xen_is_mapped()) && handover_open_xen())
        return -1;
    Handover.open = 1;
    if (xen_time() < vbd->retry_time)
        return -1;
    vbd->retry_time = 0;
    if (!vbd_connect(vbd))
        return 0;
    vbd->retry_time = xen_time() + HANDOVER_RETRY_NS;
    vbd->late = 0;
    return -1;
}

// Pages above 1 MiB cannot stick: connect the disk without sticky grants from
// now on.
void
handover_unstick(struct vbd_s *vbd)
{
    vbd->can_stick = 0;
    if (vbd->persistent)
        handover_let_go(vbd);
}

// The connection is gone, because the backend is, or because this guest was
// saved and restored: clean up what is left of it.  The disk may come back.
void
handover_lost(struct vbd_s *vbd)
{
    vbd_log(vbd, "connection lost");
    handover_open_xen();
    handover_disconnect(vbd);
}

// Give up a disk whose backend misbehaved, and say why.
void
handover_stop(struct vbd_s *vbd, const char *why)
{
    vbd_log_name(vbd);
    dprintf(1, "%s: disk stopped\n", why);
    handover_disconnect(vbd);
    vbd->state = VBD_BROKEN;
    vbd->late = 0;
}
