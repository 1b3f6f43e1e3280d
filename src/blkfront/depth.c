// SPDX-License-Identifier: LGPL-3.0-or-later
//
// How many pages ahead of its reader a disk has to be read, so that nobody
// waits for it.  That depends on how long the storage takes, which is learnt
// from the time between question and answer.  Compiled for 16-bit and 32-bit
// code.

#include "blkfront/internal.h" // depth_learn
#include "xen/xen_time.h" // xen_time

// What requests take without any latency, at most: this much, and this much for
// each page.  In units of depth_clock().
#define DEPTH_WORK 128
#define DEPTH_PAGE_WORK 16

// A disk is read as many pages ahead as come in its latency at this pace: one
// page in 16 us are 250 MB/s.
#define DEPTH_PAGE_TIME 16

// A disk whose latency is that of so many pages is slow.
#define DEPTH_SLOW 16

// Far more than there is memory for.
#define DEPTH_MAX 4096

// The time in units of 1024 ns.  Wraps.
u32
depth_clock(void)
{
    return (u32)(xen_time() >> 10);
}

// Returns how much longer the wait for 'pages' pages since 'begin' was than
// dom0 can have worked for them.
static u32
depth_latency(u32 begin, u32 pages)
{
    u32 took = depth_clock() - begin;
    u32 work = DEPTH_WORK + pages * DEPTH_PAGE_WORK;
    return took > work ? took - work : 0;
}

// Move the depth by a quarter of the way to what a latency needs: one request
// may have had to wait for something else.
static void
depth_set(u16 *depth, u32 latency)
{
    u32 needed = DEPTH_MIN + latency / DEPTH_PAGE_TIME;
    if (needed > DEPTH_MAX)
        needed = DEPTH_MAX;
    *depth = (u16)(*depth ? (*depth * 3 + needed) / 4 : needed);
}

// Learn from requests for 'pages' pages that were sent at 'begin' and have just
// been answered.
void
depth_learn(u16 *depth, u32 begin, u32 pages)
{
    depth_set(depth, depth_latency(begin, pages));
}

// Learn from a wait that began at 'begin', for requests that were sent some
// time before: they were not sent early enough.
void
depth_learn_stall(u16 *depth, u32 begin, u32 pages)
{
    u32 latency = depth_latency(begin, pages);
    u32 deeper = *depth + *depth / 8;
    if (!latency)
        return;
    if (latency / DEPTH_PAGE_TIME > deeper)
        depth_set(depth, latency);
    else
        *depth = (u16)deeper;
}

// Does a disk's storage take much longer than dom0 works for an answer?
int
depth_is_slow(u16 depth)
{
    return depth >= DEPTH_MIN + DEPTH_SLOW;
}
