// SPDX-License-Identifier: LGPL-3.0-or-later
// Port access and fixed physical addresses, for the stage only.
#ifndef PAYLOAD_IO_H
#define PAYLOAD_IO_H

#include "types.h" // u8

static inline void
outb(u8 value, u16 port)
{
    asm volatile("outb %b0, %w1" : : "a"(value), "Nd"(port));
}

static inline void
outw(u16 value, u16 port)
{
    asm volatile("outw %w0, %w1" : : "a"(value), "Nd"(port));
}

static inline u8
inb(u16 port)
{
    u8 value;
    asm volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port));
    return value;
}

// The memory at a physical address. The asm hides the constant from gcc, which
// takes small ones for a null pointer with an offset.
static inline void *
physical(u32 address)
{
    asm("" : "+r"(address));
    return (void *)address;
}

// BIOS data area.
#define BDA_MEMORY_KB 0x413 // u16
#define BDA_TICKS 0x46c // u32, 18.2 a second
#define BDA_DISKS 0x475 // u8

#endif
