// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A model of the planner that knows only sectors.
#ifndef __PLAN_MODEL_H
#define __PLAN_MODEL_H

#include "indirect.h" // struct plan_limits_s

// A run of sectors in memory; an op has one, or two for an unaligned read.
struct extent_s {
    u32 sector, count;
};

void plan_model_check(const struct extent_s extent[2]
                      , const struct plan_limits_s *limits);

#endif // plan_model.h
