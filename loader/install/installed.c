// SPDX-License-Identifier: LGPL-3.0-or-later
// An installation that is there: found, and compared with its sums.

#include <stdio.h> // printf
#include <string.h> // memcmp

#include "install.h"

#define CHUNK_SECTORS 2048

int
installed_boot_code(const u8 *sector)
{
    struct boot_fields fields;
    memcpy(&fields, sector + FIELDS_OFFSET, sizeof(fields));
    return fields.magic == BOOT_MAGIC && fields.sectors > MAP_SECTORS
        && fields.packet_size == 16;
}

// Returns 1 if the extent lies behind map and stage and within the installation.
static int
extent_is_within(const struct load_map *map, const struct map_extent *extent
                 , u32 stage)
{
    u64 sectors = map_extent_sectors(extent), from = extent->lba - map->lba;
    return !sectors || (extent->lba > map->lba && from >= stage
                        && from <= map->sectors
                        && sectors <= map->sectors - from);
}

// Find the installation that the boot sector leads to, unless it is damaged.
void
installed_find(const struct target *target, struct installed *installed)
{
    static u32 data[256 * SECTOR_SIZE / sizeof(u32)];
    u8 boot[SECTOR_SIZE];
    struct boot_fields fields;
    struct load_map *map = &installed->map;
    installed->sectors = 0;
    read_at(target->path, target->fd, boot, target->boot * SECTOR_SIZE
            , sizeof(boot));
    memcpy(&fields, boot + FIELDS_OFFSET, sizeof(fields));
    u64 start = fields.lba - target->origin;
    if (!installed_boot_code(boot) || fields.sectors > 256
        || start <= target->start || start >= target->end
        || fields.sectors > target->end - start)
        return;
    read_at(target->path, target->fd, data, start * SECTOR_SIZE
            , (size_t)fields.sectors * SECTOR_SIZE);
    memcpy(map, data, sizeof(*map));
    if (map_sum(0, data, fields.sectors) != fields.sum
        || memcmp(map->magic, MAP_MAGIC, sizeof(map->magic)) != 0
        || map->lba != fields.lba || map->sectors > target->end - start
        || !extent_is_within(map, &map->kernel, fields.sectors)
        || !extent_is_within(map, &map->initrd, fields.sectors))
        return;
    installed->start = start;
    installed->sectors = map->sectors;
}

static void
check_extent(const struct target *target, const struct map_extent *extent
             , const char *what)
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
    if (sum != extent->sum)
        fail(target->path, "the %s has changed since it was installed: install"
             " it again", what);
}

// Read all of it, and compare.
void
installed_check(const struct target *target, const struct installed *installed)
{
    if (!installed->sectors)
        fail(target->path, "nothing is installed there, or its map is damaged:"
             " install again");
    check_extent(target, &installed->map.kernel, "kernel");
    check_extent(target, &installed->map.initrd, "initrd");
}
