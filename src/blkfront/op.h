// SPDX-License-Identifier: LGPL-3.0-or-later
//
// One disk op, from the caller's buffer to the backend and back.
#ifndef __BLKFRONT_OP_H
#define __BLKFRONT_OP_H

#include "types.h" // u32

struct disk_op_s;
struct vbd_s;

int op_run(struct vbd_s *vbd, struct disk_op_s *op, int write);
int op_resume(struct vbd_s *vbd, struct disk_op_s *op, int write);

#endif // op.h
