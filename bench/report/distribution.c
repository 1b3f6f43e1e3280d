// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's part on all times: percentiles and histograms of each job.

#include <math.h> // ceil
#include <stdlib.h> // qsort

#include "format.h"
#include "sections.h"
#include "split.h"

#define BINS 120

static void
percentile_table(const struct view *view, size_t job)
{
    static const char *const headers[] = { "us per call", "calls", "runs"
        , "mean", "p50", "95 % of p50", "p95", "p99", "max"
        , "medians of the runs" };
    struct pool *pool = view->document->pool;
    struct table *table = document_table(view->document, "Percentiles", 1, 10
                                         , headers);
    for (size_t s = 0; s < view->grid->series_count; s++) {
        const struct cell *cell = grid_cell(view->grid, job, s);
        if (!cell)
            continue;
        const char **row = table_row(pool, table);
        row[0] = cell->series->label;
        row[1] = format_count(pool, cell->count);
        row[2] = format_count(pool, cell->runs);
        row[3] = format_us(pool, cell->mean);
        row[4] = format_us(pool, cell->median);
        row[5] = !cell->interval.known ? "too few calls"
                 : pool_format(pool, "%s to %s"
                               , format_us(pool, cell->interval.low)
                               , format_us(pool, cell->interval.high));
        row[6] = format_us(pool, cell->p95);
        row[7] = format_us(pool, cell->p99);
        row[8] = format_us(pool, cell->max);
        row[9] = pool_format(pool, "%s to %s", format_us(pool, cell->low_run)
                             , format_us(pool, cell->high_run));
    }
}

// How many of the rising samples from *at on are below the limit in ns.
static size_t
count_below(const struct cell *cell, size_t *at, double limit)
{
    size_t first = *at;
    while (*at < cell->count && (double)cell->samples[*at] < limit)
        ++*at;
    return *at - first;
}

static void
mark_within(struct pool *pool, struct row *row, enum mark_kind kind, double ns
            , double end)
{
    if (ns <= end)
        row_mark(pool, row, (struct mark){ kind, ns / 1000, NULL });
}

static void
histogram_row(struct pool *pool, struct row *row, const struct cell *cell
              , double width)
{
    size_t at = 0, highest = 1;
    for (int i = 0; i < BINS; i++) {
        size_t count = count_below(cell, &at, (i + 1) * width);
        highest = count > highest ? count : highest;
    }
    at = 0;
    for (int i = 0; i < BINS; i++) {
        size_t count = count_below(cell, &at, (i + 1) * width);
        if (count)
            row_box(pool, row, (struct box){ i * width / 1000
                    , (i + 1) * width / 1000
                    , (double)count / (double)highest
                    , cell->series->style, NULL });
    }
    mark_within(pool, row, MARK_P50, cell->median, BINS * width);
    mark_within(pool, row, MARK_P95, cell->p95, BINS * width);
    mark_within(pool, row, MARK_P99, cell->p99, BINS * width);
    mark_within(pool, row, MARK_MAX, cell->max, BINS * width);
    if (at < cell->count)
        row_mark(pool, row, (struct mark){ MARK_TEXT, BINS * width / 1000
                 , pool_format(pool, "and %zu more", cell->count - at) });
}

// Wide enough for that many bins to hold nearly all calls of each series, in whole
// ns if need be: a single late call must not squeeze the others into one bin.
static double
bin_width(const struct view *view, size_t job, const struct reach *reaches
          , size_t count)
{
    double *ends = pool_array(view->document->pool, count, sizeof(*ends));
    double end = 1;
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = grid_cell(view->grid, job, reaches[i].series);
        ends[i] = cell->count < 100 ? cell->p95 : cell->p99;
        end = fmax(end, ends[i]);
    }
    // Nor must one series with two heaps of calls.
    end = fmin(end, SPLIT_LINES * split_typical(ends, count));
    // What is at the end belongs to the last bin.
    double width = fmax(1, (end + 1) / BINS);
    double unit = pow(10, fmax(0, floor(log10(width)) - 1));
    return ceil(width / unit) * unit;
}

// The counts behind the bars and beyond; bins that are empty for all are left out.
static void
histogram_table(const struct view *view, size_t job, const struct reach *reaches
                , size_t count, const char *which)
{
    struct pool *pool = view->document->pool;
    double width = bin_width(view, job, reaches, count);
    const char **headers = pool_array(pool, count + 1, sizeof(*headers));
    size_t *at = pool_array(pool, count, sizeof(*at));
    headers[0] = "us from, below";
    for (size_t i = 0; i < count; i++)
        headers[i + 1] = view->grid->series[reaches[i].series].label;
    struct table *table = document_table(
        view->document, pool_format(pool, "%s: calls in each bin of the"
                                    " histogram%s", view->grid->jobs[job].name
                                    , which)
        , 1, count + 1, headers);
    table->folded = true;
    for (int bin = 0; bin <= BINS; bin++) {
        const char **row = NULL;
        for (size_t i = 0; i < count; i++) {
            size_t calls = count_below(grid_cell(view->grid, job
                                                 , reaches[i].series)
                                       , &at[i], bin < BINS
                                       ? (bin + 1) * width : INFINITY);
            if (!calls)
                continue;
            if (!row)
                row = table_row(pool, table);
            row[0] = bin < BINS
                     ? pool_format(pool, "%g, %g", bin * width / 1000
                                   , (bin + 1) * width / 1000)
                     : pool_format(pool, "%g and more", bin * width / 1000);
            row[i + 1] = format_count(pool, calls);
        }
    }
}

static void
histogram(const struct view *view, size_t job, const struct reach *reaches
          , size_t count, const char *which)
{
    struct pool *pool = view->document->pool;
    double width = bin_width(view, job, reaches, count);
    struct chart *chart = chart_make(
        pool, pool_format(pool, "%s: calls by their time%s"
                          , view->grid->jobs[job].name, which)
        , "us per call", "");
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = grid_cell(view->grid, job, reaches[i].series);
        histogram_row(pool, chart_row(pool, chart, cell->series->label), cell
                      , width);
    }
    add_chart(view, chart);
}

// The series of a job, in the order of their medians.
static size_t
sample_reaches(const struct view *view, size_t job, struct reach *reaches)
{
    size_t count = 0;
    for (size_t s = 0; s < view->grid->series_count; s++) {
        const struct cell *cell = grid_cell(view->grid, job, s);
        if (cell)
            reaches[count++] = (struct reach){ s, cell->median };
    }
    qsort(reaches, count, sizeof(*reaches), split_compare);
    return count;
}

// All charts, the percentiles, and then the tables to unfold.
static void
add_distribution(const struct view *view, size_t job, struct reach *reaches
                 , size_t count)
{
    struct pool *pool = view->document->pool;
    size_t *lengths = pool_array(pool, count, sizeof(*lengths));
    size_t charts = 0;
    for (size_t at = 0; at < count; at += lengths[charts++]) {
        lengths[charts] = split_first(reaches + at, count - at
                                      , SPLIT_LINES);
        histogram(view, job, reaches + at, lengths[charts]
                  , split_name(pool, at, lengths[charts], count));
    }
    percentile_table(view, job);
    for (size_t i = 0, at = 0; i < charts; at += lengths[i++])
        histogram_table(view, job, reaches + at, lengths[i]
                        , split_name(pool, at, lengths[i], count));
}

void
add_distributions(const struct view *view)
{
    const struct grid *grid = view->grid;
    struct pool *pool = view->document->pool;
    bool begun = false;
    for (size_t job = 0; job < grid->job_count; job++) {
        struct reach *reaches = pool_array(pool, grid->series_count
                                           , sizeof(*reaches));
        size_t count = sample_reaches(view, job, reaches);
        if (!count)
            continue;
        add_subheading(view, pool_format(
            pool, "Distribution: %s", grid->jobs[job].name));
        if (!begun)
            document_text(view->document, "p50 is the median: half of the calls"
                          " take no longer. 95 and 99 of 100 take no longer than"
                          " p95 and p99. A bar is as high as there are calls of"
                          " that time.");
        begun = true;
        add_distribution(view, job, reaches, count);
    }
}
