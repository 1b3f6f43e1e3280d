// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The list of the disks that SeaBIOS knows.

#include "blkfront/drive.h" // drive_add

struct blkfront_drive_s *DriveList;

// Take note of a disk.  POST only.
void
drive_add(struct blkfront_drive_s *blkdrive)
{
    blkdrive->next = DriveList;
    DriveList = blkdrive;
}
