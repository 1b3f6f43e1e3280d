// SPDX-License-Identifier: LGPL-3.0-or-later
// Text output of the stage: COM1, and copies if asked, on the debug port and
// wherever a function takes them.
#ifndef PAYLOAD_CONSOLE_H
#define PAYLOAD_CONSOLE_H

#include "types.h" // u32

void console_setup(void);
void console_copy_to_debug_port(void);
void console_copy_to(void (*byte)(u8 c));
// Conversions: %s %c %u %x %llu %llx, with a width and zero padding ("%08x").
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_list(const char *format, __builtin_va_list args);

#endif
