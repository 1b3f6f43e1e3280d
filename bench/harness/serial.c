// SPDX-License-Identifier: LGPL-3.0-or-later
// Decoder of the payload's output: see bench/payload/README.md, "Samples".

#include <stdio.h> // sscanf
#include <stdlib.h> // calloc
#include <string.h> // strstr

#include "job.h" // JOB_MAX_OPS
#include "record.h" // record_decode
#include "serial.h"

#define SAMPLES "samples "

// Returns the result line of the job of this name, NULL if there is none.
static const char *
find_result(const char *log, const char *job)
{
    size_t length = strlen(job);
    const char *line = log;
    while ((line = strstr(line, "job name="))) {
        int at_start = line == log || line[-1] == '\n';
        line += strlen("job name=");
        if (at_start && !strncmp(line, job, length) && line[length] == ' ')
            return line + length;
    }
    return NULL;
}

// Returns the first of the lines with samples right above the line of end.
static const char *
first_samples(const char *log, const char *end)
{
    const char *first = NULL, *line = end;
    while (line > log && line[-1] != '\n')
        line--;
    for (;;) {
        const char *above = line;
        if (above == log)
            return first;
        for (above--; above > log && above[-1] != '\n'; above--)
            ;
        if (strncmp(above, SAMPLES, strlen(SAMPLES)) != 0)
            return first;
        first = line = above;
    }
}

// Returns how many samples the lines up to end hold, of which the first count
// are stored; -1 if a letter is wrong.
static int
decode(const char *text, const char *end, u32 *samples, u32 count)
{
    u32 before = 0, n = 0;
    while (text && text < end && !strncmp(text, SAMPLES, strlen(SAMPLES))) {
        text += strlen(SAMPLES);
        while (*text != '\r' && *text != '\n' && *text) {
            text = record_decode(text, before, &before);
            if (!text)
                return -1;
            if (n < count)
                samples[n] = before;
            n++;
        }
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return (int)n;
}

// Reads a job's samples. Returns 0, or -1 with what is wrong in *problem.
int
serial_record(const char *log, const char *job, u32 spec
              , struct record *record, const char **problem)
{
    u32 crc, ops, ran;
    int length = 0;
    const char *result = find_result(log, job);
    *record = (struct record) { .samples = NULL };
    *problem = "the payload did not reach it";
    if (!result)
        return -1;
    *problem = "the payload reports that it failed";
    if (sscanf(result, " drive=%*x ops=%u spec=%x crc=%x tsc_khz=%u"
               " tsc_source=%15s result=pass%n", &ops, &ran, &crc
               , &record->tsc_khz, record->tsc_source, &length) != 5 || !length
        || !record->tsc_khz)
        return -1;
    *problem = "the payload ran another job of this name than was asked for";
    if (ran != spec)
        return -1;
    *problem = "it claims more samples than a job can have";
    record->samples = ops <= JOB_MAX_OPS
        ? calloc(ops + 1ULL, sizeof(*record->samples)) : NULL;
    if (!record->samples)
        return -1;
    record->count = ops;
    int count = decode(first_samples(log, result), result, record->samples
                       , ops);
    *problem = "its samples are cut short or damaged";
    if (count >= 0 && (u32)count == ops
        && record_crc(record->samples, ops) == crc)
        return 0;
    free(record->samples);
    *record = (struct record) { .samples = NULL };
    return -1;
}

// Returns 1 if all checks of the whole script passed.
int
serial_passed(const char *log)
{
    const char *done = strstr(log, "\nPAYLOAD DONE pass=");
    u32 failures;
    return done && sscanf(done, "\nPAYLOAD DONE pass=%*u fail=%u", &failures)
        == 1 && !failures;
}
