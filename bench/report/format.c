// SPDX-License-Identifier: LGPL-3.0-or-later
// Figures as text: see format.h.

#include "format.h"

#include <math.h> // fabs

#define MIB 1048576.0

const char *
format_measured(struct pool *pool, double number)
{
    if (number < 0)
        return "-";
    if (number >= 999.95)
        return pool_format(pool, "%.0f", number);
    if (number >= 9.995)
        return pool_format(pool, "%.1f", number);
    if (number >= 0.9995)
        return pool_format(pool, "%.2f", number);
    return pool_format(pool, "%.3g", number);
}

const char *
format_number(struct pool *pool, double number)
{
    if (number >= 0 && fabs(number - round(number)) < 1e-9)
        return pool_format(pool, "%.0f", number);
    return format_measured(pool, number);
}

const char *
format_count(struct pool *pool, uint64_t number)
{
    return pool_format(pool, "%llu", (unsigned long long)number);
}

const char *
format_us(struct pool *pool, double ns)
{
    return format_measured(pool, ns / 1000);
}

const char *
format_us_interval(struct pool *pool, const struct cell *cell)
{
    if (!cell->interval.known)
        return pool_format(pool, "%s [too few calls]"
                           , format_us(pool, cell->median));
    return pool_format(pool, "%s [%s, %s]", format_us(pool, cell->median)
                       , format_us(pool, cell->interval.low)
                       , format_us(pool, cell->interval.high));
}

// Three digits behind the point near 1, where they matter.
static const char *
ratio_number(struct pool *pool, double number)
{
    if (number >= 0.1 && number < 9.995)
        return pool_format(pool, "%.3f", number);
    return format_measured(pool, number);
}

const char *
format_ratio(struct pool *pool, const struct ratio *ratio)
{
    const char *value = ratio_number(pool, ratio->value);
    if (!ratio->interval.known)
        return pool_format(pool, "%s [too few calls]", value);
    return pool_format(pool, "%s [%s, %s]", value
                       , ratio_number(pool, ratio->interval.low)
                       , ratio_number(pool, ratio->interval.high));
}

double
throughput(const struct job *job, double ns)
{
    return job->bytes > 0 ? job->bytes / MIB / (ns / 1e9) : -1;
}

double
cell_throughput(const struct cell *cell)
{
    return throughput(cell->job, cell->job->sectors ? cell->median : cell->mean);
}

const char *
format_throughput(struct pool *pool, const struct cell *cell)
{
    return format_measured(pool, cell_throughput(cell));
}

double
per_mib(const struct job *job, double per_call)
{
    return per_call < 0 || job->bytes <= 0 ? -1 : per_call * MIB / job->bytes;
}
