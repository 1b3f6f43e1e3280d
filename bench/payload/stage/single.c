// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands read and write: one transfer, checked against what the script
// expects.

#include <stddef.h> // NULL

#include "bios.h" // flat_address
#include "buffer.h" // buffer_prepare
#include "commands.h"
#include "console.h" // print
#include "layout.h" // ARENA_START
#include "model.h" // model_open
#include "report.h" // check_pass
#include "spec.h" // transfer_spec_parse

static void
print_result(const struct script_line *line, const struct disk *disk
             , const struct transfer *transfer)
{
    print("%s drive=%02x lba=%llu count=%u ", line->name, disk->drive
          , transfer->lba, transfer->count);
    if (transfer->is_flat)
        print("flat=%llx", transfer->flat);
    else
        print("buffer=%04x:%04x", transfer->buffer.segment
              , transfer->buffer.offset);
    print(" cf=%u ah=%02x moved=%u ticks=%llu", transfer->failed
          , transfer->ah, transfer->moved, transfer->ticks);
}

// A call that must fail: by carry, with the status asked for, and without a
// byte outside of the buffer.
static int
failed_as_expected(const struct disk *disk, const struct transfer *transfer
                   , u8 ah)
{
    if (!transfer->failed || !transfer->ah) {
        transfer_fail(disk, transfer, "should have failed");
        return 0;
    }
    if (ah && transfer->ah != ah) {
        transfer_fail(disk, transfer, "failed with another status");
        return 0;
    }
    // There need not be memory at a flat address.
    return transfer->is_flat || buffer_canaries(disk, transfer);
}

static int
check_read(const struct disk *disk, const struct transfer *transfer
           , const struct transfer_spec *spec)
{
    if (spec->expect == EXPECT_FAIL)
        return failed_as_expected(disk, transfer, spec->ah);
    if (!transfer_succeeded(disk, transfer)
        || !buffer_canaries(disk, transfer))
        return 0;
    if (spec->expect == EXPECT_PATTERN)
        return buffer_pattern(disk, transfer, spec->label);
    if (spec->expect == EXPECT_ZERO)
        return buffer_zero(disk, transfer);
    return 1;
}

static int
check_write(const struct disk *disk, const struct transfer *transfer
            , const struct transfer_spec *spec)
{
    if (spec->expect == EXPECT_FAIL)
        return failed_as_expected(disk, transfer, spec->ah);
    if (!transfer_succeeded(disk, transfer)
        || !buffer_canaries(disk, transfer))
        return 0;
    struct model_range *range = model_open(disk->drive, spec->lba, spec->count
                                           , spec->label);
    model_written(range, spec->lba, spec->count);
    return buffer_pattern(disk, transfer, spec->label);
}

// Returns 1 if the stage survives what is written to the buffer.
static int
is_free(const struct transfer_spec *spec)
{
    u64 start = spec->flat;
    u32 sectors = spec->count;
    if (spec->flat == NOT_FLAT) {
        start = flat_address(spec->buffer);
        if (sectors > MAX_CALL_SECTORS)
            sectors = MAX_CALL_SECTORS;
    } else if (spec->expect == EXPECT_FAIL || start >= FLAT_START) {
        return 1;
    }
    return start >= ARENA_START
           && start + sectors * SECTOR_SIZE <= bios_arena_end();
}

// Returns 1 if the stage survives the transfer and the model can follow it.
static int
is_possible(const struct script_line *line, const struct disk *disk
            , const struct transfer_spec *spec, u8 function)
{
    const char *problem = NULL;
    if (!is_free(spec))
        problem = "buffer neither within 1000:0000 to the end of low memory"
                  " nor above 2 MiB";
    else if (spec->chs && !disk_chs_reaches(disk, spec->lba))
        problem = "CHS does not reach this sector";
    else if (function == FN_WRITE && spec->expect != EXPECT_FAIL
             && !model_open(disk->drive, spec->lba, spec->count, spec->label))
        problem = "overlaps an earlier range, or too many ranges";
    if (problem)
        check_refuse(line, problem, "");
    return !problem;
}

static void
transfer_once(struct script_line *line, u8 function)
{
    struct disk disk;
    struct transfer_spec spec;
    if (open_disk(line, &disk))
        return;
    if (transfer_spec_parse(line, boot_drive(), disk.sectors, &spec)) {
        check_words(line);
        return;
    }
    if (!is_possible(line, &disk, &spec, function))
        return;
    struct transfer transfer = {
        .function = function, .chs = spec.chs, .lba = spec.lba,
        .count = spec.count, .buffer = spec.buffer,
        .is_flat = spec.flat != NOT_FLAT, .flat = spec.flat,
    };
    if (!transfer.is_flat || spec.expect != EXPECT_FAIL) {
        buffer_prepare(&transfer);
        if (function == FN_WRITE)
            buffer_fill_pattern(&disk, &transfer, spec.label);
    }
    disk_transfer(&disk, &transfer);
    int ok = function == FN_WRITE ? check_write(&disk, &transfer, &spec)
        : check_read(&disk, &transfer, &spec);
    if (ok)
        check_pass();
    print_result(line, &disk, &transfer);
}

void
command_read(struct script_line *line)
{
    transfer_once(line, FN_READ);
}

void
command_write(struct script_line *line)
{
    transfer_once(line, FN_WRITE);
}
