// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops of any length, to and from memory at any address.
#ifndef __BLKFRONT_FLAT_H
#define __BLKFRONT_FLAT_H

struct op_s;
struct vbd_s;

void flat_setup(void);
int flat_can_share(struct vbd_s *vbd, const struct op_s *op);
int flat_close(struct vbd_s *vbd);
int flat_run(struct vbd_s *vbd, struct op_s *op);

#endif // flat.h
