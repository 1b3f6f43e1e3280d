// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Read ahead of a caller that reads a disk from one end to the other: what it
// will ask for next is fetched while it is busy with what it has, and while
// earlier requests are still on their way, as many as the disk's latency takes.
// 32-bit code.
//
// This never changes what is read.  A window is forgotten when its sectors are
// written to, when the disk is disconnected, when it is old, and when its
// request fails: then the caller's own read reports the error.

#include "blkfront/internal.h" // readahead_read
#include "blkfront/op.h" // struct op_s
#include "blkfront/stream.h" // stream_wants
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // XFER_NOT_DONE
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "xen/xen_time.h" // xen_time_coarse

// How many pages ahead a stream begins with.  Each time that more are fetched
// it is twice as many.
#define READAHEAD_FIRST_PAGES 16

// Where the volume descriptors of a CD-ROM begin, in 512-byte sectors.
#define READAHEAD_CDROM_START 64

// A stream counts beside others from so many reads on.
#define READAHEAD_ACTIVE_RUN 4

// On a slow disk each window may take one part in so many of the memory.  There are
// a few windows more than that, because some are smaller.
#define READAHEAD_SLOW_WINDOWS (STREAM_WINDOWS - 4)

// On a slow disk a jump fetches what lies around it, too: a multiple of this
// many sectors.
#define READAHEAD_ALIGN 64

// The pages that each stream of a disk may have.
static u32
readahead_share(const struct streams_s *streams)
{
    u32 i, active = 0;
    for (i = 0; i < STREAM_COUNT; i++)
        active += streams->stream[i].run >= READAHEAD_ACTIVE_RUN
                  && stream_is_active(&streams->stream[i]);
    return StreamMemory.nr_pages / (active ? active : 1);
}

// Large requests cost less, while with many small ones more of the memory is on
// its way at any time.  For a slow disk, its part of the memory; or, if that is about
// as much, what dom0 reads at once or half of it.
static u32
readahead_max_slow_window(const struct vbd_s *vbd)
{
    u32 pages = StreamMemory.nr_pages / READAHEAD_SLOW_WINDOWS;
    u32 at_once = VBD_CACHE_SECTORS / XEN_SECTORS_PER_PAGE;
    if (vbd_is_indirect(vbd) || pages < at_once / 4)
        return pages;
    return pages < at_once / 2 ? at_once / 2 : at_once;
}

// The pages of the next window of a stream.
static u32
readahead_window_pages(const struct vbd_s *vbd, const struct stream_s *stream)
{
    u32 pages = stream->pages / 2, max = readahead_max_slow_window(vbd);
    return depth_is_slow(vbd->streams.depth) && pages > max ? max : pages;
}

// How many pages a stream reads in a tick of the timer if it need not wait,
// judged by what it has read since it fetched something.  In twice that time
// they are too old.
static u32
readahead_pages_a_tick(const struct stream_s *stream)
{
    u32 time = xen_time_coarse() - stream->time;
    u32 pages = ((u32)stream->next - stream->mark) / XEN_SECTORS_PER_PAGE;
    return time > 1 && stream->pages ? pages * XenTimeTick / time : ~0U;
}

// How many pages ahead a disk's streams go if nothing else limits them.
static u32
readahead_max_pages(const struct streams_s *streams)
{
    return depth_is_slow(streams->depth) ? streams->depth : DEPTH_MIN;
}

// Set how far ahead a stream goes from now on.
static void
readahead_deepen(const struct streams_s *streams, struct stream_s *stream
                 , u32 share)
{
    u32 max = readahead_max_pages(streams);
    share -= share / 8; // Of a window that is read from, a part is in vain
    if (max > share)
        max = share;
    u32 fast_enough = readahead_pages_a_tick(stream);
    if (max > fast_enough)
        max = fast_enough;
    stream->time = xen_time_coarse();
    stream->mark = (u32)stream->next;
    if (!stream->pages)
        // A guess must cost less than the wait that it saves.
        stream->pages = depth_is_slow(streams->depth) ? max / 8 : 0;
    stream->pages *= 2;
    if (stream->pages > max)
        stream->pages = max;
    if (stream->pages < READAHEAD_FIRST_PAGES)
        stream->pages = READAHEAD_FIRST_PAGES;
}

// Returns the first sector from 'lba' on that no window holds.
static u64
readahead_skip(const struct streams_s *streams, u64 lba)
{
    const struct window_s *window;
    while ((window = stream_window(streams, lba)))
        lba = window->lba + window->count;
    return lba;
}

// Fetch what comes after the last window of a stream.
static void
readahead_fetch_more(struct vbd_s *vbd, struct stream_s *stream)
{
    readahead_deepen(&vbd->streams, stream, readahead_share(&vbd->streams));
    u32 pages = readahead_window_pages(vbd, stream), sectors;
    stream->low = (stream->pages - pages) * XEN_SECTORS_PER_PAGE;
    stream->end = readahead_skip(&vbd->streams, stream->end);
    while (stream->end - stream->next <= stream->low
           && (sectors = window_fetch(vbd, stream->end, pages)))
        stream->end += sectors;
    u32 ahead = (u32)(stream->end - stream->next);
    u32 step = pages * XEN_SECTORS_PER_PAGE / 8;
    if (ahead <= stream->low)
        // No room: try again when more was read.
        stream->low = ahead > step ? ahead - step : 0;
}

// Fetch what no window holds of the sectors from 'lba' to the end of the read
// that was noted last.  Returns true if that is anything.
static int
readahead_fetch_missing(struct vbd_s *vbd, struct stream_s *stream, u64 lba)
{
    struct streams_s *streams = &vbd->streams;
    u64 end = stream->next;
    lba = readahead_skip(streams, lba);
    if (lba >= end)
        return 0;
    u32 pages = (u32)(end - lba) / XEN_SECTORS_PER_PAGE + 1, sectors;
    if (stream->run == 1) {
        // What lies before may be wanted next; what follows is a guess.
        u32 before = (u32)lba % READAHEAD_ALIGN;
        lba -= before;
        pages = ((u32)(end - lba) + XEN_SECTORS_PER_PAGE - 1)
                / XEN_SECTORS_PER_PAGE;
    } else {
        pages *= 2;
        if (pages < stream->pages / 2)
            pages = stream->pages / 2;
        if (pages < READAHEAD_FIRST_PAGES / 2)
            pages = READAHEAD_FIRST_PAGES / 2;
    }
    while (lba < end && (sectors = window_fetch(vbd, lba, pages))) {
        lba += sectors;
        pages -= sectors / XEN_SECTORS_PER_PAGE;
    }
    stream->end = lba > end ? lba : end;
    return 1;
}

// Fetch what a read needs, from 'lba' on, and what its stream wants.  Returns
// true if the read has to wait for something that was asked for only now.
static int
readahead_fetch(struct vbd_s *vbd, struct stream_s *stream, u64 lba)
{
    window_note_answers(vbd);
    int missing = readahead_fetch_missing(vbd, stream, lba);
    if (missing || stream->end - stream->next <= stream->low)
        readahead_fetch_more(vbd, stream);
    window_push(vbd);
    return missing;
}

// Wait for a window, and learn from it.  Returns enum xfer_result.
static int
readahead_await(struct vbd_s *vbd, struct stream_s *stream, int missing
                , struct window_s *window)
{
    u32 begin = depth_clock(), coarse = xen_time_coarse();
    u32 pages = window_count_on_way(vbd);
    int result = window_await(vbd, window);
    if (stream)
        stream->time += xen_time_coarse() - coarse; // Not the caller's time
    if (missing)
        depth_learn(&vbd->streams.depth, begin, pages);
    else if (stream && stream->pages >= readahead_max_pages(&vbd->streams))
        depth_learn_stall(&vbd->streams.depth, begin, pages);
    return result;
}

// Serve a read whose stream was noted; NULL if it has none, and is in windows.
// What is not there is fetched before the first wait.  Returns enum
// xfer_result: XFER_NOT_DONE if the caller has to transfer the sectors.
static int
readahead_serve(struct vbd_s *vbd, struct stream_s *stream
                , const struct op_s *op)
{
    u64 lba = op->lba, end = lba + op->count;
    u32 addr = op->addr;
    int fetched = !stream, missing = 0, result;
    while (lba < end) {
        struct window_s *window = stream_window(&vbd->streams, lba);
        if (!fetched && (!window || window->on_way)) {
            fetched = 1;
            missing = readahead_fetch(vbd, stream, lba);
            window = stream_window(&vbd->streams, lba);
        }
        if (!window)
            return XFER_NOT_DONE;
        if (window->on_way
            && (result = readahead_await(vbd, stream, missing, window)))
            return result;
        u32 part = window_copy(window, lba, (u32)(end - lba), addr);
        lba += part;
        addr += part * XEN_SECTOR_SIZE;
    }
    if (!fetched)
        readahead_fetch(vbd, stream, end);
    return XFER_DONE;
}

// Serve a read that was read ahead, or that is part of a stream.  Returns enum
// xfer_result: XFER_NOT_DONE if the caller has to transfer the sectors.
int
readahead_read(struct vbd_s *vbd, struct op_s *op)
{
    struct streams_s *streams = &vbd->streams;
    if (!CONFIG_XEN_BLKFRONT_READAHEAD || op->write)
        return XFER_NOT_DONE;
    int wanted = stream_wants(streams, op->lba, op->count);
    struct stream_s *stream = stream_note(streams, op->lba, op->count);
    if (!wanted || window_open(vbd))
        return XFER_NOT_DONE;
    int result = readahead_serve(vbd, stream, op);
    if (result) {
        if (stream)
            stream->run = 1; // It does not pay here
        return result;
    }
    op->done = op->count;
    vbd->stats.ahead += op->count;
    return XFER_DONE;
}

// Fetch the beginning of a disk that was just connected, and do not wait for
// it.
void
readahead_begin(struct vbd_s *vbd)
{
    if (!CONFIG_XEN_BLKFRONT_READAHEAD || !StreamMemory.pages
        || window_open(vbd))
        return;
    // A CD-ROM begins with 32 KiB that nobody reads.
    window_fetch(vbd, vbd->cdrom ? READAHEAD_CDROM_START : 0
                 , READAHEAD_FIRST_PAGES / 2);
    window_push(vbd);
}
