// SPDX-License-Identifier: LGPL-3.0-or-later
// The command readback: reads all that the script has written to a drive, and
// compares it with the model.

#include "buffer.h" // buffer_prepare
#include "commands.h"
#include "console.h" // print
#include "layout.h" // ARENA_START
#include "model.h" // model_ranges
#include "report.h" // check_pass
#include "spec.h" // MAX_CALL_SECTORS

// Returns 0 after reporting what is wrong.
static int
read_range(const struct disk *disk, const struct model_range *range)
{
    u32 done = 0;
    while (done < range->sectors) {
        u32 left = range->sectors - done;
        struct transfer read = {
            .function = FN_READ, .lba = range->from + done,
            .count = left < MAX_CALL_SECTORS ? left : MAX_CALL_SECTORS,
            .buffer = { 0, ARENA_START >> 4 },
        };
        buffer_prepare(&read);
        disk_transfer(disk, &read);
        if (!transfer_succeeded(disk, &read) || !buffer_canaries(disk, &read)
            || !buffer_pattern(disk, &read, range->label))
            return 0;
        done += read.count;
    }
    return 1;
}

void
command_readback(struct script_line *line)
{
    struct disk disk;
    u32 i, count, sectors = 0;
    if (open_disk(line, &disk) || check_words(line))
        return;
    const struct model_range *ranges = model_ranges(&count);
    for (i = 0; i < count && !check_exhausted(); i++) {
        if (ranges[i].drive != disk.drive)
            continue;
        if (read_range(&disk, &ranges[i]))
            check_pass();
        sectors += ranges[i].sectors;
    }
    print("readback drive=%02x sectors=%u", disk.drive, sectors);
}
