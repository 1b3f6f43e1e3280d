// SPDX-License-Identifier: LGPL-3.0-or-later
// The command time: TSC ticks of a series of int13 calls, summed up.

#include "bios.h" // divide
#include "commands.h"
#include "console.h" // print
#include "layout.h" // ARENA_START
#include "report.h" // check_words
#include "series.h"
#include "string.h" // strcmp

#define MAX_CALLS 512

static const char *
parse_stride(struct script_line *line)
{
    const char *stride = script_text_of(line, "stride");
    if (!stride)
        return "seq";
    if (strcmp(stride, "seq") && strcmp(stride, "same")
        && strcmp(stride, "random"))
        line->error = "stride";
    return stride;
}

static u8
parse_op(struct script_line *line)
{
    if (script_is(line, "op", "write"))
        return JOB_WRITE;
    if (script_text_of(line, "op") && !script_is(line, "op", "read"))
        line->error = "op";
    return JOB_READ;
}

// Calls go up to the end of the disk and start over there.
static void
parse_series(struct script_line *line, struct series *series
             , const char *stride)
{
    struct far_pointer arena = { 0, ARENA_START >> 4 };
    u32 count = script_decimal(line, "count", 1);
    u64 end = series->disk.sectors;
    u64 first = script_lba(line, "lba", end, PAYLOAD_SECTORS);
    u64 span = first < end ? end - first : 0;
    if (!strcmp(stride, "same") && span > count)
        span = count;
    series->job = (struct job_spec) {
        .rw = parse_op(line) | (strcmp(stride, "random") ? 0 : JOB_RANDOM),
        .sizes = { { count, 100 } }, .size_count = 1,
        .from = first, .sectors = span >> 32 ? 0xffffffff : (u32)span,
        .align = 1, .seed = 1,
        .ops = script_decimal(line, "calls", 64),
        .buffer = script_buffer(line, arena),
    };
    series->job.warm = script_decimal(line, "warm", series->job.ops);
    if (!series->job.ops || series->job.ops > MAX_CALLS)
        line->error = "calls";
}

static void
sort_samples(u32 *samples, u32 count)
{
    u32 i, j;
    for (i = 1; i < count; i++) {
        u32 sample = samples[i];
        for (j = i; j > 0 && samples[j - 1] > sample; j--)
            samples[j] = samples[j - 1];
        samples[j] = sample;
    }
}

static u32
mean_of(const u32 *samples, u32 count)
{
    u64 sum = 0;
    u32 i, rest;
    for (i = 0; i < count; i++)
        sum += samples[i];
    return (u32)divide(sum, count, &rest);
}

// The median is that of int13bench: of an even number, the mean of two.
static void
print_samples(u32 *samples, u32 count)
{
    sort_samples(samples, count);
    const u32 *middle = &samples[(count - 1) / 2];
    print(" calls=%u min=%u median=%u max=%u mean=%u", count, samples[0]
          , mean_of(middle, count % 2 ? 1 : 2), samples[count - 1]
          , mean_of(samples, count));
}

void
command_time(struct script_line *line)
{
    struct series series = { .put_back = 1, .go_on = 1 };
    if (open_disk(line, &series.disk))
        return;
    const char *stride = parse_stride(line);
    parse_series(line, &series, stride);
    if (check_words(line) || series_check(line, &series))
        return;
    const struct job_spec *job = &series.job;
    int failed = series_run(&series);
    print("time drive=%02x op=%s lba=%llu count=%u buffer=%04x:%04x stride=%s"
          , series.disk.drive, job->rw & JOB_WRITE ? "write" : "read"
          , job->from, job->sizes[0].sectors, job->buffer.segment
          , job->buffer.offset, stride);
    if (!failed)
        print_samples(series_samples(), job->ops);
}
