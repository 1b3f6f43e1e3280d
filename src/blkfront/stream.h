// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Streams: reads that each begin where an earlier one ended.  And the windows
// that are read ahead of them, which all disks share.
#ifndef __BLKFRONT_STREAM_H
#define __BLKFRONT_STREAM_H

#include "xen/xen_abi.h" // domid_t

// Windows of all disks together.
#define STREAM_WINDOWS 14

// Streams of a disk that are told apart.
#define STREAM_COUNT 3

// Part of a disk, read into pages of the driver's own.  The pages are
// consecutive.
struct window_s {
    u64 lba;
    u32 count;              // Sectors of 512 bytes; 0: not usable
    u32 time;               // When it was requested, on the coarse clock
    u32 owner;              // As struct streams_s has it
    u16 page, nr_pages;     // Where they are in struct stream_memory_s
    u32 id;                 // Of its first request in the owner's ring
    u8 requests;            // How many, in consecutive slots
    u8 on_way;              // Not all answers were seen yet
};

// The memory for windows, handed out from one end to the other and then from
// the beginning again: the oldest window makes room for the newest.
struct stream_memory_s {
    u32 pages;              // Guest-physical address; 0: no memory
    u32 nr_pages;
    u32 next_page;          // Where the next window begins
    u32 base_gref;          // Of the first page; the others count up
    u32 turn;               // Counts the reads of all disks
    u16 users;              // Connected disks whose backend may use the pages
    domid_t backend;        // The last one that did
    u8 late;                // It may still write to a window that was given up
    u8 newest;              // The window that was requested last
    struct window_s window[STREAM_WINDOWS];
};

extern struct stream_memory_s StreamMemory;

struct stream_s {
    u64 next;               // Sector after the last read
    u64 end;                // Sector after the last window
    u32 run;                // Reads so far
    u32 turn;               // Of the last one: struct stream_memory_s
    u32 pages;              // To be had ahead of the next read
    u32 low;                // Get more when no more sectors are left
    u32 time;               // When that was done last, on the coarse clock, and
                            // later by what reads have waited since
    u32 mark;               // Where the reads were then, as the low half
};

// How a disk is read.
struct streams_s {
    u32 owner;              // Guest-physical address of the disk's structure
    u16 depth;              // See depth.c; 0: not known
    u8 bad_luck;            // Jumps in a row that led to a single read
    u8 newest;              // The stream that was begun last
    u8 shared;              // The windows' pages are granted to its backend
    struct stream_s stream[STREAM_COUNT];
};

struct window_s *stream_window(const struct streams_s *streams, u64 lba);
int stream_wants(struct streams_s *streams, u64 lba, u32 count);
struct stream_s *stream_note(struct streams_s *streams, u64 lba, u32 count);
int stream_is_active(const struct stream_s *stream);
int stream_needs(const struct streams_s *streams
                 , const struct window_s *window);
int stream_copy(struct streams_s *streams, u64 lba, u32 count, u32 addr);
void stream_forget(struct streams_s *streams, u64 lba, u64 count);

#endif // stream.h
