// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Windows of a disk, read into pages of the driver's own.
#ifndef __BLKFRONT_WINDOW_H
#define __BLKFRONT_WINDOW_H

#include "blkfront/stream.h" // struct window_s

struct vbd_s;

void window_setup(struct vbd_s *vbd, u32 pages);
int window_open(struct vbd_s *vbd);
int window_close(struct vbd_s *vbd);
void window_fetch(struct vbd_s *vbd, u64 lba, u32 pages);
int window_await(struct vbd_s *vbd, struct window_s *window);
u32 window_copy(const struct window_s *window, u64 lba, u32 count, u32 addr);

#endif // window.h
