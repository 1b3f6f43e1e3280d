// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The seam between the driver and the machine, like src/xen/machine.h, on top
// of the fake guest and Xen.  Wherever the firmware orders memory, the other
// domains may get a turn.
#ifndef __XEN_MACHINE_H // The guard of the one that it stands in for
#define __XEN_MACHINE_H

#include "fake/check.h" // assert_true
#include "fake/firmware.h" // FirmwareInRealMode
#include "fake/guest.h" // guest_ptr
#include "fake/world.h" // world_turn
#include "fake/xen.h" // xen_hypercall
#include "types.h" // u32
#include "x86.h" // smp_wmb

// For the macros of Xen's ring.h, which the backend's side uses.
#define xen_mb()  machine_mb()
#define xen_wmb() smp_wmb()

// The hypercalls that the driver makes take pointers of the host's.
#define machine_linear(ptr) (ptr)

static inline int
machine_hypercall(int vmmcall, int nr, u32 cmd, void *arg, u32 count)
{
    (void)vmmcall;
    return xen_hypercall(nr, cmd, arg, count);
}

static inline int
machine_is_low(u32 addr, u32 len)
{
    return addr - GUEST_LOW_HEAP <= GUEST_LOW_HEAP_SIZE - len;
}

static inline void *
machine_ptr(u32 addr)
{
    assert_true(!FirmwareIn16Bit || machine_is_low(addr, 1));
    return guest_ptr(addr);
}

static inline u32
machine_phys(const void *ptr)
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

#endif // machine.h
