// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Read ahead of a caller that reads a disk from one end to the other: what it
// will ask for next is fetched while it is busy with what it has.  One window
// is read from while the other one is filled.
//
// Nothing changes what is read.  A window is forgotten when the disk is
// written to or let go of, when it is old, and when its request fails: then
// the caller's own read tells.

#include "blkfront/readahead.h" // readahead_read
#include "blkfront/stream.h" // stream_wants
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/window.h" // window_fetch
#include "blkfront/xfer.h" // XFER_NOT_AHEAD

// What a stream begins with; each window that is used doubles the next one.
#define FIRST_PAGES 8

// Have a window filled that the stream will come to.
static void
fetch(struct vbd_s *vbd, u64 lba, u32 pages)
{
    struct stream_s *stream = &vbd->stream;
    u8 older = !stream->newest;
    if (pages > stream->max_pages)
        pages = stream->max_pages;
    if (!window_fetch(vbd, &stream->window[older], lba, pages))
        return;
    stream->newest = older;
    stream->pages = pages;
}

// Begin to read ahead with a read of 'count' sectors, and room for the next.
static void
start(struct vbd_s *vbd, u64 lba, u32 count)
{
    u32 pages = 2 * count / SECTORS_PER_PAGE + 1;
    fetch(vbd, lba, pages > FIRST_PAGES ? pages : FIRST_PAGES);
}

// Copy sectors out of the windows.  Returns enum xfer_result: XFER_NOT_AHEAD
// where they have not all of them.
static int
copy_windows(struct vbd_s *vbd, u64 lba, u32 count, u32 addr)
{
    while (count) {
        struct window_s *window = stream_window(&vbd->stream, lba);
        if (!window)
            return XFER_NOT_AHEAD;
        int result = window_await(vbd, window);
        if (result)
            return result;
        u32 part = window_copy(window, lba, count, addr);
        lba += part;
        count -= part;
        addr += part * XEN_SECTOR_SIZE;
    }
    return XFER_DONE;
}

// Read 'count' sectors at 'lba', which the disk has, to the guest-physical
// address 'addr', if it is for us to do.  When the newest window is begun,
// the next one is fetched.  Returns enum xfer_result: XFER_NOT_AHEAD where
// the caller has to read.
int
readahead_read(struct vbd_s *vbd, u64 lba, u32 count, u32 addr)
{
    struct stream_s *stream = &vbd->stream;
    u64 last = lba + count - 1;
    int wanted = stream_wants(stream, lba, count);
    stream_note(stream, lba, count);
    if (!wanted)
        return XFER_NOT_AHEAD;
    int result = XFER_NOT_AHEAD;
    if (!window_open(vbd)) {
        if (!stream_window(stream, lba) || !stream_window(stream, last))
            start(vbd, lba, count);
        result = copy_windows(vbd, lba, count, addr);
    }
    if (result) {
        stream->run = 0; // It does not pay here
        return result;
    }
    vbd->stats.ahead += count;
    struct window_s *newest = &stream->window[stream->newest];
    if (stream_window(stream, last) == newest)
        fetch(vbd, newest->lba + newest->count, stream->pages * 2);
    return XFER_DONE;
}
