// SPDX-License-Identifier: LGPL-3.0-or-later
// Preparation and checks of a transfer's memory. The fill bytes change with
// every call, so that a stale byte is never taken for a fresh one.

#include "bios.h" // flat_address
#include "buffer.h"
#include "console.h" // print
#include "high.h" // high_memory
#include "io.h" // physical
#include "layout.h" // SECTOR_SIZE
#include "model.h" // model_generation
#include "pattern.h" // pattern_sector
#include "report.h" // transfer_fail
#include "spec.h" // MAX_CALL_SECTORS
#include "string.h" // memset

#define CANARY_SIZE SECTOR_SIZE

// Where FFFF:FFFF points to, if it is not the mark of a flat address.
#define FFFF_FFFF 0x10ffef

static u8 salt;

static u8
canary_byte(const u8 *p)
{
    u32 address = (u32)p;
    return (u8)(address ^ address >> 8 ^ salt);
}

static u8
body_byte(void)
{
    return (u8)(salt * 29 + 0x5a);
}

// Returns where the transfer's memory can be reached.
static u8 *
body_of(const struct transfer *transfer)
{
    if (!transfer->is_flat)
        return physical(flat_address(transfer->buffer));
    if ((transfer->flat + transfer->count * SECTOR_SIZE) >> 32)
        return high_memory(transfer->flat);
    return physical((u32)transfer->flat);
}

// Returns the size of the buffer: at most what a call may move, even if the
// count is larger.
static u32
length_of(const struct transfer *transfer)
{
    u32 max = transfer->is_flat ? MAX_FLAT_SECTORS : MAX_CALL_SECTORS;
    return (transfer->count < max ? transfer->count : max) * SECTOR_SIZE;
}

static void
fill_canary(u8 *p)
{
    u8 *end = p + CANARY_SIZE;
    for (; p < end; p++)
        *p = canary_byte(p);
}

// Fill the buffer of a coming call, and a canary on each side of it.
void
buffer_prepare(const struct transfer *transfer)
{
    u8 *body = body_of(transfer);
    salt++;
    if (transfer->is_flat)
        fill_canary(physical(FFFF_FFFF));
    fill_canary(body - CANARY_SIZE);
    memset(body, body_byte(), length_of(transfer));
    fill_canary(body + length_of(transfer));
}

// Fill the buffer with the generations that a write is to make.
void
buffer_fill_pattern(const struct disk *disk, const struct transfer *transfer
                    , u32 label)
{
    u32 sector[PATTERN_WORDS], i;
    u8 *body = body_of(transfer), *end = body + length_of(transfer);
    for (i = 0; body < end; i++, body += SECTOR_SIZE) {
        u64 lba = transfer->lba + i;
        u32 next = model_next(model_generation(disk->drive, lba));
        pattern_sector(sector, label, lba, next);
        memcpy(body, sector, SECTOR_SIZE);
    }
}

static void
report_byte(const struct disk *disk, const struct transfer *transfer
            , const char *what, const u8 *p, u8 expected)
{
    u8 got = *p;
    int offset = (int)(p - body_of(transfer));
    transfer_fail(disk, transfer, what);
    print("  offset=%s%u got=%02x expected=%02x\n", offset < 0 ? "-" : ""
          , (u32)(offset < 0 ? -offset : offset), got, expected);
}

static int
check_canary(const struct disk *disk, const struct transfer *transfer
             , const u8 *p)
{
    const u8 *end = p + CANARY_SIZE;
    for (; p < end; p++)
        if (*p != canary_byte(p)) {
            report_byte(disk, transfer, "memory outside the buffer changed"
                        , p, canary_byte(p));
            return 0;
        }
    return 1;
}

int
buffer_canaries(const struct disk *disk, const struct transfer *transfer)
{
    const u8 *body = body_of(transfer);
    return (!transfer->is_flat
            || check_canary(disk, transfer, physical(FFFF_FFFF)))
        && check_canary(disk, transfer, body - CANARY_SIZE)
        && check_canary(disk, transfer, body + length_of(transfer));
}

static int
check_bytes(const struct disk *disk, const struct transfer *transfer
            , u32 first_sector, u8 expected, const char *what)
{
    const u8 *body = body_of(transfer);
    const u8 *p = body + first_sector * SECTOR_SIZE;
    const u8 *end = body + length_of(transfer);
    for (; p < end; p++)
        if (*p != expected) {
            report_byte(disk, transfer, what, p, expected);
            return 0;
        }
    return 1;
}

// From first_sector on the buffer must be as buffer_prepare() left it.
int
buffer_untouched(const struct disk *disk, const struct transfer *transfer
                 , u32 first_sector)
{
    return check_bytes(disk, transfer, first_sector, body_byte()
                       , "buffer changed where no data belongs");
}

int
buffer_zero(const struct disk *disk, const struct transfer *transfer)
{
    return check_bytes(disk, transfer, 0, 0, "sector is not zero");
}

static void
report_sector(const struct disk *disk, const struct transfer *transfer
              , const u8 *got, const u8 *expected, u64 lba)
{
    u32 at = 0;
    while (got[at] == expected[at])
        at++;
    report_byte(disk, transfer, "wrong data", got + at, expected[at]);
    print("  at byte %u of sector %llu generation %u: ", at, lba
          , model_generation(disk->drive, lba));
    struct pattern_header found;
    if (pattern_identify(got, &found))
        print("found label=%u lba=%llu generation=%u\n", found.label
              , (u64)found.lba_high << 32 | found.lba_low, found.generation);
    else
        print("found no pattern\n");
}

// Every sector of the buffer must be in its present generation.
int
buffer_pattern(const struct disk *disk, const struct transfer *transfer
               , u32 label)
{
    u32 sector[PATTERN_WORDS], i;
    const u8 *body = body_of(transfer);
    for (i = 0; i < transfer->count; i++, body += SECTOR_SIZE) {
        u64 lba = transfer->lba + i;
        pattern_sector(sector, label, lba, model_generation(disk->drive, lba));
        if (memcmp(body, sector, SECTOR_SIZE)) {
            report_sector(disk, transfer, body, (const u8 *)sector, lba);
            return 0;
        }
    }
    return 1;
}
