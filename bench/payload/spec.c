// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads the words of `random`, `read` and `write` into structs and checks
// them. Compiled into the payload and the host tool.

#include <stddef.h> // NULL

#include "layout.h" // PAYLOAD_SECTORS
#include "model.h" // MODEL_SECTORS
#include "spec.h"

// Both parsers return 0, or -1 with line->error set or a word left unused:
// script_bad_word() then names the culprit. disk_end is the drive's size in
// sectors.
int
random_spec_parse(struct script_line *line, u8 boot_drive, u64 disk_end
                  , struct random_spec *spec)
{
    spec->drive = script_drive(line, boot_drive);
    spec->seed = script_decimal(line, "seed", 1);
    spec->ops = script_decimal(line, "ops", 100);
    spec->from = script_lba(line, "from", disk_end, PAYLOAD_SECTORS);
    u64 to = script_lba(line, "to", disk_end, disk_end);
    spec->writes = script_decimal(line, "writes", 50);
    spec->chs = script_decimal(line, "chs", 0);
    spec->label = script_decimal(line, "label", 1);
    spec->maxcount = script_decimal(line, "maxcount", MAX_CALL_SECTORS);
    spec->sectors = (u32)(to - spec->from);

    if (to <= spec->from || to - spec->from > MODEL_SECTORS || to > disk_end)
        line->error = "to";
    if (!spec->maxcount || spec->maxcount > MAX_CALL_SECTORS)
        line->error = "maxcount";
    return script_bad_word(line) ? -1 : 0;
}

static enum expectation
parse_expectation(struct script_line *line)
{
    if (!script_text_of(line, "expect") || script_is(line, "expect", "pattern"))
        return EXPECT_PATTERN;
    if (script_is(line, "expect", "zero"))
        return EXPECT_ZERO;
    if (script_is(line, "expect", "any"))
        return EXPECT_ANY;
    if (!script_is(line, "expect", "fail"))
        line->error = "expect";
    return EXPECT_FAIL;
}

int
transfer_spec_parse(struct script_line *line, u8 boot_drive, u64 disk_end
                    , struct transfer_spec *spec)
{
    struct far_pointer arena = { 0, ARENA_START >> 4 };
    spec->drive = script_drive(line, boot_drive);
    spec->chs = (u8)script_decimal(line, "chs", 0);
    spec->lba = script_lba(line, "lba", disk_end, PAYLOAD_SECTORS);
    spec->count = script_decimal(line, "count", 1);
    spec->label = script_decimal(line, "label", 1);
    spec->expect = parse_expectation(line);
    spec->ah = (u8)script_hex(line, "ah", 0);
    spec->buffer = script_buffer(line, arena);
    spec->flat = script_address(line, "flat", NOT_FLAT);

    u32 max = spec->flat == NOT_FLAT ? MAX_CALL_SECTORS : MAX_FLAT_SECTORS;
    if (spec->count > max && spec->expect != EXPECT_FAIL)
        line->error = "count";
    return script_bad_word(line) ? -1 : 0;
}
