// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's part on jobs whose calls have several sizes, such as a boot's,
// replayed: the sum of all calls, because their median may be of any size.

#include "format.h"
#include "sections.h"
#include "summary.h" // summary_reconnects

#define NS_PER_MS 1e6

// The most calls that any run of the job made.
static size_t
most_calls(const struct view *view, size_t job)
{
    size_t most = 0;
    for (size_t s = 0; s < view->grid->series_count; s++) {
        const struct cell *cell = grid_cell(view->grid, job, s);
        if (cell && cell_calls(cell) > most)
            most = cell_calls(cell);
    }
    return most;
}

// From the lowest sum of a run to the highest.
static const char *
range_text(struct pool *pool, const struct cell *cell, size_t calls)
{
    double low = 0, high = 0;
    for (size_t i = 0; i < cell->runs; i++) {
        double sum = 0;
        for (size_t k = 0; k < calls; k++)
            sum += (double)cell->valid[i]->samples[k];
        low = !i || sum < low ? sum : low;
        high = !i || sum > high ? sum : high;
    }
    return pool_format(pool, "%s to %s", format_measured(pool, low / NS_PER_MS)
                       , format_measured(pool, high / NS_PER_MS));
}

// Both made the same calls in the same order, though one may have stopped earlier.
static const char *
ratio_text(struct pool *pool, const struct cell *cell, const struct cell *base)
{
    if (!base)
        return "-";
    if (base == cell)
        return "1";
    size_t own = cell_calls(cell), other = cell_calls(base);
    size_t calls = own < other ? own : other;
    const char *ratio = format_measured(pool, cell_total(base, calls)
                                        / cell_total(cell, calls));
    return calls == own && calls == other ? ratio
           : pool_format(pool, "%s in the first %zu calls", ratio, calls);
}

static void
total_row(const struct view *view, struct table *table, const struct cell *cell
          , const struct cell *base)
{
    struct pool *pool = view->document->pool;
    size_t calls = cell_calls(cell);
    double total = cell_total(cell, calls);
    const char **row = table_row(pool, table);
    row[0] = cell->series->label;
    row[1] = format_count(pool, calls);
    row[2] = format_measured(pool, total / NS_PER_MS);
    row[3] = range_text(pool, cell, calls);
    row[4] = format_us(pool, total / (double)calls);
    row[5] = format_throughput(pool, cell);
    row[6] = ratio_text(pool, cell, base);
}

static void
total_chart(const struct view *view, size_t job, size_t most)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    struct chart *chart = chart_make(
        pool, pool_format(pool, "%s: all %zu calls together, less is better"
                          , grid->jobs[job].name, most)
        , pool_format(pool, "ms of %s time", grid->clock), "");
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, job, s);
        if (!cell || cell_calls(cell) < most)
            continue;
        double total = cell_total(cell, most) / NS_PER_MS;
        struct row *row = chart_row(pool, chart, cell->series->label);
        row_box(pool, row, (struct box){ 0, total, 1, cell->series->style, NULL });
        row_mark(pool, row, (struct mark){ MARK_TEXT, total
                 , format_measured(pool, total) });
    }
    add_chart(view, chart);
}

static void
add_total(const struct view *view, size_t job)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    const char *headers[] = { "", "calls", "ms together", "ms, each run"
        , "us per call, mean", "MiB/s", pool_format(
            pool, "times as fast as %s", grid->series[view->baseline].label) };
    size_t most = most_calls(view, job);
    if (!most)
        return;
    total_chart(view, job, most);
    struct table *table = document_table(
        view->document, pool_format(pool, "%s: all calls of a run together, mean"
                                    " of the runs", grid->jobs[job].name)
        , 1, sizeof(headers) / sizeof(*headers), headers);
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, job, s);
        if (cell)
            total_row(view, table, cell, grid_cell(grid, job, view->baseline));
    }
}

void
add_totals(const struct view *view)
{
    bool begun = false;
    for (size_t i = 0; i < view->grid->job_count; i++) {
        if (view->grid->jobs[i].sectors)
            continue;
        if (!begun) {
            add_subheading(view, "Recorded boots, and other jobs of several"
                           " sizes");
            document_text(view->document, "Calls of several sizes are summed up:"
                          " a median would be that of one size or another. Jobs"
                          " such as grub and syslinux repeat what the loader"
                          " asked for in one boot, call by call. Who made fewer"
                          " calls, because they are slow, is compared by those"
                          " that both made.");
        }
        begun = true;
        add_total(view, i);
    }
    summary_reconnects(view->document, view->grid, 1);
}
