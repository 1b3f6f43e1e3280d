// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Transfer the pages of a plan: grant, send, wait, take back.  Compiled for
// 32-bit code, where every op can be served, and for 16-bit code, where the
// common ones are, without a change of mode.

#include "biosvar.h" // get_ebda_seg
#include "blkfront/internal.h" // Pages
#include "blkfront/op.h" // struct op_s
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_run
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "indirect.h" // struct plan_s
#include "malloc.h" // LegacyRamSize
#include "std/disk.h" // DISK_RET_SUCCESS
#include "xen/evtchn.h" // evtchn_sleep
#include "xen/xen_time.h" // xen_time

// Within this time it shows that a backend is gone.
#define XFER_LOOK_NS 1000000000ULL

// A spin: longer than a fast disk takes, much shorter than the slice of a
// scheduler.
#define XFER_SPIN_NS 50000

// Shared by all disks: SeaBIOS has one op in flight, and nothing yields
// before it is done.
struct xfer_s {
    struct plan_s plan;
    int slot[INDIRECT_PLAN_SEGMENTS];        // Ring slot of each request
    int result;                         // enum xfer_result of the last one
} Xfer VARLOW;

// Can the disk be asked for an op?  Returns DISK_RET_*.
int
xfer_check(struct vbd_s *vbd, const struct op_s *op)
{
    if (!op->count)
        return DISK_RET_SUCCESS;
    if (vbd->state != VBD_CONNECTED)
        return DISK_RET_ENOTREADY;
    if (op->lba >= vbd->sectors || op->count > vbd->sectors - op->lba)
        return DISK_RET_EPARAM;
    if (op->write && vbd->readonly)
        return DISK_RET_EWRITEPROTECT;
    return DISK_RET_SUCCESS;
}

// Whether all pages of a buffer may be granted: memory, of the caller's
// alone, to a backend that may see it.  Not the page of the interrupt vectors
// and the BIOS data area, not the extended BIOS data area, not video memory and
// not the ROMs.  Above 1 MiB grants cannot stick.
int
xfer_can_grant(struct vbd_s *vbd, const struct op_s *op)
{
    u32 addr = op->addr, end = addr + op->count * XEN_SECTOR_SIZE;
    u32 low_end = get_ebda_seg() << 4;
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
xfer_get_grants(struct vbd_s *vbd, int write)
{
    struct plan_s *plan = &Xfer.plan;
    u32 i;
    for (i = 0; i < plan->nr_segments; i++) {
        grant_ref_t gref = gref_pool_get(&vbd->pool, plan->frame[i], write);
        if (gref == GREF_POOL_NONE)
            return XFER_NO_GREFS;
        plan->segment[i].gref = gref;
    }
    vbd->stats.segments += plan->nr_segments;
    return XFER_DONE;
}

static int
xfer_put_grants(struct vbd_s *vbd)
{
    struct plan_s *plan = &Xfer.plan;
    int kept = 0;
    u32 i;
    for (i = 0; i < plan->nr_segments; i++)
        kept |= gref_pool_put(&vbd->pool, plan->segment[i].gref);
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
xfer_send_requests(struct vbd_s *vbd, const struct op_s *op)
{
    u8 operation = op->write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
    struct plan_s *plan = &Xfer.plan;
    u32 i;
    for (i = 0; i < plan->nr_requests; i++) {
        struct plan_request_s *request = &plan->request[i];
        struct ring_data_s data = {
            .segment = &plan->segment[request->first_segment],
            .nr_segments = request->nr_segments,
        };
        if (request->indirect) {
            machine_copy(machine_ptr(vbd->indirect_page), data.segment
                         , data.nr_segments * sizeof(*data.segment));
            data.indirect = vbd->indirect_gref;
            vbd->stats.indirect++;
        }
        int slot = ring_add(&vbd->ring, operation, vbd->device
                            , op->lba + request->first_sector, &data);
        if (slot < 0)
            return XFER_RING_FULL;
        Xfer.slot[i] = slot;
    }
    vbd->stats.requests += plan->nr_requests;
    vbd->dirty = vbd->dirty || op->write;
    xfer_push(vbd);
    return XFER_DONE;
}

// Look for the answers for as long as a spin may last.  As ring_reap().
static int
xfer_spin(struct vbd_s *vbd)
{
    u64 end = xen_time() + XFER_SPIN_NS;
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
xfer_sleep(struct vbd_s *vbd, u32 seconds)
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
        busy = xfer_spin(vbd);
    if (busy > 0)
        busy = xfer_sleep(vbd, seconds);
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
        waiting |= ring_expect(&vbd->ring, (next + i) % RING_SLOTS);
    return waiting ? xfer_await(vbd, XFER_SECONDS) : XFER_DONE;
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
static u32
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

// Plan the transfer of 'count' sectors from or to the guest-physical address
// 'addr'.  Pages are granted by sectors, so a buffer that is not aligned cannot
// hold all of them in place: the last one goes to the scratch page.  Returns
// how many it can hold.
static u32
xfer_plan(u32 addr, u32 count)
{
    u32 aligned = ALIGN(addr, XEN_SECTOR_SIZE);
    u32 whole = aligned == addr ? count : count - 1;
    indirect_plan_start(&Xfer.plan);
    indirect_plan_add(&Xfer.plan, aligned, whole);
    if (whole != count)
        indirect_plan_add(&Xfer.plan, Pages.scratch, 1);
    return whole;
}

// Move what was read to where it belongs in a buffer that is not aligned.
static void
xfer_move_into_place(u32 addr, u32 whole)
{
    u32 len = whole * XEN_SECTOR_SIZE;
    machine_move(addr, ALIGN(addr, XEN_SECTOR_SIZE), len);
    machine_move(addr + len, Pages.scratch, XEN_SECTOR_SIZE);
}

// Transfer the sectors of an op from or to the guest-physical address 'addr',
// in place.  For a WRITE it is a multiple of 512: on its way a READ leaves
// things in an unaligned buffer that are not meant for it.  Returns enum
// xfer_result and leaves in op->done how many sectors were transferred before
// the first request that failed.  If the result is not XFER_DONE, grants of the
// op may be live, and the caller has to stop the device before it returns.
int
xfer_run(struct vbd_s *vbd, struct op_s *op, u32 addr)
{
    u32 whole = xfer_plan(addr, op->count);
    op->done = 0;
    indirect_plan_split(&Xfer.plan, &vbd->limits);
    int result = xfer_make_room(vbd, Xfer.plan.nr_requests);
    if (!result)
        result = xfer_get_grants(vbd, op->write);
    if (!result)
        result = xfer_send_requests(vbd, op);
    if (!result)
        result = xfer_await(vbd, XFER_SECONDS);
    if (!result)
        result = xfer_put_grants(vbd);
    Xfer.result = result;
    if (result)
        return result;
    op->done = xfer_count_done(vbd);
    if (whole != op->count && op->done == op->count) {
        xfer_move_into_place(addr, whole);
        vbd->stats.moved += op->count;
    }
    return XFER_DONE;
}

// How the last xfer_run() went, which 16-bit code has called for the same op.
int
xfer_resume(struct vbd_s *vbd, struct op_s *op)
{
    op->done = Xfer.result ? 0 : xfer_count_done(vbd);
    return Xfer.result;
}
