// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The seam between the driver and the machine, as src/xen/machine.h
// has it, on top of the fake guest, Xen and clock.  Wherever the firmware
// orders memory or gives way, the other domains may get a turn.
#ifndef __XEN_MACHINE_H // The guard of the one that it stands in for
#define __XEN_MACHINE_H

#include "fake/check.h" // assert_true
#include "fake/firmware.h" // FirmwareInRealMode
#include "fake/guest.h" // guest_ptr
#include "fake/world.h" // world_turn
#include "fake/xen.h" // xen_hypercall
#include "types.h" // u32

// For the macros of Xen's ring.h, which the backend's side uses.
#define xen_mb()  machine_mb()
#define xen_wmb() machine_wmb()

#define machine_hypercall2(name, a1, a2) \
    xen_hypercall(__HYPERVISOR_##name, a1, a2, 0)
#define machine_hypercall3(name, a1, a2, a3) \
    xen_hypercall(__HYPERVISOR_##name, a1, a2, a3)

// The hypercalls that the driver makes take pointers of the host's.
#define machine_linear(ptr) (ptr)

extern u8 MachineVmmcall;

static inline int
machine_is_low(u32 addr, u32 len)
{
    return addr - GUEST_LOW_HEAP <= GUEST_LOW_HEAP_SIZE - len;
}

static inline void *
phys_to_ptr(u32 addr)
{
    assert_true(!FirmwareIn16Bit || machine_is_low(addr, 1));
    return guest_ptr(addr);
}

static inline u32
ptr_to_phys(const void *ptr)
{
    return guest_phys_or_0(ptr);
}

static inline u32
machine_flat(const void *ptr_fl)
{
    return guest_phys(ptr_fl);
}

static inline int
machine_in_real_mode(void)
{
    return FirmwareInRealMode;
}

static inline int
machine_in_vm86(void)
{
    return FirmwareInVm86;
}

static inline u32
machine_conventional_end(void)
{
    return GuestConventionalEnd;
}

static inline u32
machine_ram_end(void)
{
    return GuestRamEnd;
}

static inline int
machine_is_ram(u32 start, u32 end)
{
    u64 first = start * 512ULL, last = end * 512ULL;
    return (last <= GuestRamEnd || (first >= GUEST_HIGH && last <= GUEST_HIGH_END))
           && first < last;
}

static inline void
machine_copy(void *dest, const void *src, u32 len)
{
    guest_copy(dest, src, len);
}

static inline void
machine_move(u32 dest, u32 src, u32 len)
{
    assert_true(!FirmwareIn16Bit || dest + len <= 0x100000);
    guest_copy(guest_ptr(dest), guest_ptr(src), len);
}

static inline void
machine_mb(void)
{
    world_turn(SEAM_MB);
}

static inline void
machine_rmb(void)
{
    world_turn(SEAM_RMB);
}

static inline void
machine_wmb(void)
{
    world_turn(SEAM_WMB);
}

static inline u16
// NOLINTNEXTLINE(readability-non-const-parameter): the builtin writes
machine_cmpxchg16(volatile u16 *ptr, u16 old, u16 new)
{
    world_turn(SEAM_ATOMIC);
    __atomic_compare_exchange_n(ptr, &old, new, 0, __ATOMIC_SEQ_CST
                                , __ATOMIC_SEQ_CST);
    return old;
}

static inline void
machine_clear_bit(volatile void *map, u32 nr)
{
    world_turn(SEAM_ATOMIC);
    __atomic_fetch_and((volatile u32 *)map + nr / 32, ~(1U << nr % 32)
                       , __ATOMIC_SEQ_CST);
}

static inline u64
machine_tsc(void)
{
    return world_tsc();
}

static inline void
machine_pause(void)
{
    world_turn(SEAM_PAUSE);
}

static inline u16
machine_mask_irqs(void)
{
    u16 mask = GuestIrqMask;
    GuestIrqMask = 0xffff;
    return mask;
}

static inline void
machine_unmask_irqs(u16 mask)
{
    GuestIrqMask = mask;
}

static inline void
machine_yield(void)
{
    world_turn(SEAM_YIELD);
    firmware_interrupts();
}

#endif // machine.h
