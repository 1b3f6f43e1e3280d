// SPDX-License-Identifier: LGPL-3.0-or-later
// Fixed-width integers under SeaBIOS's names, for the payload (32-bit
// freestanding) and for the host tool alike.
#ifndef PAYLOAD_TYPES_H
#define PAYLOAD_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
