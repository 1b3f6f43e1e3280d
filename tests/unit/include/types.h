// SPDX-License-Identifier: LGPL-3.0-or-later
//
// SeaBIOS's own types beside the host's: size_t stays the C library's, and
// offsetof() works with pointers of 64 bits.  Code and variables are where the
// host has them, and in which mode code runs is known when it runs.
#ifndef __SHADOW_TYPES_H
#define __SHADOW_TYPES_H

#include <stddef.h> // size_t
#include <stdint.h> // __always_inline

#undef __always_inline
#undef NULL
#undef offsetof
#define size_t seabios_size_t
#include <src/types.h>
#undef size_t
#undef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)

#undef VARLOW
#undef VISIBLE32FLAT
#undef ASSERT16
#define VARLOW
#define VISIBLE32FLAT
#define ASSERT16() firmware_assert16()
#define MODESEGMENT FirmwareIn16Bit

extern int FirmwareIn16Bit;
void firmware_assert16(void);

#endif // types.h
