// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The number of a virtual block device, and its name.
#ifndef __BLKFRONT_VBD_NAME_H
#define __BLKFRONT_VBD_NAME_H

#include "types.h" // u32

struct vbd_number_s {
    const char *prefix;         // "xvd", "sd" or "hd"; NULL: not known
    u32 disk, partition;        // From 0; 0 is the whole disk
};

struct vbd_number_s vbd_name_parse(u32 device);
void vbd_name(char *name, u32 size, u32 device);

#endif // vbd_name.h
