// SPDX-License-Identifier: LGPL-3.0-or-later
// Two cells that made the same calls, call by call.
#ifndef REPORT_PAIRS_H
#define REPORT_PAIRS_H

#include "grid.h"

// The median of the ratios of each call's time in b to the same call's in a,
// with a 95 % interval from order statistics. Returns false if their runs
// differ in the number of calls, or if there are too few for an interval.
bool pairs_ratio(struct pool *pool, const struct cell *a, const struct cell *b
                 , struct ratio *ratio);

#endif // pairs.h
