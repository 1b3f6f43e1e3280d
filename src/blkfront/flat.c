// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops of any length, to and from memory at any address: what int13 calls a
// flat address (EDD 3.0).  The memory is granted page by page and never
// touched, so it may be above 4 GiB.  A long op is cut into parts, and several
// of them are under way at once, so that the backend always has the next one.
// 32-bit code.

#include "blkfront/internal.h" // flat_run
#include "blkfront/op.h" // struct op_s
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_await
#include "e820map.h" // e820_list
#include "malloc.h" // memalign_high
#include "output.h" // dprintf
#include "string.h" // memset
#include "xen/xen_info.h" // xen_take_further_grefs

// Without indirect requests, a part ends where vbd_sectors_at_once() does.
#define FLAT_PART_REQUESTS 3

// How many parts fit a ring of all its pages, and a ring of one page.
#define FLAT_PARTS (RING_SLOTS / FLAT_PART_REQUESTS)
#define FLAT_SHORT_PARTS (RING_SLOTS / RING_PAGES / FLAT_PART_REQUESTS)

// They share these references, for their pages and those of their segments: with
// indirect requests, all together are 4 MiB.
#define FLAT_GREFS 1020

_Static_assert(FLAT_GREFS / FLAT_SHORT_PARTS <= GREF_POOL_MAX
               , "the references of a part fit a pool");
_Static_assert(FLAT_GREFS / FLAT_PARTS
               > FLAT_PART_REQUESTS * BLKIF_MAX_SEGMENTS_PER_REQUEST
               , "and are enough for its segments");
_Static_assert(VBD_CACHE_SECTORS <= FLAT_PART_REQUESTS * XEN_SECTORS_PER_PAGE
                             * BLKIF_MAX_SEGMENTS_PER_REQUEST
               , "which is as far as a part reaches");

struct flat_part_s {
    struct gref_pool_s pool;
    u32 segments;                       // Guest-physical address of a page; parts
                                        // share it where the ring has the segments
    u32 nr_requests;
    struct {
        u8 slot;
        u16 sectors;
    } request[FLAT_PART_REQUESTS];
};

static struct flat_part_s *FlatParts;
static struct vbd_s *FlatOwner;             // The pools are for its backend
static u32 FlatGrefs;
static u32 FlatNrParts;                     // That its ring has room for


/****************************************************************
 * Pages and grants
 ****************************************************************/

// Prepare for all disks.  POST only.  Without memory or grant frames, long ops are
// served 64 KiB at a time.
void
flat_setup(void)
{
    u32 i, size = FLAT_SHORT_PARTS * XEN_PAGE_SIZE + FLAT_PARTS * sizeof(*FlatParts);
    u8 *mem = memalign_high(XEN_PAGE_SIZE, size);
    FlatGrefs = mem ? xen_take_further_grefs(FLAT_GREFS) : 0;
    if (!mem || !FlatGrefs) {
        dprintf(1, "xen-blk: no memory or grants %s\n", "for long ops");
        free(mem);
        return;
    }
    memset(mem, 0, size);
    FlatParts = (void *)(mem + FLAT_SHORT_PARTS * XEN_PAGE_SIZE);
    for (i = 0; i < FLAT_PARTS; i++)
        FlatParts[i].segments = machine_phys(mem)
                                + i % FLAT_SHORT_PARTS * XEN_PAGE_SIZE;
}

// Prepare the references for the backend of a disk.  Returns 0, or -1 if they
// cannot be used.
static int
flat_open_parts(struct vbd_s *vbd)
{
    u32 i, size, base = FlatGrefs, count = 0;
    if (!FlatParts)
        return -1;
    if (FlatOwner == vbd)
        return 0;
    FlatNrParts = ring_slots(&vbd->ring) / FLAT_PART_REQUESTS;
    size = FLAT_GREFS / FlatNrParts;
    for (i = 0; i < FlatNrParts; i++, base += size)
        count += gref_pool_open(&FlatParts[i].pool, xen_grant_entry(base), base
                                , size, vbd->backend_domid);
    // If there are fewer, an earlier backend still uses some of the pages.
    FlatOwner = count == base - FlatGrefs ? vbd : NULL;
    return FlatOwner ? 0 : -1;
}

// End the grants of a disk that is disconnected, or those that a backend has kept
// from ending before, wherever Xen's pages are by now.  Returns how many pages a
// backend still uses.
int
flat_close(struct vbd_s *vbd)
{
    u32 i, busy = 0;
    if (FlatOwner && FlatOwner != vbd)
        return 0;
    for (i = 0; i < FlatNrParts; i++) {
        struct gref_pool_s *pool = &FlatParts[i].pool;
        gref_pool_move(pool, xen_grant_entry(pool->base));
        busy += gref_pool_close(pool);
    }
    FlatOwner = NULL;
    return busy;
}

// Does the E820 map have memory from sector 'start' to sector 'end', in units
// of 512 bytes from address 0?
static int
flat_is_ram(u32 start, u32 end)
{
    int i;
    for (i = 0; i < e820_count; i++) {
        struct e820entry *e = &e820_list[i];
        u32 first = (u32)(e->start >> 9), count = (u32)(e->size >> 9);
        if (e->type == E820_RAM && start - first < count
            && end - first <= count)
            return 1;
    }
    return 0;
}

// The first sector of an op's buffer, in units of 512 bytes from address 0.
static u32
flat_buffer_sector(const struct op_s *op)
{
    return op->addr_high << 23 | op->addr >> 9;
}

// Can an op's buffer be granted as it is?  It must be aligned, in memory above
// 1 MiB, and of whole blocks of the disk's.
int
flat_can_share(struct vbd_s *vbd, const struct op_s *op)
{
    u32 sector = flat_buffer_sector(op);
    return vbd->trusted && !(op->addr % XEN_SECTOR_SIZE)
           && !(op->addr_high >> 9)
           && vbd_has_whole_blocks(vbd, op->lba, op->count, sector)
           && sector >= 0x100000 / XEN_SECTOR_SIZE
           && flat_is_ram(sector, sector + op->count);
}


/****************************************************************
 * Parts
 ****************************************************************/

struct flat_op_s {
    u64 lba;
    u32 sector;                         // Of the buffer: flat_buffer_sector()
    u32 left, done;                     // Sectors left to send; transferred
    u32 first, next;                    // Range of parts under way
    int write, failed;
};

// Grant the next 'pages' pages, and describe what they hold of the op's next
// 'count' sectors.  Returns how many sectors that is.
static u32
flat_share_pages(struct flat_part_s *part, const struct flat_op_s *op
                 , u32 pages, u32 count)
{
    struct blkif_request_segment *segment = machine_ptr(part->segments);
    u32 sector = op->sector, end = op->sector + count;
    for (; pages; pages--, segment++) {
        u32 frame = sector / XEN_SECTORS_PER_PAGE;
        u32 next = (frame + 1) * XEN_SECTORS_PER_PAGE;
        if (next > end)
            next = end;
        segment->gref = gref_pool_get(&part->pool, frame, op->write);
        segment->first_sect = (u8)(sector % XEN_SECTORS_PER_PAGE);
        segment->last_sect = (u8)((next - 1) % XEN_SECTORS_PER_PAGE);
        sector = next;
    }
    return sector - op->sector;
}

// The most sectors that the next request should have.
static u32
flat_max_sectors(const struct vbd_s *vbd, const struct flat_op_s *op)
{
    u32 at_once = vbd_sectors_at_once(vbd, op->lba);
    return op->left < at_once ? op->left : at_once;
}

// Add the next request of a part.  Returns 0, or -1 if the ring is full.
static int
flat_request(struct vbd_s *vbd, struct flat_part_s *part, struct flat_op_s *op)
{
    u32 first = op->sector % XEN_SECTORS_PER_PAGE, max = vbd->limits.direct;
    u32 count = flat_max_sectors(vbd, op), end = first + count;
    u32 pages = (end + XEN_SECTORS_PER_PAGE - 1) / XEN_SECTORS_PER_PAGE;
    struct ring_data_s data = { .segment = machine_ptr(part->segments) };
    if (pages > max && vbd_is_indirect(vbd)) {
        data.indirect = gref_pool_get(&part->pool
                                      , part->segments / XEN_PAGE_SIZE, 1);
        max = vbd->limits.indirect;
        if (max >= part->pool.size)
            max = part->pool.size - 1;
    }
    data.nr_segments = (u8)(pages < max ? pages : max);
    u32 sectors = flat_share_pages(part, op, data.nr_segments, count);
    int slot = ring_add(&vbd->ring, op->write ? BLKIF_OP_WRITE : BLKIF_OP_READ
                        , vbd->device, op->lba, &data);
    if (slot < 0)
        return -1;
    ring_defer(&vbd->ring, slot);
    part->request[part->nr_requests].slot = (u8)slot;
    part->request[part->nr_requests++].sectors = (u16)sectors;
    vbd->stats.segments += data.nr_segments;
    vbd->stats.indirect += !!data.indirect;
    op->lba += sectors;
    op->sector += sectors;
    op->left -= sectors;
    return 0;
}

// Fill a part with one indirect request or with direct ones.  Returns how
// many: fewer, or none, if the ring is full.
static u32
flat_fill_part(struct vbd_s *vbd, struct flat_part_s *part
               , struct flat_op_s *op)
{
    u32 max = vbd_is_indirect(vbd) ? 1 : FLAT_PART_REQUESTS;
    part->nr_requests = 0;
    do {
        if (flat_request(vbd, part, op))
            break;
    } while (op->left && part->nr_requests < max && op->lba % VBD_CACHE_SECTORS);
    vbd->stats.requests += part->nr_requests;
    if (!part->nr_requests)
        gref_pool_close(&part->pool);
    return part->nr_requests;
}

// Send as many parts as may be under way at once.
static void
flat_send_parts(struct vbd_s *vbd, struct flat_op_s *op)
{
    u32 before = op->next;
    while (op->left && !op->failed && op->next - op->first < FlatNrParts
           && flat_fill_part(vbd, &FlatParts[op->next % FlatNrParts], op))
        op->next++;
    if (op->next != before)
        xfer_push(vbd);
}

// Wait until the first part is done, and end its grants.  Returns enum
// xfer_result.
static int
flat_finish_part(struct vbd_s *vbd, struct flat_op_s *op)
{
    struct flat_part_s *part = &FlatParts[op->first++ % FlatNrParts];
    u32 i;
    for (i = 0; i < part->nr_requests; i++) {
        u32 slot = part->request[i].slot;
        int result = XFER_DONE;
        if (ring_expect(&vbd->ring, slot))
            result = xfer_await(vbd, XFER_MS);
        if (result)
            return result;
        op->failed |= vbd->ring.slot[slot].status != BLKIF_RSP_OKAY;
        if (!op->failed)
            op->done += part->request[i].sectors;
    }
    return gref_pool_close(&part->pool) ? XFER_KEEPS_PAGES : XFER_DONE;
}


/****************************************************************
 * The op
 ****************************************************************/

// Transfer the sectors of an op of any length if its buffer can be granted as
// it is.  Returns as xfer_run(); XFER_NOT_DONE if it cannot be granted, or if
// there are no references.
int
flat_run(struct vbd_s *vbd, struct op_s *op)
{
    struct flat_op_s flat = {
        .lba = op->lba, .sector = flat_buffer_sector(op), .left = op->count
        , .write = op->write,
    };
    if (vbd->persistent || !flat_can_share(vbd, op))
        return XFER_NOT_DONE;
    if (flat_open_parts(vbd))
        return XFER_NOT_DONE;
    vbd->dirty |= op->write;
    int result = xfer_make_room(vbd, RING_SLOTS, XFER_MS);
    while (!result
           && (flat.first != flat.next || (flat.left && !flat.failed))) {
        flat_send_parts(vbd, &flat);
        if (flat.first == flat.next)
            result = XFER_RING_FULL;
        else
            result = flat_finish_part(vbd, &flat);
    }
    op->done = result ? 0 : flat.done;
    return result;
}
