// SPDX-License-Identifier: LGPL-3.0-or-later
// What is ours on the target, proven by sums: installations, and claims, which
// mark what an interrupted installation has written over.

#include <stddef.h> // offsetof
#include <string.h> // memcmp

#include "install.h"

#define CHUNK_SECTORS 2048
#define AHEAD_MOST 256 // sectors of map and stage, of any version

#define CLAIM_MAGIC "BLKCLAIM"

// A sector that lies where a map will be, until all that the map describes is
// on the disk. As the last word, the sum of the sector with that word as 0.
struct claim {
    char magic[8];
    u64 lba; // of the claim itself
    u64 sectors; // ours, from here on
    u8 spare[SECTOR_SIZE - 28];
    u32 sum;
};

_Static_assert(sizeof(struct claim) == SECTOR_SIZE, "one write, all or nothing");

// Give all of it its place behind the map and a stage, which have that many
// sectors.
void
installed_lay_out(struct load_map *map, u32 ahead)
{
    u64 kernel = align_sectors(ahead);
    u64 initrd = align_sectors(kernel + map_extent_sectors(&map->kernel));
    map->kernel.lba = map->lba + kernel;
    map->initrd.lba = map->lba + initrd;
    map->sectors = (u32)(initrd + map_extent_sectors(&map->initrd));
}

static int
is_laid_out(const struct load_map *map, u32 ahead)
{
    struct load_map right = *map;
    installed_lay_out(&right, ahead);
    return map->kernel.bytes && map->sectors == right.sectors
        && map->kernel.lba == right.kernel.lba
        && map->initrd.lba == right.initrd.lba;
}

static int
extent_is_whole(const struct target *target, const struct map_extent *extent)
{
    static u32 data[CHUNK_SECTORS * SECTOR_SIZE / sizeof(u32)];
    u64 at = extent->lba - target->origin;
    u32 sum = 0, left = map_extent_sectors(extent);
    while (left) {
        u32 count = left < CHUNK_SECTORS ? left : CHUNK_SECTORS;
        read_at(target->path, target->fd, data, at * SECTOR_SIZE
                , (size_t)count * SECTOR_SIZE);
        sum = map_sum(sum, data, count);
        at += count;
        left -= count;
    }
    return sum == extent->sum;
}

// Returns the part that is damaged, or NULL.
const char *
installed_damage(const struct target *target, const struct load_map *map)
{
    if (!extent_is_whole(target, &map->kernel))
        return "kernel";
    return extent_is_whole(target, &map->initrd) ? NULL : "initrd";
}

// Read the map and the stage behind it, which have that many sectors, if they
// are at that sector and describe an installation that ends before 'end'.
static int
read_map(const struct target *target, u64 start, u64 end, u32 ahead
         , struct load_map *map, u32 *data)
{
    if (start >= end || ahead > end - start)
        return -1;
    read_at(target->path, target->fd, data, start * SECTOR_SIZE
            , (size_t)ahead * SECTOR_SIZE);
    memcpy(map, data, sizeof(*map));
    return memcmp(map->magic, MAP_MAGIC, sizeof(map->magic)) == 0
        && map->lba == start + target->origin && is_laid_out(map, ahead)
        && map->sectors <= end - start ? 0 : -1;
}

// Fill in the fields of the boot sector. Returns 1 if they are ours.
int
installed_boot_fields(const u8 *sector, struct boot_fields *fields)
{
    memcpy(fields, sector + FIELDS_OFFSET, sizeof(*fields));
    return fields->magic == BOOT_MAGIC && fields->packet_size == 16
        && !fields->zero && fields->sectors > MAP_SECTORS
        && fields->sectors <= AHEAD_MOST && fields->offset == MAP_ADDR
        && !fields->segment;
}

// Find the installation that the boot sector leads to, anywhere on the disk that
// is open, and compare all of it with its sums.
void
installed_find(const struct target *target, const u8 *boot
               , struct installed *installed)
{
    static u32 data[AHEAD_MOST * SECTOR_SIZE / sizeof(u32)];
    struct boot_fields fields;
    *installed = (struct installed) { .state = INSTALLED_NONE };
    if (!installed_boot_fields(boot, &fields))
        return;
    installed->state = INSTALLED_DAMAGED;
    installed->damage = "map";
    installed->start = fields.lba - target->origin;
    if (read_map(target, installed->start, target->sectors, fields.sectors
                 , &installed->map, data)
        || map_sum(0, data, fields.sectors) != fields.sum)
        return;
    installed->damage = installed_damage(target, &installed->map);
    if (installed->damage)
        return;
    installed->sectors = installed->map.sectors;
    installed->state = INSTALLED_WHOLE;
}

int
installed_is_within(const struct installed *installed
                    , const struct target *target)
{
    return installed->state == INSTALLED_WHOLE
        && installed->start > target->start
        && installed->start + installed->sectors <= target->end;
}

// The sum that a map holds: of itself and the stage, with that sum as 0.
u32
installed_sum(const u32 *data)
{
    u32 copy[(MAP_SECTORS + STAGE_SECTORS) * SECTOR_SIZE / sizeof(u32)];
    memcpy(copy, data, sizeof(copy));
    copy[offsetof(struct load_map, sum) / sizeof(*copy)] = 0;
    return map_sum(0, copy, MAP_SECTORS + STAGE_SECTORS);
}

// An installation that no boot sector leads to any longer, or none yet. The first
// version of the map had no sum of its own.
static u64
whole_at(const struct target *target, u64 place)
{
    static u32 data[(MAP_SECTORS + STAGE_SECTORS) * SECTOR_SIZE / sizeof(u32)];
    static struct load_map map;
    if (read_map(target, place, target->end, MAP_SECTORS + STAGE_SECTORS, &map
                 , data)
        || (map.sum && installed_sum(data) != map.sum)
        || installed_damage(target, &map))
        return 0;
    return map.sectors;
}

static u64
claimed_at(const struct target *target, u64 place)
{
    struct claim claim;
    if (place >= target->end)
        return 0;
    read_at(target->path, target->fd, &claim, place * SECTOR_SIZE
            , sizeof(claim));
    u32 sum = claim.sum;
    claim.sum = 0;
    return memcmp(claim.magic, CLAIM_MAGIC, sizeof(claim.magic)) == 0
        && sum == map_sum(0, (const u32 *)(const void *)&claim, 1)
        && claim.lba == place + target->origin
        && claim.sectors <= target->end - place ? claim.sectors : 0;
}

// Returns how many sectors are proven to be ours from this one on.
u64
installed_ours_at(const struct target *target, u64 place)
{
    u64 sectors = whole_at(target, place);
    return sectors ? sectors : claimed_at(target, place);
}

// Mark sectors as ours before they are written.
void
installed_claim(const struct target *target, u64 place, u64 sectors)
{
    struct claim claim = {
        .magic = CLAIM_MAGIC, .lba = place + target->origin
        , .sectors = sectors,
    };
    claim.sum = map_sum(0, (const u32 *)(const void *)&claim, 1);
    write_at(target->path, target->fd, &claim, place * SECTOR_SIZE
             , sizeof(claim));
}
