// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes the guest over: looks what the firmware has left behind, and reads
// each disk as some operating system would. The payload's `jump how=` says
// as which:
//
//  freebsd   ignores a disk whose own state is not Initialising: FreeBSD's
//            xenbusb_add_device(), NetBSD's xenbus_probe_device_type()
//  openbsd   does not look at states before it connects: xbf_init()
//  s3        as freebsd; sleeps with the first disk connected, and reads on
//            when it is woken up

#include "console.h" // print
#include "kernel.h"
#include "pattern.h" // pattern_sector

// What is read of each disk, in sectors: this side of the kernel's own image.
#define READ_FROM 64
#define READ_TO 1088
#define PAGE_SECTORS (PAGE_SIZE / SECTOR_SIZE)

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static int
is_pattern(const void *sector, u64 lba)
{
    struct pattern_header header;
    u32 words[PATTERN_WORDS];
    if (!pattern_identify(sector, &header) || header.lba_low != (u32)lba)
        return 0;
    pattern_sector(words, header.label, lba, header.generation);
    return !memcmp(words, sector, SECTOR_SIZE);
}

// Read the disk and compare it. Returns how many sectors were right.
static u32
read_all(struct disk *disk)
{
    u32 sector, i, right = 0;
    for (sector = READ_FROM; sector < READ_TO; sector += PAGE_SECTORS) {
        if (disk_read(disk, sector, page))
            break;
        for (i = 0; i < PAGE_SECTORS; i++)
            right += is_pattern(&page[i * SECTOR_SIZE], sector + i);
    }
    return right;
}

static void
read_disk(struct disk *disk)
{
    u32 right = read_all(disk);
    print("KERNEL %s: %u sectors right, %u not\n", disk->dir, right
          , READ_TO - READ_FROM - right);
}

// Keys that a frontend writes: the next one would find the last one's.
static void
look_for_keys(const char *dir)
{
    static const char *const keys[] = {
        "ring-ref", "event-channel", "protocol", "feature-persistent",
    };
    char value[64];
    u32 i;
    for (i = 0; i < ARRAY_SIZE(keys); i++)
        if (!store_read(dir, keys[i], value, sizeof(value)))
            print("KERNEL %s: %s is left\n", dir, keys[i]);
}

// Take a disk, or not. Returns whether it is connected.
static int
take_disk(struct disk *disk, const char *how)
{
    u32 state = store_read_number(disk->dir, "state");
    look_for_keys(disk->dir);
    if (strcmp(how, "openbsd") && state != XenbusStateInitialising) {
        print("KERNEL %s: ignored, state %u\n", disk->dir, state);
        return 0;
    }
    if (disk_connect(disk)) {
        print("KERNEL %s: backend does not follow\n", disk->dir);
        return 0;
    }
    read_disk(disk);
    return 1;
}

static void
sleep_with(struct disk *disk)
{
    print("KERNEL sleeps\n");
    print(sleep_and_wake() ? "KERNEL cannot sleep\n" : "KERNEL is awake\n");
    read_disk(disk);
}

static void
take_all(const char *how)
{
    static struct disk disk;
    char names[1024];
    int sleeps = !strcmp(how, "s3");
    int pos, len = store_list("device/vbd", names, sizeof(names));
    for (pos = 0; pos < len; pos++) {
        char *end = disk.dir;
        memset(&disk, 0, sizeof(disk));
        memcpy(end, "device/vbd/", 11);
        for (end += 11; names[pos]; pos++)
            *end++ = names[pos];
        if (take_disk(&disk, how) && sleeps) {
            sleep_with(&disk);
            sleeps = 0;
        }
    }
}

void kernel_main(const char *how);

void
kernel_main(const char *how)
{
    console_setup();
    print("KERNEL UP as %s\n", how);
    if (xen_setup()) {
        print("KERNEL finds no Xen\n");
        return;
    }
    int quiet = !store_setup();
    print("KERNEL found ports=%u grants=%u xenstore=%s\n", xen_open_ports()
          , xen_grants(), quiet ? "quiet" : "busy");
    take_all(how);
    print("KERNEL DONE\n");
}
