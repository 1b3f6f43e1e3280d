// SPDX-License-Identifier: LGPL-3.0-or-later
// Commands that look around: list (drives and their size), identify (which
// test disk is which), memmap (int15 E820).

#include "bios.h" // bios_call
#include "buffer.h" // buffer_prepare
#include "commands.h"
#include "console.h" // print
#include "io.h" // physical
#include "layout.h" // ARENA_START
#include "pattern.h" // pattern_identify
#include "report.h" // check_pass

static void
list_drive(const struct disk *disk)
{
    print("drive %02x sectors=%llu spt=%u heads=%u cyls=%u edd=%02x"
          " sector_size=%u\n", disk->drive, disk->sectors
          , disk->track_sectors, disk->heads, disk->cylinders
          , disk->edd_version, disk->sector_size);
}

// Checks that the BIOS data area counts the drives that answer.
void
command_list(struct script_line *line)
{
    u32 drive, found = 0, counted = *(volatile u8 *)physical(BDA_DISKS);
    if (check_words(line))
        return;
    for (drive = FIRST_DISK; drive < FIRST_DISK + DISK_SLOTS; drive++) {
        struct disk disk;
        if (disk_open((u8)drive, &disk))
            continue;
        list_drive(&disk);
        found++;
    }
    if (found == counted)
        check_pass();
    else
        check_fail("list: %u drives answer, 40:75 says %u", found, counted);
    print("list drives=%u", found);
}

static void
identify_drive(const struct disk *disk, u64 lba)
{
    struct transfer read = {
        .function = FN_READ, .lba = lba, .count = 1,
        .buffer = { 0, ARENA_START >> 4 },
    };
    buffer_prepare(&read);
    disk_transfer(disk, &read);
    if (read.failed) {
        transfer_fail(disk, &read, "sector cannot be read");
        return;
    }
    check_pass();
    struct pattern_header header;
    print("drive %02x ", disk->drive);
    if (pattern_identify(physical(ARENA_START), &header))
        print("label=%u lba=%llu generation=%u\n", header.label
              , (u64)header.lba_high << 32 | header.lba_low
              , header.generation);
    else
        print("label=none\n");
}

// Prints which test disk each drive is, from its sector at lba=.
void
command_identify(struct script_line *line)
{
    u32 drive, found = 0;
    script_text_of(line, "lba");
    if (check_words(line))
        return;
    for (drive = FIRST_DISK; drive < FIRST_DISK + DISK_SLOTS; drive++) {
        struct disk disk;
        if (disk_open((u8)drive, &disk))
            continue;
        identify_drive(&disk, script_lba(line, "lba", disk.sectors
                                         , PAYLOAD_SECTORS));
        found++;
    }
    print("identify drives=%u", found);
}

struct memory_range {
    u64 start, length;
    u32 type;
} __attribute__((packed));

#define SMAP 0x534d4150

void
command_memmap(struct script_line *line)
{
    struct memory_range range;
    u32 count = 0, next = 0;
    if (check_words(line))
        return;
    do {
        struct real_regs regs = {
            .eax = 0xe820, .ebx = next, .ecx = sizeof(range), .edx = SMAP,
            .edi = near_offset(&range),
        };
        bios_call(0x15, &regs);
        if (regs.flags & FLAG_CF || regs.eax != SMAP)
            break;
        print("memory start=%08llx length=%08llx type=%u\n", range.start
              , range.length, range.type);
        next = regs.ebx;
        count++;
    } while (next);
    if (count)
        check_pass();
    else
        check_fail("memmap: the BIOS has no E820 map");
    print("memmap ranges=%u", count);
}
