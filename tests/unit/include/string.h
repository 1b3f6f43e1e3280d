// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The C library's functions do what SeaBIOS's of the same names do.
#ifndef __SHADOW_STRING_H
#define __SHADOW_STRING_H

#include <string.h> // memset

// Copies as much as there is room for, and a NUL.
static inline char *
strtcpy(char *dest, const char *src, size_t len)
{
    size_t n = strnlen(src, len - 1);
    memcpy(dest, src, n);
    dest[n] = '\0';
    return dest;
}

#endif // string.h
