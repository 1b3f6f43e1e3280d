// SPDX-License-Identifier: LGPL-3.0-or-later
// The runs of one clock, as a grid of cells: jobs by series, where a series is
// a firmware, a transport and a backend. The repetitions of a cell are pooled.
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include "chart.h" // struct style
#include "results.h"
#include "stats.h"

struct job {
    const char *name, *family; // "seqread-63" is of the family "seqread"
    const char *rw;
    uint64_t sectors;          // of a call, 0: they vary
    double bytes;              // of a call, the mean; 0: not known
    bool recorded;             // a boot's calls, replayed
    const struct run *first;
};

struct series {
    const char *firmware, *transport, *backend, *label;
    struct style style;        // the same hue: another firmware alone
};

struct cell {
    const struct job *job;
    const struct series *series;
    size_t runs, invalid;      // runs: those that are valid
    const struct run **valid;  // these, in their order
    uint64_t *samples;         // of all valid runs, in rising order
    size_t count;
    double median, mean, p95, p99, max; // ns
    struct interval interval;
    double low_run, high_run;  // the lowest and highest median of a run
    struct counters counters;  // sums
    bool has_waterfall;
    uint64_t waterfall[PARTIES];
};

struct grid {
    const char *clock;
    struct job *jobs;
    size_t job_count;
    struct series *series;
    size_t series_count;
    struct cell *cells;        // job by job
};

// The clocks, in the order of the reports.
#define CLOCKS 3
extern const char *const clock_names[CLOCKS];

// False with a message if runs contradict each other. A clock without runs has
// a grid without jobs.
bool grid_make(struct grid *grid, struct results *results, const char *clock
               , char *message, size_t size);

// The cell, or NULL if it has no valid run.
const struct cell *grid_cell(const struct grid *grid, size_t job, size_t series);

// Returns true if any run is valid.
bool grid_has_cells(const struct grid *grid);

// The job for the short view: reads of 63 sectors, or of one size, or what most
// series have.
const struct job *grid_main_job(const struct grid *grid);

// A figure of all calls of the cell, per call; negative: not counted.
double cell_counter(const struct cell *cell, enum counter counter);
double cell_exits(const struct cell *cell);
// Of the usual call, in which no timer tick falls.
double cell_median_exits(const struct cell *cell);
double copied_per_byte(const struct cell *cell);

// How many calls each valid run of the cell made at least.
size_t cell_calls(const struct cell *cell);
// What the first so many of them took together in ns, the mean of the runs.
double cell_total(const struct cell *cell, size_t calls);

// The number in a list of counts, by name.
uint64_t counts_find(const struct counts *counts, const char *name);

#endif // grid.h
