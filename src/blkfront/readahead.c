// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Read ahead of a caller that reads a disk from one end to the other: what it
// will ask for next is fetched while it is busy with what it has.  One window
// is read from while the other one is filled.  32-bit code.
//
// This never changes what is read.  A window is forgotten when the disk is
// written to or disconnected, when it is old, and when its request fails: then
// the caller's own read reports the error.

#include "blkfront/internal.h" // readahead_read
#include "blkfront/op.h" // struct op_s
#include "blkfront/stream.h" // stream_wants
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // XFER_NOT_DONE
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD

// The first window of a stream.  Each window that is used doubles the next
// one.
#define READAHEAD_FIRST_PAGES 8

// Begin to read ahead: a read of 'count' sectors, and room for the next one.
static void
readahead_start(struct vbd_s *vbd, u64 lba, u32 count)
{
    u32 pages = 2 * count / XEN_SECTORS_PER_PAGE + 1;
    if (pages < READAHEAD_FIRST_PAGES)
        pages = READAHEAD_FIRST_PAGES;
    window_fetch(vbd, lba, pages);
}

// Copy sectors out of the windows.  Returns enum xfer_result: XFER_NOT_DONE if
// some sectors are in neither.
static int
readahead_copy_windows(struct vbd_s *vbd, u64 lba, u32 count, u32 addr)
{
    while (count) {
        struct window_s *window = stream_window(&vbd->stream, lba);
        if (!window)
            return XFER_NOT_DONE;
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

// Serve a read that continues a stream or was read ahead.  A read that reaches
// the newest window starts the next one.  Returns enum xfer_result:
// XFER_NOT_DONE if the caller has to transfer the sectors.
int
readahead_read(struct vbd_s *vbd, struct op_s *op)
{
    struct stream_s *stream = &vbd->stream;
    u64 lba = op->lba, last = lba + op->count - 1;
    if (!CONFIG_XEN_BLKFRONT_READAHEAD || op->write)
        return XFER_NOT_DONE;
    int wanted = stream_wants(stream, lba, op->count);
    stream_note(stream, lba, op->count);
    if (!wanted)
        return XFER_NOT_DONE;
    int result = XFER_NOT_DONE;
    if (!window_open(vbd)) {
        if (!stream_window(stream, lba) || !stream_window(stream, last))
            readahead_start(vbd, lba, op->count);
        result = readahead_copy_windows(vbd, lba, op->count, op->addr);
    }
    if (result) {
        stream_end(stream); // It does not pay here
        return result;
    }
    op->done = op->count;
    vbd->stats.ahead += op->count;
    struct window_s *newest = &stream->window[stream->newest];
    if (stream_window(stream, last) == newest)
        window_fetch(vbd, newest->lba + newest->count, stream->pages * 2);
    return XFER_DONE;
}
