// SPDX-License-Identifier: LGPL-3.0-or-later
// Which series share a chart: see split.h.

#include "split.h"

#include <stdlib.h> // qsort

// The highest of a chart over the lowest.
#define CHART_RANGE 8.0

int
split_compare(const void *a, const void *b)
{
    const struct reach *x = a, *y = b;
    if (x->top != y->top)
        return x->top > y->top ? 1 : -1;
    return (x->series > y->series) - (x->series < y->series);
}

static int
compare_series(const void *a, const void *b)
{
    const struct reach *x = a, *y = b;
    return (x->series > y->series) - (x->series < y->series);
}

size_t
split_first(struct reach *reaches, size_t count)
{
    size_t length = 1;
    while (length < count && reaches[length].top <= reaches[0].top * CHART_RANGE)
        length++;
    qsort(reaches, length, sizeof(*reaches), compare_series);
    return length;
}

const char *
split_name(size_t at, size_t length, size_t all)
{
    if (length == all)
        return "";
    if (!at)
        return ", fastest ones";
    return at + length == all ? ", slowest ones" : ", slower ones";
}
