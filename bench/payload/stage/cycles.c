// SPDX-License-Identifier: LGPL-3.0-or-later
// The command cycles: asks for the size of memory, at which the firmware may
// disconnect its disks, then reads, for which it connects again; repeatedly.

#include "bios.h" // bios_call
#include "buffer.h" // buffer_prepare
#include "clock.h" // clock_us
#include "commands.h"
#include "console.h" // print
#include "layout.h" // ARENA_START
#include "report.h" // check_pass

// Make the firmware disconnect, read, and compare. Returns the ticks of both
// calls, or 0 after reporting what went wrong.
static u64
run_cycle(const struct disk *disk, u64 lba, u32 label)
{
    struct real_regs regs = { .eax = 0xe801 };
    struct transfer read = {
        .function = FN_READ, .lba = lba, .count = 1,
        .buffer = { 0, ARENA_START >> 4 },
    };
    bios_call(0x15, &regs);
    buffer_prepare(&read);
    disk_transfer(disk, &read);
    if (!transfer_succeeded(disk, &read) || !buffer_canaries(disk, &read)
        || !buffer_pattern(disk, &read, label))
        return 0;
    check_pass();
    return regs.tsc_after - regs.tsc_before + read.ticks;
}

void
command_cycles(struct script_line *line)
{
    struct disk disk;
    if (open_disk(line, &disk))
        return;
    u32 i, rest, count = script_decimal(line, "count", 100);
    u32 label = script_decimal(line, "label", 1);
    u64 lba = script_lba(line, "lba", disk.sectors, PAYLOAD_SECTORS);
    u64 ticks, sum = 0, most = 0;
    if (!count || lba >= disk.sectors)
        line->error = count ? "lba" : "count";
    if (check_words(line))
        return;
    for (i = 0; i < count && !check_exhausted(); i++) {
        ticks = run_cycle(&disk, lba, label);
        sum += ticks;
        if (ticks > most)
            most = ticks;
    }
    print("cycles drive=%02x count=%u us=%u max=%u", disk.drive, i
          , clock_us(divide(sum, i, &rest)), clock_us(most));
}
