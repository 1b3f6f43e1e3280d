// SPDX-License-Identifier: LGPL-3.0-or-later
// What the user sees: COM1 and the screen say the same.
#ifndef LOADER_SCREEN_H
#define LOADER_SCREEN_H

#include "bzimage.h" // struct boot_params

void screen_setup(int debug);
void screen_describe(struct boot_params *params);
void give_up(const char *format, ...) __attribute__((noreturn));

#endif
