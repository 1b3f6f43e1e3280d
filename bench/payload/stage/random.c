// SPDX-License-Identifier: LGPL-3.0-or-later
// The command random: makes the calls of stream.c through int13, checks every
// byte read against the model, and guards every byte around every buffer.

#include "bios.h" // bios_arena_end
#include "buffer.h" // buffer_prepare
#include "commands.h"
#include "console.h" // print
#include "model.h" // model_open
#include "report.h" // transfer_fail
#include "stream.h" // stream_next

struct tally {
    u32 reads, writes, chs, sectors;
};

static int
transfer_and_check(const struct disk *disk, struct transfer *transfer
                   , struct model_range *range)
{
    buffer_prepare(transfer);
    if (transfer->function == FN_WRITE)
        buffer_fill_pattern(disk, transfer, range->label);
    disk_transfer(disk, transfer);
    if (!transfer_succeeded(disk, transfer))
        return 0;
    // A write must leave in the buffer what it put on the disk.
    if (transfer->function == FN_WRITE)
        model_written(range, transfer->lba, transfer->count);
    return buffer_canaries(disk, transfer)
        && buffer_pattern(disk, transfer, range->label);
}

static void
run_op(const struct disk *disk, const struct stream_op *op
       , struct model_range *range, struct tally *tally)
{
    struct transfer transfer = {
        .function = op->write ? FN_WRITE : FN_READ,
        .chs = op->chs && disk_chs_reaches(disk, op->lba),
        .lba = op->lba, .count = op->count, .buffer = op->buffer,
    };
    if (transfer_and_check(disk, &transfer, range))
        check_pass();
    tally->reads += !op->write;
    tally->writes += op->write;
    tally->chs += transfer.chs;
    tally->sectors += op->count;
}

void
command_random(struct script_line *line)
{
    struct disk disk;
    struct random_spec spec;
    if (open_disk(line, &disk))
        return;
    if (random_spec_parse(line, boot_drive(), disk.sectors, &spec)) {
        check_words(line);
        return;
    }
    struct model_range *range = model_open(spec.drive, spec.from, spec.sectors
                                           , spec.label);
    if (!range) {
        check_refuse(line, "overlaps an earlier range, or too many sectors"
                     , "");
        return;
    }
    struct stream stream;
    struct stream_op op;
    struct tally tally = { 0 };
    stream_start(&stream, &spec, bios_arena_end());
    while (!check_exhausted() && stream_next(&stream, &op))
        run_op(&disk, &op, range, &tally);
    print("random drive=%02x seed=%u from=%llu sectors=%u reads=%u writes=%u"
          " chs=%u moved=%u", spec.drive, spec.seed, spec.from, spec.sectors
          , tally.reads, tally.writes, tally.chs, tally.sectors);
}
