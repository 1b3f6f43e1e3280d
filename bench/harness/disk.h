// SPDX-License-Identifier: LGPL-3.0-or-later
// A disk of the user's, beside the one that a guest boots from: --disk.
#ifndef HARNESS_DISK_H
#define HARNESS_DISK_H

#include "plan.h" // struct plan

#define DISK_VDEV "xvdf" // of Xen's, behind GUEST_VDEV
#define DISK_DRIVE 0x81

// Ends the program if the jobs cannot be run on the disk, or would write to it
// without --write.
void disk_check(const struct plan *plan);
// What xenlab is told of it for this path, to be freed.
char *disk_words(const struct plan *plan, const struct path *path);
// QEMU's words for the disk that a guest boots from, and for the user's behind
// them, to be freed.
char *disk_qemu_words(const struct plan *plan, const char *words);
// "block device, 10240 MiB, read-only", to be freed.
char *disk_description(const struct plan *plan);

#endif
