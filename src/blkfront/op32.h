// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops in 32-bit code.
#ifndef __BLKFRONT_OP32_H
#define __BLKFRONT_OP32_H

struct op_s;
struct vbd_s;

int op32_run(struct vbd_s *vbd, struct op_s *op);

#endif // op32.h
