// SPDX-License-Identifier: LGPL-3.0-or-later
// The TSC as a clock: its frequency, and who says so.
#ifndef PAYLOAD_CLOCK_H
#define PAYLOAD_CLOCK_H

#include "types.h" // u32

struct tsc_clock {
    u32 khz;
    const char *source;
};

const struct tsc_clock *clock_get(void);
u32 clock_us(u64 ticks);
void clock_wait(u32 us);

#endif
