// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A disk as SeaBIOS knows it.
#ifndef __BLKFRONT_DRIVE_H
#define __BLKFRONT_DRIVE_H

#include "biosvar.h" // GET_FLATPTR
#include "block.h" // struct drive_s

// Below 1 MiB, for 16-bit code.
struct blkfront_drive_s {
    struct drive_s drive;
    struct blkfront_drive_s *next;
    u32 vbd;                    // Guest-physical address of struct vbd_s
    struct drive_s *twin;       // The same disk, emulated; NULL: there is none
    u8 twin_sees_writes;        // The image needs nobody to keep track of it
    u8 written;
    u8 on_twin;                 // It serves all ops from now on
};

// Whether the emulated twin can stand in.  Not for what may have been written
// to an image with a map of its own, as qcow2: qemu has it open twice.
static inline int
drive_has_twin(struct blkfront_drive_s *drive_fl)
{
    return GET_FLATPTR(drive_fl->twin)
           && (GET_FLATPTR(drive_fl->twin_sees_writes)
               || !GET_FLATPTR(drive_fl->written));
}

#endif // drive.h
