// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's parts on work, which is repeatable even if time is not: exits,
// hypercalls, what the driver counted, instructions.

#include <stdlib.h> // qsort
#include <string.h> // strcmp

#include "format.h"
#include "sections.h"
#include "split.h" // split_first


/****************************************************************
 * One figure for each cell
 ****************************************************************/

typedef double (*cell_figure)(const struct cell *cell);

static double
exits_per_mib(const struct cell *cell)
{
    return per_mib(cell->job, cell_exits(cell));
}

static bool
any_figure(const struct view *view, cell_figure figure)
{
    for (size_t i = 0; i < view->grid->job_count; i++)
        for (size_t s = 0; s < view->grid->series_count; s++) {
            const struct cell *cell = grid_cell(view->grid, i, s);
            if (cell && figure(cell) >= 0)
                return true;
        }
    return false;
}

// Series down, all jobs across.
static void
figure_table(const struct view *view, const char *caption, cell_figure figure)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    const char **headers = pool_array(pool, grid->job_count + 1
                                      , sizeof(*headers));
    headers[0] = "";
    for (size_t i = 0; i < grid->job_count; i++)
        headers[i + 1] = grid->jobs[i].name;
    struct table *table = document_table(view->document, caption, 1
                                         , grid->job_count + 1, headers);
    for (size_t s = 0; s < grid->series_count; s++) {
        const char **row = table_row(pool, table);
        row[0] = grid->series[s].label;
        for (size_t i = 0; i < grid->job_count; i++) {
            const struct cell *cell = grid_cell(grid, i, s);
            row[i + 1] = cell ? format_number(pool, figure(cell)) : NULL;
        }
    }
}

static void
figure_chart(const struct view *view, const char *what, const char *unit
             , cell_figure figure)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    struct chart *chart = chart_make(
        pool, pool_format(pool, "%s: %s, less is better"
                          , grid->jobs[view->main_job].name, what), unit, "");
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, view->main_job, s);
        if (!cell || figure(cell) < 0)
            continue;
        struct row *row = chart_row(pool, chart, cell->series->label);
        row_box(pool, row, (struct box){ 0, figure(cell), 1
                , cell->series->style, NULL });
        row_mark(pool, row, (struct mark){ MARK_TEXT, figure(cell)
                 , format_number(pool, figure(cell)) });
    }
    if (chart->row_count)
        add_chart(view, chart);
}


/****************************************************************
 * Exits
 ****************************************************************/

typedef const struct counts *(*cell_counts)(const struct cell *cell);

static const struct counts *
exits_of(const struct cell *cell)
{
    return cell->counters.has_exits ? &cell->counters.exits : NULL;
}

static const struct counts *
hypercalls_of(const struct cell *cell)
{
    return cell->counters.has_hypercalls ? &cell->counters.hypercalls : NULL;
}

static const struct counts *
ports_of(const struct cell *cell)
{
    return cell->counters.has_ports ? &cell->counters.ports : NULL;
}

static const char **
find_row(struct pool *pool, struct table *table, const char *name)
{
    for (size_t i = 1; i <= table->rows; i++)
        if (!strcmp(table->cells[i * table->columns], name))
            return &table->cells[i * table->columns];
    const char **row = table_row(pool, table);
    row[0] = name;
    for (size_t i = 1; i < table->columns; i++)
        row[i] = "0";
    return row;
}

// The main job's counts per call: names down, series across.
static void
counts_table(const struct view *view, const char *what, cell_counts counts_of)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    const struct cell **cells = pool_array(pool, grid->series_count
                                           , sizeof(const struct cell *));
    const char **headers = pool_array(pool, grid->series_count + 1
                                      , sizeof(*headers));
    size_t count = 0;
    headers[0] = "per call";
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, view->main_job, s);
        if (!cell || !cell->counters.calls || !counts_of(cell))
            continue;
        cells[count++] = cell;
        headers[count] = cell->series->label;
    }
    if (!count)
        return;
    struct table *table = document_table(
        view->document, pool_format(pool, "%s: %s", grid->jobs[view->main_job].name
                                    , what), 1, count + 1, headers);
    for (size_t c = 0; c < count; c++) {
        const struct counts *counts = counts_of(cells[c]);
        for (size_t i = 0; i < counts->count; i++)
            find_row(pool, table, counts->list[i].name)[c + 1] = format_number(
                pool, (double)counts->list[i].number
                      / (double)cells[c]->counters.calls);
    }
}

void
add_exits(const struct view *view)
{
    if (!any_figure(view, exits_per_mib))
        return;
    add_subheading(view, "Exits to Xen");
    document_text(view->document, "A hypercall is an exit by which the guest asks"
                  " Xen for something (vmmcall); other exits are for what Xen or"
                  " qemu emulates: ports (io), registers of devices in memory"
                  " (mmio), the CPU's own modes (cr0).");
    figure_chart(view, "exits per MiB", "exits per MiB", exits_per_mib);
    figure_table(view, "Exits per MiB", exits_per_mib);
    counts_table(view, "exits by reason", exits_of);
    counts_table(view, "hypercalls by name", hypercalls_of);
    counts_table(view, "port I/O by port", ports_of);
}


/****************************************************************
 * What the driver counted
 ****************************************************************/

static const char *const counter_titles[COUNTER_KINDS] = {
    [COUNTER_ROUND_TRIPS] = "round trips to qemu",
    [COUNTER_NOTIFIES] = "notifies", [COUNTER_REQUESTS] = "requests",
    [COUNTER_SEGMENTS] = "segments", [COUNTER_BOUNCED] = "bounced sectors",
    [COUNTER_COPIED] = "bytes copied", [COUNTER_MOVED] = "moved sectors",
    [COUNTER_AHEAD] = "sectors read ahead", [COUNTER_SLEEPS] = "sleeps",
    [COUNTER_RETRIES] = "retries",
    [COUNTER_INTERRUPTS] = "interrupts", [COUNTER_GRANT_MAPS] = "grant maps",
    [COUNTER_GRANT_UNMAPS] = "grant unmaps",
    [COUNTER_BLOCKED] = "guest blocked ns", [COUNTER_DOM0] = "dom0 ns",
};

// The kinds that any series of the main job has. Returns how many.
static size_t
counted_kinds(const struct view *view, enum counter kinds[COUNTER_KINDS])
{
    size_t count = 0;
    for (int kind = 0; kind < COUNTER_KINDS; kind++) {
        bool counted = false;
        for (size_t s = 0; s < view->grid->series_count; s++) {
            const struct cell *cell = grid_cell(view->grid, view->main_job, s);
            counted |= cell && cell_counter(cell, kind) >= 0;
        }
        if (counted)
            kinds[count++] = kind;
    }
    return count;
}

static void
counter_table(const struct view *view)
{
    struct pool *pool = view->document->pool;
    const struct grid *grid = view->grid;
    const char *headers[COUNTER_KINDS + 1] = { "per call" };
    enum counter kinds[COUNTER_KINDS];
    size_t count = counted_kinds(view, kinds);
    for (size_t i = 0; i < count; i++)
        headers[i + 1] = counter_titles[kinds[i]];
    if (!count)
        return;
    struct table *table = document_table(
        view->document, pool_format(pool, "%s: what was counted"
                                    , grid->jobs[view->main_job].name)
        , 1, count + 1, headers);
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, view->main_job, s);
        if (!cell || !cell->counters.calls)
            continue;
        const char **row = table_row(pool, table);
        row[0] = cell->series->label;
        for (size_t i = 0; i < count; i++)
            row[i + 1] = format_number(pool, cell_counter(cell, kinds[i]));
    }
}

void
add_copies(const struct view *view)
{
    if (!any_figure(view, copied_per_byte))
        return;
    add_subheading(view, "Bytes copied, requests");
    document_text(view->document, "A round trip to qemu is an access that qemu"
                  " emulates. The rest is what the PV driver counts: requests that"
                  " it sent to the backend, the pages in them (segments), events"
                  " that woke the backend (notifies), sectors copied through pages"
                  " of its own (bounced) or within the caller's memory (moved),"
                  " sectors served from what had been read ahead, times that the"
                  " guest's CPU slept, requests sent again (retries).");
    figure_chart(view, "bytes copied per byte moved"
                 , "bytes copied per byte moved", copied_per_byte);
    figure_table(view, "Bytes copied per byte moved", copied_per_byte);
    counter_table(view);
}


/****************************************************************
 * Instructions
 ****************************************************************/

static double
instructions(const struct cell *cell)
{
    double sum = 0;
    for (int i = 0; i < PARTIES; i++)
        sum += (double)cell->waterfall[i];
    return sum;
}

static void
waterfall_step(struct pool *pool, struct chart *chart, const char *label
               , double from, double number, struct style style)
{
    struct row *row = chart_row(pool, chart, label);
    row_box(pool, row, (struct box){ from, from + number, 1, style, NULL });
    row_mark(pool, row, (struct mark){ MARK_TEXT, from + number
             , format_number(pool, number) });
}

// The sum, and below it each party from where the one above it ended.
static void
waterfall_rows(struct pool *pool, struct chart *chart, const struct cell *cell)
{
    struct style whole = cell->series->style;
    struct style part = { whole.hue, whole.variant + 1 };
    double sum = 0;
    waterfall_step(pool, chart, cell->series->label, 0, instructions(cell)
                   , whole);
    for (int i = 0; i < PARTIES; i++) {
        waterfall_step(pool, chart, party_names[i], sum
                       , (double)cell->waterfall[i], part);
        sum += (double)cell->waterfall[i];
    }
}

static void
waterfall_row(struct pool *pool, struct table *table, const struct cell *cell)
{
    const char **row = table_row(pool, table);
    row[0] = cell->series->label;
    for (int i = 0; i < PARTIES; i++)
        row[i + 1] = format_number(pool, (double)cell->waterfall[i]);
    row[PARTIES + 1] = format_number(pool, instructions(cell));
}

// The series of a job that have one, by rising number of instructions.
static size_t
waterfall_reaches(const struct view *view, size_t job, struct reach *reaches)
{
    size_t count = 0;
    for (size_t s = 0; s < view->grid->series_count; s++) {
        const struct cell *cell = grid_cell(view->grid, job, s);
        if (cell && cell->has_waterfall)
            reaches[count++] = (struct reach){ s, instructions(cell) };
    }
    qsort(reaches, count, sizeof(*reaches), split_compare);
    return count;
}

static void
waterfall_charts(const struct view *view, struct reach *reaches, size_t count)
{
    struct pool *pool = view->document->pool;
    size_t length;
    for (size_t at = 0; at < count; at += length) {
        length = split_first(reaches + at, count - at, SPLIT_BARS);
        struct chart *chart = chart_make(
            pool, pool_format(pool, "%s: where the instructions of a call"
                              " go%s", view->grid->jobs[view->main_job].name
                              , split_name(pool, at, length, count))
            , "instructions", "");
        for (size_t i = at; i < at + length; i++)
            waterfall_rows(pool, chart, grid_cell(view->grid, view->main_job
                                                  , reaches[i].series));
        add_chart(view, chart);
    }
}

static void
waterfall_table(const struct view *view, size_t job)
{
    static const char *const headers[] = { "per call", "firmware", "xen"
        , "dom0 kernel", "backend", "sum" };
    struct pool *pool = view->document->pool;
    struct table *table = document_table(
        view->document, pool_format(pool, "%s: instructions"
                                    , view->grid->jobs[job].name)
        , 1, PARTIES + 2, headers);
    table->folded = job != view->main_job;
    for (size_t s = 0; s < view->grid->series_count; s++) {
        const struct cell *cell = grid_cell(view->grid, job, s);
        if (cell && cell->has_waterfall)
            waterfall_row(pool, table, cell);
    }
}

// Charts of the main job, then the tables of all, its own first.
void
add_waterfall(const struct view *view)
{
    const struct grid *grid = view->grid;
    struct reach *reaches = pool_array(view->document->pool
                                       , grid->series_count + 1
                                       , sizeof(*reaches));
    bool begun = false;
    for (size_t i = 0; i < grid->job_count; i++) {
        // The main job is the first to be shown.
        size_t job = !i ? view->main_job
            : i <= view->main_job ? i - 1 : i;
        size_t count = waterfall_reaches(view, job, reaches);
        if (!count)
            continue;
        if (!begun) {
            add_subheading(view, "Where the instructions go");
            document_text(view->document, "The instructions of a call, from its"
                          " entry to its return, by who executed them."
                          " \"backend\" is dom0's programs, such as qemu;"
                          " blkback is part of dom0's kernel. In the charts,"
                          " each party's bar begins where the one above it"
                          " ends.");
        }
        begun = true;
        if (job == view->main_job)
            waterfall_charts(view, reaches, count);
        waterfall_table(view, job);
    }
}
