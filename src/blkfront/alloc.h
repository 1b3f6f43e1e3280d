// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Memory that stays after POST.
#ifndef __BLKFRONT_ALLOC_H
#define __BLKFRONT_ALLOC_H

#include "malloc.h" // memalign_low

// Memory in reach of 16-bit code where that is wanted and there is some left,
// else above 1 MiB.  POST only.  NULL where there is none.
static inline void *
alloc_low(u32 align, u32 size, int wanted)
{
    void *mem = wanted ? memalign_low(align, size) : NULL;
    return mem ? mem : memalign_high(align, size);
}

#endif // alloc.h
