// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Whether to look for an answer, or to sleep until it comes.
#ifndef __BLKFRONT_PATIENCE_H
#define __BLKFRONT_PATIENCE_H

#include "types.h" // u8

// What the last ops taught.  All zero: nothing yet.
struct patience_s {
    u8 spins;           // Waits that may still be spun, one after the other
    u32 interval;       // Waits from a probe that was in vain to the next
    u32 until_probe;    // Waits that are left of these
};

int patience_spins(struct patience_s *patience);
void patience_learn(struct patience_s *patience, int answered);

#endif // patience.h
