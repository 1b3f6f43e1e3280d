// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Streams: reads that each begin where the one before ended.
#ifndef __BLKFRONT_STREAM_H
#define __BLKFRONT_STREAM_H

#include "gref_pool.h" // grant_ref_t

// Of a window at most: 256 KiB.
#define STREAM_WINDOW_PAGES 64

// As many as a stream needs: one to read from, and one that is filled.
#define STREAM_WINDOWS 2

// Part of a disk, read into pages of the driver's own.
struct window_s {
    u64 lba;
    u32 count;              // Sectors of 512 bytes; 0: nothing to be used
    u32 time;               // When it was asked for, by the coarse clock
    u32 pages;              // Guest-physical address
    grant_ref_t gref;       // Of the first page; they go down from there
    grant_ref_t segments;   // Page of all its segments, GREF_POOL_NONE for none
    u32 id;                 // Of its first request in the ring
    u8 requests;            // How many, one after another
    u8 on_way;              // They were not all seen to be answered
};

// How a disk is read.
struct stream_s {
    u64 next;               // Sector behind the last read
    u32 run;                // Reads in a row without a gap
    u32 max_pages;          // Of a window; 0: nothing is read ahead
    u32 pages;              // Of the newest window
    u32 base_gref;          // Of the windows' pages
    struct gref_pool_s *pool;   // In reach of 32-bit code alone
    u8 shared;              // The pages are granted
    u8 newest;              // Number of the window that was asked for last
    struct window_s window[STREAM_WINDOWS];
};

struct window_s *stream_window(struct stream_s *stream, u64 lba);
int stream_wants(struct stream_s *stream, u64 lba, u32 count);
void stream_note(struct stream_s *stream, u64 lba, u32 count);
int stream_copy(struct stream_s *stream, u64 lba, u32 count, u32 addr);
void stream_end(struct stream_s *stream);
void stream_drop(struct stream_s *stream);

#endif // stream.h
