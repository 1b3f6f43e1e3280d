// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Contact with the machine for which SeaBIOS has no name of its own:
// hypercalls, guest-physical addresses, modes of the CPU, atomic operations.
// The host tests put a header of this name in front of this one and run the
// same driver on a fake Xen.
#ifndef __XEN_MACHINE_H
#define __XEN_MACHINE_H

#include "biosvar.h" // SYMBOL
#include "types.h" // u32
#include "x86.h" // cr0_vm86_read

// SeaBIOS's 32-bit code runs with flat segments and without paging.  Its
// 16-bit code can serve this driver only on the extra stack: there the data
// and stack segments are the zone of low memory, and plain C pointers reach
// that zone and nothing else.
#define MACHINE_BASE (MODESEGMENT ? SYMBOL(zonelow_base) : 0)

static inline void *
machine_ptr(u32 addr)
{
    return (void *)(addr - MACHINE_BASE);
}

static inline u32
machine_phys(const void *ptr)
{
    return (u32)ptr + MACHINE_BASE;
}

// Can 16-bit code reach 'len' bytes at a guest-physical address?
static inline int
machine_is_low(u32 addr, u32 len)
{
    return addr - SYMBOL(zonelow_base) <= 0x10000 - len;
}

// The guest-physical address of a flat pointer.  SeaBIOS's structures hold
// flat pointers in 16-bit code, too.
static inline u32
machine_flat(const void *ptr_fl)
{
    return (u32)ptr_fl;
}

// Is the CPU in real mode?  In protected mode and in virtual-8086 mode, in
// which no hypercall is possible, whoever set up the mode has an interrupt
// table of its own.  CR0 would tell as well, at the price of an exit.
static inline int
machine_in_real_mode(void)
{
    struct descloc_s idt;
    asm volatile("sidtl %0" : "=m"(idt));
    return !idt.addr;
}

// Is the CPU in virtual-8086 or protected mode?
static inline int
machine_in_vm86(void)
{
    return !machine_in_real_mode() && (cr0_vm86_read() & CR0_PE);
}

// A pointer inside a structure for Xen: a linear address.
#define machine_linear(ptr) ((typeof(ptr))machine_phys(ptr))

// Hypercall 'nr' for operation 'cmd' on 'count' structures at 'arg', by the
// instruction of AMD's processors or by that of Intel's.
static inline int
machine_hypercall(int vmmcall, int nr, u32 cmd, void *arg, u32 count)
{
    u32 addr = machine_phys(arg);
    if (vmmcall)
        asm volatile("vmmcall" : "+a"(nr), "+b"(cmd), "+c"(addr), "+d"(count)
                     : : "memory");
    else
        asm volatile("vmcall" : "+a"(nr), "+b"(cmd), "+c"(addr), "+d"(count)
                     : : "memory");
    return nr;
}

// Copy 'len' bytes, a multiple of four, in ascending order, so 'dest' may
// overlap 'src' if it is below it.  SeaBIOS's memcpy() moves single bytes.
static inline void
machine_copy(void *dest, const void *src, u32 len)
{
    len /= 4;
    asm volatile("rep movsl"
                 : "+D"(dest), "+S"(src), "+c"(len) : : "memory", "cc");
}

// Like machine_copy(), but by guest-physical addresses.  16-bit code reaches
// 1 MiB this way, and copies up to 64 KiB from the start of a paragraph.
static inline void
machine_move(u32 dest, u32 src, u32 len)
{
    len /= 4;
    if (MODESEGMENT) {
        u32 dest_seg = dest >> 4, src_seg = src >> 4;
        dest &= 15;
        src &= 15;
        asm volatile("pushw %%ds\n"
                     "  pushw %%es\n"
                     "  movw %w3, %%es\n"
                     "  movw %w4, %%ds\n"
                     "  rep movsl\n"
                     "  popw %%es\n"
                     "  popw %%ds"
                     : "+D"(dest), "+S"(src), "+c"(len)
                     : "r"(dest_seg), "r"(src_seg) : "memory", "cc");
    } else {
        asm volatile("rep movsl"
                     : "+D"(dest), "+S"(src), "+c"(len) : : "memory", "cc");
    }
}

// Order earlier stores before later loads, which x86 does not do by itself.  A
// locked instruction works on every 32-bit CPU; mfence does not.
static inline void
machine_mb(void)
{
    asm volatile("lock; addl $0, (%%esp)" : : : "memory", "cc");
}

// Replace *ptr by 'new' if it is 'old'.  Returns the previous value of *ptr.
static inline u16
machine_cmpxchg16(volatile u16 *ptr, u16 old, u16 new)
{
    asm volatile("lock; cmpxchgw %2, %1"
                 : "+a"(old), "+m"(*ptr) : "r"(new) : "memory", "cc");
    return old;
}

// Clear bit 'nr' of the little-endian bitmap at 'map'.
static inline void
machine_clear_bit(volatile void *map, u32 nr)
{
    asm volatile("lock; btrl %1, %0"
                 : "+m"(*(volatile u32 *)map) : "r"(nr) : "memory", "cc");
}

#endif // machine.h
