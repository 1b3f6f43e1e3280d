// SPDX-License-Identifier: LGPL-3.0-or-later
//
// All contact of the driver with the machine it runs on: hypercalls,
// physical addresses, memory order, clock and pause.  The host tests put a
// header of this name in front of this one and run the same driver on a
// fake Xen.
#ifndef __XEN_MACHINE_H
#define __XEN_MACHINE_H

#include "biosvar.h" // get_ebda_seg
#include "e820map.h" // e820_list
#include "hw/pic.h" // pic_irqmask_read
#include "malloc.h" // LegacyRamSize
#include "stacks.h" // yield
#include "types.h" // u32
#include "x86.h" // rdtscll

// SeaBIOS's 32-bit code runs with flat segments and without paging.  Its
// 16-bit code can do what this driver needs on the extra stack alone: there
// the segment of data and stack is the zone of low memory, which plain C
// pointers then reach, and nothing else.
#define MACHINE_BASE (MODESEGMENT ? SYMBOL(zonelow_base) : 0)

static inline void *
phys_to_ptr(u32 addr)
{
    return (void *)(addr - MACHINE_BASE);
}

static inline u32
ptr_to_phys(const void *ptr)
{
    return (u32)ptr + MACHINE_BASE;
}

// Whether 16-bit code reaches 'len' bytes at a guest-physical address.
static inline int
machine_is_low(u32 addr, u32 len)
{
    return addr - SYMBOL(zonelow_base) <= 0x10000 - len;
}

// The guest-physical address of a flat pointer, which SeaBIOS's structures
// hold for 16-bit code, too.
static inline u32
machine_flat(const void *ptr_fl)
{
    return (u32)ptr_fl;
}

// Whether the CPU is in real mode.  In virtual-8086 mode, where a hypercall
// is not possible, and in protected mode the interrupt table is the one of
// whoever set up that mode.  CR0 would tell, too, at the price of an exit.
static inline int
machine_in_real_mode(void)
{
    struct descloc_s idt;
    asm volatile("sidtl %0" : "=m"(idt));
    return !idt.addr;
}

// Whether the CPU is in virtual-8086 or protected mode.
static inline int
machine_in_vm86(void)
{
    return !machine_in_real_mode() && (cr0_vm86_read() & CR0_PE);
}

// A pointer as Xen takes it, inside a structure: a linear address.
#define machine_linear(ptr) ((typeof(ptr))ptr_to_phys(ptr))

// Whether Xen is called as on processors of AMD's.
extern u8 MachineVmmcall;

// Hypercalls by the name that follows __HYPERVISOR_ in Xen's headers, with
// a command and the structure that it is about.  By the instruction that is
// on Xen's hypercall page, for 16-bit code does not reach that.
#define machine_hypercall2(name, cmd, arg)                              \
    machine_hypercall(__HYPERVISOR_##name, cmd, ptr_to_phys(arg), 0)
#define machine_hypercall3(name, cmd, arg, count)                       \
    machine_hypercall(__HYPERVISOR_##name, cmd, ptr_to_phys(arg), count)

static inline int
machine_hypercall(int nr, u32 a1, u32 a2, u32 a3)
{
    if (MachineVmmcall)
        asm volatile("vmmcall" : "+a"(nr), "+b"(a1), "+c"(a2), "+d"(a3)
                     : : "memory");
    else
        asm volatile("vmcall" : "+a"(nr), "+b"(a1), "+c"(a2), "+d"(a3)
                     : : "memory");
    return nr;
}

// Where the memory ends that programs have below 640 KiB: what follows is
// the extended BIOS data area.
static inline u32
machine_conventional_end(void)
{
    return get_ebda_seg() << 4;
}

// Where the memory ends that begins at 1 MiB.
static inline u32
machine_ram_end(void)
{
    return GET_GLOBAL(LegacyRamSize);
}

// Whether there is memory from one sector of 512 bytes to another one,
// counted from address 0, by the E820 map.
static inline int
machine_is_ram(u32 start, u32 end)
{
    int i;
    for (i = 0; i < e820_count; i++) {
        struct e820entry *e = &e820_list[i];
        u32 first = (u32)(e->start >> 9), count = (u32)(e->size >> 9);
        if (e->type == E820_RAM && start - first < count
            && end - first <= count)
            return 1;
    }
    return 0;
}

// Copy 'len' bytes, a multiple of four, upwards: 'dest' may overlap the end
// of 'src' from below.  SeaBIOS's memcpy() moves single bytes.
static inline void
machine_copy(void *dest, const void *src, u32 len)
{
    len /= 4;
    asm volatile("rep movsl"
                 : "+D"(dest), "+S"(src), "+c"(len) : : "memory", "cc");
}

// The same by guest-physical addresses; 16-bit code reaches 1 MiB this way,
// and at most 64 KiB from a paragraph's start at once.
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

// Orders earlier stores before later loads, which x86 does not do by
// itself.  A locked instruction works on every 32-bit CPU; mfence does not.
static inline void
machine_mb(void)
{
    asm volatile("lock; addl $0, (%%esp)" : : : "memory", "cc");
}

// x86 keeps the order of loads among loads and stores among stores; only
// the compiler has to be told.
static inline void
machine_rmb(void)
{
    smp_rmb();
}

static inline void
machine_wmb(void)
{
    smp_wmb();
}

// Replace *ptr by new if it is old; returns what *ptr was.
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

// The time stamp counter.
static inline u64
machine_tsc(void)
{
    return rdtscll();
}

// One turn of a short spin.
static inline void
machine_pause(void)
{
    cpu_relax();
}

// Keep interrupts from becoming pending; returns what undoes it.
static inline u16
machine_mask_irqs(void)
{
    u16 mask = pic_irqmask_read();
    pic_irqmask_write(0xffff);
    return mask;
}

static inline void
machine_unmask_irqs(u16 mask)
{
    pic_irqmask_write(mask);
}

// Let other threads of POST run, and interrupts.  Port I/O inside: never on
// the data path.
static inline void
machine_yield(void)
{
    yield();
}

#endif // machine.h
