// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Whole histories: ops, faults of the backend's, of xenstored's and of Xen's,
// and handovers, in the order that a fuzzer thinks of, against the model of
// disk and memory.

#include "history.h" // history_start
#include "input.h" // input_more
#include "step.h" // step_good

#define MAX_STEPS 24

int
LLVMFuzzerTestOneInput(const u8 *data, unsigned long size)
{
    u32 step;
    input_start(data, size);
    history_start();
    for (step = 0; step < MAX_STEPS && input_more(); step++)
        if (choose(2))
            step_good();
        else
            step_faulty();
    history_check();
    return 0;
}
