// SPDX-License-Identifier: LGPL-3.0-or-later
// Commands about the machine rather than its disks: marks, interrupt state,
// waiting, other BIOS calls, power off.

#include "bios.h" // bios_call
#include "clock.h" // clock_wait
#include "commands.h"
#include "console.h" // print
#include "io.h" // outw
#include "report.h" // check_words

void
command_mark(struct script_line *line)
{
    u32 i;
    print("mark");
    for (i = 0; i < line->count; i++) {
        const struct script_word *word = &line->words[i];
        print(" %s", word->key);
        if (*word->value)
            print("=%s", word->value);
    }
}

void
command_debugcon(struct script_line *line)
{
    if (check_words(line))
        return;
    console_copy_to_debug_port();
    print("debugcon");
}

void
command_picmask(struct script_line *line)
{
    if (check_words(line))
        return;
    bios_mask_interrupts(1);
    print("picmask");
}

void
command_picunmask(struct script_line *line)
{
    if (check_words(line))
        return;
    bios_mask_interrupts(0);
    print("picunmask");
}

void
command_lidt(struct script_line *line)
{
    if (check_words(line))
        return;
    u32 lost = bios_move_table();
    print("lidt lost=%u", lost);
    if (lost)
        check_fail("calls moved the interrupt table");
}

void
command_cli(struct script_line *line)
{
    if (check_words(line))
        return;
    bios_interrupts(0);
    print("cli");
}

void
command_sti(struct script_line *line)
{
    if (check_words(line))
        return;
    bios_interrupts(1);
    print("sti");
}

// Time passes as in a loader's menu: the BIOS sees only timer ticks.
void
command_sleep(struct script_line *line)
{
    u32 ticks = script_decimal(line, "ticks", 18);
    if (check_words(line))
        return;
    bios_wait_ticks(ticks);
    print("sleep ticks=%u", ticks);
}

// Time passes as in a loader that computes; picmask decides whether timer ticks
// come meanwhile.
void
command_delay(struct script_line *line)
{
    u32 us = script_decimal(line, "us", 200000);
    if (check_words(line))
        return;
    clock_wait(us);
    print("delay us=%u", us);
}

// Any BIOS call, such as those that announce an operating system:
// `bios int=15 eax=e801`.
void
command_bios(struct script_line *line)
{
    u8 vector = (u8)script_hex(line, "int", 0x15);
    struct real_regs regs = {
        .eax = script_hex(line, "eax", 0),
        .ebx = script_hex(line, "ebx", 0),
        .ecx = script_hex(line, "ecx", 0),
        .edx = script_hex(line, "edx", 0),
    };
    if (check_words(line))
        return;
    bios_call(vector, &regs);
    print("bios int=%02x eax=%08x ebx=%08x ecx=%08x edx=%08x cf=%u us=%u"
          , vector, regs.eax, regs.ebx, regs.ecx, regs.edx
          , regs.flags & FLAG_CF, clock_us(regs.tsc_after - regs.tsc_before));
}

#define RESET_CONTROL 0xcf9 // of the PIIX3 and of the ICH9
#define RESET_HARD 0x06

void
command_reset(struct script_line *line)
{
    if (check_words(line))
        return;
    print("reset\n");
    outb(RESET_HARD, RESET_CONTROL);
}

#define ACPI_SLEEP_NOW 0x2000 // SLP_EN, type 0: S5 on both machines

// Ask for S5 where QEMU's pc and Xen's hvmloader put PM1a control.
void
command_poweroff(struct script_line *line)
{
    u32 patience = 1 << 16; // the machine may still run for some instructions
    if (check_words(line))
        return;
    check_sum();
    outw(ACPI_SLEEP_NOW, 0x604);
    outw(ACPI_SLEEP_NOW, 0xb004);
    while (--patience)
        inb(0x80);
    check_fail("poweroff: the machine is still on");
}
