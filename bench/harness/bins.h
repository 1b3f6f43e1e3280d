// SPDX-License-Identifier: LGPL-3.0-or-later
// Latencies as fio reports them: minimum, mean, percentiles, and bins.
#ifndef HARNESS_BINS_H
#define HARNESS_BINS_H

#include <jansson.h> // json_t
#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

uint64_t bin_of(uint64_t ns);
json_t *latency_json(const uint64_t *ns, size_t count, int with_bins);

#endif
