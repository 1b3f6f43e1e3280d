// SPDX-License-Identifier: LGPL-3.0-or-later
// Partitions: found by libblkid, under the rules that Linux has for MBR and GPT,
// and looked up in sysfs.

#include <blkid/blkid.h> // blkid_probe_get_partitions
#include <dirent.h> // opendir
#include <errno.h> // EBUSY
#include <fcntl.h> // open
#include <stdio.h> // snprintf
#include <string.h> // strcmp
#include <sys/stat.h> // fstat
#include <sys/sysmacros.h> // major
#include <unistd.h> // close

#include "install.h"

#define TABLE_OFFSET 446
#define TABLE_ENTRIES 4
#define SIGNATURE_OFFSET 510
#define TYPE_GPT 0xee
#define GPT_LBA 1

struct mbr_entry {
    u8 active, first_chs[3], type, last_chs[3];
    u32 start, sectors;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr_entry) == 16, "MBR entry");

// Returns 1 if there is anything where an MBR has its table, even without the
// signature, which our boot sector would bring back.
int
partition_table_is_there(const u8 *sector)
{
    static const u8 none[TABLE_ENTRIES * sizeof(struct mbr_entry)];
    return memcmp(sector + TABLE_OFFSET, none, sizeof(none)) != 0;
}

// Of a sector that is to become a boot sector, which has the signature: remove
// entries that have not been a table, for lack of the signature or by a first
// byte that Linux takes in no entry (msdos.c).
void
partition_drop_garbage(u8 *sector)
{
    const size_t size = sizeof(struct mbr_entry);
    int i, valid = sector[SIGNATURE_OFFSET] == 0x55
        && sector[SIGNATURE_OFFSET + 1] == 0xaa;
    for (i = 0; i < TABLE_ENTRIES; i++)
        valid &= !(sector[TABLE_OFFSET + (size_t)i * size] & 0x7f);
    if (!valid)
        memset(sector + TABLE_OFFSET, 0, TABLE_ENTRIES * size);
}

// Returns 1 if the disk's table is a GPT: one entry of the MBR is of type EEh,
// whichever of the four. Linux goes by the GPT if one of these entries begins at
// sector 1, and else by neither table (block/partitions/efi.c and msdos.c).
static int
has_gpt(const struct target *target, const u8 *sector)
{
    int i, protective = 0, valid = 0;
    for (i = 0; i < TABLE_ENTRIES; i++) {
        struct mbr_entry entry;
        memcpy(&entry, sector + TABLE_OFFSET + (size_t)i * sizeof(entry)
               , sizeof(entry));
        protective |= entry.type == TYPE_GPT;
        valid |= entry.type == TYPE_GPT && entry.start == GPT_LBA;
    }
    if (protective && !valid)
        fail(target->path, "has an MBR whose entry of type EEh does not begin at"
             " sector 1, so that Linux uses neither MBR nor GPT: write a new"
             " protective MBR, with gdisk (x, n, w)");
    return protective;
}

static blkid_probe
table_open(const struct target *target)
{
    blkid_probe probe = blkid_new_probe();
    if (!probe || blkid_probe_set_device(probe, target->fd, 0
                                         , (blkid_loff_t)(target->sectors
                                                          * SECTOR_SIZE))
        || blkid_probe_enable_superblocks(probe, 0)
        || blkid_probe_enable_partitions(probe, 1))
        fail(target->path, "cannot be examined by libblkid");
    return probe;
}

// Returns the partitions of a table that libblkid has checked, a GPT by its
// checksums, too.
static blkid_partlist
table_read(const struct target *target, blkid_probe probe, int gpt)
{
    blkid_partlist list = blkid_probe_get_partitions(probe);
    blkid_parttable table = list ? blkid_partlist_get_table(list) : NULL;
    const char *type = table ? blkid_parttable_get_type(table) : "";
    if (!table && !gpt)
        fail(target->path, "has no partition table: leave out --partition, or"
             " make one with fdisk");
    if (!table || (gpt && strcmp(type, "gpt") != 0))
        fail(target->path, "has a damaged GPT: the checksums of both copies are"
             " wrong; restore it from a file, with sgdisk --load-backup or"
             " sfdisk, or make a new one");
    if (gpt && blkid_parttable_get_offset(table) != GPT_LBA * SECTOR_SIZE)
        fail(target->path, "has a damaged GPT: the first copy's checksum is"
             " wrong, the copy at the end of the disk is good; to repair it,"
             " open the disk with fdisk or gdisk, check the partitions, and"
             " write them (w)");
    if (!gpt && strcmp(type, "dos") != 0)
        fail(target->path, "has a partition table of type %s: only MBR (dos) and"
             " GPT are supported", type);
    return list;
}

// libblkid counts in sectors of 512 bytes.
static u64
start_of(blkid_partition partition)
{
    return (u64)blkid_partition_get_start(partition);
}

static u64
end_of(blkid_partition partition)
{
    return start_of(partition) + (u64)blkid_partition_get_size(partition);
}

static void
refuse_overlaps(const struct target *target, blkid_partlist list, u32 number)
{
    int i, count = blkid_partlist_numof_partitions(list);
    for (i = 0; i < count; i++) {
        blkid_partition other = blkid_partlist_get_partition(list, i);
        if (blkid_partition_get_partno(other) != (int)number
            && start_of(other) < target->end && target->start < end_of(other))
            fail(target->path, "has a partition %u that shares sectors with"
                 " partition %d: correct the table with fdisk", number
                 , blkid_partition_get_partno(other));
    }
}

// Fill in where partition number of the open disk is.
void
partition_find(struct target *target, u32 number)
{
    u8 sector[SECTOR_SIZE];
    read_at(target->path, target->fd, sector, 0, sizeof(sector));
    int gpt = sector[SIGNATURE_OFFSET] == 0x55
        && sector[SIGNATURE_OFFSET + 1] == 0xaa && has_gpt(target, sector);
    blkid_probe probe = table_open(target);
    blkid_partlist list = table_read(target, probe, gpt);
    if (!gpt && number > TABLE_ENTRIES)
        fail(target->path, "has no primary partition %u: logical ones will not"
             " do", number);
    blkid_partition partition
        = blkid_partlist_get_partition_by_partno(list, (int)number);
    if (!partition || (!gpt && !blkid_partition_get_type(partition)))
        fail(target->path, "has no partition %u%s", number, gpt
             ? ", or one that is not within the GPT's bounds: see fdisk -l"
             : " for data");
    if (blkid_partition_is_extended(partition))
        fail(target->path, "has no partition %u for data: it is an extended one"
             , number);
    target->start = start_of(partition);
    target->end = end_of(partition);
    if (!target->start || target->start >= target->end
        || target->end > target->sectors)
        fail(target->path, "has a partition %u that is not within the disk: see"
             " fdisk -l", number);
    refuse_overlaps(target, list, number);
    blkid_free_probe(probe);
}

// Returns 1 if the sector belongs to a partition of the disk.
int
partition_has(const struct target *target, u64 sector)
{
    blkid_probe probe = table_open(target);
    blkid_partlist list = blkid_probe_get_partitions(probe);
    int i, found = 0, count = list ? blkid_partlist_numof_partitions(list) : 0;
    for (i = 0; i < count; i++) {
        blkid_partition partition = blkid_partlist_get_partition(list, i);
        found |= sector >= start_of(partition) && sector < end_of(partition)
            && !blkid_partition_is_extended(partition);
    }
    blkid_free_probe(probe);
    return found;
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
guard_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
    if (fd < 0 && errno == EBUSY)
        fail(path, "is in use: unmount it first");
    if (fd < 0)
        fail_errno(path, "cannot be opened to see whether it is in use");
    return fd;
}

static int
guard_open(const char *name)
{
    char path[300];
    snprintf(path, sizeof(path), "/dev/%s", name);
    for (char *c = path; (c = strchr(c, '!')); )
        *c = '/'; // sysfs writes it as '!'
    return guard_path(path);
}

// Refuse a table that is not the one that the kernel goes by.
static void
compare_with_kernel(const struct target *target, const struct stat *device
                    , const char *entry, int is_ours)
{
    char name[300];
    snprintf(name, sizeof(name), "%s/start", entry);
    u64 start = (u64)sysfs_number(device, name);
    snprintf(name, sizeof(name), "%s/size", entry);
    u64 end = start + (u64)sysfs_number(device, name);
    if (is_ours ? start != target->start || end != target->end
        : start < target->end && target->start < end)
        fail(target->path, "has a partition table that the kernel has not"
             " read yet: run partprobe, or reboot");
}

// Returns the partition's own device, opened exclusively. If the kernel has no
// partition of that number, the whole disk must not be in use.
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
    while (directory && (entry = readdir(directory))) {
        snprintf(name, sizeof(name), "%s/partition", entry->d_name);
        long long its = sysfs_number(&device, name);
        if (its < 0)
            continue;
        compare_with_kernel(target, &device, entry->d_name
                            , its == (long long)number);
        if (its == (long long)number)
            guard = guard_open(entry->d_name);
    }
    if (directory)
        closedir(directory);
    return guard < 0 ? guard_path(target->path) : guard;
}
