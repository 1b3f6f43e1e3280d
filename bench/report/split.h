// SPDX-License-Identifier: LGPL-3.0-or-later
// Which series share a chart. On one axis that begins at zero, series much
// faster than others would be flat lines at the bottom.
#ifndef REPORT_SPLIT_H
#define REPORT_SPLIT_H

#include <stddef.h> // size_t

// A series and how high it would reach in a chart, in ns.
struct reach {
    size_t series;
    double top;
};

// For qsort(): by rising reach.
int split_compare(const void *a, const void *b);

// Of reaches in that order, how many share the first chart; those are put into
// the order of their series.
size_t split_first(struct reach *reaches, size_t count);

// What the chart of those from at on is called among all of them, for the end
// of a title.
const char *split_name(size_t at, size_t length, size_t all);

#endif // split.h
