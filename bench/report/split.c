// SPDX-License-Identifier: LGPL-3.0-or-later
// Which series share a chart: see split.h.

#include "split.h"

#include <stdlib.h> // qsort

int
split_compare(const void *a, const void *b)
{
    const struct reach *x = a, *y = b;
    if (x->typical != y->typical)
        return x->typical > y->typical ? 1 : -1;
    return (x->series > y->series) - (x->series < y->series);
}

static int
compare_series(const void *a, const void *b)
{
    const struct reach *x = a, *y = b;
    return (x->series > y->series) - (x->series < y->series);
}

static int
compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double
split_typical(double *values, size_t count)
{
    if (!count)
        return 0;
    qsort(values, count, sizeof(*values), compare_values);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

// The index behind the widest gap; there are at least two.
static size_t
widest_gap(const struct reach *reaches, size_t count)
{
    size_t widest = 1;
    double gap = 0;
    for (size_t i = 1; i < count; i++)
        if (reaches[i].typical > reaches[i - 1].typical * gap) {
            gap = reaches[i - 1].typical > 0
                  ? reaches[i].typical / reaches[i - 1].typical : gap;
            widest = i;
        }
    return widest;
}

size_t
split_first(struct reach *reaches, size_t count, double range)
{
    size_t length = count;
    while (length > 1
           && reaches[length - 1].typical > reaches[0].typical * range)
        length = widest_gap(reaches, length);
    qsort(reaches, length, sizeof(*reaches), compare_series);
    return length;
}

const char *
split_name(struct pool *pool, size_t at, size_t length, size_t all)
{
    if (length == all)
        return "";
    if (!at || at + length == all)
        return pool_format(pool, length > 1 ? ", the %s %zu of %zu"
                           : ", the %s", at ? "slowest" : "fastest", length, all);
    return length > 1 ? pool_format(pool, ", the %zu behind the fastest %zu"
                                    , length, at)
           : pool_format(pool, ", the one behind the fastest %zu", at);
}
