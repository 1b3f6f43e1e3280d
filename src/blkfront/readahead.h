// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Read ahead of a caller that reads a disk from one end to the other.
#ifndef __BLKFRONT_READAHEAD_H
#define __BLKFRONT_READAHEAD_H

#include "types.h" // u32

struct vbd_s;

int readahead_read(struct vbd_s *vbd, u64 lba, u32 count, u32 addr);

#endif // readahead.h
