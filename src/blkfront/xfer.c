// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Transfer the pages of a plan: grant, send, wait, revoke.  Compiled for
// 32-bit code, which can serve every op, and for 16-bit code, which serves the
// common ones without a switch of mode.

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

// How often a wait checks that the backend is still there.
#define XFER_LOOK_MS 1000
#define XFER_LOOK_NS (XFER_LOOK_MS * 1000000ULL)

// How long to spin: longer than a fast disk takes, much shorter than a
// scheduler's time slice.
#define XFER_SPIN_NS 50000

// Shared by all disks: SeaBIOS has one op in flight, and nothing yields
// before it is done.
struct xfer_s {
    struct plan_s plan;
    int slot[INDIRECT_PLAN_SEGMENTS];   // Ring slot of each request
    int result;                         // enum xfer_result of the last one
} Xfer VARLOW;

// Check that the disk can serve an op.  Returns DISK_RET_*.
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

// May all pages of the op's buffer be granted?  They must be memory that holds
// nothing but the caller's data, in whole blocks of the disk's, and the backend
// must be trusted.  That
// excludes the page of the interrupt vectors and the BIOS data area, the
// extended BIOS data area, wherever a program has moved it, video memory and the
// ROMs.  Above 1 MiB grants cannot stick.
int
xfer_can_grant(struct vbd_s *vbd, const struct op_s *op)
{
    u32 addr = op->addr, end = addr + op->count * XEN_SECTOR_SIZE;
    u32 ebda = ALIGN_DOWN(get_ebda_seg() << 4, XEN_PAGE_SIZE);
    if (!vbd->trusted || end < addr)
        return 0;
    if (vbd->block_mask
        && (addr % XEN_SECTOR_SIZE
            || !vbd_has_whole_blocks(vbd, op->lba, op->count
                                     , addr / XEN_SECTOR_SIZE)))
        return 0;
    if (addr >= 0x100000)
        return !vbd->persistent && end <= GET_GLOBAL(LegacyRamSize);
    return addr >= XEN_PAGE_SIZE && end <= Pages.low_end
           && (end <= ebda || addr >= ebda + PAGES_EBDA);
}

// Grant the plan's pages, for a READ writable by the backend.
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
            machine_copy(machine_ptr(vbd_second_page(vbd)), data.segment
                         , data.nr_segments * sizeof(*data.segment));
            data.indirect = vbd->second_gref;
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

// Look for the answers until they are there or a spin has lasted long enough.
// Returns as ring_reap().
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

// Sleep until all requests are answered.  Returns as ring_reap(): more than 0
// after a time-out, or if the backend is gone.
static int
xfer_sleep(struct vbd_s *vbd, u32 ms)
{
    u64 now = xen_time(), deadline = now + ms * 1000000ULL;
    u64 look = ms < XFER_LOOK_MS ? deadline : now + XFER_LOOK_NS;
    for (;;) {
        evtchn_clear(vbd->port); // Before the event is asked for: see evtchn.c
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

// Wait for the answers to all requests that are not deferred, up to 'ms'.
// Returns enum xfer_result.
int
xfer_await(struct vbd_s *vbd, u32 ms)
{
    int busy = 1;
    if (patience_spins(&vbd->patience))
        busy = xfer_spin(vbd);
    if (busy > 0)
        busy = xfer_sleep(vbd, ms);
    if (busy > 0)
        return XFER_NO_RESPONSE;
    return busy ? XFER_BAD_RESPONSE : XFER_DONE;
}

// Make room for 'count' requests: wait up to 'ms' for deferred ones that still hold
// their slots.  Returns enum xfer_result.
int
xfer_make_room(struct vbd_s *vbd, u32 count, u32 ms)
{
    u32 i, waiting = 0, next = vbd->ring.req_added;
    for (i = 0; i < count; i++)
        waiting |= ring_expect(&vbd->ring, next + i);
    return waiting ? xfer_await(vbd, ms) : XFER_DONE;
}

// Wait until nothing is on its way for a disk that is about to be disconnected, or
// for as long as a read waits for what was read ahead.  Not every backend closes
// well with requests under way: QEMU 7.2 has been seen to stand still for ever.
void
xfer_settle(struct vbd_s *vbd)
{
    // Without a port the guest was restored, and nobody answers.
    if (vbd->port)
        xfer_make_room(vbd, RING_SLOTS, XFER_AHEAD_MS);
}

// Flush the backend's write cache, within 'ms'.  Returns enum xfer_result, or -1
// if the backend could not.  A late answer is nobody's: it is as deferred as
// those of read-ahead.
int
xfer_flush(struct vbd_s *vbd, u32 ms)
{
    struct ring_data_s empty = { .nr_segments = 0 };
    int result = xfer_make_room(vbd, 1, ms);
    if (result)
        return result;
    int slot = ring_add(&vbd->ring, BLKIF_OP_FLUSH_DISKCACHE, vbd->device, 0
                        , &empty);
    if (slot < 0)
        return XFER_RING_FULL;
    xfer_push(vbd);
    result = xfer_await(vbd, ms);
    if (result == XFER_NO_RESPONSE)
        ring_defer(&vbd->ring, (u32)slot);
    if (!result && vbd->ring.slot[slot].status != BLKIF_RSP_OKAY)
        return -1;
    return result;
}

// Wait for the answers to the plan's requests, and learn from it if nothing
// else is on its way.  Returns enum xfer_result.
static int
xfer_await_answers(struct vbd_s *vbd)
{
    int alone = CONFIG_XEN_BLKFRONT_READAHEAD && !vbd->ring.deferred;
    u32 begin = alone ? depth_clock() : 0;
    int result = xfer_await(vbd, XFER_MS);
    if (alone && !result)
        depth_learn(&vbd->streams.depth, begin, Xfer.plan.nr_segments);
    return result;
}

// The number of sectors transferred before the first request that failed.
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
// 'addr'.  blkif addresses data by aligned sectors, of which an unaligned
// buffer holds one less: the last sector goes to the scratch page.  Returns
// how many sectors the buffer holds.
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

// Move what was read to its place in an unaligned buffer.
static void
xfer_move_into_place(u32 addr, u32 whole)
{
    u32 len = whole * XEN_SECTOR_SIZE;
    machine_move(addr, ALIGN(addr, XEN_SECTOR_SIZE), len);
    machine_move(addr + len, Pages.scratch, XEN_SECTOR_SIZE);
}

// Transfer the sectors of an op from or to the guest-physical address 'addr',
// in place.  For a WRITE 'addr' is a multiple of 512: an unaligned buffer only
// works for a READ, because the data is in the wrong place at first.  Returns
// enum xfer_result, with the number of sectors transferred before the first
// failed request in op->done.  Unless the result is XFER_DONE, grants of the
// op may be live, and the caller must stop the disk before it returns.
int
xfer_run(struct vbd_s *vbd, struct op_s *op, u32 addr)
{
    u32 whole = xfer_plan(addr, op->count);
    op->done = 0;
    indirect_plan_split(&Xfer.plan, &vbd->limits);
    int result = xfer_make_room(vbd, Xfer.plan.nr_requests, XFER_MS);
    if (!result)
        result = xfer_get_grants(vbd, op->write);
    if (!result)
        result = xfer_send_requests(vbd, op);
    if (!result)
        result = xfer_await_answers(vbd);
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

// The outcome of the last xfer_run(), which 16-bit code has called for this
// op.
int
xfer_resume(struct vbd_s *vbd, struct op_s *op)
{
    op->done = Xfer.result ? 0 : xfer_count_done(vbd);
    return Xfer.result;
}
