// SPDX-License-Identifier: LGPL-3.0-or-later
// A table of medians. `int13bench report` draws much more.

#include <err.h> // err
#include <stdlib.h> // free
#include <string.h> // strcmp

#include "files.h" // text_of
#include "jobfile.h" // EXIT_USAGE
#include "report/stats.h" // stats_median
#include "table.h"

#define WIDTH 79
#define NAME_WIDTH 16 // of a job at most: longer ones are cut
#define COLUMN_LEAST 10

// All names of a kind, in the order in which they come.
struct names {
    char **list;
    size_t count;
};

static size_t
number_of(struct names *names, const char *name)
{
    size_t i;
    for (i = 0; i < names->count; i++)
        if (!strcmp(names->list[i], name))
            return i;
    names->list = reallocarray(names->list, i + 1, sizeof(*names->list));
    if (!names->list)
        err(EXIT_USAGE, "no memory");
    names->list[names->count++] = text_of("%s", name);
    return i;
}

static void
free_names(struct names *names)
{
    size_t i;
    for (i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

static const char *
text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

// "ours pv/phy", to be freed.
static char *
path_of(const json_t *job)
{
    const json_t *own = json_object_get(job, "int13bench");
    json_int_t us = json_integer_value(json_object_get(own, "latency_us"));
    const char *transport = text_in(own, "transport");
    char latency[32] = "";
    if (us)
        snprintf(latency, sizeof(latency), "+%lld", (long long)us);
    return text_of("%s %s%s%s%s", text_in(own, "firmware"), transport
                   , strcmp(transport, "pv") ? "" : "/"
                   , strcmp(transport, "pv") ? "" : text_in(own, "backend")
                   , latency);
}

// Returns the median of all valid runs of the job on the path, in ns; -1 if there
// is none, -2 if it was not to be run.
static double
median_of(const json_t *jobs, const char *name, const char *path)
{
    uint64_t *samples = NULL;
    size_t count = 0, i, k;
    const json_t *job;
    double median = -2;
    json_array_foreach(jobs, i, job) {
        const json_t *own = json_object_get(job, "int13bench"), *list;
        char *here = path_of(job);
        int other = strcmp(here, path) || strcmp(text_in(job, "jobname"), name);
        free(here);
        if (other)
            continue;
        median = median < -1 ? -1 : median;
        list = json_object_get(own, "samples_ns");
        if (!json_is_true(json_object_get(own, "valid")))
            continue;
        samples = reallocarray(samples, count + json_array_size(list) + 1
                               , sizeof(*samples));
        if (!samples)
            err(EXIT_USAGE, "no memory");
        for (k = 0; k < json_array_size(list); k++)
            samples[count++] = (uint64_t)json_integer_value(
                json_array_get(list, k));
    }
    if (count) {
        stats_sort(samples, count);
        median = stats_median(samples, count);
    }
    free(samples);
    return median;
}

static void
print_cell(double median, int width, FILE *to)
{
    if (median < 0)
        fprintf(to, "  %*s", width, median < -1 ? "-" : "not valid");
    else
        fprintf(to, "  %*.1f", width, median / 1000);
}

static int
width_of(const char *path)
{
    int length = (int)strlen(path);
    return length < COLUMN_LEAST ? COLUMN_LEAST : length;
}

// Prints the paths from this one on that fit side by side. Returns the next one.
static size_t
print_block(const json_t *jobs, const struct names *names
            , const struct names *paths, size_t from, FILE *to)
{
    int used = NAME_WIDTH;
    size_t end = from, i, k;
    while (end < paths->count
           && (end == from || used + 2 + width_of(paths->list[end]) <= WIDTH))
        used += 2 + width_of(paths->list[end++]);
    fprintf(to, "%-*s", NAME_WIDTH, "median us a call");
    for (k = from; k < end; k++)
        fprintf(to, "  %*.*s", width_of(paths->list[k]), WIDTH - NAME_WIDTH - 2
                , paths->list[k]);
    fprintf(to, "\n");
    for (i = 0; i < names->count; i++) {
        fprintf(to, "%-*.*s", NAME_WIDTH, NAME_WIDTH, names->list[i]);
        for (k = from; k < end; k++)
            print_cell(median_of(jobs, names->list[i], paths->list[k])
                       , width_of(paths->list[k]), to);
        fprintf(to, "\n");
    }
    return end;
}

void
table_print(const json_t *results, FILE *to)
{
    const json_t *jobs = json_object_get(results, "jobs"), *job;
    struct names names = { .list = NULL }, paths = { .list = NULL };
    size_t i;
    json_array_foreach(jobs, i, job) {
        char *path = path_of(job);
        number_of(&names, text_in(job, "jobname"));
        number_of(&paths, path);
        free(path);
    }
    for (i = 0; i < paths.count; )
        i = print_block(jobs, &names, &paths, i, to);
    free_names(&names);
    free_names(&paths);
}
