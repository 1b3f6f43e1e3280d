// SPDX-License-Identifier: LGPL-3.0-or-later
// The command job: timed calls in the words of fio, and every sample of them.

#include <stddef.h> // NULL

#include "clock.h" // clock_get
#include "commands.h"
#include "console.h" // print
#include "model.h" // model_open
#include "record.h" // record_encode
#include "stage/replay.h" // replay_load
#include "report.h" // check_words
#include "series.h"

#define LINE_LETTERS 72

static void
print_samples(const u32 *samples, u32 count)
{
    u32 i, used = 0, before = 0;
    char text[LINE_LETTERS + RECORD_LONGEST + 1];
    for (i = 0; i < count; i++) {
        used += record_encode(before, samples[i], text + used);
        before = samples[i];
        if (used < LINE_LETTERS && i + 1 < count)
            continue;
        text[used] = '\0';
        print("samples %s\n", text);
        used = 0;
    }
}

// A job that writes has its region in the model.
static int
open_model(const struct script_line *line, struct series *series)
{
    const struct job_spec *job = &series->job;
    if (!(job->rw & JOB_WRITE))
        return 0;
    series->range = model_open(job->drive, job->from, job->sectors, job->label);
    if (series->range)
        return 0;
    check_refuse(line, "overlaps an earlier range, or too many sectors", "");
    return -1;
}

// A job that replays a stream has it read.
static int
open_stream(const struct script_line *line, struct series *series)
{
    const char *problem = series->job.stream
        ? replay_load(&series->disk, &series->job) : NULL;
    if (!problem)
        return 0;
    check_refuse(line, problem, "");
    return -1;
}

void
command_job(struct script_line *line)
{
    struct series series = { .put_back = 0 };
    if (open_disk(line, &series.disk))
        return;
    if (job_spec_parse(line, boot_drive(), series.disk.sectors, &series.job)) {
        check_words(line);
        return;
    }
    if (series_check(line, &series) || open_model(line, &series)
        || open_stream(line, &series))
        return;
    const struct job_spec *job = &series.job;
    int failed = series_run(&series);
    if (!failed)
        print_samples(series_samples(), job->ops);
    print("job name=%s drive=%02x ops=%u spec=%08x", job->name, job->drive
          , job->ops, job_spec_crc(job));
    if (!failed)
        print(" crc=%08x tsc_khz=%u tsc_source=%s"
              , record_crc(series_samples(), job->ops), clock_get()->khz
              , clock_get()->source);
}
