// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The pool of grant references against its model, with a domain that maps
// and unmaps what it may.

#include "gref_model.h" // gref_model_step
#include "input.h" // choose

#define MAX_STEPS 200

int
LLVMFuzzerTestOneInput(const u8 *data, unsigned long size)
{
    u32 step;
    input_start(data, size);
    gref_model_start(choose(2) ? GREF_POOL_STICKY : GREF_POOL_PER_OP);
    for (step = 0; step < MAX_STEPS && input_more(); step++)
        gref_model_step(choose);
    return 0;
}
