// SPDX-License-Identifier: LGPL-3.0-or-later
// The disk to install on: opened, measured, and searched for data that must not
// be lost.

#include <errno.h> // EBUSY
#include <fcntl.h> // open
#include <linux/fs.h> // BLKSSZGET
#include <string.h> // memcmp
#include <sys/ioctl.h> // ioctl
#include <sys/stat.h> // fstat
#include <unistd.h> // close

#include "install.h"

// Bytes at either end. All file systems show there.
#define LOOK_AT (1024 * 1024)

static void
measure(struct target *target)
{
    struct stat status;
    int sector_size = SECTOR_SIZE;
    u64 bytes;
    if (fstat(target->fd, &status))
        fail_errno(target->path, "cannot be examined");
    bytes = (u64)status.st_size;
    if (S_ISBLK(status.st_mode)) {
        if (ioctl(target->fd, BLKGETSIZE64, &bytes)
            || ioctl(target->fd, BLKSSZGET, &sector_size))
            fail_errno(target->path, "does not report its size");
    } else if (!S_ISREG(status.st_mode)) {
        fail(target->path, "is neither a disk nor an image of one");
    }
    if (sector_size != SECTOR_SIZE)
        fail(target->path, "has sectors of %d bytes: the BIOS boots from 512"
             " only", sector_size);
    target->sectors = bytes / SECTOR_SIZE;
    if (!target->sectors)
        fail(target->path, "is empty: give an image its size first, with"
             " truncate -s 128M");
}

// The next sector that begins a page on the disk that the BIOS sees.
u64
target_align(const struct target *target, u64 sector)
{
    return align_sectors(sector + target->origin) - target->origin;
}

// With --partition the rest of the disk may be in use, even by the running
// system.
void
target_open(struct target *target, const struct request *request, int write)
{
    struct stat status;
    int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    *target = (struct target) { .path = request->target, .guard = -1 };
    if (write && !request->partition && !stat(target->path, &status)
        && S_ISBLK(status.st_mode))
        flags |= O_EXCL;
    target->fd = open(target->path, flags);
    if (target->fd < 0 && errno == EBUSY)
        fail(target->path, "is in use: unmount it first, or name a partition of"
             " it with --partition");
    if (target->fd < 0)
        fail_errno(target->path, "cannot be opened");
    measure(target);
    if (request->partition) {
        partition_find(target, request->partition);
        if (write)
            target->guard = partition_guard(target, request->partition);
    } else {
        target->origin = partition_origin(target);
        target->end = target->sectors;
    }
    target->first = target_align(target, target->start + 1);
}

void
target_close(struct target *target)
{
    if (target->guard >= 0)
        close(target->guard);
    if (close(target->fd))
        fail_errno(target->path, "cannot be written");
}

// The first byte of length sectors that is not zero, or -1.
static long long
first_byte(const struct target *target, u64 from, u64 to)
{
    static u8 data[LOOK_AT];
    size_t i, length = (size_t)(to - from) * SECTOR_SIZE;
    read_at(target->path, target->fd, data, from * SECTOR_SIZE, length);
    for (i = 0; i < length; i++)
        if (data[i])
            return (long long)(from * SECTOR_SIZE + i);
    return -1;
}

static long long
first_byte_at_ends(const struct target *target)
{
    u64 most = LOOK_AT / SECTOR_SIZE, size = target->end - target->start;
    u64 count = size < most ? size : most;
    long long found = first_byte(target, target->start, target->start + count);
    return found >= 0 ? found
        : first_byte(target, target->end - count, target->end);
}

static int
is_map(const struct target *target, u64 place)
{
    u8 map[SECTOR_SIZE];
    if (place <= target->start || place >= target->end)
        return 0;
    read_at(target->path, target->fd, map, place * SECTOR_SIZE, sizeof(map));
    return !memcmp(map, MAP_MAGIC, 8);
}

// Returns 1 if the area is ours: our boot sector leads to a map; or, since the
// boot sector may have been replaced, a map is at the first place and nobody
// else's header is in front of it.
static int
is_ours(const struct target *target, const u8 *boot)
{
    struct boot_fields fields;
    u8 sector[SECTOR_SIZE];
    u64 start = target->start;
    memcpy(&fields, boot + FIELDS_OFFSET, sizeof(fields));
    if (installed_boot_code(boot)
        && is_map(target, fields.lba - target->origin))
        return 1;
    read_at(target->path, target->fd, sector, start * SECTOR_SIZE
            , sizeof(sector));
    start += (u64)installed_boot_code(sector);
    return is_map(target, target->first)
        && first_byte(target, start, target->first) < 0;
}

// Refuse a boot sector or an area that holds somebody else's data.
void
target_refuse_strangers(const struct target *target
                        , const struct request *request)
{
    static const u8 none[DISK_OFFSET];
    u8 boot[SECTOR_SIZE];
    read_at(target->path, target->fd, boot, target->boot * SECTOR_SIZE
            , sizeof(boot));
    if (request->force)
        return;
    if (!request->partition && !target->origin
        && partition_table_is_there(boot))
        fail(target->path, "has a partition table: choose a partition with"
             " --partition, or lose them all with --force");
    if (request->partition && !installed_boot_code(boot)
        && memcmp(boot, none, sizeof(none)) != 0)
        fail(target->path, "has another boot loader in its first sector:"
             " --force replaces it, the partition table stays");
    if (is_ours(target, boot))
        return;
    long long found = first_byte_at_ends(target);
    if (found >= 0)
        fail(target->path, "has data where kernel and initrd would go (first at"
             " byte %lld): --force overwrites it", found);
}
