// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The driver's own pages for data, shared by all disks.
#ifndef __BLKFRONT_PAGES_H
#define __BLKFRONT_PAGES_H

#include "types.h" // u32

// Bounce pages: as much as SeaBIOS hands down in one op.
#define PAGES_BOUNCE 16

// For 16-bit and 32-bit code.  Guest-physical addresses.
struct pages_s {
    u32 bounce;         // PAGES_BOUNCE pages
    u32 scratch;        // One page, below 1 MiB if there is room
};

extern struct pages_s Pages;

int pages_setup(void);

#endif // pages.h
