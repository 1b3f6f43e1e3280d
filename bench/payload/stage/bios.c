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

#define FLAGS_KEPT 0x7700 // TF, IF, DF, IOPL, NT

#define IVT_DISK (0x13 * 4)
#define IVT_TIMER (8 * 4) // where the address of int 8's handler lies

#define PIC1_MASK 0x21
#define PIC2_MASK 0xa1

// entry.S
extern u16 real_opcode;
extern u8 real_interrupts, real_direction;
extern u32 flat_esp;
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
static const char *register_lost;

static void
real_exec(u16 opcode, struct real_regs *regs)
{
    high_leave();
    regs->fs = 0x5a5a;
    regs->gs = 0xc3c3;
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

// Is int13 the BIOS's own?  What others put in front of it, as memdisk does, may
// believe that the direction flag is clear.
static u8
disk_is_bios(void)
{
    return *(volatile u32 *)physical(IVT_DISK) >> 16 >= 0xe000;
}

// Compare what nobody may change; keep the name of the first that was changed.
static void
compare(const struct real_regs *was, const struct real_regs *is)
{
    u32 flags = (real_direction ? FLAG_DF : 0)
                | (real_interrupts ? FLAG_IF : 0);
    const struct {
        const char *name;
        u32 was, is;
    } registers[] = {
        { "ebx", was->ebx, is->ebx }, { "ecx", was->ecx, is->ecx },
        { "edx", was->edx, is->edx }, { "esi", was->esi, is->esi },
        { "edi", was->edi, is->edi }, { "ebp", was->ebp, is->ebp },
        { "ds", was->ds, is->ds }, { "es", was->es, is->es },
        { "fs", 0x5a5a, is->fs }, { "gs", 0xc3c3, is->gs },
        { "esp", flat_esp, is->esp },
        { "the upper half of eax", was->eax >> 16, is->eax >> 16 },
        { "flags", flags, is->flags & FLAGS_KEPT },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(registers) && !register_lost; i++)
        if (registers[i].was != registers[i].is)
            register_lost = registers[i].name;
}

// An int13 call that transfers sectors: it may change AX and the arithmetic flags.
void
bios_transfer(struct real_regs *regs)
{
    struct real_regs before = *regs;
    real_direction = disk_is_bios();
    bios_call(0x13, regs);
    compare(&before, regs);
    real_direction = 0;
}

// Returns the name of a register that a transfer or a tick has changed, or NULL.
const char *
bios_lost(void)
{
    return register_lost;
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
    static const struct real_regs before = {
        0x1a1b1c1d, 0x2a2b2c2d, 0x3a3b3c3d, 0x4a4b4c4d, 0x5a5b5c5d, 0x6a6b6c6d
        , 0x7a7b7c7d, .ds = 0x8a8b, .es = 0x9a9b,
    };
    real_direction = 1;
    while (*now - start < ticks) {
        struct real_regs regs = before;
        real_exec(OPCODE_HLT, &regs);
        compare(&before, &regs);
        if (regs.eax != before.eax)
            register_lost = "eax";
    }
    real_direction = 0;
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
