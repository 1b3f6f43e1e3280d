// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads a recorded stream to memory above the samples, and checks that every
// call stays on the disk and in the arena.

#include <stddef.h> // NULL

#include "bios.h" // bios_arena_end
#include "io.h" // physical
#include "layout.h" // ARENA_START
#include "stage/replay.h"
#include "spec.h" // MAX_CALL_SECTORS
#include "string.h" // memcpy

// Bit 20 is clear: it is memory whatever A20 says.
#define CALLS_ADDR 0x400000
#define CALLS_END (CALLS_ADDR + JOB_MAX_OPS * sizeof(struct replay_call))
_Static_assert(CALLS_END <= 0x500000, "calls in an even megabyte");

static int
have_memory(void)
{
    volatile u32 *last = physical(CALLS_END - sizeof(*last));
    *last = 0x5a5aa5a5;
    if (*last != 0x5a5aa5a5)
        return 0;
    *last = 0;
    return *last == 0;
}

static int
is_good(const struct disk *disk, const struct replay_call *call)
{
    u32 sectors = replay_sectors(call), address = replay_address(call);
    return sectors && sectors <= MAX_CALL_SECTORS
        && (u64)call->lba + sectors <= disk->sectors
        && address >= ARENA_START
        && address + sectors * SECTOR_SIZE <= bios_arena_end()
        && (!replay_chs(call)
            || disk_chs_reaches(disk, call->lba + sectors - 1));
}

// Returns 0, or -1 if the disk cannot be read.
static int
read_calls(const struct disk *disk, u64 lba, u32 bytes)
{
    struct transfer transfer = {
        .function = FN_READ, .lba = lba, .count = MAX_CALL_SECTORS / 2,
        .buffer = { 0, ARENA_START >> 4 },
    };
    u8 *to = physical(CALLS_ADDR);
    while (bytes) {
        u32 length = transfer.count * SECTOR_SIZE;
        if (bytes < length) {
            length = bytes;
            transfer.count = (bytes + SECTOR_SIZE - 1) / SECTOR_SIZE;
        }
        disk_transfer(disk, &transfer);
        if (transfer.failed)
            return -1;
        memcpy(to, physical(ARENA_START), length);
        to += length;
        bytes -= length;
        transfer.lba += transfer.count;
    }
    return 0;
}

const char *
replay_load(const struct disk *disk, struct job_spec *job)
{
    const struct replay_call *calls = physical(CALLS_ADDR);
    u32 i;
    if (!have_memory())
        return "no memory for a stream at 4 MiB";
    if (read_calls(disk, job->stream, job->call_count * sizeof(*calls)))
        return "the stream cannot be read";
    for (i = 0; i < job->call_count; i++)
        if (!is_good(disk, &calls[i]))
            return "the stream has a call that cannot be made here";
    job->calls = calls;
    return NULL;
}
