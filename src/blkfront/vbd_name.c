// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The number of a virtual block device, and its name, by the table of
// docs/man/xen-vbd-interface.7: what xl.cfg calls vdev.

#include "blkfront/internal.h" // vbd_name
#include "output.h" // snprintf
#include "types.h" // u32

// Letters count in base 26 without a zero: a to z, aa to zz, aaa ...
static char *
vbd_name_letters(char *end, u32 disk)
{
    *--end = '\0';
    for (;;) {
        *--end = (char)('a' + disk % 26);
        if (disk < 26)
            return end;
        disk = disk / 26 - 1;
    }
}

// Take device number 'device' apart.
struct vbd_number_s
vbd_name_parse(u32 device)
{
    u32 major = device >> 8, minor = device & 0xff;
    if (device >> 28 == 1)
        // Extended: 1 << 28 | disk << 8 | partition
        return (struct vbd_number_s){ "xvd", major & 0xfffff, minor };
    switch (major) {
    case 202:
        return (struct vbd_number_s){ "xvd", minor >> 4, minor & 15 };
    case 8:
        return (struct vbd_number_s){ "sd", minor >> 4, minor & 15 };
    case 3:
        return (struct vbd_number_s){ "hd", minor >> 6, minor & 63 };
    case 22:
        return (struct vbd_number_s){ "hd", 2 + (minor >> 6), minor & 63 };
    default:
        return (struct vbd_number_s){ NULL, 0, 0 };
    }
}

// Write the name of device number 'device' to name[size].  16 bytes are
// enough.
void
vbd_name(char *name, u32 size, u32 device)
{
    struct vbd_number_s number = vbd_name_parse(device);
    char buf[8], *letters = vbd_name_letters(buf + sizeof(buf), number.disk);
    if (!number.prefix)
        snprintf(name, size, "vbd-%u", device);
    else if (number.partition)
        snprintf(name, size, "%s%s%u", number.prefix, letters
                 , number.partition);
    else
        snprintf(name, size, "%s%s", number.prefix, letters);
}
