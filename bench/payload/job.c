// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads the words of `job` and makes its calls, one after another. Compiled
// into the payload and the host tools.

#include <stddef.h> // NULL

#include "job.h"
#include "layout.h" // ARENA_START
#include "record.h" // record_crc
#include "string.h" // strcmp

static const struct {
    const char *name;
    u8 rw;
} kinds[] = {
    { "read", JOB_READ }, { "write", JOB_WRITE },
    { "rw", JOB_READ | JOB_WRITE }, { "readwrite", JOB_READ | JOB_WRITE },
    { "randread", JOB_RANDOM | JOB_READ },
    { "randwrite", JOB_RANDOM | JOB_WRITE },
    { "randrw", JOB_RANDOM | JOB_READ | JOB_WRITE },
};

// The bits of a kind of job, or -1 if there is none of that name.
int
job_parse_rw(const char *name)
{
    u32 i;
    for (i = 0; i < ARRAY_SIZE(kinds); i++)
        if (!strcmp(kinds[i].name, name))
            return kinds[i].rw;
    return -1;
}

static u8
parse_rw(struct script_line *line)
{
    const char *name = script_text_of(line, "rw");
    int kind = name ? job_parse_rw(name) : JOB_READ;
    if (kind < 0)
        line->error = "rw";
    return (u8)kind;
}

// Read "63" or "8/75,63/25": sectors of a call, and of how many in a hundred.
// Returns 0, or -1 if it is no such list.
static int
parse_sizes(const char *text, struct job_spec *spec)
{
    u32 percents = 0;
    do {
        u64 sectors, percent = 100;
        if (spec->size_count == JOB_SIZES)
            return -1;
        text = script_parse_number(text, 10, &sectors);
        if (text && *text == '/')
            text = script_parse_number(text + 1, 10, &percent);
        if (!text || !sectors || sectors > MAX_CALL_SECTORS || percent > 100)
            return -1;
        spec->sizes[spec->size_count++]
            = (struct job_size) { (u32)sectors, (u32)percent };
        percents += (u32)percent;
    } while (*text++ == ',');
    return text[-1] || percents != 100 ? -1 : 0;
}

u32
job_largest(const struct job_spec *spec)
{
    u32 i, largest = 0;
    for (i = 0; i < spec->size_count; i++)
        if (spec->sizes[i].sectors > largest)
            largest = spec->sizes[i].sectors;
    return largest;
}

u32
job_smallest(const struct job_spec *spec)
{
    u32 i, sectors = MAX_CALL_SECTORS;
    for (i = 0; i < spec->size_count; i++)
        if (spec->sizes[i].sectors < sectors)
            sectors = spec->sizes[i].sectors;
    return sectors;
}

static void
parse_region(struct script_line *line, u64 disk_end, struct job_spec *spec)
{
    spec->from = script_lba(line, "offset", disk_end, PAYLOAD_SECTORS);
    u64 left = spec->from < disk_end ? disk_end - spec->from : 0;
    u64 size = script_lba(line, "size", left, left);
    spec->sectors = size >> 32 ? 0xffffffff : (u32)size;
    if (!left)
        line->error = "offset";
    else if (size > left || size < job_largest(spec))
        line->error = "size";
}

// Returns 0, or -1: script_bad_word() then names the culprit. disk_end is the
// drive's size in sectors.
int
job_spec_parse(struct script_line *line, u8 boot_drive, u64 disk_end
               , struct job_spec *spec)
{
    struct far_pointer arena = { 0, ARENA_START >> 4 };
    const char *name = script_text_of(line, "name");
    const char *sizes = script_text_of(line, "bs");
    *spec = (struct job_spec) { .name = name ? name : "job" };
    if (parse_sizes(sizes ? sizes : "1", spec))
        line->error = "bs";
    spec->drive = script_drive(line, boot_drive);
    spec->rw = parse_rw(line);
    spec->chs = (u8)script_decimal(line, "chs", 0);
    spec->verify = (u8)script_decimal(line, "verify", 1);
    parse_region(line, disk_end, spec);
    spec->align = script_decimal(line, "align", job_smallest(spec));
    spec->mixread = script_decimal(line, "mixread", 50);
    spec->ops = script_decimal(line, "ops", 64);
    spec->warm = script_decimal(line, "warm", spec->ops);
    spec->think = script_decimal(line, "think", 0);
    spec->seed = script_decimal(line, "seed", 1);
    spec->label = script_decimal(line, "label", 1);
    spec->buffer = script_buffer(line, arena);
    spec->stream = script_lba(line, "stream", disk_end, 0);
    spec->call_count = script_decimal(line, "calls", spec->ops);
    if (spec->call_count > JOB_MAX_OPS)
        line->error = "calls";
    if (spec->stream && (spec->rw != JOB_READ || !spec->call_count))
        line->error = "stream";
    if (!spec->align)
        line->error = "align";
    if (spec->ops > JOB_MAX_OPS)
        line->error = "ops";
    return script_bad_word(line) ? -1 : 0;
}

// A CRC-32 over all that decides which calls the job makes, its name and a
// recorded stream included: the payload reports it of the job that it ran, and
// the host compares it with that of the job that was asked for.
u32
job_spec_crc(const struct job_spec *spec)
{
    // A stream does not use the region, which is the whole disk then.
    u64 from = spec->stream ? spec->stream : spec->from;
    u32 sectors = spec->stream ? 0 : spec->sectors, name = 0, i;
    u32 words[18 + 2 * JOB_SIZES] = {
        spec->drive, spec->rw, spec->chs, spec->verify, (u32)from
        , (u32)(from >> 32), sectors, spec->align, spec->mixread, spec->ops
        , spec->warm, spec->think, spec->seed, spec->label
        , (u32)spec->buffer.segment << 16 | spec->buffer.offset
        , spec->call_count
    };
    for (i = 0; spec->name[i]; i++)
        name = name * 33 + (u8)spec->name[i];
    words[16] = name;
    if (spec->calls)
        words[17] = record_crc((const u32 *)spec->calls, 2 * spec->call_count);
    for (i = 0; i < spec->size_count; i++) {
        words[18 + 2 * i] = spec->sizes[i].sectors;
        words[19 + 2 * i] = spec->sizes[i].percent;
    }
    return record_crc(words, ARRAY_SIZE(words));
}

void
job_start(struct job_stream *stream, const struct job_spec *spec)
{
    struct random_spec random = { .seed = spec->seed };
    *stream = (struct job_stream) { .spec = spec };
    stream_start(&stream->random, &random, 0);
}

static int
pick_write(struct job_stream *stream)
{
    const struct job_spec *spec = stream->spec;
    if ((spec->rw & (JOB_READ | JOB_WRITE)) != (JOB_READ | JOB_WRITE))
        return spec->rw & JOB_WRITE;
    return stream_below(&stream->random, 100) >= spec->mixread;
}

static u32
pick_size(struct job_stream *stream)
{
    const struct job_spec *spec = stream->spec;
    if (spec->size_count == 1)
        return spec->sizes[0].sectors;
    u32 i = 0, choice = stream_below(&stream->random, 100);
    while (choice >= spec->sizes[i].percent)
        choice -= spec->sizes[i++].percent;
    return spec->sizes[i].sectors;
}

// Returns a position in the region. As in fio, reads and writes each have a
// position of their own, and start over at the region's end.
static u32
pick_position(struct job_stream *stream, const struct job_op *op)
{
    const struct job_spec *spec = stream->spec;
    if (spec->rw & JOB_RANDOM) {
        u32 last = (spec->sectors - op->count) / spec->align;
        return stream_below(&stream->random, last + 1) * spec->align;
    }
    u32 *next = &stream->next[op->write];
    if (spec->sectors - *next < op->count)
        *next = 0;
    u32 position = *next;
    *next += op->count;
    return position;
}

// The next call of a recorded stream, which starts over at its end.
static void
next_recorded(struct job_stream *stream, struct job_op *op)
{
    const struct replay_call *call = &stream->spec->calls[stream->call++];
    u32 address = replay_address(call);
    if (stream->call == stream->spec->call_count)
        stream->call = 0;
    *op = (struct job_op) {
        .lba = call->lba, .count = replay_sectors(call),
        .chs = (u8)replay_chs(call),
        .buffer = { (u16)(address & 0xf), (u16)(address >> 4) },
    };
}

// Make the next call, without end.
void
job_next(struct job_stream *stream, struct job_op *op)
{
    if (stream->spec->calls) {
        next_recorded(stream, op);
        return;
    }
    op->chs = stream->spec->chs;
    op->buffer = stream->spec->buffer;
    op->write = pick_write(stream) != 0;
    op->count = pick_size(stream);
    op->lba = stream->spec->from + pick_position(stream, op);
}
