// SPDX-License-Identifier: LGPL-3.0-or-later
// Commands of a loader: load brings what follows a sector to 4 MiB, jump goes
// there, in flat mode, and never returns.

#include "bios.h" // flat_address
#include "commands.h"
#include "console.h" // print
#include "io.h" // physical
#include "layout.h" // ARENA_START
#include "report.h" // check_words
#include "string.h" // memcpy

// Bit 20 is clear: memory whatever A20 says.
#define KERNEL_ADDR 0x400000
#define KERNEL_SECTORS 512 // at most
#define CALL_SECTORS 64

// Read by way of the arena. Returns 0, or -1 after failing.
static int
load(const struct disk *disk, u64 lba, u32 count)
{
    u32 done;
    for (done = 0; done < count; done += CALL_SECTORS) {
        struct transfer read = {
            .function = FN_READ, .lba = lba + done, .count = CALL_SECTORS,
            .buffer = { 0, ARENA_START >> 4 },
        };
        if (read.count > count - done)
            read.count = count - done;
        disk_transfer(disk, &read);
        if (!transfer_succeeded(disk, &read))
            return -1;
        memcpy(physical(KERNEL_ADDR + done * SECTOR_SIZE)
               , physical(ARENA_START), read.count * SECTOR_SIZE);
    }
    return 0;
}

void
command_load(struct script_line *line)
{
    struct disk disk;
    if (open_disk(line, &disk))
        return;
    u64 lba = script_lba(line, "lba", disk.sectors, PAYLOAD_SECTORS);
    u32 count = script_decimal(line, "count", CALL_SECTORS);
    if (check_words(line))
        return;
    if (count > KERNEL_SECTORS)
        check_refuse(line, "too many sectors", "");
    else if (!load(&disk, lba, count))
        check_pass();
    print("load lba=%llu count=%u", lba, count);
}

// The kernel gets the word after how= and owns the machine.
void
command_jump(struct script_line *line)
{
    const char *how = script_text_of(line, "how");
    if (check_words(line))
        return;
    asm volatile("jmp *%1" : : "a"(how ? how : ""), "r"(KERNEL_ADDR)
                 : "memory");
}
