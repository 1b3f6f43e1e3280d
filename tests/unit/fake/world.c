// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Time, chance, and the other domains.

#include "fake/world.h" // world_turn

// The driver may wait without a hypercall, so each look at the clock costs.
#define NS_PER_LOOK 200

#define MAX_OTHERS 4

static struct {
    u64 now;                    // ns since the start of Xen
    u32 seams;                  // Set of enum seam
    u32 one_in;                 // Chance of a turn
    u32 random;
    int frozen;                 // Only sleeping takes time
    int running;                // No turns within a turn
    u32 nr_others;
    void (*others[MAX_OTHERS])(void);
} World;

// Start again at time 1 s, alone.
void
world_reset(void)
{
    World.now = NS_PER_S;
    World.seams = SEAMS_WAITING;
    World.one_in = 1;
    World.random = 1;
    World.frozen = World.running = 0;
    World.nr_others = 0;
}

// Let another domain take turns.
void
world_add(void (*run)(void))
{
    World.others[World.nr_others++] = run;
}

// Choose the seams at which the others run.
void
world_set_seams(u32 seams)
{
    World.seams = seams;
}

// Let the others run at one in so many of these, by chance; where the
// driver gives way they run always, as time goes by.
void
world_set_chance(u32 one_in)
{
    World.one_in = one_in;
}

void
world_turn(enum seam seam)
{
    u32 i, gives_way = seam == SEAM_YIELD || seam == SEAM_POLL;
    if (World.running || !(World.seams & (1U << seam))
        || (!gives_way && world_random(World.one_in)))
        return;
    World.running = 1;
    for (i = 0; i < World.nr_others; i++)
        World.others[i]();
    World.running = 0;
}

void
world_sleep(u64 ns)
{
    World.now += ns;
}

u64
world_now(void)
{
    return World.now;
}

// A time stamp counter of 2 GHz.
u64
world_tsc(void)
{
    if (!World.frozen)
        World.now += NS_PER_LOOK;
    return World.now * 2;
}

void
world_set_frozen(int frozen)
{
    World.frozen = frozen;
}

void
world_seed(u32 seed)
{
    World.random = seed;
}

// A number below 'limit', the same ones in each run.
u32
world_random(u32 limit)
{
    World.random = World.random * 1664525 + 1013904223;
    return (u32)(((u64)World.random * limit) >> 32);
}
