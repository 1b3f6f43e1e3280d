// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Streams: reads that each begin where the previous one ended.  This is what
// 16-bit code has to know about reading ahead: which reads it concerns, and
// how to serve the small ones among them without a switch of mode.  Compiled
// for 16-bit and 32-bit code.

#include "blkfront/stream.h" // struct stream_s
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "xen/hypercall.h" // hypercall_gnttab_copy
#include "xen/xen_time.h" // xen_time_coarse

// This many reads without a gap are a stream.
#define STREAM_RUN 2

// Timer ticks after which what was read ahead is too old: others may write to
// the disk.
#define STREAM_MAX_AGE 2

// Forget the stream: the next read begins a new one.
void
stream_end(struct stream_s *stream)
{
    stream->run = 0;
}

// Returns the window that holds a sector, or NULL.  A window that is too old
// is forgotten, and the stream with it: the caller or the disk is too slow for
// reading ahead to pay.
struct window_s *
stream_window(struct stream_s *stream, u64 lba)
{
    struct window_s *window = stream->window;
    for (; window < &stream->window[STREAM_WINDOWS]; window++) {
        if (lba - window->lba >= window->count)
            continue;
        if (xen_time_coarse() - window->time <= STREAM_MAX_AGE * XenTimeTick)
            return window;
        window->count = 0;
        stream_end(stream);
    }
    return NULL;
}

// Is a read of 'count' sectors at 'lba', which the disk has, one for
// readahead_read()?  It is if it continues a stream, or if it was read ahead.
// Half a window and more is read in place.
int
stream_wants(struct stream_s *stream, u64 lba, u32 count)
{
    if (!CONFIG_XEN_BLKFRONT_READAHEAD
        || count > stream->max_pages * XEN_SECTORS_PER_PAGE / 2)
        return 0;
    return (stream_window(stream, lba)
            && stream_window(stream, lba + count - 1))
           || (lba == stream->next && stream->run >= STREAM_RUN);
}

// Take note of a read.
void
stream_note(struct stream_s *stream, u64 lba, u32 count)
{
    if (!CONFIG_XEN_BLKFRONT_READAHEAD)
        return;
    stream->run = lba == stream->next ? stream->run + 1 : 1;
    stream->next = lba + count;
}

// Let Xen copy within this guest.  Source and destination may each cross one
// page boundary.  Returns 0 or -1.
static int
stream_copy_by_xen(u32 dest, u32 src, u32 len)
{
    struct gnttab_copy piece[2] = { { .len = 0 } };
    u32 n = 0, i;
    while (len) {
        u32 from = src % XEN_PAGE_SIZE, to = dest % XEN_PAGE_SIZE;
        u32 part = XEN_PAGE_SIZE - (from > to ? from : to);
        if (part > len)
            part = len;
        if (n == ARRAY_SIZE(piece))
            return -1;
        piece[n++] = (struct gnttab_copy){
            .source = { .u.gmfn = src / XEN_PAGE_SIZE, .domid = DOMID_SELF
                        , .offset = (u16)from },
            .dest = { .u.gmfn = dest / XEN_PAGE_SIZE, .domid = DOMID_SELF
                      , .offset = (u16)to },
            .len = (u16)part,
        };
        src += part;
        dest += part;
        len -= part;
    }
    int ret = hypercall_gnttab_copy(piece, n);
    for (i = 0; i < n; i++)
        ret |= piece[i].status;
    return ret ? -1 : 0;
}

// Copy sectors that were read ahead to the guest-physical address 'addr', if
// nothing else has to be done.  The windows are above 1 MiB, out of reach of
// 16-bit code.  Xen copies in one exit, while the way to 32-bit code and back
// takes three, but each piece costs as much as 16 KiB in 32-bit code.  Returns
// 0, or -1 if readahead_read() has to serve the read.
int
stream_copy(struct stream_s *stream, u64 lba, u32 count, u32 addr)
{
    struct window_s *window = stream_window(stream, lba);
    if (!window || window == &stream->window[stream->newest]
        || window->on_way)
        return -1;
    u32 first = (u32)(lba - window->lba);
    u32 src = window->pages + first * XEN_SECTOR_SIZE;
    if (count > window->count - first
        || stream_copy_by_xen(addr, src, count * XEN_SECTOR_SIZE))
        return -1;
    stream_note(stream, lba, count);
    return 0;
}

// Forget what was read ahead: the disk may hold something else by now.
void
stream_drop(struct stream_s *stream)
{
    u32 i;
    for (i = 0; CONFIG_XEN_BLKFRONT_READAHEAD && i < STREAM_WINDOWS; i++)
        stream->window[i].count = 0;
}
