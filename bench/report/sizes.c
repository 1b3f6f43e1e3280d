// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's parts on typical times: the short view, by size, ratios.

#include <stdlib.h> // qsort
#include <string.h> // strcmp

#include "format.h"
#include "sections.h"
#include "split.h"
#include "summary.h" // summary_table


static const char *
with_clock(const struct view *view, const char *text)
{
    return !strcmp(view->grid->clock, "virtual") ? text
           : pool_format(view->document->pool, "%s, %s time", text
                         , view->grid->clock);
}

void
add_subheading(const struct view *view, const char *text)
{
    document_heading(view->document, 3, with_clock(view, text));
}

void
add_chart(const struct view *view, struct chart *chart)
{
    chart->title = with_clock(view, chart->title);
    document_chart(view->document, chart);
}


/****************************************************************
 * Tables of series by jobs
 ****************************************************************/

typedef const char *(*cell_text)(const struct view *view
                                 , const struct cell *cell);

static const char *
text_throughput(const struct view *view, const struct cell *cell)
{
    return format_throughput(view->document->pool, cell);
}

static const char *
text_time(const struct view *view, const struct cell *cell)
{
    return format_us_interval(view->document->pool, cell);
}

static const struct cell *
baseline_cell(const struct view *view, const struct cell *cell)
{
    return grid_cell(view->grid, (size_t)(cell->job - view->grid->jobs)
                     , view->baseline);
}

static const char *
text_ratio(const struct view *view, const struct cell *cell)
{
    const struct cell *base = baseline_cell(view, cell);
    if (!base)
        return "-";
    if (base == cell)
        return "1";
    struct ratio ratio = stats_ratio(cell->samples, cell->count, base->samples
                                     , base->count);
    const char *text = format_ratio(view->document->pool, &ratio);
    return stats_differs(&ratio) || !ratio.interval.known ? text
           : pool_format(view->document->pool, "no difference shown: %s", text);
}

// Series down, the chosen jobs across.
static void
table_of(const struct view *view, const char *caption, const size_t *jobs
         , size_t count, bool by_size, cell_text text)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    const char **headers = pool_array(pool, count + 1, sizeof(*headers));
    headers[0] = by_size ? "sectors in a call" : "";
    for (size_t i = 0; i < count; i++)
        headers[i + 1] = by_size ? format_count(pool, grid->jobs[jobs[i]].sectors)
                                 : grid->jobs[jobs[i]].name;
    struct table *table = document_table(view->document, caption, 1, count + 1
                                         , headers);
    for (size_t s = 0; s < grid->series_count; s++) {
        const char **row = NULL;
        for (size_t i = 0; i < count; i++) {
            const struct cell *cell = grid_cell(grid, jobs[i], s);
            if (!cell)
                continue;
            if (!row) {
                row = table_row(pool, table);
                row[0] = grid->series[s].label;
            }
            row[i + 1] = text(view, cell);
        }
    }
}


/****************************************************************
 * The main job
 ****************************************************************/

static void
summary_row(const struct view *view, struct table *table
            , const struct cell *cell)
{
    struct pool *pool = view->document->pool;
    const char **row = table_row(pool, table);
    row[0] = cell->series->label;
    row[1] = text_throughput(view, cell);
    row[2] = text_time(view, cell);
    row[3] = text_ratio(view, cell);
    row[4] = format_number(pool, cell_exits(cell));
    row[5] = format_number(pool, copied_per_byte(cell));
}

void
add_summary(const struct view *view)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    const struct job *job = &grid->jobs[view->main_job];
    const char *base = grid->series[view->baseline].label;
    static const char *const headers[] = { "", "MiB/s", "us per call [95 %]"
        , "speed-up [95 %]", "exits", "copied" };
    struct chart *chart = chart_make(
        pool, pool_format(pool, "%s: MiB/s, more is better"
                          , job->name), "MiB/s", "");
    add_subheading(view, pool_format(pool, "In short: %s", job->name));
    document_text(view->document, "An exit is a switch from the guest to Xen and"
                  " back, which hardware makes dear. Bytes are copied where the"
                  " disk cannot read or write in the caller's own memory. In"
                  " brackets is the interval that holds the true median in 95 of"
                  " 100 cases.");
    add_chart(view, chart);
    struct table *table = document_table(view->document, pool_format(
        pool, "Medians; speed-up over %s; exits per call; bytes copied per byte"
        " moved", base), 1, 6, headers);
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, view->main_job, s);
        if (!cell)
            continue;
        double rate = cell_throughput(cell);
        struct row *row = chart_row(pool, chart, cell->series->label);
        row_box(pool, row, (struct box){ 0, rate > 0 ? rate : 0, 1
                , cell->series->style, NULL });
        row_mark(pool, row, (struct mark){ MARK_TEXT, rate > 0 ? rate : 0
                 , format_number(pool, rate) });
        summary_row(view, table, cell);
    }
    // The few figures that README.md has.
    summary_table(view->document, view->xen, grid);
}


/****************************************************************
 * By size
 ****************************************************************/

// The jobs of a family, by rising sectors. Returns how many.
static size_t
family_jobs(const struct grid *grid, const char *family, size_t *jobs)
{
    size_t count = 0;
    for (size_t i = 0; i < grid->job_count; i++) {
        size_t at = count;
        if (strcmp(grid->jobs[i].family, family) || !grid->jobs[i].sectors)
            continue;
        while (at && grid->jobs[jobs[at - 1]].sectors > grid->jobs[i].sectors) {
            jobs[at] = jobs[at - 1];
            at--;
        }
        jobs[at] = i;
        count++;
    }
    return count;
}

static struct point
time_point(const struct cell *cell)
{
    const struct interval *interval = &cell->interval;
    return (struct point){ (double)cell->job->sectors, cell->median / 1000
        , (interval->known ? interval->low : cell->median) / 1000
        , (interval->known ? interval->high : cell->median) / 1000 };
}

static struct point
rate_point(const struct cell *cell)
{
    const struct interval *interval = &cell->interval;
    const struct job *job = cell->job;
    return (struct point){ (double)job->sectors, throughput(job, cell->median)
        , throughput(job, interval->known ? interval->high : cell->median)
        , throughput(job, interval->known ? interval->low : cell->median) };
}

static void
size_line(const struct view *view, struct chart *chart, size_t series
          , const size_t *jobs, size_t count
          , struct point (*point)(const struct cell *cell))
{
    struct pool *pool = view->document->pool;
    const struct series *of = &view->grid->series[series];
    struct line *line = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = grid_cell(view->grid, jobs[i], series);
        if (!cell)
            continue;
        if (!line)
            line = chart_line(pool, chart, of->label, of->style);
        line_point(pool, line, point(cell));
    }
}

static size_t
time_reaches(const struct view *view, const size_t *jobs, size_t count
             , struct reach *reaches)
{
    double *medians = pool_array(view->document->pool, count, sizeof(*medians));
    size_t length = 0;
    for (size_t s = 0; s < view->grid->series_count; s++) {
        size_t known = 0;
        for (size_t i = 0; i < count; i++) {
            const struct cell *cell = grid_cell(view->grid, jobs[i], s);
            if (cell)
                medians[known++] = cell->median;
        }
        if (known)
            reaches[length++] = (struct reach){ s
                , split_typical(medians, known) };
    }
    qsort(reaches, length, sizeof(*reaches), split_compare);
    return length;
}

static void
time_charts(const struct view *view, const char *family, const size_t *jobs
            , size_t count)
{
    struct pool *pool = view->document->pool;
    struct reach *reaches = pool_array(pool, view->grid->series_count
                                       , sizeof(*reaches));
    size_t all = time_reaches(view, jobs, count, reaches);
    for (size_t at = 0, length; at < all; at += length) {
        length = split_first(reaches + at, all - at, SPLIT_LINES);
        struct chart *chart = chart_make(
            pool, pool_format(pool, "%s: us per call%s, less is better", family
                              , split_name(pool, at, length, all))
            , "sectors in a call", "us per call");
        for (size_t i = at; i < at + length; i++)
            size_line(view, chart, reaches[i].series, jobs, count, time_point);
        add_chart(view, chart);
    }
}

static void
add_family(const struct view *view, const char *family, const size_t *jobs
           , size_t count)
{
    struct pool *pool = view->document->pool;
    struct chart *chart = chart_make(
        pool, pool_format(pool, "%s: MiB/s, more is better", family)
        , "sectors in a call", "MiB/s");
    add_subheading(view, pool_format(pool, "By size: %s", family));
    for (size_t s = 0; s < view->grid->series_count; s++)
        size_line(view, chart, s, jobs, count, rate_point);
    add_chart(view, chart);
    table_of(view, "MiB/s", jobs, count, true, text_throughput);
    time_charts(view, family, jobs, count);
    table_of(view, "us per call, median [95 % interval]", jobs, count, true
             , text_time);
}

void
add_sizes(const struct view *view)
{
    const struct grid *grid = view->grid;
    struct pool *pool = view->document->pool;
    size_t *jobs = pool_array(pool, grid->job_count, sizeof(*jobs));
    size_t *single = pool_array(pool, grid->job_count, sizeof(*single));
    size_t singles = 0;
    for (size_t i = 0; i < grid->job_count; i++) {
        size_t count = family_jobs(grid, grid->jobs[i].family, jobs);
        bool listed = false;
        for (size_t k = 0; k < i; k++)
            listed |= !strcmp(grid->jobs[k].family, grid->jobs[i].family);
        if (!grid->jobs[i].sectors)
            continue;
        if (count < 2)
            single[singles++] = i;
        else if (!listed)
            add_family(view, grid->jobs[i].family, jobs, count);
    }
    if (!singles)
        return;
    add_subheading(view, "Other jobs");
    table_of(view, "MiB/s", single, singles, false, text_throughput);
    table_of(view, "us per call, median [95 % interval]", single, singles, false
             , text_time);
}

void
add_ratios(const struct view *view)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    size_t *jobs = pool_array(pool, grid->job_count, sizeof(*jobs));
    size_t count = 0;
    for (size_t i = 0; i < grid->job_count; i++)
        if (grid->jobs[i].sectors)
            jobs[count++] = i;
    if (grid->series_count < 2 || !count)
        return;
    const char *base = grid->series[view->baseline].label;
    add_subheading(view, pool_format(pool, "Compared with %s", base));
    table_of(view, pool_format(pool, "How many times as fast as %s: ratio of"
                               " the median times [95 %% interval]", base), jobs
             , count, false, text_ratio);
}
