// SPDX-License-Identifier: LGPL-3.0-or-later
// Partition tables: the four entries of an MBR, and GPT.

#include <dirent.h> // opendir
#include <errno.h> // EBUSY
#include <fcntl.h> // open
#include <stdio.h> // snprintf
#include <string.h> // memcmp
#include <sys/stat.h> // fstat
#include <sys/sysmacros.h> // major
#include <unistd.h> // close

#include "install.h"

#define TABLE_OFFSET 446
#define TABLE_ENTRIES 4
#define SIGNATURE_OFFSET 510
#define TYPE_EXTENDED 0x05
#define TYPE_EXTENDED_LBA 0x0f
#define TYPE_GPT 0xee

struct mbr_entry {
    u8 active, first_chs[3], type, last_chs[3];
    u32 start, sectors;
} __attribute__((packed));

struct gpt_header {
    char signature[8];
    u8 unused_08[64];
    u64 entries_lba;
    u32 entries, entry_size;
} __attribute__((packed));

struct gpt_entry {
    u8 type[16], id[16];
    u64 first, last;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr_entry) == 16, "MBR entry");
_Static_assert(sizeof(struct gpt_header) == 88, "GPT header");
_Static_assert(sizeof(struct gpt_entry) == 48, "GPT entry's beginning");

static const struct mbr_entry *
entries_of(const u8 *sector)
{
    return (const struct mbr_entry *)(sector + TABLE_OFFSET);
}

int
partition_table_is_there(const u8 *sector)
{
    static const u8 none[TABLE_ENTRIES * sizeof(struct mbr_entry)];
    return sector[SIGNATURE_OFFSET] == 0x55
        && sector[SIGNATURE_OFFSET + 1] == 0xaa
        && memcmp(sector + TABLE_OFFSET, none, sizeof(none)) != 0;
}

static void
find_gpt(struct target *target, u32 number)
{
    static const u8 unused[16];
    struct gpt_header header;
    struct gpt_entry entry;
    read_at(target->path, target->fd, &header, SECTOR_SIZE, sizeof(header));
    if (memcmp(header.signature, "EFI PART", 8) != 0
        || header.entry_size < sizeof(entry))
        fail(target->path, "has a damaged GPT: repair it with gdisk");
    if (number > header.entries)
        fail(target->path, "has no partition %u", number);
    u64 at = header.entries_lba * SECTOR_SIZE
        + (u64)header.entry_size * (number - 1);
    read_at(target->path, target->fd, &entry, at, sizeof(entry));
    if (!memcmp(entry.type, unused, sizeof(unused)))
        fail(target->path, "has no partition %u", number);
    target->start = entry.first;
    target->end = entry.last + 1;
}

// Fill in where partition number of the open disk is.
void
partition_find(struct target *target, u32 number)
{
    u8 sector[SECTOR_SIZE];
    read_at(target->path, target->fd, sector, 0, sizeof(sector));
    if (!partition_table_is_there(sector))
        fail(target->path, "has no partition table: leave out --partition, or"
             " make one with fdisk");
    const struct mbr_entry *entries = entries_of(sector);
    if (entries[0].type == TYPE_GPT) {
        find_gpt(target, number);
    } else {
        if (number > TABLE_ENTRIES)
            fail(target->path, "has no primary partition %u: logical ones will"
                 " not do", number);
        const struct mbr_entry *entry = &entries[number - 1];
        if (!entry->type || entry->type == TYPE_EXTENDED
            || entry->type == TYPE_EXTENDED_LBA)
            fail(target->path, "has no partition %u for data", number);
        target->start = entry->start;
        target->end = (u64)entry->start + entry->sectors;
    }
    if (!target->start || target->start >= target->end
        || target->end > target->sectors)
        fail(target->path, "has a partition %u that is not within the disk: see"
             " fdisk -l", number);
}

// A number from a file of sysfs below the device's directory, or -1.
static long long
sysfs_number(const struct stat *device, const char *name)
{
    char path[512];
    long long number = -1;
    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s"
             , major(device->st_rdev), minor(device->st_rdev), name);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    if (fscanf(file, "%lld", &number) != 1)
        number = -1;
    fclose(file);
    return number;
}

// Returns the sector at which the device begins on its disk if it is a
// partition, else 0.
u64
partition_origin(const struct target *target)
{
    struct stat device;
    if (fstat(target->fd, &device) || !S_ISBLK(device.st_mode))
        return 0;
    long long start = sysfs_number(&device, "start");
    return start > 0 ? (u64)start : 0;
}

static int
guard_named(const char *name)
{
    char path[300];
    snprintf(path, sizeof(path), "/dev/%s", name);
    for (char *c = path; (c = strchr(c, '!')); )
        *c = '/'; // sysfs writes it as '!'
    int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
    if (fd < 0 && errno == EBUSY)
        fail(path, "is in use: unmount it first");
    if (fd < 0)
        fail_errno(path, "cannot be opened to see whether it is in use");
    return fd;
}

// Returns the partition's own device, opened exclusively, or -1 if it has none.
int
partition_guard(const struct target *target, u32 number)
{
    struct stat device;
    char path[64], name[300];
    struct dirent *entry;
    int guard = -1;
    if (fstat(target->fd, &device) || !S_ISBLK(device.st_mode))
        return -1;
    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(device.st_rdev)
             , minor(device.st_rdev));
    DIR *directory = opendir(path);
    while (directory && guard < 0 && (entry = readdir(directory))) {
        snprintf(name, sizeof(name), "%s/partition", entry->d_name);
        if (sysfs_number(&device, name) != (long long)number)
            continue;
        snprintf(name, sizeof(name), "%s/start", entry->d_name);
        if (sysfs_number(&device, name) != (long long)target->start)
            fail(target->path, "has a partition table that the kernel has not"
                 " read yet: run partprobe, or reboot");
        guard = guard_named(entry->d_name);
    }
    if (directory)
        closedir(directory);
    return guard;
}
