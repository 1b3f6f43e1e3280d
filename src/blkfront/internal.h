// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver's smaller files offer each other, from the lowest layer
// upwards.
#ifndef __BLKFRONT_INTERNAL_H
#define __BLKFRONT_INTERNAL_H

#include "types.h" // u32

struct drive_s;
struct mbr_s;
struct op_s;
struct vbd_s;

/****************************************************************
 * depth.c: how many pages ahead of its reader a disk has to be read
 ****************************************************************/

// Where dom0 answers at once: two windows of 256 KiB, one that is read from
// while the other one is filled.
#define DEPTH_MIN 128

u32 depth_clock(void);
void depth_learn(u16 *depth, u32 begin, u32 pages);
void depth_learn_stall(u16 *depth, u32 begin, u32 pages);
int depth_is_slow(u16 depth);


/****************************************************************
 * vbd_name.c: the number of a virtual block device, and its name
 ****************************************************************/

struct vbd_number_s {
    const char *prefix;         // "xvd", "sd" or "hd"; NULL: not known
    u32 disk, partition;        // From 0; 0 is the whole disk
};

struct vbd_number_s vbd_name_parse(u32 device);
void vbd_name(char *name, u32 size, u32 device);


/****************************************************************
 * disc.c: which disc is in a CD-ROM drive
 ****************************************************************/

u32 disc_read(const char *backend_dir);


/****************************************************************
 * geometry.c: the CHS geometry of a disk
 ****************************************************************/

void geometry_guess(struct drive_s *drive, const struct mbr_s *mbr);


/****************************************************************
 * pages.c: the driver's own pages, shared by all disks
 ****************************************************************/

// Bounce pages: as much as SeaBIOS hands down in one op.
#define PAGES_BOUNCE 16

// For 16-bit and 32-bit code.  Guest-physical addresses.
struct pages_s {
    u32 bounce;         // PAGES_BOUNCE pages
    u32 scratch;        // One page, after POST below 1 MiB if there is room
    u32 low_end;        // Of memory below 640 KiB that was free after POST
};

// The extended BIOS data area, 1 KiB in SeaBIOS, may lie across two pages.
#define PAGES_EBDA (2 * XEN_PAGE_SIZE)

extern struct pages_s Pages;

int pages_setup(void);
int pages_move_low(void);
void pages_note_low_end(void);
void *pages_alloc_low(u32 align, u32 size, int wanted);


/****************************************************************
 * patience.c: whether to look for an answer, or to sleep until it comes
 ****************************************************************/

// What the last ops taught.  All zero if nothing yet.
struct patience_s {
    u8 spins;           // How many more waits may spin
    u32 interval;       // Waits between two probes in vain
    u32 until_probe;    // Waits left until the next probe
};

int patience_spins(struct patience_s *patience);
void patience_learn(struct patience_s *patience, int answered);


/****************************************************************
 * options.c: what a toolstack has set for this guest
 ****************************************************************/

// Units of memory to read ahead, in pages, and the most of them: see window.c.
#define OPTIONS_AHEAD_PAGES 16
#define OPTIONS_MAX_AHEAD 54

struct options_s {
    u8 idle_ticks;      // Timer ticks without an op until it is
                        // disconnected; 0: never
    u8 ahead;           // Memory to read ahead, in units of
                        // OPTIONS_AHEAD_PAGES; 0: none
};

int options_read(struct options_s *options);


/****************************************************************
 * window.c: parts of a disk, read into pages of the driver's own
 ****************************************************************/

struct window_s;

void window_setup(u32 pages);
int window_open(struct vbd_s *vbd);
int window_close(struct vbd_s *vbd);
u32 window_fetch(struct vbd_s *vbd, u64 lba, u32 pages);
void window_push(struct vbd_s *vbd);
void window_note_answers(struct vbd_s *vbd);
u32 window_count_on_way(const struct vbd_s *vbd);
int window_await(struct vbd_s *vbd, struct window_s *window);
u32 window_copy(const struct window_s *window, u64 lba, u32 count, u32 addr);


/****************************************************************
 * flat.c: ops of any length, to and from memory at any address
 ****************************************************************/

void flat_setup(void);
int flat_can_share(struct vbd_s *vbd, const struct op_s *op);
int flat_close(struct vbd_s *vbd);
int flat_run(struct vbd_s *vbd, struct op_s *op);


/****************************************************************
 * core.c: ops of up to 64 KiB
 ****************************************************************/

int core_run(struct vbd_s *vbd, struct op_s *op);


/****************************************************************
 * readahead.c: reads of a stream
 ****************************************************************/

int readahead_read(struct vbd_s *vbd, struct op_s *op);
void readahead_begin(struct vbd_s *vbd);


/****************************************************************
 * op32.c: ops in 32-bit code
 ****************************************************************/

int op32_run(struct vbd_s *vbd, struct op_s *op);

#endif // internal.h
