// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The guest's physical memory, and the firmware's heap in it.
#ifndef __FAKE_GUEST_H
#define __FAKE_GUEST_H

#include "types.h" // u32

#define GUEST_PAGE 4096U

// The map, by guest-physical address.
#define GUEST_EBDA      0x0009f400U // Extended BIOS data area, to 640 KiB
#define GUEST_VGA       0x000a0000U
// ZoneLow, which 16-bit code reaches: larger than in SeaBIOS, for what guards
// the blocks in it is larger.
#define GUEST_LOW_HEAP  0x000d4000U
#define GUEST_LOW_HEAP_SIZE 0x18000U
#define GUEST_FSEG      0x000ec000U // ZoneFSeg
#define GUEST_FSEG_END  0x000ed000U
#define GUEST_BIOS      0x000f0000U
#define GUEST_PROGRAM   0x00100000U // What the program in the guest uses
#define GUEST_HEAP      0x00300000U // ZoneHigh and the temporary zones
#define GUEST_RAM_END   0x00700000U
#define GUEST_RESERVED  0xfe700000U // Where Xen's pages are mapped
#define GUEST_SPECIAL   0xfeff8000U // xenstore's page
#define GUEST_ROM       0xfffc0000U // To 4 GiB
#define GUEST_HIGH      0x100000000ULL // Memory that the firmware cannot reach
#define GUEST_HIGH_END  0x100700000ULL

extern u32 GuestConventionalEnd, GuestRamEnd;
// A timer tick waits for interrupts to be enabled; the PIC's mask.
extern u32 GuestTickPending;
extern u16 GuestIrqMask;

void guest_reset(void);
struct e820entry *guest_e820(void);
void *guest_ptr(u32 addr);
void *guest_frame(u32 frame);
int guest_is_high(const void *ptr);
u32 guest_phys(const void *ptr);
u32 guest_phys_or_0(const void *ptr);
int guest_has(u32 addr, u32 len);
void guest_copy(void *dest, const void *src, u32 len);

void guest_fail_allocations(u32 nth, u32 count);
u32 guest_failures_left(void);
u32 guest_allocations(void);

#endif // guest.h
