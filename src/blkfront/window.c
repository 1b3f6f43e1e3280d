// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Windows: parts of a disk, read into pages of the driver's own.  The pages
// belong to all disks together.  They are granted to a backend from the first
// window of one of its disks until the last such disk is disconnected, and no
// request is waited for until its sectors are needed.  32-bit code.

#include "blkfront/internal.h" // window_fetch
#include "blkfront/stream.h" // StreamMemory
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_await
#include "malloc.h" // memalign_high
#include "output.h" // dprintf
#include "string.h" // memset
#include "xen/xen_info.h" // xen_grant_entry
#include "xen/xen_time.h" // xen_time_coarse

// A window of so many pages or more ends where vbd_sectors_at_once() does.
// Cutting smaller ones would need more windows than there are.
#define WINDOW_CUT_PAGES 16

// Slots of the ring that windows leave to all other requests.
#define WINDOW_SPARE_SLOTS 4

// A backend keeps at most 1,056 mappings for a disk (xen-blkback's
// max_persistent_grants), sticky ones included, and maps what is beyond anew
// for each request.
#define WINDOW_MAX_KEPT 1056
_Static_assert(OPTIONS_MAX_AHEAD * OPTIONS_AHEAD_PAGES + VBD_STICKY_GREFS
               <= WINDOW_MAX_KEPT, "a backend keeps all of them");


/****************************************************************
 * What is on its way
 ****************************************************************/

// Returns the slot of a window's request, or NULL if another request has it by
// now: the answer was taken long ago.
static struct ring_slot_s *
window_slot(const struct window_s *window, u32 request)
{
    struct vbd_s *vbd = machine_ptr(window->owner);
    u32 id = window->id + request;
    struct ring_slot_s *slot = ring_slot(&vbd->ring, id);
    return slot->id == id ? slot : NULL;
}

// May the backend still write to a window?
static int
window_is_busy(const struct window_s *window)
{
    u32 i;
    for (i = 0; window->on_way && i < window->requests; i++) {
        const struct ring_slot_s *slot = window_slot(window, i);
        if (slot && slot->busy)
            return 1;
    }
    return 0;
}

// Have all requests of a window succeeded, as far as we know?
static int
window_is_good(const struct window_s *window)
{
    u32 i;
    for (i = 0; i < window->requests; i++) {
        const struct ring_slot_s *slot = window_slot(window, i);
        if (!slot || slot->status != BLKIF_RSP_OKAY)
            return 0;
    }
    return 1;
}

// Take note of windows that have been filled by now, or have failed: new
// requests will take the slots that say so.
void
window_note_answers(struct vbd_s *vbd)
{
    struct window_s *window = StreamMemory.window;
    ring_reap(&vbd->ring);
    for (; window < &StreamMemory.window[STREAM_WINDOWS]; window++) {
        if (!window->on_way || window->owner != vbd->streams.owner
            || window_is_busy(window))
            continue;
        window->on_way = 0;
        if (!window_is_good(window))
            window->count = 0;
    }
}


/****************************************************************
 * Pages and grants
 ****************************************************************/

// The pages of data, and behind them one for the segments of each window.
static u32
window_count_pages(void)
{
    return StreamMemory.nr_pages + STREAM_WINDOWS;
}

static u8 *
window_pages(u32 page)
{
    return machine_ptr(StreamMemory.pages + page * XEN_PAGE_SIZE);
}

// Prepare windows of 'pages' pages in all, of which a part describes the
// others.  POST only, after all disks have been described: their references
// come first, in grant frame 0.
void
window_setup(u32 pages)
{
    if (pages < 2 * STREAM_WINDOWS)
        return;
    void *mem = memalign_high(XEN_PAGE_SIZE, pages * XEN_PAGE_SIZE);
    // References cannot be given back, so memory comes first.
    StreamMemory.base_gref = mem ? xen_take_further_grefs(pages) : 0;
    if (!StreamMemory.base_gref) {
        dprintf(1, "xen-blk: no memory or grants %s\n", "to read ahead");
        free(mem);
        return;
    }
    memset(mem, 0, pages * XEN_PAGE_SIZE);
    StreamMemory.pages = machine_phys(mem);
    StreamMemory.nr_pages = pages - STREAM_WINDOWS;
}

// Grant the pages to the backend of a disk until it is disconnected.  Returns
// 0, or -1 if another backend uses them, or an earlier one still does.
int
window_open(struct vbd_s *vbd)
{
    u32 count = window_count_pages();
    if (StreamMemory.late
        || (StreamMemory.users && StreamMemory.backend != vbd->backend_domid))
        return -1;
    if (vbd->streams.shared)
        return 0;
    if (!StreamMemory.users) {
        if (StreamMemory.backend != vbd->backend_domid)
            // It must not see what was on another backend's disk.
            memset(window_pages(0), 0, count * XEN_PAGE_SIZE);
        if (gref_pool_grant_range(xen_grant_entry(StreamMemory.base_gref)
                                  , StreamMemory.pages / XEN_PAGE_SIZE, count
                                  , vbd->backend_domid))
            return -1;
        StreamMemory.backend = vbd->backend_domid;
    }
    StreamMemory.users++;
    vbd->streams.shared = 1;
    return 0;
}

// Forget the windows of a disk that is disconnected.  The grants end with the
// last such disk; until then a window that was never answered may be written
// to at any time, whoever has it.
static void
window_forget(struct vbd_s *vbd)
{
    struct window_s *window = StreamMemory.window;
    window_note_answers(vbd); // That came after the last wait
    for (; window < &StreamMemory.window[STREAM_WINDOWS]; window++) {
        if (window->owner != vbd->streams.owner)
            continue;
        StreamMemory.late |= window->on_way;
        window->count = window->on_way = 0;
    }
    vbd->streams.shared = 0;
    StreamMemory.users--;
}

// A disk is disconnected.  If nobody uses the pages, end their grants, which a
// backend may have kept from ending before.  Returns how many pages a backend
// still uses.
int
window_close(struct vbd_s *vbd)
{
    if (vbd->streams.shared)
        window_forget(vbd);
    if (StreamMemory.users || !StreamMemory.nr_pages)
        return 0;
    StreamMemory.late = 0; // While pages are in use, none can be granted
    return (int)gref_pool_revoke_range(xen_grant_entry(StreamMemory.base_gref)
                                       , window_count_pages());
}


/****************************************************************
 * Room
 ****************************************************************/

// Does a window have pages of a place for a new one?
static int
window_overlaps(const struct window_s *window, const struct window_s *place)
{
    return window->page < place->page + place->nr_pages
           && place->page < window->page + window->nr_pages;
}

// Must a window stay?  A backend may be filling it, or a stream of its disk
// come to it soon.
static int
window_must_stay(const struct window_s *window)
{
    const struct vbd_s *vbd = machine_ptr(window->owner);
    return window_is_busy(window)
           || (window->count && stream_needs(&vbd->streams, window));
}

// Make room for a window of up to 'pages' pages, in place of the oldest ones.
// Returns NULL if one of them must stay.
static struct window_s *
window_claim(u32 pages)
{
    u32 index = (StreamMemory.newest + 1) % STREAM_WINDOWS;
    u32 page = StreamMemory.next_page, left = StreamMemory.nr_pages - page;
    struct window_s *new = &StreamMemory.window[index], *window;
    if (left < (pages + 1) / 2) {
        page = 0;
        left = StreamMemory.nr_pages;
    }
    struct window_s place = {
        .page = (u16)page, .nr_pages = (u16)(pages < left ? pages : left),
    };
    for (window = StreamMemory.window
         ; window < &StreamMemory.window[STREAM_WINDOWS]; window++)
        if ((window == new || window_overlaps(window, &place))
            && window_must_stay(window))
            return NULL;
    for (window = StreamMemory.window
         ; window < &StreamMemory.window[STREAM_WINDOWS]; window++)
        if (window_overlaps(window, &place))
            window->count = window->nr_pages = 0;
    *new = place;
    StreamMemory.newest = (u8)index;
    return new;
}


/****************************************************************
 * Requests
 ****************************************************************/

// Describe 'count' pages of a window, from its page number 'page' on.
static void
window_describe(struct blkif_request_segment *segment
                , const struct window_s *window, u32 page, u32 count)
{
    grant_ref_t gref = StreamMemory.base_gref + window->page + page;
    for (; count; count--, segment++, gref++)
        *segment = (struct blkif_request_segment){
            .gref = gref, .last_sect = XEN_SECTORS_PER_PAGE - 1,
        };
}

// Add a request for pages of a window: for all of them by its page of
// segments, or for as many as fit a direct request.  Returns for how many, or
// 0.
static u32
window_request_pages(struct vbd_s *vbd, struct window_s *window, u64 lba
                     , u32 page, u32 pages)
{
    struct blkif_request_segment direct[BLKIF_MAX_SEGMENTS_PER_REQUEST];
    struct blkif_request_segment *segment = direct;
    struct ring_data_s data = { .indirect = 0 };
    if (pages > vbd->limits.direct && pages <= vbd->limits.indirect) {
        u32 number = StreamMemory.nr_pages
                     + (u32)(window - StreamMemory.window);
        segment = (void *)window_pages(number);
        data.indirect = StreamMemory.base_gref + number;
    } else if (pages > vbd->limits.direct) {
        pages = vbd->limits.direct;
    }
    window_describe(segment, window, page, pages);
    data.segment = segment;
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

// Does the ring have room for all requests of a window of so many pages?  Part
// of a window is not worth its place.
static int
window_fits_ring(const struct vbd_s *vbd, u32 pages)
{
    u32 used = vbd->ring.busy + vbd->ring.deferred + WINDOW_SPARE_SLOTS;
    u32 max = pages <= vbd->limits.indirect ? pages : vbd->limits.direct;
    return used + (pages + max - 1) / max <= ring_slots(&vbd->ring);
}

// Begin to read up to 'pages' pages, from the page of the disk that has sector
// 'lba' on.  Nothing is sent before window_push().  Returns how many sectors
// from 'lba' on they will be: none at the end of the disk, or if there is no
// room.
u32
window_fetch(struct vbd_s *vbd, u64 lba, u32 pages)
{
    u32 before = (u32)lba % XEN_SECTORS_PER_PAGE;
    lba -= before;
    u64 left = lba < vbd->sectors
               ? (vbd->sectors - lba) / XEN_SECTORS_PER_PAGE : 0;
    u32 at_once = vbd_sectors_at_once(vbd, lba) / XEN_SECTORS_PER_PAGE;
    u32 page = 0, part;
    if (pages > at_once && pages >= WINDOW_CUT_PAGES)
        pages = at_once;
    if (pages > left)
        pages = (u32)left;
    if (!pages || !window_fits_ring(vbd, pages))
        return 0;
    struct window_s *window = window_claim(pages);
    if (!window)
        return 0;
    pages = window->nr_pages;
    while (page < pages
           && (part = window_request_pages(vbd, window, lba, page
                                           , pages - page)))
        page += part;
    StreamMemory.next_page = window->page + page;
    window->nr_pages = (u16)page;
    window->owner = vbd->streams.owner;
    window->lba = lba;
    window->count = page * XEN_SECTORS_PER_PAGE;
    window->time = xen_time_coarse();
    window->on_way = 1;
    return window->count - before;
}

// Show the backend what was fetched.
void
window_push(struct vbd_s *vbd)
{
    if (vbd->ring.req_added != vbd->ring.req_prod)
        xfer_push(vbd);
}

// Expect the answers to a window's requests from now on, or, if 'wanted' is 0,
// defer them again.  Returns true if some are not there yet.
static int
window_expect(struct vbd_s *vbd, const struct window_s *window, int wanted)
{
    u32 i, waiting = 0;
    for (i = 0; i < window->requests; i++) {
        struct ring_slot_s *slot = window_slot(window, i);
        if (!slot || !slot->busy)
            continue;
        waiting = 1;
        if (wanted)
            ring_expect(&vbd->ring, slot->id);
        else
            ring_defer(&vbd->ring, slot->id);
    }
    return waiting;
}

// Pages that a disk's backend has been asked for and had not filled when answers
// were last noted.
u32
window_count_on_way(const struct vbd_s *vbd)
{
    const struct window_s *window = StreamMemory.window;
    u32 pages = 0;
    for (; window < &StreamMemory.window[STREAM_WINDOWS]; window++)
        if (window->on_way && window->owner == vbd->streams.owner)
            pages += window->nr_pages;
    return pages;
}

// Wait until a window that is on its way is filled.  Returns enum xfer_result:
// XFER_NOT_DONE if it is of no use because a request failed or is late.  That
// is no error: nobody has asked for all that is in it.
int
window_await(struct vbd_s *vbd, struct window_s *window)
{
    int result = XFER_DONE;
    if (window_expect(vbd, window, 1))
        result = xfer_await(vbd, XFER_AHEAD_MS);
    if (result == XFER_BAD_RESPONSE)
        return result;
    window_expect(vbd, window, 0);
    window_note_answers(vbd);
    if (window->on_way)
        window->count = 0;
    return window->count ? XFER_DONE : XFER_NOT_DONE;
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
                 , window_pages(window->page) + first * XEN_SECTOR_SIZE
                 , count * XEN_SECTOR_SIZE);
    return count;
}
