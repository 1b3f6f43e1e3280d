// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The geometry of a disk and that of its emulated twin must be one, as int13
// shows it.  The twin's is QEMU's hw/block/hd-geometry.c followed by
// SeaBIOS's block.c, which are written down here again.

#include "block.h" // struct drive_s
#include "blkfront/internal.h" // geometry_guess
#include "fake/run.h" // RUN_TESTS
#include "fake/world.h" // world_random
#include "std/disk.h" // struct mbr_s
#include "string.h" // memset

struct geometry_s {
    u32 cylinders, heads, spt;
};

// QEMU's words for what it tells SeaBIOS in CMOS.
enum translation { NONE, LBA, LARGE };


/****************************************************************
 * QEMU
 ****************************************************************/

static struct geometry_s
qemu_from_size(u64 sectors)
{
    u64 cylinders = sectors / (16 * 63);
    if (cylinders > 16383)
        cylinders = 16383;
    if (cylinders < 2)
        cylinders = 2;
    return (struct geometry_s) { (u32)cylinders, 16, 63 };
}

// Returns whether there is a partition to learn from.
static int
qemu_from_partitions(const struct mbr_s *mbr, u64 sectors
                     , struct geometry_s *geometry)
{
    u32 i;
    if (!mbr || mbr->signature != 0xaa55)
        return 0;
    for (i = 0; i < 4; i++) {
        const struct partition_s *part = &mbr->partitions[i];
        u32 heads = part->last.heads + 1U, spt = part->last.sptcyl & 63;
        if (!part->count || heads == 1 || !spt)
            continue;
        u64 cylinders = sectors / (heads * spt);
        if (cylinders < 1 || cylinders > 16383)
            continue;
        *geometry = (struct geometry_s) { (u32)cylinders, heads, spt };
        return 1;
    }
    return 0;
}

static struct geometry_s
qemu_guess(const struct mbr_s *mbr, u64 sectors, enum translation *translation)
{
    struct geometry_s found, standard = qemu_from_size(sectors);
    if (!qemu_from_partitions(mbr, sectors, &found)) {
        *translation = standard.cylinders <= 1024 ? NONE : LBA;
        return standard;
    }
    if (found.heads > 16) {
        *translation = standard.cylinders * 16 <= 131072 ? LARGE : LBA;
        return standard;
    }
    *translation = NONE;
    return found;
}


/****************************************************************
 * SeaBIOS: block.c
 ****************************************************************/

static struct geometry_s
translate_lba(u64 sectors)
{
    struct geometry_s l = { 1024, 255, 63 };
    if (sectors > 63 * 255 * 1024)
        return l;
    u32 tracks = (u32)sectors / 63, wanted = tracks / 1024;
    if (wanted > 128)
        l.heads = 255;
    else
        for (l.heads = 16; l.heads < wanted; )
            l.heads *= 2;
    l.cylinders = tracks / l.heads;
    return l;
}

static struct geometry_s
translate_large(struct geometry_s l)
{
    while (l.cylinders > 1024) {
        l.cylinders >>= 1;
        l.heads <<= 1;
        if (l.heads > 127)
            break;
    }
    return l;
}

static struct geometry_s
translate(struct geometry_s p, u64 sectors, enum translation translation)
{
    struct geometry_s l = p;
    if (translation == LBA)
        l = translate_lba(sectors);
    else if (translation == LARGE)
        l = translate_large(p);
    if (l.cylinders > 1024)
        l.cylinders = 1024;
    return l;
}

// What block.c makes of a drive without CMOS.
static struct geometry_s
seabios_logical(const struct drive_s *drive)
{
    struct geometry_s p = { drive->pchs.cylinder, drive->pchs.head
                            , drive->pchs.sector };
    if (drive->lchs.head <= 255 && drive->lchs.sector > 0
        && drive->lchs.sector <= 63) {
        p = (struct geometry_s) { drive->lchs.cylinder, drive->lchs.head
                                  , drive->lchs.sector };
        return translate(p, drive->sectors, NONE);
    }
    if ((u64)p.cylinders * p.heads * p.spt > drive->sectors)
        return translate(p, drive->sectors, LBA);
    if (p.cylinders <= 1024 && p.heads <= 16 && p.spt <= 63)
        return translate(p, drive->sectors, NONE);
    return translate(p, drive->sectors, p.cylinders * p.heads <= 131072
                                        ? LARGE : LBA);
}


/****************************************************************
 * Comparison
 ****************************************************************/

static void
compare(const char *which, u64 sectors, struct geometry_s got
        , struct geometry_s twin)
{
    if (memcmp(&got, &twin, sizeof(got)))
        fail_msg("%s geometry of %llu sectors: %u/%u/%u, the twin's is"
                 " %u/%u/%u", which, sectors, got.cylinders, got.heads
                 , got.spt, twin.cylinders, twin.heads, twin.spt);
}

static void
check(u64 sectors, const struct mbr_s *mbr)
{
    struct drive_s drive;
    enum translation translation;
    memset(&drive, 0, sizeof(drive));
    drive.type = DTYPE_XEN_VBD;
    drive.sectors = sectors;
    geometry_guess(&drive, mbr);
    struct geometry_s twin = qemu_guess(mbr, sectors, &translation);
    struct geometry_s got = { drive.pchs.cylinder, drive.pchs.head
                              , drive.pchs.sector };
    compare("physical", sectors, got, twin);
    compare("logical", sectors, seabios_logical(&drive)
            , translate(twin, sectors, translation));
}

static struct mbr_s
make_mbr(u32 slot, u8 last_head, u8 last_sector)
{
    struct mbr_s mbr;
    memset(&mbr, 0, sizeof(mbr));
    mbr.signature = MBR_SIGNATURE;
    mbr.partitions[slot].count = 1000;
    mbr.partitions[slot].last.heads = last_head;
    mbr.partitions[slot].last.sptcyl = last_sector;
    return mbr;
}

// Sizes at which something changes.
static const u64 Sizes[] = {
    1, 63, 64, 16 * 63 - 1, 16 * 63, 16 * 63 + 1, 2 * 16 * 63 - 1,
    2 * 16 * 63, 2047, 2048, 3 * 16 * 63 - 1, 3 * 16 * 63, 4096, 20480
    , 65536, 1024 * 16 * 63 - 1, 1024 * 16 * 63
    , 1024 * 16 * 63 + 1, 1025 * 16 * 63 - 1, 1025 * 16 * 63, 2097152
    , 4194304, 8192 * 16 * 63, 8193 * 16 * 63, 16383 * 16 * 63
    , 16384 * 16 * 63, 63 * 255 * 1024, 63 * 255 * 1024 + 1, 33554432
    , 0xffffffffULL, 0x100000000ULL, 0x100000001ULL, 0x200000000ULL
    , 1ULL << 40, (1ULL << 55) - 1,
};


/****************************************************************
 * Tests
 ****************************************************************/

static void
test_empty_disks(void **state)
{
    struct mbr_s no_signature = make_mbr(0, 254, 63);
    struct mbr_s no_partition = make_mbr(0, 0, 0);
    struct mbr_s no_sectors = make_mbr(0, 14, 63);
    u32 i;
    (void)state;
    no_signature.signature = 0;
    no_partition.partitions[0].count = 0;
    no_sectors.partitions[0].count = 0;
    for (i = 0; i < ARRAY_SIZE(Sizes); i++) {
        check(Sizes[i], NULL);
        check(Sizes[i], &no_signature);
        check(Sizes[i], &no_partition);
        check(Sizes[i], &no_sectors);
    }
}

static void
test_partitions(void **state)
{
    static const u8 heads[] = {
        0, 1, 2, 7, 14, 15, 16, 17, 31, 63, 127, 239, 254, 255,
    };
    static const u8 sectors[] = { 0, 1, 17, 32, 62, 63, 63 | 0xc0, 0xc0 };
    u32 i, h, s, slot;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Sizes); i++)
        for (h = 0; h < ARRAY_SIZE(heads); h++)
            for (s = 0; s < ARRAY_SIZE(sectors); s++)
                for (slot = 0; slot < 4; slot++) {
                    struct mbr_s mbr = make_mbr(slot, heads[h], sectors[s]);
                    check(Sizes[i], &mbr);
                }
}

// The first partition that is of use decides.
static void
test_several_partitions(void **state)
{
    struct mbr_s mbr = make_mbr(0, 0, 63);
    (void)state;
    mbr.partitions[1] = make_mbr(1, 254, 0).partitions[1];
    mbr.partitions[2] = make_mbr(2, 14, 63).partitions[2];
    mbr.partitions[3] = make_mbr(3, 254, 63).partitions[3];
    check(1 << 20, &mbr);
    check(1 << 23, &mbr);
    check(1 << 28, &mbr);
}

static void
test_random_disks(void **state)
{
    u32 i, slot;
    (void)state;
    for (i = 0; i < 200000; i++) {
        u64 sectors = 1 + ((u64)world_random(~0U) >> world_random(20));
        struct mbr_s mbr = make_mbr(0, (u8)world_random(256)
                                    , (u8)world_random(256));
        for (slot = 1; slot < 4; slot++)
            mbr.partitions[slot]
                = make_mbr(slot, (u8)world_random(256)
                           , (u8)world_random(256)).partitions[slot];
        check(sectors, &mbr);
        check(sectors, NULL);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_disks),
        cmocka_unit_test(test_partitions),
        cmocka_unit_test(test_several_partitions),
        cmocka_unit_test(test_random_disks),
    };
    return RUN_TESTS(tests);
}
