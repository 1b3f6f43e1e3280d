// SPDX-License-Identifier: LGPL-3.0-or-later
// Two cells call by call, where both made the same calls.
#ifndef REPORT_PAIRS_H
#define REPORT_PAIRS_H

#include "grid.h"

// The median of what each call of b takes over what the same one of a takes,
// with a 95 % interval of order statistics. False if their runs have not as
// many calls each, or there are too few for an interval.
bool pairs_ratio(struct pool *pool, const struct cell *a, const struct cell *b
                 , struct ratio *ratio);

#endif // pairs.h
