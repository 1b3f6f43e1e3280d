// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The CHS geometry of a disk.
#ifndef __BLKFRONT_GEOMETRY_H
#define __BLKFRONT_GEOMETRY_H

struct drive_s;
struct mbr_s;

void geometry_guess(struct drive_s *drive, const struct mbr_s *mbr);

#endif // geometry.h
