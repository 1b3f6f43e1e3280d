// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen PV block frontend: what SeaBIOS calls.
#ifndef __BLKFRONT_H
#define __BLKFRONT_H

#include "types.h" // u16

struct disk_op_s;

void blkfront_setup(void);
void blkfront_hide_twins(void);
void blkfront_prepboot(void);
int blkfront_process_op(struct disk_op_s *op);
int blkfront_process_op_16(struct disk_op_s *op);
void blkfront_tick(void);
void blkfront_int15(u16 ax);
void blkfront_release(void);

#endif // blkfront.h
