// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Streams: reads that each begin where the previous one ended.
#ifndef __BLKFRONT_STREAM_H
#define __BLKFRONT_STREAM_H

#include "gref_pool.h" // grant_ref_t

// A window has at most 256 KiB.
#define STREAM_WINDOW_PAGES 64

// A stream needs two: one to read from, and one that is being filled.
#define STREAM_WINDOWS 2

// Part of a disk, read into pages of the driver's own.
struct window_s {
    u64 lba;
    u32 count;              // Sectors of 512 bytes; 0: not usable
    u32 time;               // When it was requested, on the coarse clock
    u32 pages;              // Guest-physical address
    grant_ref_t gref;       // Of the first page; the others count down
    grant_ref_t segments;   // Page of its segments, or GREF_POOL_NONE
    u32 id;                 // Of its first request in the ring
    u8 requests;            // How many, in consecutive slots
    u8 on_way;              // Not all answers were seen yet
};

// How a disk is read.
struct stream_s {
    u64 next;               // Sector after the last read
    u32 run;                // Reads in a row without a gap
    u32 max_pages;          // Of a window; 0: nothing is read ahead
    u32 pages;              // Of the newest window
    u32 base_gref;          // Of the windows' pages
    struct gref_pool_s *pool;   // Only 32-bit code reaches it
    u8 shared;              // The pages are granted
    u8 newest;              // The window that was requested last
    struct window_s window[STREAM_WINDOWS];
};

struct window_s *stream_window(struct stream_s *stream, u64 lba);
int stream_wants(struct stream_s *stream, u64 lba, u32 count);
void stream_note(struct stream_s *stream, u64 lba, u32 count);
int stream_copy(struct stream_s *stream, u64 lba, u32 count, u32 addr);
void stream_end(struct stream_s *stream);
void stream_drop(struct stream_s *stream);

#endif // stream.h
