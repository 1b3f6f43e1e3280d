// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The CHS geometry of a disk: the one that QEMU gives the emulated twin
// (hw/block/hd-geometry.c), with the translation that SeaBIOS does to it
// (block.c, setup_translation), so that what was installed by way of one
// boots by way of the other.

#include "blkfront/internal.h" // geometry_guess
#include "block.h" // struct drive_s
#include "std/disk.h" // struct mbr_s
#include "types.h" // u32

#define GEOMETRY_MAX_CYLINDERS 16383

static void
geometry_set_chs(struct chs_s *chs, u32 cylinders, u32 heads, u32 sectors)
{
    chs->cylinder = (u16)cylinders;
    chs->head = (u16)heads;
    chs->sector = (u16)sectors;
}

// sectors / divisor, for results that matter only up to about 2^24.
static u32
geometry_divide_sectors(u64 sectors, u32 divisor)
{
    return (sectors > 0xffffffff ? 0xffffffff : (u32)sectors) / divisor;
}

// Derive the geometry that was used to create a partition, from its end on a
// cylinder boundary, where old tools put it.  Returns its cylinders, or 0.
static u32
geometry_read_partition(const struct partition_s *part, u64 sectors
                        , u32 *heads, u32 *spt)
{
    *heads = part->last.heads + 1;
    *spt = part->last.sptcyl & 63;
    if (!part->count || *heads == 1 || !*spt)
        return 0;
    u32 cylinders = geometry_divide_sectors(sectors, *heads * *spt);
    return cylinders > GEOMETRY_MAX_CYLINDERS ? 0 : cylinders;
}

static u32
geometry_read_mbr(const struct mbr_s *mbr, u64 sectors, u32 *heads, u32 *spt)
{
    u32 i, cylinders;
    if (!mbr || mbr->signature != MBR_SIGNATURE)
        return 0;
    for (i = 0; i < ARRAY_SIZE(mbr->partitions); i++) {
        cylinders = geometry_read_partition(&mbr->partitions[i], sectors
                                            , heads, spt);
        if (cylinders)
            return cylinders;
    }
    return 0;
}

// TRANSLATION_LBA of block.c, which chooses it by itself only for disks
// above 8 GiB.
static void
geometry_set_lba_translation(struct drive_s *drive)
{
    u32 tracks = geometry_divide_sectors(drive->sectors, 63);
    u32 wanted = tracks / 1024, heads = 16;
    while (heads < wanted && heads < 256)
        heads *= 2;
    if (heads > 128)
        heads = 255;
    u32 cylinders = tracks / heads;
    geometry_set_chs(&drive->lchs, cylinders > 1024 ? 1024 : cylinders
                     , heads, 63);
}

// Set the physical geometry of a drive from its size and, unless mbr is NULL,
// from its partition table.  Set the logical geometry as well if block.c would
// derive another one from it than the twin has.
void
geometry_guess(struct drive_s *drive, const struct mbr_s *mbr)
{
    u32 heads, spt;
    u32 cylinders = geometry_read_mbr(mbr, drive->sectors, &heads, &spt);
    if (cylinders && heads <= 16) {
        // Untranslated.
        geometry_set_chs(&drive->pchs, cylinders, heads, spt);
        if (cylinders > 1024)
            geometry_set_chs(&drive->lchs, 1024, heads, spt);
        return;
    }
    int translated = !!cylinders;
    cylinders = geometry_divide_sectors(drive->sectors, 16 * 63);
    if (cylinders > GEOMETRY_MAX_CYLINDERS)
        cylinders = GEOMETRY_MAX_CYLINDERS;
    if (cylinders < 2)
        cylinders = 2;
    geometry_set_chs(&drive->pchs, cylinders, 16, 63);
    if (drive->sectors < 2 * 16 * 63)
        // The twin reports two cylinders even if there are fewer.  block.c
        // would not believe that and reduce it.
        geometry_set_chs(&drive->lchs, cylinders, 16, 63);
    if (cylinders > 1024 && !translated)
        geometry_set_lba_translation(drive);
}
