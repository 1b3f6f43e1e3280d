// SPDX-License-Identifier: LGPL-3.0-or-later
// Groups runs into a grid of cells: see grid.h.

#include "grid.h"

#include <inttypes.h> // PRIu64
#include <stdio.h> // snprintf
#include <string.h> // strcmp

const char *const clock_names[CLOCKS] = { "virtual", "wall", "modelled" };


/****************************************************************
 * Jobs and series
 ****************************************************************/

// Returns a job's name without the number of sectors at its end.
static const char *
family_of(struct pool *pool, const char *name)
{
    size_t length = strlen(name), digits = 0;
    while (digits < length && name[length - digits - 1] >= '0'
           && name[length - digits - 1] <= '9')
        digits++;
    if (digits && digits + 1 < length && name[length - digits - 1] == '-')
        return pool_format(pool, "%.*s", (int)(length - digits - 1), name);
    return name;
}

static const char *
option_of(const struct run *run, const char *name)
{
    for (size_t i = 0; i < run->option_count; i++)
        if (!strcmp(run->options[i].name, name))
            return run->options[i].value;
    return "";
}

static double
bytes_of_call(const struct run *run)
{
    if (run->sectors)
        return (double)run->sectors * SECTOR_SIZE;
    return run->ios ? (double)run->bytes / (double)run->ios : 0;
}

static size_t
find_job(const struct grid *grid, const struct run *run)
{
    size_t i = 0;
    while (i < grid->job_count && strcmp(grid->jobs[i].name, run->job))
        i++;
    return i;
}

static void
add_job(struct pool *pool, struct grid *grid, const struct run *run)
{
    grid->jobs[grid->job_count++] = (struct job){
        .name = run->job, .family = family_of(pool, run->job),
        .rw = option_of(run, "rw"), .sectors = run->sectors,
        .bytes = bytes_of_call(run), .first = run,
        .recorded = *option_of(run, "read_iolog") != 0,
    };
}

static size_t
find_series(const struct grid *grid, const struct run *run)
{
    size_t i = 0;
    for (; i < grid->series_count; i++) {
        const struct series *series = &grid->series[i];
        if (!strcmp(series->firmware, run->firmware)
            && !strcmp(series->transport, run->transport)
            && !strcmp(series->backend, run->backend))
            break;
    }
    return i;
}

static const char *
label_of(struct pool *pool, const struct run *run)
{
    // Emulated transports have no other backend.
    if (!*run->backend || !strcmp(run->backend, "qemu"))
        return pool_format(pool, "%s %s", run->firmware, run->transport);
    return pool_format(pool, "%s %s/%s", run->firmware, run->transport
                       , run->backend);
}

static void
add_series(struct pool *pool, struct grid *grid, const struct run *run)
{
    struct series series = { run->firmware, run->transport, run->backend
        , label_of(pool, run), { 0, 0 } };
    for (size_t i = 0; i < grid->series_count; i++) {
        const struct series *other = &grid->series[i];
        if (!strcmp(other->transport, series.transport)
            && !strcmp(other->backend, series.backend)) {
            series.style.hue = other->style.hue;
            series.style.variant = other->style.variant + 1;
        } else if (!series.style.variant && other->style.hue >= series.style.hue) {
            series.style.hue = other->style.hue + 1;
        }
    }
    grid->series[grid->series_count++] = series;
}


/****************************************************************
 * Contradictions
 ****************************************************************/

// Returns true if two runs of the same name did the same work, once each.
static bool
runs_agree(const struct run *a, const struct run *b, const char **why)
{
    *why = "another number of sectors";
    if (a->sectors != b->sectors)
        return false;
    *why = "another rw=";
    if (strcmp(option_of(a, "rw"), option_of(b, "rw")) != 0)
        return false;
    *why = "the same firmware, transport, backend and repetition";
    return a->repetition != b->repetition || strcmp(a->firmware, b->firmware)
           || strcmp(a->transport, b->transport)
           || strcmp(a->backend, b->backend);
}

static bool
check_runs(const struct results *results, const char *clock, char *message
           , size_t size)
{
    const char *why;
    for (size_t i = 0; i < results->run_count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct run *a = &results->runs[k], *b = &results->runs[i];
            if (strcmp(a->clock, clock) || strcmp(b->clock, clock)
                || strcmp(a->job, b->job) || runs_agree(a, b, &why))
                continue;
            snprintf(message, size, "%s: jobs[%zu]: the job '%.80s' has %s as"
                     " jobs[%zu] of that name", results->file, i, b->job
                     , why, k);
            if (strstr(why, "another"))
                snprintf(message, size, "%s: jobs[%zu]: the job '%.80s' has %s"
                         " than jobs[%zu] of that name", results->file, i
                         , b->job, why, k);
            return false;
        }
    return true;
}


/****************************************************************
 * Cells
 ****************************************************************/

static void
add_samples(struct pool *pool, struct cell *cell, const struct run *run)
{
    uint64_t *sorted = pool_grow(pool, run->samples, run->sample_count
                                 , run->sample_count, sizeof(*sorted));
    stats_sort(sorted, run->sample_count);
    double median = stats_median(sorted, run->sample_count);
    if (!cell->runs || median < cell->low_run)
        cell->low_run = median;
    if (!cell->runs || median > cell->high_run)
        cell->high_run = median;
    cell->samples = pool_grow(pool, cell->samples, cell->count
                              , cell->count + run->sample_count
                              , sizeof(*cell->samples));
    memcpy(cell->samples + cell->count, run->samples
           , run->sample_count * sizeof(*run->samples));
    cell->count += run->sample_count;
}

static void
add_counts(struct pool *pool, struct counts *sum, const struct counts *counts)
{
    for (size_t i = 0; i < counts->count; i++) {
        size_t k = 0;
        while (k < sum->count && strcmp(sum->list[k].name, counts->list[i].name))
            k++;
        if (k == sum->count) {
            sum->list = pool_grow(pool, sum->list, k, k + 1, sizeof(*sum->list));
            sum->list[sum->count++].name = counts->list[i].name;
        }
        sum->list[k].number += counts->list[i].number;
    }
}

// A counter that is not in every run with counters has no sum. The runs of a cell
// have their counters from one traced guest: all medians are the first one.
static void
add_counters(struct pool *pool, struct counters *sum
             , const struct counters *counters)
{
    bool first = !sum->calls;
    if (!counters->calls)
        return;
    if (first) {
        sum->has_median_exits = counters->has_median_exits;
        sum->median_exits = counters->median_exits;
    }
    sum->calls += counters->calls;
    sum->has_exits = counters->has_exits && (first || sum->has_exits);
    sum->has_hypercalls = counters->has_hypercalls
                          && (first || sum->has_hypercalls);
    add_counts(pool, &sum->exits, &counters->exits);
    add_counts(pool, &sum->hypercalls, &counters->hypercalls);
    sum->has_ports = counters->has_ports && (first || sum->has_ports);
    add_counts(pool, &sum->ports, &counters->ports);
    for (int i = 0; i < COUNTER_KINDS; i++) {
        sum->has[i] = counters->has[i] && (first || sum->has[i]);
        sum->number[i] += counters->number[i];
    }
}

static void
add_run(struct pool *pool, struct cell *cell, const struct run *run)
{
    if (!run->valid) {
        cell->invalid++;
        return;
    }
    add_samples(pool, cell, run);
    add_counters(pool, &cell->counters, &run->counters);
    if (run->has_waterfall && !cell->has_waterfall) {
        cell->has_waterfall = true;
        memcpy(cell->waterfall, run->waterfall, sizeof(cell->waterfall));
    }
    cell->valid = pool_grow(pool, cell->valid, cell->runs, cell->runs + 1
                            , sizeof(const struct run *));
    cell->valid[cell->runs++] = run;
}

static void
sum_up(struct cell *cell)
{
    if (!cell->count)
        return;
    stats_sort(cell->samples, cell->count);
    cell->median = stats_median(cell->samples, cell->count);
    cell->mean = stats_mean(cell->samples, cell->count);
    cell->p95 = stats_percentile(cell->samples, cell->count, 0.95);
    cell->p99 = stats_percentile(cell->samples, cell->count, 0.99);
    cell->max = (double)cell->samples[cell->count - 1];
    cell->interval = stats_median_interval(cell->samples, cell->count, 0.95);
}

static void
add_names(struct pool *pool, struct grid *grid, const struct results *results)
{
    grid->jobs = pool_array(pool, results->run_count, sizeof(*grid->jobs));
    grid->series = pool_array(pool, results->run_count, sizeof(*grid->series));
    for (size_t i = 0; i < results->run_count; i++) {
        const struct run *run = &results->runs[i];
        if (strcmp(run->clock, grid->clock) != 0)
            continue;
        if (find_job(grid, run) == grid->job_count)
            add_job(pool, grid, run);
        if (find_series(grid, run) == grid->series_count)
            add_series(pool, grid, run);
    }
}

bool
grid_make(struct grid *grid, struct results *results, const char *clock
          , char *message, size_t size)
{
    struct pool *pool = &results->pool;
    *grid = (struct grid){ .clock = clock };
    if (!check_runs(results, clock, message, size))
        return false;
    add_names(pool, grid, results);
    size_t count = grid->job_count * grid->series_count;
    grid->cells = pool_array(pool, count, sizeof(*grid->cells));
    for (size_t i = 0; i < count; i++) {
        grid->cells[i].job = &grid->jobs[i / grid->series_count];
        grid->cells[i].series = &grid->series[i % grid->series_count];
    }
    for (size_t i = 0; i < results->run_count; i++) {
        const struct run *run = &results->runs[i];
        if (!strcmp(run->clock, clock))
            add_run(pool, &grid->cells[find_job(grid, run) * grid->series_count
                                       + find_series(grid, run)], run);
    }
    for (size_t i = 0; i < count; i++)
        sum_up(&grid->cells[i]);
    return true;
}


/****************************************************************
 * Views
 ****************************************************************/

const struct cell *
grid_cell(const struct grid *grid, size_t job, size_t series)
{
    const struct cell *cell = &grid->cells[job * grid->series_count + series];
    return cell->count ? cell : NULL;
}

bool
grid_has_cells(const struct grid *grid)
{
    for (size_t i = 0; i < grid->job_count * grid->series_count; i++)
        if (grid->cells[i].count)
            return true;
    return false;
}

const struct job *
grid_main_job(const struct grid *grid)
{
    const struct job *best = NULL;
    size_t best_score = 0;
    for (size_t i = 0; i < grid->job_count; i++) {
        const struct job *job = &grid->jobs[i];
        // A median says little about calls of several sizes, or about calls
        // of which only some are served by read-ahead.
        size_t score = job->sectors ? 4 * grid->series_count : 0;
        for (size_t s = 0; s < grid->series_count; s++)
            score += grid_cell(grid, i, s) ? 4 : 0;
        score += job->sectors == 63 ? 2 : 0;
        score += !strcmp(job->rw, "read") ? 1 : 0;
        if (!best || score > best_score) {
            best = job;
            best_score = score;
        }
    }
    return best;
}

size_t
cell_calls(const struct cell *cell)
{
    size_t calls = cell->runs ? cell->valid[0]->sample_count : 0;
    for (size_t i = 1; i < cell->runs; i++)
        if (cell->valid[i]->sample_count < calls)
            calls = cell->valid[i]->sample_count;
    return calls;
}

double
cell_total(const struct cell *cell, size_t calls)
{
    double sum = 0;
    for (size_t i = 0; i < cell->runs; i++)
        for (size_t k = 0; k < calls; k++)
            sum += (double)cell->valid[i]->samples[k];
    return sum / (double)cell->runs;
}

uint64_t
counts_find(const struct counts *counts, const char *name)
{
    for (size_t i = 0; i < counts->count; i++)
        if (!strcmp(counts->list[i].name, name))
            return counts->list[i].number;
    return 0;
}

double
cell_counter(const struct cell *cell, enum counter counter)
{
    const struct counters *counters = &cell->counters;
    if (!counters->calls || !counters->has[counter])
        return -1;
    return (double)counters->number[counter] / (double)counters->calls;
}

double
cell_exits(const struct cell *cell)
{
    const struct counters *counters = &cell->counters;
    double sum = 0;
    if (!counters->calls || !counters->has_exits)
        return -1;
    for (size_t i = 0; i < counters->exits.count; i++)
        sum += (double)counters->exits.list[i].number;
    return sum / (double)counters->calls;
}

double
cell_median_exits(const struct cell *cell)
{
    return cell->counters.has_median_exits ? cell->counters.median_exits : -1;
}

double
copied_per_byte(const struct cell *cell)
{
    double copied = cell_counter(cell, COUNTER_COPIED);
    return copied < 0 || cell->job->bytes <= 0 ? -1 : copied / cell->job->bytes;
}
