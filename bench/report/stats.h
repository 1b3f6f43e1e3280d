// SPDX-License-Identifier: LGPL-3.0-or-later
// The statistics of the reports, on samples in nanoseconds in rising order.
// Nothing here assumes a distribution, draws random numbers or drops a sample.
#ifndef REPORT_STATS_H
#define REPORT_STATS_H

#include <stdbool.h>
#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

// Where the true figure lies at the stated confidence; known only if there are
// enough samples.
struct interval {
    bool known;
    double low, high;
};

struct ratio {
    double value;
    struct interval interval;
};

void stats_sort(uint64_t *samples, size_t count);

double stats_mean(const uint64_t *samples, size_t count);

// The middle sample, or the mean of the two middle ones.
double stats_median(const uint64_t *sorted, size_t count);

// The smallest sample with at least this share (0 to 1) of all at or below it:
// the nearest rank.
double stats_percentile(const uint64_t *sorted, size_t count, double share);

// The samples of rank k and count + 1 - k, for the largest k with which they
// hold the true median with at least that confidence; ranks are binomial with
// p = 1/2 (W. J. Conover, Practical Nonparametric Statistics, 3rd ed. 1999,
// section 3.2). 95 % takes six samples, 97.5 % seven.
struct interval stats_median_interval(const uint64_t *sorted, size_t count
                                      , double confidence);

// The median of b over that of a, with a 95 % interval: from the lowest of b
// over the highest of a to the highest over the lowest, by two intervals of
// 97.5 % each, of which both hold with 95 % at least (Bonferroni).
struct ratio stats_ratio(const uint64_t *a, size_t a_count
                         , const uint64_t *b, size_t b_count);

// Returns true if the interval excludes 1, so that a difference is shown.
bool stats_differs(const struct ratio *ratio);

#endif // stats.h
