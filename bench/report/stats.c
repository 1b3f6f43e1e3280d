// SPDX-License-Identifier: LGPL-3.0-or-later
// Median, percentiles and intervals: see stats.h.

#include "stats.h"

#include <math.h> // lgamma
#include <stdlib.h> // qsort

static int
compare_samples(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void
stats_sort(uint64_t *samples, size_t count)
{
    if (count)
        qsort(samples, count, sizeof(*samples), compare_samples);
}

double
stats_mean(const uint64_t *samples, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i];
    return sum / (double)count;
}

double
stats_median(const uint64_t *sorted, size_t count)
{
    size_t low = (count - 1) / 2, high = count / 2;
    return ((double)sorted[low] + (double)sorted[high]) / 2;
}

double
stats_percentile(const uint64_t *sorted, size_t count, double share)
{
    // 0.95 * 20 must be rank 19, though it is a little more in floating point.
    double rank = ceil(share * (double)count - 1e-9);
    size_t index = rank < 1 ? 0 : (size_t)rank - 1;
    return (double)sorted[index < count ? index : count - 1];
}

// The probability that exactly k of n samples are below the median.
static double
binomial_half(size_t n, size_t k)
{
    double trials = (double)n, hits = (double)k;
    return exp(lgamma(trials + 1) - lgamma(hits + 1)
               - lgamma(trials - hits + 1) - trials * log(2));
}

struct interval
stats_median_interval(const uint64_t *sorted, size_t count, double confidence)
{
    double tail = 0, allowed = (1 - confidence) / 2;
    size_t rank = 0;
    while (rank < count / 2) {
        tail += binomial_half(count, rank);
        if (tail > allowed)
            break;
        rank++;
    }
    if (!rank)
        return (struct interval){ .known = false };
    return (struct interval){ true, (double)sorted[rank - 1]
        , (double)sorted[count - rank] };
}

struct ratio
stats_ratio(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count)
{
    struct interval under = stats_median_interval(a, a_count, 0.975);
    struct interval over = stats_median_interval(b, b_count, 0.975);
    struct ratio ratio = {
        .value = stats_median(b, b_count) / stats_median(a, a_count),
    };
    if (under.known && over.known)
        ratio.interval = (struct interval){ true, over.low / under.high
            , over.high / under.low };
    return ratio;
}

bool
stats_differs(const struct ratio *ratio)
{
    return ratio->interval.known
           && (ratio->interval.low > 1 || ratio->interval.high < 1);
}
