// SPDX-License-Identifier: LGPL-3.0-or-later
// Ratios of pairs. A job makes the same calls in each run. Some take longer
// because of their place and size, which affects both halves of a pair.

#include "pairs.h"

#define SCALE 1e9 // ratios as whole numbers, for the statistics of samples

static bool
runs_alike(const struct cell *a, const struct cell *b, size_t runs)
{
    for (size_t i = 0; i < runs; i++)
        if (a->valid[i]->sample_count != a->valid[0]->sample_count
            || b->valid[i]->sample_count != a->valid[0]->sample_count)
            return false;
    return true;
}

bool
pairs_ratio(struct pool *pool, const struct cell *a, const struct cell *b
            , struct ratio *ratio)
{
    size_t runs = a->runs < b->runs ? a->runs : b->runs, count = 0;
    if (!runs || !runs_alike(a, b, runs))
        return false;
    size_t calls = a->valid[0]->sample_count;
    uint64_t *ratios = pool_array(pool, runs * calls + 1, sizeof(*ratios));
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; k < calls; k++)
            ratios[count++] = (uint64_t)(
                (double)b->valid[i]->samples[k] * SCALE
                / (double)a->valid[i]->samples[k] + 0.5);
    stats_sort(ratios, count);
    ratio->value = stats_median(ratios, count) / SCALE;
    ratio->interval = stats_median_interval(ratios, count, 0.95);
    ratio->interval.low /= SCALE;
    ratio->interval.high /= SCALE;
    return ratio->interval.known;
}
