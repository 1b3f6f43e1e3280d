// SPDX-License-Identifier: LGPL-3.0-or-later
// Which series share a chart. On one axis that begins at zero, series much
// faster than others would be flat lines at the bottom.
#ifndef REPORT_SPLIT_H
#define REPORT_SPLIT_H

#include <stddef.h> // size_t

#include "pool.h"

// The typical ones of a chart of lines or of heaps of calls, and those of a chart
// of bars that have their figures beside them: the highest over the lowest.
#define SPLIT_LINES 8.0
#define SPLIT_BARS 32.0

// A series and its typical time in a chart, such as the median: what is rare does
// not move it to other series.
struct reach {
    size_t series;
    double typical;
};

// For qsort(): by rising time.
int split_compare(const void *a, const void *b);

// The median of count values, which it sorts.
double split_typical(double *values, size_t count);

// Of reaches in that order, how many share the first chart: charts end at the
// widest gaps. Those are put into the order of their series.
size_t split_first(struct reach *reaches, size_t count, double range);

// What the chart of those from at on is called among all of them, for the end
// of a title; no two are called the same.
const char *split_name(struct pool *pool, size_t at, size_t length, size_t all);

#endif // split.h
