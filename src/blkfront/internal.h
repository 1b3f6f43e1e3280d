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
 * vbd_name.c: the number of a virtual block device, and its name
 ****************************************************************/

struct vbd_number_s {
    const char *prefix;         // "xvd", "sd" or "hd"; NULL: not known
    u32 disk, partition;        // From 0; 0 is the whole disk
};

struct vbd_number_s vbd_name_parse(u32 device);
void vbd_name(char *name, u32 size, u32 device);


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
    u32 scratch;        // One page, below 1 MiB if there is room
};

extern struct pages_s Pages;

int pages_setup(void);
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

struct options_s {
    u8 idle_ticks;      // Timer ticks without an op until it is
                        // disconnected; 0: never
    u8 ahead_pages;     // Pages in a window of read-ahead; 0: none
};

int options_read(struct options_s *options);


/****************************************************************
 * window.c: parts of a disk, read into pages of the driver's own
 ****************************************************************/

struct window_s;

void window_setup(struct vbd_s *vbd, u32 pages);
int window_open(struct vbd_s *vbd);
int window_close(struct vbd_s *vbd);
void window_fetch(struct vbd_s *vbd, u64 lba, u32 pages);
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


/****************************************************************
 * op32.c: ops in 32-bit code
 ****************************************************************/

int op32_run(struct vbd_s *vbd, struct op_s *op);

#endif // internal.h
