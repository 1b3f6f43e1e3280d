// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Whether to spin for an answer or to sleep until it comes.  Compiled for
// 16-bit and 32-bit code.
//
// A backend on another CPU answers while we spin, and sleeping would cost the
// way through Xen's scheduler and back.  A backend that needs this CPU does
// not, and spinning delays it.  Nobody tells us which of the two it is, and it
// changes with the number of CPUs, with what else runs on them, and with the
// disk.  So try now and then, and remember.

#include "blkfront/internal.h" // struct patience_s

// After this many spins in vain the next wait sleeps again.
#define PATIENCE_SPINS_IN_VAIN 3

// How many waits sleep between two probes: more each time, as long as the
// probes are in vain.
#define PATIENCE_PROBE_MIN 16
#define PATIENCE_PROBE_MAX 1024

// Should the wait that begins now spin?
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

// Learn from a wait that has spun: did the answer come?
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
