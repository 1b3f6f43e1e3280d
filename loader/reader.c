// SPDX-License-Identifier: LGPL-3.0-or-later
// int13 reads: by flat address if the BIOS is seen to support that, else by way
// of low memory.
//
// A BIOS that claims EDD 3.0 may still not support it: SeaBIOS accepts such a
// packet, reports success, and puts the data elsewhere (layout.h, STRAY_LOW).
// So a sector with known content is read first, over different data.

#include "bios.h" // bios_call
#include "io.h" // physical
#include "layout.h" // BOUNCE_ADDR
#include "reader.h"
#include "string.h" // memcpy

#define EDD_3_0 0x30
#define EDD_PACKETS 1 // of the interfaces in CX

#define FLAT_MOST 65280 // sectors of a call, 31.9 MiB: each one ends with a wait
#define FLAT_LEAST 120 // any BIOS can: if that fails, it is not the size
#define TRIES 3 // of an ordinary call

#define UNREAD 0x7ead4e55 // lies where data will

struct packet {
    u8 size, zero;
    u16 sectors;
    u32 buffer; // segment and offset, or ~0
    u64 lba;
    u64 flat;
} __attribute__((packed));

_Static_assert(sizeof(struct packet) == 24, "EDD 3.0 packet");

// Returns 0, or -1, with the status in the reader.
static int
call(struct reader *reader, struct packet *packet)
{
    struct real_regs regs = {
        .eax = 0x4200, .edx = reader->drive, .esi = near_offset(packet),
    };
    bios_call(0x13, &regs);
    if (!(regs.flags & FLAG_CF))
        return 0;
    reader->status = (u8)(regs.eax >> 8);
    return -1;
}

// A BIOS that follows EDD to the letter takes the number of sectors as a byte:
// asked for 65280 it reads none, and reports success. So the last sector counts
// as read only if its memory has changed.
static int
read_flat(struct reader *reader, u64 lba, u32 sectors, u32 address)
{
    struct packet packet = {
        .size = sizeof(packet), .sectors = (u16)sectors, .buffer = ~0U
        , .lba = lba, .flat = address,
    };
    volatile u32 *last = physical(address + sectors * SECTOR_SIZE - 4);
    *last = UNREAD;
    if (call(reader, &packet))
        return -1;
    return *last == UNREAD ? -1 : 0;
}

static int
read_copied(struct reader *reader, u64 lba, u32 sectors, u32 address)
{
    struct packet packet = {
        .size = 16, .sectors = (u16)sectors, .buffer = BOUNCE_ADDR >> 4 << 16
        , .lba = lba,
    };
    if (call(reader, &packet))
        return -1;
    memcpy(physical(address), physical(BOUNCE_ADDR), sectors * SECTOR_SIZE);
    return 0;
}

// The boot sector has found EDD; before version 3.0 it has no flat addresses.
void
reader_setup(struct reader *reader, u8 drive)
{
    struct real_regs regs = { .eax = 0x4100, .ebx = 0x55aa, .edx = drive };
    *reader = (struct reader) { .drive = drive };
    bios_call(0x13, &regs);
    if (!(regs.flags & FLAG_CF) && regs.ecx & EDD_PACKETS
        && (regs.eax >> 8 & 0xff) >= EDD_3_0)
        reader->flat_sectors = FLAT_MOST;
}

// Find out whether flat addresses work, by reading the sector at lba, whose
// content is known, to scratch, free memory above 1 MiB. The places that a BIOS
// may write to instead must be free, too (layout.h, STRAY_LOW and STRAY_HIGH).
void
reader_probe(struct reader *reader, u64 lba, const void *sector, u32 scratch)
{
    const u32 *known = sector;
    u32 *there = physical(scratch), i;
    for (i = 0; i < SECTOR_SIZE / sizeof(*there); i++)
        there[i] = ~known[i];
    if (reader->flat_sectors && (read_flat(reader, lba, 1, scratch)
                                 || memcmp(there, known, SECTOR_SIZE)))
        reader->flat_sectors = 0;
}

static u32
smaller(u32 a, u32 b)
{
    return a < b ? a : b;
}

// Returns how many sectors to try after a flat call of this many has failed, or
// 0 to give up flat calls.
static u32
next_flat_size(u32 sectors)
{
    if (sectors <= FLAT_LEAST)
        return 0;
    return sectors / 2 > FLAT_LEAST ? sectors / 2 : FLAT_LEAST;
}

// Read some of the sectors, all if one call can. Returns how many, 0 for an
// error. A flat call that fails is repeated with half as many sectors: the
// driver may have a limit.
u32
reader_read(struct reader *reader, u64 lba, u32 sectors, u32 address)
{
    u32 count, tries;
    while (reader->flat_sectors) {
        count = smaller(sectors, reader->flat_sectors);
        if (!read_flat(reader, lba, count, address))
            return count;
        reader->flat_sectors = next_flat_size(count);
    }
    count = smaller(sectors, BOUNCE_SECTORS);
    for (tries = 0; tries < TRIES; tries++)
        if (!read_copied(reader, lba, count, address))
            return count;
    return 0;
}
