// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The emulated twin: xvda to xvdd, hda to hdd and all sd* are there a second
// time, emulated by qemu (tools/libs/light/libxl_dm.c,
// libxl__build_device_model_args_new; docs/man/xen-vbd-interface.7).  The twin
// leaves its drive number to the disk and is not mapped itself.  It is not
// unplugged: an OS without paravirtual drivers has no other disk.

#include "blkfront/blkfront.h" // blkfront_hide_twins
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/internal.h" // vbd_name_parse
#include "blkfront/vbd.h" // struct vbd_s
#include "config.h" // CONFIG_XEN_BLKFRONT
#include "output.h" // dprintf
#include "string.h" // memcmp
#include "util.h" // boot_next_drive

// Is a drive one of qemu's?  If its controller is passed through to the guest it is
// not.  SeaBIOS describes ATA drives by their model: "ata0-0: QEMU HARDDISK", and
// "ata1-0: QEMU DVD-ROM".
static int
twin_is_emulated(struct drive_s *drive)
{
    static const char maker[] = ": QEMU ";
    const char *desc = strchr(boot_drive_desc(drive), ':');
    return desc && !memcmp(desc, maker, sizeof(maker) - 1);
}

// Returns the drive at place n of the emulated IDE or AHCI controller if it is of
// the type that it has there.
static struct drive_s *
twin_find_ata(u32 n, u8 ide, u8 ahci)
{
    struct drive_s *drive;
    for (drive = boot_next_drive(NULL); drive; drive = boot_next_drive(drive))
        if ((drive->type == ide || drive->type == ahci)
            && drive->cntl_id == n && twin_is_emulated(drive))
            return drive;
    return NULL;
}

static struct drive_s *
twin_find_disk(u32 n)
{
    return twin_find_ata(n, DTYPE_ATA, DTYPE_AHCI);
}

// Is a disk emulated as SCSI?  All sd* are.  qemu has no IDE disks that are
// read-only, so libxl refuses those, but for that of Qubes OS, where they are SCSI
// disks as well.
static int
twin_is_scsi(struct vbd_s *vbd, struct vbd_number_s number)
{
    return number.prefix && !vbd->cdrom
           && (number.prefix[0] == 's' || (vbd->readonly && number.disk < 4
                                           && !twin_find_disk(number.disk)));
}

// The number of our SCSI disks before the place 'end'.
static u32
twin_count_scsi(u32 end)
{
    struct blkfront_drive_s *blkdrive;
    u32 count = 0;
    for (blkdrive = DriveList; blkdrive; blkdrive = blkdrive->next) {
        struct vbd_s *vbd = drive_vbd(blkdrive);
        struct vbd_number_s number = vbd_name_parse(vbd->device);
        count += twin_is_scsi(vbd, number) && number.disk < end;
    }
    return count;
}

// Returns the nth hard disk of the emulated SCSI controller, in the order of
// their targets.  Returns NULL unless there are as many as ours: otherwise one
// side has a disk that the other does not know, and counting proves nothing.
static struct drive_s *
twin_find_scsi(u32 n)
{
    struct drive_s *drive, *twin = NULL;
    u32 count = 0;
    for (drive = boot_next_drive(NULL); drive; drive = boot_next_drive(drive))
        if (drive->type == DTYPE_LSI_SCSI
            && drive->blksize == DISK_SECTOR_SIZE && count++ == n)
            twin = drive;
    return count == twin_count_scsi(~0) ? twin : NULL;
}

static struct drive_s *
twin_find(struct blkfront_drive_s *blkdrive)
{
    struct vbd_s *vbd = drive_vbd(blkdrive);
    struct vbd_number_s number = vbd_name_parse(vbd->device);
    struct drive_s *twin;
    if (!number.prefix)
        return NULL;
    // A "partition" such as xvda1 is emulated as the disk that it would be of.
    if (twin_is_scsi(vbd, number))
        twin = twin_find_scsi(twin_count_scsi(number.disk));
    else if (vbd->cdrom)
        twin = twin_find_ata(number.disk, DTYPE_ATA_ATAPI, DTYPE_AHCI_ATAPI);
    else
        twin = twin_find_disk(number.disk);
    if (twin && (twin->sectors != blkdrive->drive.sectors
                 || twin->blksize != blkdrive->drive.blksize))
        return NULL;
    return twin;
}

// Does qemu's emulation see what the backend has written?  It does if the
// image is the disk, byte by byte: then both use the same file or device.  An
// image with a map of its own, such as qcow2, is open twice in qemu, and each
// keeps a map in memory.  libxl writes "aio:" for raw images that qemu serves,
// and a path for those that blkback serves.
static u8
twin_sees_writes(struct vbd_s *vbd)
{
    char params[8];
    int len = xenstore_read_start(vbd->backend_dir, "params", params
                                  , sizeof(params));
    return len > 0 && (params[0] == '/' || !memcmp(params, "aio:", 4));
}

// All disks are known: let each of ours take the place of its twin in the boot
// order.  POST only.  Calling it again is harmless.
void
blkfront_hide_twins(void)
{
    struct blkfront_drive_s *blkdrive;
    if (!CONFIG_XEN_BLKFRONT)
        return;
    // The first loop counts what the second one hides.
    for (blkdrive = DriveList; blkdrive; blkdrive = blkdrive->next)
        if (!blkdrive->twin)
            blkdrive->twin = twin_find(blkdrive);
    for (blkdrive = DriveList; blkdrive; blkdrive = blkdrive->next) {
        if (!blkdrive->twin
            || boot_replace_drive(blkdrive->twin, &blkdrive->drive))
            continue;
        struct vbd_s *vbd = drive_vbd(blkdrive);
        blkdrive->twin_sees_writes = twin_sees_writes(vbd);
        vbd_log_name(vbd);
        dprintf(1, "takes the place of its emulated twin%s\n"
                , blkdrive->twin_sees_writes
                ? "" : ", which will not see writes");
    }
}
