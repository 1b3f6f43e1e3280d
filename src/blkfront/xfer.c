// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Transfer the pages of a plan: grant, send, wait, take back.  Compiled for
// 32-bit code, where every op can be served, and for 16-bit code, where the
// common ones are, without a change of mode.

#include "xen/evtchn.h" // evtchn_sleep
#include "blkfront/pages.h" // Pages
#include "blkfront/stream.h" // stream_drop
#include "blkfront/vbd.h" // struct vbd_s
#include "xen/xen_time.h" // xen_time
#include "blkfront/xfer.h" // xfer_run
#include "biosvar.h" // get_ebda_seg
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "malloc.h" // LegacyRamSize
#include "std/disk.h" // DISK_RET_SUCCESS

// Within this time it shows that a backend is gone.
#define XFER_LOOK_NS 1000000000ULL

// A spin: longer than a fast disk takes, much shorter than the slice of a
// scheduler.
#define SPIN_NS 50000

struct xfer_s Xfer VARLOW;

// Whether the disk can be asked for 'count' sectors of 512 bytes at 'lba'.
// Returns DISK_RET_*.
int
xfer_check(struct vbd_s *vbd, u64 lba, u32 count, int write)
{
    if (!count)
        return DISK_RET_SUCCESS;
    if (vbd->state != VBD_CONNECTED)
        return DISK_RET_ENOTREADY;
    if (lba >= vbd->sectors || count > vbd->sectors - lba)
        return DISK_RET_EPARAM;
    if (write && vbd->readonly)
        return DISK_RET_EWRITEPROTECT;
    return DISK_RET_SUCCESS;
}

// Whether all pages of a buffer may be granted: memory, of the caller's
// alone, to a backend that may see it.  Above 1 MiB grants cannot stick.  Not the page of the interrupt
// vectors and the BIOS data area, not the extended BIOS data area, not video
// memory and not the ROMs.
int
xfer_can_grant(struct vbd_s *vbd, u32 addr, u32 len)
{
    u32 end = addr + len, low_end = get_ebda_seg() << 4;
    if (!vbd->trusted || end < addr)
        return 0;
    if (addr >= 0x100000)
        return !vbd->persistent && end <= GET_GLOBAL(LegacyRamSize);
    if (low_end > 0xa0000)
        low_end = 0xa0000;
    return addr >= XEN_PAGE_SIZE && end <= ALIGN_DOWN(low_end, XEN_PAGE_SIZE);
}

// Have the plan's pages granted.  A READ has the backend write to them.
static int
get_grants(struct vbd_s *vbd, int write)
{
    struct plan_s *plan = &Xfer.plan;
    u32 i;
    for (i = 0; i < plan->nr_segments; i++) {
        grant_ref_t gref = gref_get(&vbd->pool, plan->frame[i], write);
        if (gref == GREF_NONE)
            return XFER_NO_GREFS;
        plan->segment[i].gref = gref;
    }
    vbd->stats.segments += plan->nr_segments;
    return XFER_DONE;
}

static int
put_grants(struct vbd_s *vbd)
{
    struct plan_s *plan = &Xfer.plan;
    int kept = 0;
    u32 i;
    for (i = 0; i < plan->nr_segments; i++)
        kept |= gref_put(&vbd->pool, plan->segment[i].gref);
    return kept ? XFER_KEEPS_PAGES : XFER_DONE;
}

// Show the requests in the ring to the backend.
void
xfer_push(struct vbd_s *vbd)
{
    if (ring_push(&vbd->ring)) {
        evtchn_notify(vbd->port);
        vbd->stats.notifies++;
    } else {
        vbd->stats.suppressed++;
    }
}

// Put the plan's requests into the ring and show them to the backend.
static int
send_requests(struct vbd_s *vbd, u64 lba, int write)
{
    struct plan_s *plan = &Xfer.plan;
    u32 i;
    for (i = 0; i < plan->nr_requests; i++) {
        struct plan_request_s *request = &plan->request[i];
        struct ring_data_s data = {
            .segment = &plan->segment[request->first_segment],
            .nr_segments = request->nr_segments,
        };
        if (request->indirect) {
            machine_copy(phys_to_ptr(vbd->indirect_page), data.segment
                         , data.nr_segments * sizeof(*data.segment));
            data.indirect = vbd->indirect_gref;
            vbd->stats.indirect++;
        }
        int slot = ring_add(&vbd->ring, write ? BLKIF_OP_WRITE : BLKIF_OP_READ
                            , vbd->device, lba + request->first_sector
                            , &data);
        if (slot < 0)
            return XFER_RING_FULL;
        Xfer.slot[i] = slot;
    }
    vbd->stats.requests += plan->nr_requests;
    vbd->dirty = vbd->dirty || write;
    xfer_push(vbd);
    return XFER_DONE;
}

// Look for the answers for as long as a spin may last.  As ring_reap().
static int
spin(struct vbd_s *vbd)
{
    u64 end = xen_time() + SPIN_NS;
    int busy;
    do {
        cpu_relax();
        busy = ring_reap(&vbd->ring);
    } while (busy > 0 && xen_time() < end);
    patience_learn(&vbd->patience, busy <= 0);
    vbd->stats.spins++;
    return busy;
}

// Sleep until all are answered.  As ring_reap(): more than 0 is a time-out,
// or a backend that is not there any more.
static int
sleep(struct vbd_s *vbd, u32 seconds)
{
    u64 now = xen_time(), deadline = now + seconds * 1000000000ULL;
    u64 look = now + XFER_LOOK_NS;
    for (;;) {
        evtchn_clear(vbd->port); // Before the wish: see evtchn.c
        if (!ring_arm(&vbd->ring)) {
            vbd->stats.sleeps++;
            evtchn_sleep(vbd->port, look);
        }
        int busy = ring_reap(&vbd->ring);
        if (busy <= 0)
            return busy;
        now = xen_time();
        if (now < look)
            continue;
        if (now >= deadline || !evtchn_is_bound(vbd->port))
            return busy;
        look = now + XFER_LOOK_NS;
    }
}

// Wait until all requests are answered that are not deferred, for so many
// seconds at most.  Returns enum xfer_result.
int
xfer_await(struct vbd_s *vbd, u32 seconds)
{
    int busy = 1;
    if (patience_spins(&vbd->patience))
        busy = spin(vbd);
    if (busy > 0)
        busy = sleep(vbd, seconds);
    if (busy > 0)
        return XFER_NO_RESPONSE;
    return busy ? XFER_BAD_RESPONSE : XFER_DONE;
}

// Wait for what was read ahead by requests that still have the slots of the
// next 'count'.  Returns enum xfer_result.
int
xfer_make_room(struct vbd_s *vbd, u32 count)
{
    u32 i, waiting = 0, next = vbd->ring.req_added;
    for (i = 0; CONFIG_XEN_BLKFRONT_READAHEAD && i < count; i++)
        waiting |= ring_await(&vbd->ring, (next + i) % RING_SLOTS);
    return waiting ? xfer_await(vbd, XFER_SECONDS) : XFER_DONE;
}

// Transfer the sectors at 'lba' from or to the pages of Xfer.plan.  Returns
// enum xfer_result: where that is not XFER_DONE, grants of the op may be
// live, and the caller has to stop the device before it returns.
int
xfer_run(struct vbd_s *vbd, u64 lba, int write)
{
    if (write)
        stream_drop(&vbd->stream);
    plan_split(&Xfer.plan, &vbd->limits);
    int result = xfer_make_room(vbd, Xfer.plan.nr_requests);
    if (!result)
        result = get_grants(vbd, write);
    if (!result)
        result = send_requests(vbd, lba, write);
    if (!result)
        result = xfer_await(vbd, XFER_SECONDS);
    if (!result)
        result = put_grants(vbd);
    return result;
}

// Have the backend bring all earlier writes to the disk.  Returns enum
// xfer_result, or -1 where the backend cannot.
int
xfer_flush(struct vbd_s *vbd)
{
    struct ring_data_s empty = { .nr_segments = 0 };
    int result = xfer_make_room(vbd, 1);
    if (result)
        return result;
    int slot = ring_add(&vbd->ring, BLKIF_OP_FLUSH_DISKCACHE, vbd->device, 0
                        , &empty);
    if (slot < 0)
        return XFER_RING_FULL;
    xfer_push(vbd);
    result = xfer_await(vbd, XFER_SECONDS);
    if (!result && vbd->ring.slot[slot].status != BLKIF_RSP_OKAY)
        return -1;
    return result;
}

// How many sectors were transferred before the first request that failed.
u32
xfer_count_done(struct vbd_s *vbd)
{
    struct plan_s *plan = &Xfer.plan;
    u32 i, done = 0;
    for (i = 0; i < plan->nr_requests; i++) {
        if (vbd->ring.slot[Xfer.slot[i]].status != BLKIF_RSP_OKAY)
            break;
        done += plan->request[i].nr_sectors;
    }
    return done;
}

// Transfer 'count' sectors at 'lba' from or to the caller's own buffer at
// the guest-physical address 'addr'; a WRITE's is a multiple of 512.  A
// buffer that is not aligned holds an aligned window of all sectors but one:
// the last one goes to the scratch page, and one move puts all in place.  On
// the way the buffer holds what is not meant for it, so this is for READs.
// Returns as xfer_run().
int
xfer_in_place(struct vbd_s *vbd, u64 lba, u32 count, u32 addr, int write)
{
    u32 window = ALIGN(addr, XEN_SECTOR_SIZE), whole = count;
    plan_start(&Xfer.plan);
    if (window != addr)
        whole--;
    plan_add(&Xfer.plan, window, whole);
    if (whole != count)
        plan_add(&Xfer.plan, Pages.scratch, 1);
    int result = xfer_run(vbd, lba, write);
    if (whole == count || result || xfer_count_done(vbd) != count)
        return result;
    u32 len = whole * XEN_SECTOR_SIZE;
    machine_move(addr, window, len);
    machine_move(addr + len, Pages.scratch, XEN_SECTOR_SIZE);
    vbd->stats.moved += count;
    return result;
}
