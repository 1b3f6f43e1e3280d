// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Time, chance, and the other domains: whoever runs beside the driver takes
// turns at the seams of xen/machine.h.
#ifndef __FAKE_WORLD_H
#define __FAKE_WORLD_H

#include "types.h" // u32

// Places at which another CPU's work can show.
enum seam {
    SEAM_MB, SEAM_RMB, SEAM_WMB, SEAM_ATOMIC,   // Anywhere, on real hardware
    SEAM_PAUSE, SEAM_YIELD, SEAM_EVENT, SEAM_POLL, // Where the driver waits
    SEAM_COUNT,
};

#define SEAMS_ALL     ((1U << SEAM_COUNT) - 1)
#define SEAMS_WAITING (SEAMS_ALL & ~15U)

#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

void world_reset(void);
void world_add(void (*run)(void));
void world_set_seams(u32 seams);
void world_set_chance(u32 one_in);
void world_turn(enum seam seam);
void world_sleep(u64 ns);
u64 world_now(void);
u64 world_tsc(void);
void world_set_frozen(int frozen);
void world_seed(u32 seed);
u32 world_random(u32 limit);

#endif // world.h
