// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Threads of POST: here each runs to its end at once.  And the way from
// 16-bit code to 32-bit code.
#ifndef __SHADOW_STACKS_H
#define __SHADOW_STACKS_H

#include "fake/firmware.h" // firmware_interrupts
#include "fake/world.h" // world_turn
#include "types.h" // u32

struct disk_op_s;

// What the 16-bit code may call.
#define call32(func, eax, errret)                                       \
    _Generic(&(func)                                                    \
             , void (*)(int): firmware_call32                           \
             , void (*)(void): firmware_call32_plain                    \
             , int (*)(struct disk_op_s *): firmware_call32_op          \
             )(func, eax, errret)

// Interrupts come in here, and other domains may get a turn.
static inline void
yield(void)
{
    world_turn(SEAM_YIELD);
    firmware_interrupts();
}

void run_thread(void (*func)(void *), void *data);
void wait_threads(void);
int on_extra_stack(void);
int firmware_call32(void (*func)(int), u32 eax, int errret);
int firmware_call32_plain(void (*func)(void), u32 eax, int errret);
int firmware_call32_op(int (*func)(struct disk_op_s *), u32 eax, int errret);

#endif // stacks.h
