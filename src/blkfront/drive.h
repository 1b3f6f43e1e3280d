// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A disk as SeaBIOS knows it.
#ifndef __BLKFRONT_DRIVE_H
#define __BLKFRONT_DRIVE_H

#include "biosvar.h" // GET_FLATPTR
#include "block.h" // struct drive_s
#include "xen/machine.h" // machine_ptr

struct vbd_s;

// Below 1 MiB, for 16-bit code, too.
struct blkfront_drive_s {
    struct drive_s drive;
    struct blkfront_drive_s *next;
    u32 vbd;                    // Guest-physical address of struct vbd_s
    struct drive_s *twin;       // The same disk, emulated, or NULL
    u8 twin_sees_writes;        // The image has no map of its own
    u8 written;
    u8 on_twin;                 // The twin serves all ops from now on
};

// All disks, the newest first.  32-bit code.
extern struct blkfront_drive_s *DriveList;

void drive_add(struct blkfront_drive_s *blkdrive);

static inline struct vbd_s *
drive_vbd(struct blkfront_drive_s *blkdrive)
{
    return machine_ptr(blkdrive->vbd);
}

// Does the emulated twin serve all ops?
static inline int
drive_is_on_twin(struct blkfront_drive_s *drive_fl)
{
    return GET_FLATPTR(drive_fl->on_twin);
}

// Can the emulated twin stand in?  Not for what may have been written to an
// image with a map of its own, such as qcow2: qemu has it open twice.
static inline int
drive_has_twin(struct blkfront_drive_s *drive_fl)
{
    return GET_FLATPTR(drive_fl->twin)
           && (GET_FLATPTR(drive_fl->twin_sees_writes)
               || !GET_FLATPTR(drive_fl->written));
}

// From now on the emulated twin serves all ops: the two may each hold back
// what the other does not know of.
static inline void
drive_go_to_twin(struct blkfront_drive_s *drive_fl)
{
    SET_FLATPTR(drive_fl->on_twin, 1);
}

// The disk is about to be written to.
static inline void
drive_note_write(struct blkfront_drive_s *drive_fl)
{
    SET_FLATPTR(drive_fl->written, 1);
}

#endif // drive.h
