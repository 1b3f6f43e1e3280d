// SPDX-License-Identifier: LGPL-3.0-or-later
// What the user sees, and the way out when nothing can be booted.

#include <stdarg.h> // va_list

#include "bios.h" // bios_call
#include "console.h" // print
#include "screen.h"

#define GREY 7

static void
screen_byte(u8 c)
{
    struct real_regs regs = { .eax = 0x0e00 | c, .ebx = GREY };
    bios_call(0x10, &regs);
}

// If debug is set, all output goes to port 0xe9, too.
void
screen_setup(int debug)
{
    console_setup();
    console_copy_to(screen_byte);
    if (debug)
        console_copy_to_debug_port();
}

// Tell the kernel about the text mode and the cursor. A machine without a screen
// does not answer, and the kernel is told that there is none.
void
screen_describe(struct boot_params *params)
{
    struct real_regs mode = { .eax = 0x0f00 }, cursor = { .eax = 0x0300 };
    bios_call(0x10, &mode);
    if ((mode.eax & 0xffff) == 0x0f00)
        return;
    bios_call(0x10, &cursor);
    params->cursor_column = (u8)cursor.edx;
    params->cursor_row = (u8)(cursor.edx >> 8);
    params->video_page = (u16)(mode.ebx >> 8 & 0xff);
    params->video_mode = mode.eax & 0x7f;
    params->columns = (u8)(mode.eax >> 8);
    params->lines = 25;
    params->is_vga = 1;
    params->character_height = 16;
}

// Say why, wait for a key, and have the BIOS boot something else.
void
give_up(const char *format, ...)
{
    struct real_regs regs = { 0 };
    va_list args;
    va_start(args, format);
    print("\nblkload: ");
    print_list(format, args);
    va_end(args);
    print("\nPress a key to boot something else\n");
    bios_call(0x16, &regs);
    for (;;)
        bios_call(0x18, &regs);
}
