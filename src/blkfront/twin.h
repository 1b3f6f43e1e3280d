// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The emulated copy of a disk.
#ifndef __BLKFRONT_TWIN_H
#define __BLKFRONT_TWIN_H

struct blkfront_drive_s;

void twin_add(struct blkfront_drive_s *blkdrive);

#endif // twin.h
