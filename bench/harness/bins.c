// SPDX-License-Identifier: LGPL-3.0-or-later
// fio's rule of bins: plat_val_to_idx() and plat_idx_to_val() in its stat.c,
// FIO_IO_U_PLAT_BITS and FIO_IO_U_PLAT_GROUP_NR in its stat.h. A latency keeps
// its seven highest bits; a bin is named after the middle of its values.

#include <math.h> // sqrt
#include <stdio.h> // snprintf
#include <stdlib.h> // qsort

#include "bins.h"

#define PLAT_BITS 6
#define PLAT_GROUPS 29
#define LAST_SHIFT (PLAT_GROUPS - 2) // of the last group

// The name of the bin that a latency belongs to, in ns as the latency is.
uint64_t
bin_of(uint64_t ns)
{
    int high = 63 - __builtin_clzll(ns | 1);
    int shift = high > PLAT_BITS ? high - PLAT_BITS : 0;
    if (shift > LAST_SHIFT) {
        // All that is longer is in the last bin.
        shift = LAST_SHIFT;
        ns = (2ULL << (PLAT_BITS + LAST_SHIFT)) - 1;
    }
    uint64_t width = 1ULL << shift;
    return (ns & ~(width - 1)) + width / 2;
}

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// fio's own list. A percentile is the first bin up to which that share lies.
static json_t *
percentiles_json(const uint64_t *sorted, size_t count)
{
    static const double wanted[] = {
        1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95
        , 99.99,
    };
    json_t *percentiles = json_object();
    size_t i, at = 0;
    for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char key[32];
        while ((double)(at + 1) < wanted[i] / 100 * (double)count)
            at++;
        snprintf(key, sizeof(key), "%f", wanted[i]);
        json_object_set_new(percentiles, key
                            , json_integer((json_int_t)bin_of(sorted[at])));
    }
    return percentiles;
}

static json_t *
bins_json(const uint64_t *sorted, size_t count)
{
    json_t *bins = json_object();
    size_t i, first = 0;
    for (i = 1; i <= count; i++) {
        char key[32];
        if (i < count && bin_of(sorted[i]) == bin_of(sorted[first]))
            continue;
        snprintf(key, sizeof(key), "%llu"
                 , (unsigned long long)bin_of(sorted[first]));
        json_object_set_new(bins, key, json_integer((json_int_t)(i - first)));
        first = i;
    }
    return bins;
}

static double
mean_of(const uint64_t *ns, size_t count)
{
    double sum = 0;
    size_t i;
    for (i = 0; i < count; i++)
        sum += (double)ns[i];
    return count ? sum / (double)count : 0;
}

// The standard deviation of a sample, as in fio.
static double
deviation_of(const uint64_t *ns, size_t count, double mean)
{
    double squares = 0;
    size_t i;
    for (i = 0; i < count; i++)
        squares += ((double)ns[i] - mean) * ((double)ns[i] - mean);
    return count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
}

// What fio's json+ has of latencies in ns, in fio's order of keys.
json_t *
latency_json(const uint64_t *ns, size_t count, int with_bins)
{
    double mean = mean_of(ns, count);
    uint64_t *sorted = calloc(count + 1, sizeof(*sorted));
    size_t i;
    for (i = 0; sorted && i < count; i++)
        sorted[i] = ns[i];
    if (sorted)
        qsort(sorted, count, sizeof(*sorted), compare);
    json_t *latency = !sorted ? NULL
        : json_pack("{sI sI sf sf sI}", "min", (json_int_t)sorted[0]
                    , "max", (json_int_t)sorted[count ? count - 1 : 0]
                    , "mean", mean
                    , "stddev", deviation_of(ns, count, mean)
                    , "N", (json_int_t)count);
    if (latency && with_bins && count) {
        json_object_set_new(latency, "percentile"
                            , percentiles_json(sorted, count));
        json_object_set_new(latency, "bins", bins_json(sorted, count));
    }
    free(sorted);
    return latency;
}
