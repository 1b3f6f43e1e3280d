// SPDX-License-Identifier: LGPL-3.0-or-later
// Refuses to overwrite what is neither empty nor proven to be ours.

#include <string.h> // memcmp

#include "install.h"

#define CHUNK_SECTORS 2048 // 1 MiB
#define PAGE_SECTORS 8 // ours begins at a page of the disk
#define NAMES 512

// Where file systems and arrays have a header of which libblkid may not know:
// that much at either end.
#define LOOK_AT 2048

static long long
first_byte(const u8 *data, size_t length)
{
    size_t i = 0;
    if (!*data && !memcmp(data, data + 1, length - 1))
        return -1;
    for (; i < length; i++)
        if (data[i])
            return (long long)i;
    return -1;
}

static u64
smaller(u64 a, u64 b)
{
    return a < b ? a : b;
}

static u64
larger(u64 a, u64 b)
{
    return a > b ? a : b;
}

// Returns the first sector of these, up to a chunk, that is not zero, or 'to'.
// Sets *byte to that byte's place on what is open.
static u64
first_sector(const struct target *target, u64 from, u64 to, u64 *byte)
{
    static u8 data[CHUNK_SECTORS * SECTOR_SIZE];
    size_t length = (size_t)(to - from) * SECTOR_SIZE;
    read_at(target->path, target->fd, data, from * SECTOR_SIZE, length);
    long long found = first_byte(data, length);
    if (found < 0)
        return to;
    *byte = from * SECTOR_SIZE + (u64)found;
    return *byte / SECTOR_SIZE;
}

static void __attribute__((noreturn))
refuse_data(const struct target *target, u64 byte)
{
    fail(target->path, "has data where kernel and initrd would go (first at"
         " byte %llu): --force overwrites it", byte);
}

// Returns how many sectors are ours from the beginning of this page on.
static u64
ours_at(const struct target *target, const struct installed *live, u64 page)
{
    if (installed_is_within(live, target) && page == live->start)
        return live->sectors;
    return installed_ours_at(target, page);
}

// Refuse sectors, from a page on, that are neither zero nor ours. Returns where
// what is ours of them ends, if that is behind 'to', else 'to'.
static u64
read_ground(const struct target *target, const struct installed *live
            , u64 from, u64 to)
{
    u64 end = to, byte = 0, at = from;
    while (at < to) {
        u64 next = smaller(to, at + CHUNK_SECTORS);
        u64 found = first_sector(target, at, next, &byte);
        if (found == next) {
            at = next;
            continue;
        }
        at += (found - at) / PAGE_SECTORS * PAGE_SECTORS;
        u64 ours = ours_at(target, live, at);
        if (!ours)
            refuse_data(target, byte);
        at = target_align(target, at + ours);
        end = larger(end, smaller(at, target->end));
    }
    return end;
}

static void
must_be_zero(const struct target *target, u64 from, u64 to)
{
    u64 byte = 0;
    if (from < to && first_sector(target, from, to, &byte) < to)
        refuse_data(target, byte);
}

// The sectors before the first page hold nothing of ours, except a boot sector:
// the one for which this is done, or the partition's own, if that has once been
// installed on for itself.
static void
look_before(const struct target *target)
{
    static struct installed chained;
    u8 sector[SECTOR_SIZE];
    u64 start = target->start;
    read_at(target->path, target->fd, sector, start * SECTOR_SIZE
            , sizeof(sector));
    installed_find(target, sector, &chained);
    if (start == target->boot || installed_is_within(&chained, target))
        start++;
    must_be_zero(target, start, smaller(target->first, target->end));
}

static void
look_at_ends(const struct target *target, const struct installed *live)
{
    u64 size = target->end - target->start, most = smaller(LOOK_AT, size);
    read_ground(target, live, target->first, target->start + most);
    must_be_zero(target, target->end - most, target->end);
}

// Returns 1 if the boot sector's code is ours: it leads to an installation, or
// into what an interrupted one has left at the first place.
static int
is_our_code(const struct target *target, const u8 *boot
            , const struct installed *live)
{
    struct boot_fields fields;
    u64 first = target->first + target->origin;
    return live->state == INSTALLED_WHOLE
        || (installed_boot_fields(boot, &fields) && fields.lba >= first
            && fields.lba - first < installed_ours_at(target, target->first));
}

static void
refuse_code(const struct target *target, const struct request *request
            , const u8 *boot, const struct installed *live)
{
    long long byte = first_byte(boot, DISK_OFFSET);
    if (byte < 0 || is_our_code(target, boot, live))
        return;
    if (live->state == INSTALLED_DAMAGED)
        fail(target->path, "has data where kernel and initrd would go: an"
             " installation whose %s has changed since; --force overwrites it"
             , live->damage);
    if (request->partition)
        fail(target->path, "has another boot loader in its first sector:"
             " --force replaces it, the partition table stays");
    refuse_data(target, target->boot * SECTOR_SIZE + (u64)byte);
}

// What lies around the code stays. On a disk that is a partition table, on a
// partition nothing of ours.
static void
refuse_table(const struct target *target, const u8 *boot
             , const struct installed *live)
{
    long long byte = first_byte(boot + DISK_OFFSET
                                , SECTOR_SIZE - 2 - DISK_OFFSET);
    if (!target->origin && partition_table_is_there(boot))
        fail(target->path, "has a partition table: choose a partition with"
             " --partition; --force overwrites what the partitions hold, and"
             " keeps the table");
    if (target->origin && byte >= 0 && live->state != INSTALLED_WHOLE)
        refuse_data(target, DISK_OFFSET + (u64)byte);
}

static void
refuse_signs(const struct target *target, const struct request *request
             , const struct installed *live)
{
    char names[NAMES];
    signs_name(target, target->start, target->end, live, names, sizeof(names));
    if (*names)
        fail(target->path, "has data where kernel and initrd would go: %s;"
             " --force overwrites it", names);
    if (!request->partition)
        return;
    signs_name_disk(target, names, sizeof(names));
    if (*names)
        fail(target->path, "has data on the disk as a whole, besides its"
             " partitions: %s; wipefs removes what is out of date, --force"
             " ignores it", names);
}

// Refuse what shows whose the target is: tables, signatures, boot code, and any
// data at its ends unless there is something of ours.
void
strangers_refuse(const struct target *target, const struct request *request
                 , const u8 *boot, const struct installed *live)
{
    if (request->force)
        return;
    if (!request->partition)
        refuse_table(target, boot, live);
    refuse_signs(target, request, live);
    refuse_code(target, request, boot, live);
    if (installed_is_within(live, target))
        return;
    look_before(target);
    if (!installed_ours_at(target, target->first))
        look_at_ends(target, live);
}

// The old installation may lie behind what will be written, or in it.
static u64
forced_end(const struct target *target, const struct installed *live, u64 place
           , u64 sectors)
{
    u64 end = place + larger(3 * sectors, ours_at(target, live, place));
    if (!installed_is_within(live, target) || live->start < place)
        return end;
    return live->start < place + sectors
        ? larger(end, target_align(target, live->start + live->sectors))
        : smaller(end, live->start);
}

// Refuse data of nobody known in what will be written, from place on. Returns
// the end of what has to be cleared: that of the last page, of what was ours
// there, or, with --force, of room for another installation up to twice as large.
u64
strangers_look(const struct target *target, const struct request *request
               , const struct installed *live, u64 place, u64 sectors)
{
    u64 to = smaller(target_align(target, place + sectors), target->end);
    u64 end = request->force ? forced_end(target, live, place, sectors)
        : read_ground(target, live, place, to);
    return smaller(end, target->end);
}
