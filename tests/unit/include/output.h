// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver says goes to the log of fake/firmware.h.
#ifndef __SHADOW_OUTPUT_H
#define __SHADOW_OUTPUT_H

#include <stdio.h> // snprintf; before dprintf becomes a macro
#include "fake/firmware.h" // firmware_log

#define dprintf(level, ...) firmware_log(level, __VA_ARGS__)
#define warn_noalloc() firmware_log(1, "out of memory\n")

char *znprintf(size_t size, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif // output.h
