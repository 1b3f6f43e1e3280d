// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Read ahead of a caller that reads a disk from one end to the other.
#ifndef __BLKFRONT_READAHEAD_H
#define __BLKFRONT_READAHEAD_H

struct op_s;
struct vbd_s;

int readahead_read(struct vbd_s *vbd, struct op_s *op);

#endif // readahead.h
