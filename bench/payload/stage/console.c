// SPDX-License-Identifier: LGPL-3.0-or-later
// COM1 at 115200 8n1, polled, and the smallest printf that serves.

#include <stdarg.h> // va_list

#include "bios.h" // divide
#include "console.h"
#include "io.h" // outb

#define COM1 0x3f8
#define COM_FCR (COM1 + 2)
#define COM_LCR (COM1 + 3)
#define COM_MCR (COM1 + 4)
#define COM_LSR (COM1 + 5)
#define LSR_THRE 0x20
#define DEBUG_PORT 0xe9 // Xen stamps each line; QEMU's isa-debugcon

static u8 debug_port;
static void (*copy_byte)(u8 c);

void
console_setup(void)
{
    outb(0x80, COM_LCR); // divisor latch
    outb(1, COM1);
    outb(0, COM1 + 1);
    outb(0x03, COM_LCR); // 8n1; also maps the interrupt enables
    outb(0, COM1 + 1);
    outb(0x07, COM_FCR);
    outb(0x03, COM_MCR);
}

void
console_copy_to_debug_port(void)
{
    debug_port = 1;
}

// Each byte goes there as well; the end of a line is CR and LF.
void
console_copy_to(void (*byte)(u8 c))
{
    copy_byte = byte;
}

static void
serial_byte(u8 c)
{
    u32 patience = 100000; // a machine without COM1 must not hang
    while (!(inb(COM_LSR) & LSR_THRE) && --patience)
        ;
    outb(c, COM1);
}

static void
send_byte(u8 c)
{
    serial_byte(c);
    if (copy_byte)
        copy_byte(c);
}

static void
print_char(char c)
{
    if (c == '\n')
        send_byte('\r');
    send_byte((u8)c);
    if (debug_port)
        outb((u8)c, DEBUG_PORT);
}

static void
print_number(u64 number, u32 base, u32 width, char padding)
{
    char digits[20];
    u32 count = 0;
    do {
        u32 digit;
        number = divide(number, base, &digit);
        digits[count++] = "0123456789abcdef"[digit];
    } while (number);
    for (; width > count; width--)
        print_char(padding);
    while (count)
        print_char(digits[--count]);
}

static void
print_string(const char *text)
{
    while (*text)
        print_char(*text++);
}

// Print the conversion whose '%' lies before format. Returns its last
// character.
static const char *
print_conversion(const char *format, va_list *args)
{
    char padding = *format == '0' ? '0' : ' ';
    u32 width = 0;
    int wide = 0;
    for (; *format >= '0' && *format <= '9'; format++)
        width = width * 10 + (u32)(*format - '0');
    for (; *format == 'l'; format++)
        wide = 1;
    u32 base = *format == 'x' ? 16 : 10;
    if (*format == 's')
        print_string(va_arg(*args, const char *));
    else if (*format == 'c')
        print_char((char)va_arg(*args, int));
    else
        print_number(wide ? va_arg(*args, u64) : va_arg(*args, u32)
                     , base, width, padding);
    return format;
}

void
print_list(const char *format, va_list args)
{
    va_list rest;
    va_copy(rest, args);
    for (; *format; format++)
        if (*format == '%')
            format = print_conversion(format + 1, &rest);
        else
            print_char(*format);
    va_end(rest);
}

void
print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_list(format, args);
    va_end(args);
}
