// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Streams: reads that each begin where an earlier one ended.  This is what
// 16-bit code has to know about reading ahead: which reads it concerns, and
// how to serve the small ones among them without a switch of mode.  Compiled
// for 16-bit and 32-bit code.

#include "biosvar.h" // VARLOW
#include "blkfront/internal.h" // depth_is_slow
#include "blkfront/stream.h" // struct streams_s
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "xen/hypercall.h" // hypercall_gnttab_copy
#include "xen/xen_time.h" // xen_time_coarse

struct stream_memory_s StreamMemory VARLOW;

// This many reads without a gap are a stream.  Fewer are if a guess costs much
// less than a wait.
#define STREAM_RUN 3
#define STREAM_RUN_SLOW 2

// A stream has ended when there were so many reads elsewhere since: until then
// the next one may have to do without memory.
#define STREAM_IDLE_TURNS 8

// Timer ticks after which what was read ahead is too old: others may write to
// the disk.
#define STREAM_MAX_AGE 2

// After this many jumps in a row that led to a single read the next one is no
// longer taken for the beginning of a stream.
#define STREAM_BAD_LUCK 3


/****************************************************************
 * Windows
 ****************************************************************/

// Is what a window holds too old?
static int
stream_is_stale(const struct window_s *window)
{
    return xen_time_coarse() - window->time > STREAM_MAX_AGE * XenTimeTick;
}

// Returns the window that holds a sector, or NULL.  A window that is too old
// is forgotten.
struct window_s *
stream_window(const struct streams_s *streams, u64 lba)
{
    struct window_s *window = StreamMemory.window;
    for (; window < &StreamMemory.window[STREAM_WINDOWS]; window++) {
        if (lba - window->lba >= window->count
            || window->owner != streams->owner)
            continue;
        if (!stream_is_stale(window))
            return window;
        window->count = 0;
    }
    return NULL;
}

// Are both ends of a read in windows?
static int
stream_has(const struct streams_s *streams, u64 lba, u32 count)
{
    return stream_window(streams, lba)
           && stream_window(streams, lba + count - 1);
}

// Forget what windows hold of 'count' sectors from 'lba' on: the disk may hold
// something else by now.  Streams go on.
void
stream_forget(struct streams_s *streams, u64 lba, u64 count)
{
    struct window_s *window = StreamMemory.window;
    struct stream_s *stream = streams->stream;
    if (!CONFIG_XEN_BLKFRONT_READAHEAD)
        return;
    for (; window < &StreamMemory.window[STREAM_WINDOWS]; window++)
        if (window->owner == streams->owner && lba < window->lba + window->count
            && window->lba < lba + count)
            window->count = 0;
    for (; stream < &streams->stream[STREAM_COUNT]; stream++)
        if (lba < stream->end && stream->next < lba + count)
            stream->end = stream->next;
}


/****************************************************************
 * Streams
 ****************************************************************/

// Returns the stream that a read at 'lba' continues, or NULL.  It may leave out
// part of what was read ahead.
static struct stream_s *
stream_find(struct streams_s *streams, u64 lba)
{
    struct stream_s *stream = streams->stream;
    for (; stream < &streams->stream[STREAM_COUNT]; stream++) {
        if (!stream->run || lba - stream->next > stream->end - stream->next)
            continue;
        if (lba == stream->end || stream_window(streams, lba))
            return stream;
        // What was read ahead is gone: the caller is too slow for it to pay.
        stream->run = 0;
    }
    return NULL;
}

// Is a read of 'count' sectors at 'lba', which the disk has, one for
// readahead_read()?  It is if it was read ahead, if it continues a stream, and,
// where waiting is dear, if it may well begin one.
int
stream_wants(struct streams_s *streams, u64 lba, u32 count)
{
    u32 run = STREAM_RUN;
    if (!CONFIG_XEN_BLKFRONT_READAHEAD || !StreamMemory.pages)
        return 0;
    if (depth_is_slow(streams->depth))
        run = streams->bad_luck < STREAM_BAD_LUCK ? 1 : STREAM_RUN_SLOW;
    const struct stream_s *stream = stream_find(streams, lba);
    return (stream ? stream->run : 0) + 1 >= run
           || stream_has(streams, lba, count);
}

// Has a stream been read lately?
int
stream_is_active(const struct stream_s *stream)
{
    return stream->run && StreamMemory.turn - stream->turn < STREAM_IDLE_TURNS;
}

// A read continues a stream.
static void
stream_advance(struct streams_s *streams, struct stream_s *stream, u64 lba
               , u32 count)
{
    stream->next = lba + count;
    if (stream->end < stream->next)
        stream->end = stream->next;
    stream->run++;
    stream->turn = ++StreamMemory.turn;
    if (stream->run == 2)
        streams->bad_luck = 0;
}

// Take note of a read.  Returns its stream, which may have just begun, in place
// of the one that was not used for the longest time; NULL if it continues none,
// and all of it is in windows.
struct stream_s *
stream_note(struct streams_s *streams, u64 lba, u32 count)
{
    struct stream_s *stream = stream_find(streams, lba);
    u8 i, oldest = 0;
    if (!stream) {
        if (stream_has(streams, lba, count))
            return NULL;
        for (i = 1; i < STREAM_COUNT; i++)
            if (StreamMemory.turn - streams->stream[i].turn
                > StreamMemory.turn - streams->stream[oldest].turn)
                oldest = i;
        if (streams->stream[streams->newest].run == 1
            && streams->bad_luck < STREAM_BAD_LUCK)
            streams->bad_luck++;
        streams->newest = oldest;
        stream = &streams->stream[oldest];
        stream->run = stream->pages = stream->low = 0;
        stream->end = lba;
    }
    stream_advance(streams, stream, lba, count);
    return stream;
}

// Does a stream go on that has something of a window still to read?
int
stream_needs(const struct streams_s *streams, const struct window_s *window)
{
    const struct stream_s *stream = streams->stream;
    if (stream_is_stale(window))
        return 0;
    for (; stream < &streams->stream[STREAM_COUNT]; stream++)
        if (stream_is_active(stream) && window->lba < stream->end
            && stream->next < window->lba + window->count)
            return 1;
    return 0;
}


/****************************************************************
 * Copies in 16-bit code
 ****************************************************************/

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
stream_copy(struct streams_s *streams, u64 lba, u32 count, u32 addr)
{
    struct window_s *window = stream_window(streams, lba);
    struct stream_s *stream = stream_find(streams, lba);
    if (!window || window->on_way
        || (stream && stream->end - lba <= stream->low + (u64)count))
        return -1;
    u32 first = (u32)(lba - window->lba);
    u32 src = StreamMemory.pages + window->page * XEN_PAGE_SIZE
              + first * XEN_SECTOR_SIZE;
    if (count > window->count - first
        || stream_copy_by_xen(addr, src, count * XEN_SECTOR_SIZE))
        return -1;
    if (stream)
        stream_advance(streams, stream, lba, count);
    return 0;
}
