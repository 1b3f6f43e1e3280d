// SPDX-License-Identifier: LGPL-3.0-or-later
// The installation itself. What the boot sector leads to stays as it is until
// all of the new is on the disk and has been read back; then one sector is
// written. If there is no room for both, the old is given up first. A claim says
// what is ours while it is being written.

#include <fcntl.h> // posix_fadvise
#include <stdio.h> // fprintf
#include <string.h> // memcpy
#include <unistd.h> // fsync

#include "install.h"

#define CHUNK (1024 * 1024) // bytes

extern const u8 stage_blob[];
extern const u64 stage_blob_size;

// Boot sector, map and stage as the build has made them.
static u32 blob[(1 + MAP_SECTORS + STAGE_SECTORS) * SECTOR_SIZE / sizeof(u32)];

#define BLOB_MAP (blob + SECTOR_SIZE / sizeof(u32))

// A part of an extent that is being written: whole chunks go to the disk, and
// into the sum.
struct writer {
    const struct target *target;
    struct map_extent *extent;
    u64 at; // the chunk's place, sectors
    u32 used; // bytes of the chunk
    u32 chunk[CHUNK / sizeof(u32)];
};

static void
flush(struct writer *writer)
{
    u32 sectors = (writer->used + SECTOR_SIZE - 1) / SECTOR_SIZE;
    memset((u8 *)writer->chunk + writer->used, 0
           , sectors * SECTOR_SIZE - writer->used);
    writer->extent->sum = map_sum(writer->extent->sum, writer->chunk, sectors);
    write_at(writer->target->path, writer->target->fd, writer->chunk
             , writer->at * SECTOR_SIZE, sectors * SECTOR_SIZE);
    writer->at += sectors;
    writer->used = 0;
}

static void
copy_file(struct writer *writer, const char *path, int fd, u64 from, u64 length)
{
    while (length) {
        u32 room = CHUNK - writer->used;
        u32 count = length < room ? (u32)length : room;
        read_at(path, fd, (u8 *)writer->chunk + writer->used, from, count);
        writer->used += count;
        from += count;
        length -= count;
        if (writer->used == CHUNK)
            flush(writer);
    }
}

// The kernel takes the next archive at a multiple of 4 bytes.
static void
pad_initrd(struct writer *writer, u64 size)
{
    for (; size % 4; size++) {
        ((u8 *)writer->chunk)[writer->used++] = 0;
        if (writer->used == CHUNK)
            flush(writer);
    }
}

static void
write_kernel(const struct target *target, const struct request *request
             , struct load_map *map, int fd, u64 offset)
{
    static struct writer writer;
    writer = (struct writer) {
        .target = target, .extent = &map->kernel
        , .at = map->kernel.lba - target->origin,
    };
    copy_file(&writer, request->kernel, fd, offset, map->kernel.bytes);
    flush(&writer);
}

static void
write_initrds(const struct target *target, const struct request *request
              , struct load_map *map)
{
    static struct writer writer;
    u64 size, all = 0;
    u32 i;
    writer = (struct writer) {
        .target = target, .extent = &map->initrd
        , .at = map->initrd.lba - target->origin,
    };
    for (i = 0; i < request->initrd_count; i++) {
        int fd = open_file(request->initrds[i], &size);
        all += (size + 3) & ~3ULL;
        if (all > map->initrd.bytes)
            fail(request->initrds[i], "grew while it was read");
        copy_file(&writer, request->initrds[i], fd, 0, size);
        pad_initrd(&writer, size);
        close(fd);
    }
    flush(&writer);
    if (all != map->initrd.bytes)
        fail(request->initrds[0], "changed while it was read");
}

static void
measure_initrds(const struct request *request, struct load_map *map)
{
    u64 size, all = 0;
    u32 i;
    for (i = 0; i < request->initrd_count; i++) {
        close(open_file(request->initrds[i], &size));
        if (!size)
            fail(request->initrds[i], "is empty");
        all += (size + 3) & ~3ULL;
        if (all > 1U << 30)
            fail(request->initrds[i], "is too large: 1 GiB of initrds at most");
    }
    map->initrd.bytes = (u32)all;
}

// Choose the sector: behind the boot sector, or behind the old installation if
// that is there. Sets *over if the old one has to be overwritten.
static u64
choose_place(const struct target *target, const struct installed *old
             , u32 sectors, int *over)
{
    u64 first = target->first;
    u64 behind = target_align(target, old->start + old->sectors);
    if (first >= target->end || sectors > target->end - first)
        fail(target->path, "is too small: %llu KiB are needed, %llu are there"
             , (first - target->start + sectors + 1) / 2
             , (target->end - target->start) / 2);
    *over = 0;
    if (!installed_is_within(old, target) || first + sectors <= old->start)
        return first;
    if (behind < target->end && sectors <= target->end - behind)
        return behind;
    *over = 1;
    return first;
}

static void
sync_all(const struct target *target)
{
    if (fsync(target->fd))
        fail_errno(target->path, "cannot be written");
    posix_fadvise(target->fd, 0, 0, POSIX_FADV_DONTNEED);
}

// Mark all that will be written as ours. If the old one has to be given up, the
// boot sector must no longer start it: its map goes, too.
static void
claim(const struct target *target, const struct installed *old, u64 place
      , u64 end, int over)
{
    if (over)
        fprintf(stderr, "blkload: %s: no room for the old and the new kernel at"
                " once: the disk does not boot until this is done\n"
                , target->path);
    fail_means(old->state == INSTALLED_WHOLE && !over
               ? "what was installed there before still boots; solve that, and"
               " run blkload again"
               : "nothing boots from there until that is solved and blkload has"
               " been run again");
    installed_claim(target, place, end - place);
    sync_all(target);
    if (!over || old->start == place)
        return;
    installed_claim(target, old->start, old->sectors);
    sync_all(target);
}

// Sectors that are zero already are not written: an image stays sparse.
static void
clear(const struct target *target, u64 from, u64 to)
{
    static const u8 zeroes[CHUNK];
    static u8 there[CHUNK];
    while (from < to) {
        u64 left = (to - from) * SECTOR_SIZE;
        size_t length = left < CHUNK ? (size_t)left : CHUNK;
        read_at(target->path, target->fd, there, from * SECTOR_SIZE, length);
        if (memcmp(there, zeroes, length) != 0)
            write_at(target->path, target->fd, zeroes, from * SECTOR_SIZE
                     , length);
        from += length / SECTOR_SIZE;
    }
}

static u64
end_of(const struct target *target, const struct map_extent *extent)
{
    return extent->lba - target->origin + map_extent_sectors(extent);
}

// The last step: the code, and the fields that lead to the new. What belongs to
// the disk, its number and the partition table, stays.
static void
write_boot_sector(const struct target *target, const struct load_map *map)
{
    u8 sector[SECTOR_SIZE];
    struct boot_fields fields;
    memcpy(&fields, (u8 *)blob + FIELDS_OFFSET, sizeof(fields));
    fields.sum = map_sum(0, BLOB_MAP, fields.sectors);
    fields.lba = map->lba;
    read_at(target->path, target->fd, sector, target->boot * SECTOR_SIZE
            , sizeof(sector));
    if (target->start == target->boot)
        partition_drop_garbage(sector);
    memcpy(sector, blob, DISK_OFFSET);
    memcpy(sector + FIELDS_OFFSET, &fields, sizeof(fields));
    sector[SECTOR_SIZE - 2] = 0x55;
    sector[SECTOR_SIZE - 1] = 0xaa;
    write_at(target->path, target->fd, sector, target->boot * SECTOR_SIZE
             , sizeof(sector));
    sync_all(target);
}

// The first sector replaces the claim, once all that it describes is there.
static void
write_map(const struct target *target, struct load_map *map, u64 place)
{
    memcpy(BLOB_MAP, map, sizeof(*map));
    map->sum = installed_sum(BLOB_MAP);
    memcpy(BLOB_MAP, map, sizeof(*map));
    write_at(target->path, target->fd, (u8 *)BLOB_MAP + SECTOR_SIZE
             , (place + 1) * SECTOR_SIZE, sizeof(blob) - 2 * SECTOR_SIZE);
    sync_all(target);
    write_at(target->path, target->fd, BLOB_MAP, place * SECTOR_SIZE
             , SECTOR_SIZE);
    sync_all(target);
}

static void
read_back(const struct target *target, const struct load_map *map, u64 place)
{
    static u32 there[(MAP_SECTORS + STAGE_SECTORS) * SECTOR_SIZE / sizeof(u32)];
    read_at(target->path, target->fd, there, place * SECTOR_SIZE
            , sizeof(there));
    if (memcmp(there, BLOB_MAP, sizeof(there)) != 0
        || installed_damage(target, map))
        fail(target->path, "does not read back as it was written: check the"
             " disk");
}

static void
refuse_sources(const struct target *target, const struct request *request)
{
    u32 i;
    target_refuse_source(target, request->kernel);
    for (i = 0; i < request->initrd_count; i++)
        target_refuse_source(target, request->initrds[i]);
}

static void
write_all(const struct target *target, const struct request *request
          , struct load_map *map, u64 place, u64 end, int fd, u64 offset)
{
    write_kernel(target, request, map, fd, offset);
    clear(target, end_of(target, &map->kernel)
          , map->initrd.lba - target->origin);
    write_initrds(target, request, map);
    clear(target, end_of(target, &map->initrd), end);
    write_map(target, map, place);
    read_back(target, map, place);
    write_boot_sector(target, map);
}

void
install(const struct request *request)
{
    static struct load_map map;
    static struct installed old;
    struct target target;
    u8 boot[SECTOR_SIZE];
    u64 offset;
    int over, fd;
    memcpy(blob, stage_blob, (size_t)stage_blob_size);
    memcpy(map.magic, MAP_MAGIC, sizeof(map.magic));
    map.flags = request->debug ? MAP_DEBUG : 0;
    fd = kernel_open(request, &map, &offset);
    measure_initrds(request, &map);
    target_open(&target, request, 1);
    refuse_sources(&target, request);
    read_at(target.path, target.fd, boot, target.boot * SECTOR_SIZE
            , sizeof(boot));
    installed_find(&target, boot, &old);
    strangers_refuse(&target, request, boot, &old);
    installed_lay_out(&map, MAP_SECTORS + STAGE_SECTORS);
    u64 place = choose_place(&target, &old, map.sectors, &over);
    map.lba = place + target.origin;
    installed_lay_out(&map, MAP_SECTORS + STAGE_SECTORS);
    u64 end = strangers_look(&target, request, &old, place, map.sectors);
    target_reserve(&target, target.boot, 1);
    target_reserve(&target, place, map.sectors);
    claim(&target, &old, place, end, over);
    if (request->force)
        signs_wipe(&target, &old);
    write_all(&target, request, &map, place, end, fd, offset);
    target_close(&target);
    close(fd);
}
