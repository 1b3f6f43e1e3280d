// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Whether to look for an answer, or to sleep until it comes.
//
// A backend on another CPU answers while we look, and to sleep would cost
// the way through Xen's scheduler and back.  One that needs this CPU does
// not, and each look delays it.  Which of the two it is, nobody tells, and it
// changes: with the number of CPUs, with what else runs on them, with the
// disk.  So try, seldom, and remember.

#include "blkfront/internal.h" // struct patience_s

// Spins in vain before the next wait sleeps again.
#define PATIENCE_SPINS_IN_VAIN 3

// Waits that sleep between two probes: more each time, as long as they are
// in vain.
#define PATIENCE_PROBE_MIN 16
#define PATIENCE_PROBE_MAX 1024

// Whether the wait that begins is to be spun.
int
patience_spins(struct patience_s *patience)
{
    if (patience->spins)
        return 1;
    if (patience->until_probe) {
        patience->until_probe--;
        return 0;
    }
    return 1;
}

// The wait was spun: was there an answer?
void
patience_learn(struct patience_s *patience, int answered)
{
    if (answered) {
        patience->spins = PATIENCE_SPINS_IN_VAIN;
        patience->interval = 0;
        return;
    }
    if (patience->spins && --patience->spins)
        return;
    u32 interval = patience->interval * 2;
    if (interval < PATIENCE_PROBE_MIN)
        interval = PATIENCE_PROBE_MIN;
    if (interval > PATIENCE_PROBE_MAX)
        interval = PATIENCE_PROBE_MAX;
    patience->interval = patience->until_probe = interval;
}
