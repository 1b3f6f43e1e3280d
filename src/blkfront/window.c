// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Windows: parts of a disk, read into pages of the driver's own.  The pages
// stay granted while the disk is connected, and no request is waited for until
// its sectors are needed.  32-bit code.

#include "blkfront/internal.h" // window_fetch
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_await
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "malloc.h" // memalign_high
#include "string.h" // memset
#include "xen/xen_info.h" // xen_grant_entry
#include "xen/xen_time.h" // xen_time_coarse

// References for all pages of all windows, including those of the segments.
static u32
window_count_grefs(u32 pages)
{
    return STREAM_WINDOWS * (pages + 1);
}

// How long a read waits for a window before it goes to the disk instead.
#define WINDOW_SECONDS 5

_Static_assert(STREAM_WINDOWS * (STREAM_WINDOW_PAGES + 1) <= GREF_POOL_MAX
               , "they fit a pool");


/****************************************************************
 * Pages and grants
 ****************************************************************/

// Prepare windows of 'pages' pages.  POST only, after all disks have been
// described: their references come first, in grant frame 0.
void
window_setup(struct vbd_s *vbd, u32 pages)
{
    struct stream_s *stream = &vbd->stream;
    u32 i, count = window_count_grefs(pages);
    u8 *mem = memalign_high(XEN_PAGE_SIZE, count * XEN_PAGE_SIZE);
    struct gref_pool_s *pool = malloc_high(sizeof(*pool));
    // References cannot be given back, so they come last.
    u32 base = mem && pool ? xen_take_further_grefs(count) : 0;
    if (!base) {
        vbd_log(vbd, "no memory or grants to read ahead");
        free(mem);
        free(pool);
        return;
    }
    memset(mem, 0, count * XEN_PAGE_SIZE);
    memset(pool, 0, sizeof(*pool));
    stream->pool = pool;
    stream->base_gref = base;
    for (i = 0; i < STREAM_WINDOWS; i++)
        stream->window[i].pages = machine_phys(mem)
                                  + i * (pages + 1) * XEN_PAGE_SIZE;
    stream->max_pages = pages;
}

// Grant the pages of a window, and describe them on the page that follows,
// once for the whole connection.
static void
window_share(struct vbd_s *vbd, struct window_s *window)
{
    struct gref_pool_s *pool = vbd->stream.pool;
    u32 i, frame = window->pages / XEN_PAGE_SIZE;
    u32 pages = vbd->stream.max_pages;
    struct blkif_request_segment *segment
        = machine_ptr(window->pages + pages * XEN_PAGE_SIZE);
    for (i = 0; i < pages; i++) {
        segment[i].gref = gref_pool_get(pool, frame + i, 0);
        segment[i].first_sect = 0;
        segment[i].last_sect = XEN_SECTORS_PER_PAGE - 1;
    }
    window->gref = segment[0].gref;
    window->segments = gref_pool_get(pool, frame + pages, !vbd->persistent);
    if (vbd->limits.indirect < pages)
        window->segments = GREF_POOL_NONE;
}

// Grant the windows to the backend until the disk is disconnected.  Returns 0,
// or -1 if an earlier backend still uses some of the pages.
int
window_open(struct vbd_s *vbd)
{
    struct stream_s *stream = &vbd->stream;
    u32 i, base = stream->base_gref;
    u32 count = window_count_grefs(stream->max_pages);
    if (stream->shared)
        return 0;
    if (stream->pool->backend != vbd->backend_domid)
        // It must not see what was on another backend's disk.
        memset(machine_ptr(stream->window[0].pages), 0
               , count * XEN_PAGE_SIZE);
    if (gref_pool_open(stream->pool, xen_grant_entry(base), base, count
                       , vbd->backend_domid) < count)
        return -1;
    for (i = 0; i < STREAM_WINDOWS; i++)
        window_share(vbd, &stream->window[i]);
    stream->shared = 1;
    return 0;
}

// End the grants of a disk that is disconnected.  Returns how many pages the
// backend still uses.
int
window_close(struct vbd_s *vbd)
{
    struct stream_s *stream = &vbd->stream;
    u32 i;
    if (!CONFIG_XEN_BLKFRONT_READAHEAD || !stream->max_pages)
        return 0;
    for (i = 0; i < STREAM_WINDOWS; i++)
        stream->window[i].count = stream->window[i].on_way = 0;
    stream->shared = 0;
    // An earlier backend may have unmapped its last pages only since.
    stream->pool->entries = xen_grant_entry(stream->base_gref);
    return gref_pool_close(stream->pool);
}


/****************************************************************
 * Requests
 ****************************************************************/

// Returns the slot of a window's request, or NULL if another request has it by
// now: the answer was taken long ago.
static struct ring_slot_s *
window_slot(struct vbd_s *vbd, struct window_s *window, u32 request)
{
    u32 id = window->id + request;
    struct ring_slot_s *slot = &vbd->ring.slot[id % RING_SLOTS];
    return slot->id == id ? slot : NULL;
}

// May the backend still write to a window?
static int
window_is_busy(struct vbd_s *vbd, struct window_s *window)
{
    u32 i;
    for (i = 0; window->on_way && i < window->requests; i++) {
        struct ring_slot_s *slot = window_slot(vbd, window, i);
        if (slot && slot->busy)
            return 1;
    }
    return 0;
}

// Add a request for pages of a window: for all of them by its page of
// segments, or for as many as fit a direct request.  Returns for how many, or
// 0.
static u32
window_request_pages(struct vbd_s *vbd, struct window_s *window, u64 lba
                     , u32 page
                     , u32 pages)
{
    struct blkif_request_segment segment[BLKIF_MAX_SEGMENTS_PER_REQUEST];
    struct ring_data_s data = {
        .segment = segment, .indirect = window->segments,
    };
    u32 i;
    if (!data.indirect && pages > vbd->limits.direct)
        pages = vbd->limits.direct;
    for (i = 0; !data.indirect && i < pages; i++)
        segment[i] = (struct blkif_request_segment){
            .gref = window->gref - page - i,
            .last_sect = XEN_SECTORS_PER_PAGE - 1,
        };
    data.nr_segments = (u8)pages;
    int slot = ring_add(&vbd->ring, BLKIF_OP_READ, vbd->device
                        , lba + page * XEN_SECTORS_PER_PAGE, &data);
    if (slot < 0)
        return 0;
    ring_defer(&vbd->ring, slot);
    if (!page)
        window->id = vbd->ring.slot[slot].id;
    window->requests++;
    vbd->stats.requests++;
    vbd->stats.indirect += !!data.indirect;
    vbd->stats.segments += pages;
    return pages;
}

// Start to fill the older window with up to 'pages' pages from 'lba' on.  It
// stays as it is if the backend is still filling it, or if the disk ends
// there.
void
window_fetch(struct vbd_s *vbd, u64 lba, u32 pages)
{
    struct stream_s *stream = &vbd->stream;
    u8 older = !stream->newest;
    struct window_s *window = &stream->window[older];
    u32 page = 0, part;
    if (lba >= vbd->sectors || window_is_busy(vbd, window))
        return;
    u32 wanted = pages < stream->max_pages ? pages : stream->max_pages;
    u64 left = (vbd->sectors - lba) / XEN_SECTORS_PER_PAGE;
    pages = left < wanted ? (u32)left : wanted;
    window->requests = 0;
    while (page < pages
           && (part = window_request_pages(vbd, window, lba, page
                                           , pages - page)))
        page += part;
    window->lba = lba;
    window->count = page * XEN_SECTORS_PER_PAGE;
    window->time = xen_time_coarse();
    window->on_way = 1;
    if (!page)
        return;
    stream->newest = older;
    stream->pages = wanted;
    xfer_push(vbd);
}

// Expect the answers to a window's requests from now on, or, if 'wanted' is 0,
// defer them again.  Returns true if some are not there yet.
static int
window_expect(struct vbd_s *vbd, struct window_s *window, int wanted)
{
    u32 i, waiting = 0;
    for (i = 0; i < window->requests; i++) {
        struct ring_slot_s *slot = window_slot(vbd, window, i);
        if (!slot || !slot->busy)
            continue;
        waiting = 1;
        if (wanted)
            ring_expect(&vbd->ring, slot->id % RING_SLOTS);
        else
            ring_defer(&vbd->ring, slot->id % RING_SLOTS);
    }
    return waiting;
}

// Have all requests of a window succeeded, as far as we know?
static int
window_is_good(struct vbd_s *vbd, struct window_s *window)
{
    u32 i;
    for (i = 0; i < window->requests; i++) {
        struct ring_slot_s *slot = window_slot(vbd, window, i);
        if (!slot || slot->status != BLKIF_RSP_OKAY)
            return 0;
    }
    return 1;
}

// Wait until a window is filled.  Returns enum xfer_result: XFER_NOT_DONE if
// it is of no use because a request failed or is late.  That is no error:
// nobody has asked for all that is in it.
int
window_await(struct vbd_s *vbd, struct window_s *window)
{
    if (!window->on_way)
        return XFER_DONE;
    int result = XFER_DONE;
    if (window_expect(vbd, window, 1))
        result = xfer_await(vbd, WINDOW_SECONDS);
    if (result == XFER_BAD_RESPONSE)
        return result;
    window->on_way = (u8)window_expect(vbd, window, 0);
    if (!window->on_way && window_is_good(vbd, window))
        return XFER_DONE;
    window->count = 0;
    return XFER_NOT_DONE;
}

// Copy up to 'count' sectors from 'lba' on, which a window holds, to the
// guest-physical address 'addr'.  Returns how many.
u32
window_copy(const struct window_s *window, u64 lba, u32 count, u32 addr)
{
    u32 first = (u32)(lba - window->lba);
    if (count > window->count - first)
        count = window->count - first;
    machine_copy(machine_ptr(addr)
                 , machine_ptr(window->pages + first * XEN_SECTOR_SIZE)
                 , count * XEN_SECTOR_SIZE);
    return count;
}
