// SPDX-License-Identifier: LGPL-3.0-or-later
// What the install command writes for the boot code to find: fields of the boot
// sector, and the map of kernel and initrd. Shared by both.
#ifndef LOADER_MAP_H
#define LOADER_MAP_H

#include "bzimage.h" // BZIMAGE_HEAD
#include "layout.h" // SCRIPT_SIZE
#include "types.h" // u32

#define BOOT_MAGIC 0x44414f4c // "LOAD"
#define MAP_MAGIC "BLKLOAD1"

// At FIELDS_OFFSET. Magic and sum, and the packet of EDD that reads map and
// stage.
struct boot_fields {
    u32 magic;
    u32 sum; // map_sum() of these sectors
    u8 packet_size, zero;
    u16 sectors; // MAP_SECTORS + STAGE_SECTORS
    u16 offset, segment;
    u64 lba; // of the map, on the disk that the BIOS sees
} __attribute__((packed));

_Static_assert(sizeof(struct boot_fields) == 24, "boot sector's fields");
_Static_assert(FIELDS_OFFSET + sizeof(struct boot_fields) <= DISK_OFFSET
               , "fields and disk number do not overlap");

// Adjacent sectors. On disk the first one lies on a multiple of 8 sectors, the
// last one is filled up with zeroes.
struct map_extent {
    u64 lba;
    u32 bytes;
    u32 sum; // map_sum() of its sectors
} __attribute__((packed));

enum { MAP_DEBUG = 1 }; // all output goes to port 0xe9, too

struct load_map {
    char magic[8];
    u64 lba; // of the map itself
    u32 sectors; // map, stage, kernel and initrd, with what is between them
    u32 flags;
    struct map_extent kernel; // its protected-mode part
    struct map_extent initrd; // all of them; none: 0 bytes
    char name[64]; // for people
    u32 sum; // map_sum() of map and stage, with this as 0
    u8 spare[SCRIPT_SIZE - 124 - 2048 - BZIMAGE_HEAD];
    char command_line[2048];
    u8 head[BZIMAGE_HEAD]; // the first sectors of the kernel's file
} __attribute__((packed));

_Static_assert(sizeof(struct load_map) == SCRIPT_SIZE, "the map's sectors");

static inline u32
map_extent_sectors(const struct map_extent *extent)
{
    return extent->bytes / SECTOR_SIZE + (extent->bytes % SECTOR_SIZE != 0);
}

// Of whole sectors, continuing a sum or from 0. The boot sector computes it in
// the same way.
static inline u32
map_sum(u32 sum, const u32 *words, u64 sectors)
{
    u64 count = sectors * (SECTOR_SIZE / sizeof(*words));
    while (count--)
        sum = (sum << 1 | sum >> 31) + *words++;
    return sum;
}

#endif
