// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Which disc is in a CD-ROM drive.  Ejecting it, or inserting another one, is
// between the toolstack and the emulated drive: libxl writes the new file to
// `params`, and a PV backend serves the old one for as long as it lives (libxl's
// libxl_disk.c, libxl_cdrom_insert; qemu's hw/block/xen-block.c reads it once).
// 32-bit code.

#include "blkfront/internal.h" // disc_read
#include "xen/xenstore.h" // xenstore_value

// Returns a sum (FNV-1a) of the name of the disc that a backend has, or 0 if it has
// none: then there is no name, or nothing behind its format ("aio:").
u32
disc_read(const char *backend_dir)
{
    u32 sum = 0x811c9dc5, size, i;
    const char *name = xenstore_value(backend_dir, "params", &size);
    if (!name || !size || name[size - 1] == ':')
        return 0;
    for (i = 0; i < size; i++)
        sum = (sum ^ (u8)name[i]) * 0x01000193;
    return sum | 1;
}
