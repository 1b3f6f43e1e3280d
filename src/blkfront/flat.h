// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops of any length, to and from memory at any address.
#ifndef __BLKFRONT_FLAT_H
#define __BLKFRONT_FLAT_H

#include "types.h" // u32

struct disk_op_s;
struct vbd_s;

void flat_setup(void);
int flat_can_share(struct vbd_s *vbd, const struct disk_op_s *op, u32 *sector);
int flat_close(struct vbd_s *vbd);
int flat_run(struct vbd_s *vbd, u64 lba, u32 sector, u32 count, u32 *done
             , int write);

#endif // flat.h
