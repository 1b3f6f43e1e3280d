// SPDX-License-Identifier: LGPL-3.0-or-later
// Figures as text, with as many digits as they are worth.
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "grid.h"

// "-" for a negative number, which is one that was not counted.
const char *format_number(struct pool *pool, double number);
// Three or four digits.
const char *format_measured(struct pool *pool, double number);
const char *format_count(struct pool *pool, uint64_t number);
// Microseconds.
const char *format_us(struct pool *pool, double ns);
const char *format_us_interval(struct pool *pool, const struct cell *cell);
// The value and its interval.
const char *format_ratio(struct pool *pool, const struct ratio *ratio);
// MiB/s, "-" if the bytes of a call are not known.
const char *format_throughput(struct pool *pool, const struct cell *cell);

// MiB/s of a call that takes this long; negative if its bytes are not known.
double throughput(const struct job *job, double ns);
// At the median; for calls of several sizes, all bytes over all the time.
double cell_throughput(const struct cell *cell);
// Per MiB moved, from a figure per call; negative if either is not known.
double per_mib(const struct job *job, double per_call);

#endif // format.h
