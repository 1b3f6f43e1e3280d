// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a toolstack has set for this guest.
#ifndef __BLKFRONT_OPTIONS_H
#define __BLKFRONT_OPTIONS_H

#include "types.h" // u8

struct options_s {
    u8 idle_ticks;      // Of the clock until a disk is let go of; 0: never
    u8 ahead_pages;     // Of a window of read-ahead; 0: none
};

int options_read(struct options_s *options);

#endif // options.h
