// SPDX-License-Identifier: LGPL-3.0-or-later
// Sums what the traced calls of a job cost.

#include <err.h> // err
#include <math.h> // llround
#include <stdio.h> // sscanf
#include <stdlib.h> // calloc
#include <string.h> // strstr

#include "counters.h"
#include "files.h" // text_of
#include "jobfile.h" // EXIT_USAGE
#include "report/stats.h" // stats_median

#define WORD_SIZE 48

// Xen's public/xen.h
static const struct {
    unsigned number;
    const char *name;
} hypercalls[] = {
    { 12, "memory_op" }, { 13, "multicall" }, { 17, "xen_version" },
    { 18, "console_io" }, { 20, "grant_table_op" }, { 24, "vcpu_op" },
    { 29, "sched_op" }, { 32, "event_channel_op" }, { 33, "physdev_op" },
    { 34, "hvm_op" },
};

int
counters_jobs_per_job(const struct traced_run *run)
{
    return run->vdev ? 2 : 1;
}

static void
add(json_t *object, const char *key, long long number)
{
    long long before = json_integer_value(json_object_get(object, key));
    json_object_set_new(object, key, json_integer(before + number));
}

static void
add_hypercall(json_t *object, unsigned number, long long count)
{
    char name[WORD_SIZE];
    size_t i;
    for (i = 0; i < sizeof(hypercalls) / sizeof(hypercalls[0]); i++)
        if (hypercalls[i].number == number) {
            add(object, hypercalls[i].name, count);
            return;
        }
    snprintf(name, sizeof(name), "%u", number);
    add(object, name, count);
}

static const char *
next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

// Finds the lines of the series of this number, calls without output between
// them. `memmap` prints after each call, so it is no series; a job makes at
// least three calls, to open the disk. Returns the number of lines, 0 if there
// is no such series.
static size_t
find_series(const char *text, size_t number, const char **series)
{
    while (*text) {
        unsigned long group = strtoul(text, NULL, 10);
        size_t lines = 0;
        *series = text;
        while (*text && strtoul(text, NULL, 10) == group) {
            text = next_line(text);
            lines++;
        }
        if (lines > 2 && !number--)
            return lines;
    }
    return 0;
}

// Counts hypercalls and ports, which go into objects of their own. Returns 0
// if the key is neither.
static int
add_kind(json_t *counters, const char *key, long long count)
{
    unsigned number;
    char name[WORD_SIZE];
    if (sscanf(key, "hypercall-%u", &number) == 1) {
        add_hypercall(json_object_get(counters, "hypercalls"), number, count);
        return 1;
    }
    if (sscanf(key, "port-%x", &number) != 1)
        return 0;
    snprintf(name, sizeof(name), "0x%x", number);
    add(json_object_get(counters, "ports"), name, count);
    return 1;
}

// Returns the counter for a key that bench/trace/exits.c prints, NULL if the
// key is the reason of an exit.
static const char *
counter_of(const char *key)
{
    static const char *const names[][2] = {
        { "dm", "qemu_round_trips" }, { "interrupts", "interrupts" },
        { "grant-maps", "grant_maps" }, { "grant-unmaps", "grant_unmaps" },
        { "blocked-ticks", "guest_blocked_ns" }, { "dom0-ticks", "dom0_ns" },
    };
    size_t i;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(names[i][0], key))
            return names[i][1];
    return NULL;
}

// Returns how many exits the call had.
static uint64_t
add_call(json_t *counters, const char *line)
{
    json_t *exits = json_object_get(counters, "exits");
    char key[WORD_SIZE];
    long long count;
    uint64_t sum = 0;
    int length = 0;
    line += strcspn(line, " \n");
    while (sscanf(line, " %47[a-z0-9-]=%lld%n", key, &count, &length) == 2) {
        line += length;
        const char *name = counter_of(key);
        if (name)
            add(counters, name, count);
        else if (!strcmp(key, "exits"))
            sum = (uint64_t)count;
        else if (!add_kind(counters, key, count))
            add(exits, key, count);
        if (*line == '\n')
            break;
    }
    return sum;
}

// Converts a sum of ticks into ns.
static void
make_ns(json_t *counters, const char *name, unsigned long tsc_khz)
{
    double ticks = (double)json_integer_value(json_object_get(counters, name));
    if (tsc_khz)
        json_object_set_new(counters, name, json_integer(
                                llround(ticks * 1e6 / (double)tsc_khz)));
    else
        json_object_del(counters, name);
}

// Adds the calls of these lines, and the median of their exits: a timer tick is
// in few of them.
static void
add_calls(json_t *counters, const char *line, size_t calls)
{
    uint64_t *exits = calloc(calls + 1, sizeof(*exits));
    size_t i;
    if (!exits)
        err(EXIT_USAGE, "no memory");
    for (i = 0; i < calls; i++, line = next_line(line))
        exits[i] = add_call(counters, line);
    stats_sort(exits, calls);
    if (calls)
        json_object_set_new(counters, "median_exits"
                            , json_real(stats_median(exits, calls)));
    free(exits);
}

// Returns 0, or -1 if the trace lacks the job's calls.
static int
add_trace(json_t *counters, const struct traced_run *run, size_t job
          , size_t calls)
{
    const char *line = run->exits;
    size_t per_job = (size_t)counters_jobs_per_job(run), i;
    size_t lines = find_series(run->exits, job * per_job + per_job - 1, &line);
    if (lines < calls)
        return -1;
    for (i = 0; i < lines - calls; i++)
        line = next_line(line);
    add_calls(counters, line, calls);
    make_ns(counters, "guest_blocked_ns", run->tsc_khz);
    make_ns(counters, "dom0_ns", run->tsc_khz);
    return 0;
}

// Returns the driver's report of this number, NULL if there is none.
static char *
find_report(const struct traced_run *run, size_t number)
{
    char *start = text_of("xen-blk: %s: calls=", run->vdev);
    const char *report = strstr(run->log, start);
    while (report && number--)
        report = strstr(report + 1, start);
    free(start);
    return report ? first_line(text_of("%s", report)) : NULL;
}

// Returns the job's figure without its warm-up: the reports count on, so the
// job's share is the difference between the last two, and the warm-up's the one
// between the first two.
static long long
figure_of(char *const reports[3], const char *key)
{
    long long number[3] = { 0 };
    int i;
    for (i = 0; i < 3; i++) {
        const char *at = strstr(reports[i], key);
        if (at)
            number[i] = strtoll(at + strlen(key), NULL, 10);
    }
    return (number[2] - number[1]) - (number[1] - number[0]);
}

static int
add_figures(json_t *counters, char *const reports[3], size_t calls)
{
    long long bounced = figure_of(reports, " bounced=");
    long long moved = figure_of(reports, " moved=");
    long long ahead = figure_of(reports, " ahead=");
    if (figure_of(reports, " calls=") != (long long)calls)
        return -1;
    add(counters, "requests", figure_of(reports, " requests="));
    add(counters, "segments", figure_of(reports, " segments="));
    add(counters, "notifies", figure_of(reports, " notifies="));
    add(counters, "sleeps", figure_of(reports, " sleeps="));
    add(counters, "retries", figure_of(reports, " retries="));
    add(counters, "bounced_sectors", bounced);
    add(counters, "moved_sectors", moved);
    add(counters, "ahead_sectors", ahead);
    add(counters, "bytes_copied", (bounced + moved + ahead) * 512);
    return 0;
}

// Returns 0 if all is well, or if the firmware's driver reports nothing at all.
static int
add_driver(json_t *counters, const struct traced_run *run, size_t job
           , size_t calls)
{
    // The first report is of POST, the second of the payload's boot sector.
    size_t first = 1 + 2 * job, i;
    char *reports[3];
    int wrong = 0, missing = 0;
    for (i = 0; i < 3; i++) {
        reports[i] = find_report(run, first + i);
        missing += !reports[i];
    }
    if (!missing)
        wrong = add_figures(counters, reports, calls);
    else if (strstr(run->log, "xen-blk: ") && strstr(run->log, ": calls="))
        wrong = -1;
    for (i = 0; i < 3; i++)
        free(reports[i]);
    return wrong;
}

// Returns the counters of the job of this place in the script, for all its
// timed calls together; NULL if the run lacks any.
json_t *
counters_json(const struct traced_run *run, size_t job, size_t calls)
{
    json_t *counters = json_pack("{s{} s{} s{} si si si si si sI}", "exits"
                                 , "hypercalls", "ports"
                                 , "qemu_round_trips", 0, "grant_maps", 0
                                 , "grant_unmaps", 0, "guest_blocked_ns", 0
                                 , "dom0_ns", 0
                                 , "calls", (json_int_t)calls);
    if (!add_trace(counters, run, job, calls)
        && (!run->vdev || !add_driver(counters, run, job, calls)))
        return counters;
    json_decref(counters);
    return NULL;
}
