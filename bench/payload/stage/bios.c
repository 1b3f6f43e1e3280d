// SPDX-License-Identifier: LGPL-3.0-or-later
// One instruction in real mode: a BIOS call or a halt, with the interrupt
// state that the script asked for.

#include "bios.h"
#include "high.h" // high_leave
#include "io.h" // outb
#include "layout.h" // ARENA_END
#include "string.h" // memcpy

#define REAL_IDT_SIZE 0x400

#define OPCODE_INT 0x00cd // vector in the upper byte
#define OPCODE_HLT 0x90f4 // hlt; nop

#define IVT_TIMER (8 * 4) // where the address of int 8's handler lies

#define PIC1_MASK 0x21
#define PIC2_MASK 0xa1

// entry.S
extern u16 real_opcode;
extern u8 real_interrupts;
extern struct real_regs real_frame;
extern u32 tick_bios_handler; // segment in the upper half
extern u32 ticks_repeated;
void real_switch(void);
void tick_handler(void);

// What LIDT loads and SIDT stores.
struct idt_descriptor {
    u16 limit;
    u32 base;
} __attribute__((packed));

// For the next call, and as that has left it.
extern struct idt_descriptor real_idt_descriptor, real_idt_left;
static u32 tables_lost;

static void
real_exec(u16 opcode, struct real_regs *regs)
{
    high_leave();
    real_opcode = opcode;
    real_frame = *regs;
    real_switch();
    *regs = real_frame;
    tables_lost += real_idt_left.base != real_idt_descriptor.base;
}

void
bios_call(u8 vector, struct real_regs *regs)
{
    real_exec((u16)(OPCODE_INT | vector << 8), regs);
}

// Put our handler between the timer and the BIOS; entry.S says why. The stage
// has a stack of its own, so a second interrupt does no harm here.
void
bios_guard_ticks(void)
{
    volatile u32 *vector = physical(IVT_TIMER);
    tick_bios_handler = *vector;
    *vector = near_offset(tick_handler);
}

// Returns how many timer interrupts came again while they were being served.
u32
bios_repeated_ticks(void)
{
    return *(volatile u32 *)&ticks_repeated;
}

// Have a copy of the interrupt table from now on, as monitors and debuggers do.
// Returns how many calls have come back with another table than they went with.
u32
bios_move_table(void)
{
    static u8 table[REAL_IDT_SIZE] __attribute__((aligned(16)));
    memcpy(table, physical(0), sizeof(table));
    real_idt_descriptor.base = (u32)table;
    return tables_lost;
}

// Let this many timer ticks (55 ms each) pass with the CPU halted and
// interrupts on, as a loader's countdown does.
void
bios_wait_ticks(u32 ticks)
{
    const volatile u32 *now = physical(BDA_TICKS);
    u32 start = *now;
    struct real_regs regs = { 0 };
    while (*now - start < ticks)
        real_exec(OPCODE_HLT, &regs);
}

// Make BIOS calls with IF=1 from now on, or with IF=0.
void
bios_interrupts(int on)
{
    real_interrupts = (u8)on;
}

// Mask both PICs and call with IF=0 from now on, or undo both.
void
bios_mask_interrupts(int mask)
{
    static u8 masked, saved1, saved2;
    if (mask == masked)
        return;
    if (mask) {
        saved1 = inb(PIC1_MASK);
        saved2 = inb(PIC2_MASK);
    }
    outb(mask ? 0xff : saved1, PIC1_MASK);
    outb(mask ? 0xff : saved2, PIC2_MASK);
    masked = (u8)mask;
    bios_interrupts(!mask);
}

// Returns the address at which disk buffers must end: above the memory that
// int 12h reports is the EBDA.
u32
bios_arena_end(void)
{
    u32 end = *(volatile u16 *)physical(BDA_MEMORY_KB) * 1024u;
    return end < ARENA_END ? end : ARENA_END;
}
