// SPDX-License-Identifier: LGPL-3.0-or-later
// The parts of the report, each added to the document.
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "document.h"
#include "grid.h"
#include "results.h"

// One clock's grid and what the others are compared to.
struct view {
    struct document *document;
    const struct grid *grid;
    const char *xen;           // results_xen()
    size_t baseline;           // a series
    size_t main_job;           // stands for all in the short view
};

// A heading of the third level, and a chart. A clock other than the virtual one is
// named, so that those of two clocks differ.
void add_subheading(const struct view *view, const char *text);
void add_chart(const struct view *view, struct chart *chart);

// The main job alone.
void add_summary(const struct view *view);
// Throughput and time by the size of a call, and the ratios.
void add_sizes(const struct view *view);
void add_ratios(const struct view *view);
// Sums of jobs whose calls have several sizes.
void add_totals(const struct view *view);
// Percentiles and histograms of each job.
void add_distributions(const struct view *view);
// Exits, hypercalls, what the driver counted, instructions.
void add_exits(const struct view *view);
void add_copies(const struct view *view);
void add_waterfall(const struct view *view);

// What a clock's figures are.
const char *clock_meaning(const char *clock);

// The first sentences; grid: of the first clock with jobs, or NULL.
void add_lead(struct document *document, const struct results *results
              , const struct grid *grid);

// How long loaders took to load a kernel, if that was measured.
void add_loads(struct document *document, const struct results *results);
// Where the time of whole boots goes, and the instructions of a call.
void add_boots(struct document *document, const struct results *results);
void add_profiles(struct document *document, const struct results *results);
void add_invalid(struct document *document, const struct results *results);
void add_environment(struct document *document, const struct results *results);
void add_method(struct document *document);
// words: those that the report was made with, as a shell reads them.
void add_reproduction(struct document *document, const struct results *results
                      , const char *words);

#endif // sections.h
