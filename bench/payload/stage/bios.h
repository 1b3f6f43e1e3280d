// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls of the BIOS from the stage's flat mode, and what else needs assembly.
#ifndef PAYLOAD_BIOS_H
#define PAYLOAD_BIOS_H

#include "script.h" // struct far_pointer
#include "types.h" // u32

// Registers at a real-mode instruction. entry.S knows the offsets.
struct real_regs {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 ds, es;
    u16 fs, gs; // out only
    u32 esp; // out only
    u32 flags; // out only
    u64 tsc_before, tsc_after; // out only, read in real mode next to the int
} __attribute__((packed));

_Static_assert(__builtin_offsetof(struct real_regs, ds) == 28, "REG_DS");
_Static_assert(__builtin_offsetof(struct real_regs, flags) == 40, "REG_FLAGS");
_Static_assert(__builtin_offsetof(struct real_regs, tsc_after) == 52
               , "REG_TSC_AFTER");
_Static_assert(sizeof(struct real_regs) == 60, "REG_SIZE");

#define FLAG_CF 1
#define FLAG_IF 0x200
#define FLAG_DF 0x400

void bios_call(u8 vector, struct real_regs *regs);
void bios_transfer(struct real_regs *regs);
const char *bios_lost(void);
void bios_guard_ticks(void);
u32 bios_repeated_ticks(void);
u32 bios_move_table(void);
void bios_wait_ticks(u32 ticks);
void bios_interrupts(int on);
void bios_mask_interrupts(int mask);
u32 bios_arena_end(void);

// The stage lies below 64 KiB: its addresses are offsets in segment 0.
static inline u16
near_offset(const void *p)
{
    return (u16)(u32)p;
}

static inline u32
flat_address(struct far_pointer p)
{
    return ((u32)p.segment << 4) + p.offset;
}

// 64 by 32 bit division without libgcc. Returns the quotient.
static inline u64
divide(u64 n, u32 divisor, u32 *remainder)
{
    u32 high = (u32)(n >> 32), low = (u32)n;
    u32 quotient_high = high / divisor, r = high % divisor;
    asm("divl %2" : "+a"(low), "+d"(r) : "rm"(divisor) : "cc");
    *remainder = r;
    return ((u64)quotient_high << 32) | low;
}

#endif
