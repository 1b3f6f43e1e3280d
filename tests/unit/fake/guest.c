// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The guest's physical memory, and the firmware's heap in it.  The heap
// never hands memory out twice, and ASan guards all of it that is not
// allocated.

#include <sanitizer/asan_interface.h> // ASAN_POISON_MEMORY_REGION
#include <stdint.h> // uintptr_t
#include <string.h> // memset
#include <sys/mman.h> // madvise
#include "e820map.h" // struct e820entry
#include "fake/check.h" // fail_msg
#include "fake/guest.h" // guest_ptr
#include "malloc.h" // _malloc

#define HEAP_REDZONE 64U
#define HEAP_BLOCKS  4096

struct region_s {
    u32 start, size;
    u8 *memory;
};

static _Alignas(GUEST_PAGE) u8 Ram[GUEST_RAM_END];
static _Alignas(GUEST_PAGE) u8 High[GUEST_HIGH_END - GUEST_HIGH];
static _Alignas(GUEST_PAGE) u8 Reserved[0x10000];
static _Alignas(GUEST_PAGE) u8 Special[0x8000];
// As if memory went on behind the end: the firmware's own addresses wrap.
static _Alignas(GUEST_PAGE) u8 Rom[0x40000 + 0x20000];

static const struct region_s Regions[] = {
    { 0, sizeof(Ram), Ram },
    { GUEST_RESERVED, sizeof(Reserved), Reserved },
    { GUEST_SPECIAL, sizeof(Special), Special },
    { GUEST_ROM, 0x40000, Rom },
};

struct zone_s {
    u32 start, end, next;
};
struct zone_s ZoneLow, ZoneHigh, ZoneFSeg, ZoneTmpLow, ZoneTmpHigh;

static struct {
    u32 addr, size;
} Blocks[HEAP_BLOCKS];
static u32 NrBlocks, NrLive, FailNth, FailCount;

u32 GuestConventionalEnd, GuestRamEnd;
u32 GuestTickPending;
u16 GuestIrqMask;

static void
reset_zone(struct zone_s *zone, u32 start, u32 end)
{
    zone->start = zone->next = start;
    zone->end = end;
    ASAN_POISON_MEMORY_REGION(guest_ptr(start), end - start);
}

// What int15 E820 says of the memory, below and above 4 GiB.
struct e820entry *
guest_e820(void)
{
    static struct e820entry list[] = {
        { 0, 0, E820_RAM },
        { GUEST_RESERVED, 0x10000, E820_RESERVED },
        { GUEST_HIGH, GUEST_HIGH_END - GUEST_HIGH, E820_RAM },
    };
    list[0].size = GuestRamEnd;
    return list;
}

// Empty memory, empty heap.
void
guest_reset(void)
{
    u32 i;
    for (i = 0; i < ARRAY_SIZE(Regions); i++) {
        ASAN_UNPOISON_MEMORY_REGION(Regions[i].memory, Regions[i].size);
        // Fresh pages of the host's: cheaper than to clear them all.
        assert_int_equal(madvise(Regions[i].memory, Regions[i].size
                                 , MADV_DONTNEED), 0);
    }
    assert_int_equal(madvise(High, sizeof(High), MADV_DONTNEED), 0);
    reset_zone(&ZoneLow, GUEST_LOW_HEAP, GUEST_LOW_HEAP + GUEST_LOW_HEAP_SIZE);
    reset_zone(&ZoneFSeg, GUEST_FSEG, GUEST_FSEG_END);
    reset_zone(&ZoneTmpHigh, GUEST_HEAP, GUEST_HEAP + 0x80000);
    reset_zone(&ZoneTmpLow, GUEST_HEAP + 0x80000, GUEST_HEAP + 0x100000);
    reset_zone(&ZoneHigh, GUEST_HEAP + 0x100000, GUEST_RAM_END);
    NrBlocks = NrLive = FailNth = FailCount = 0;
    GuestConventionalEnd = GUEST_EBDA;
    GuestRamEnd = GUEST_RAM_END;
    GuestTickPending = GuestIrqMask = 0;
}

// Where the test finds the guest's memory.
void *
guest_ptr(u32 addr)
{
    u32 i;
    if (addr < sizeof(Ram))
        return &Ram[addr];
    for (i = 1; i < ARRAY_SIZE(Regions); i++)
        if (addr - Regions[i].start < Regions[i].size)
            return Regions[i].memory + (addr - Regions[i].start);
    fail_msg("no memory at guest-physical address %#x", addr);
    return NULL;
}

// The page of a guest frame number, NULL where there is no memory.
void *
guest_frame(u32 frame)
{
    u64 addr = (u64)frame * GUEST_PAGE;
    if (addr >= GUEST_HIGH && addr < GUEST_HIGH_END)
        return &High[addr - GUEST_HIGH];
    if (addr >> 32 || !guest_has((u32)addr, GUEST_PAGE))
        return NULL;
    return guest_ptr((u32)addr);
}

// Whether this is a page above 4 GiB.
int
guest_is_high(const void *ptr)
{
    return (uintptr_t)ptr - (uintptr_t)High < sizeof(High);
}

// The address by which the guest and the other domains know it.
u32
guest_phys(const void *ptr)
{
    u32 i;
    for (i = 0; i < ARRAY_SIZE(Regions); i++) {
        uintptr_t offset = (uintptr_t)ptr - (uintptr_t)Regions[i].memory;
        if (offset < Regions[i].size)
            return Regions[i].start + (u32)offset;
    }
    fail_msg("%p is not the guest's memory", ptr);
    return 0;
}

// The same; where nothing is NULL.
u32
guest_phys_or_0(const void *ptr)
{
    return ptr ? guest_phys(ptr) : 0;
}

// Whether there is memory at all 'len' bytes from 'addr'.
int
guest_has(u32 addr, u32 len)
{
    u32 i;
    for (i = 0; i < ARRAY_SIZE(Regions); i++)
        if (addr - Regions[i].start < Regions[i].size)
            return len <= Regions[i].size - (addr - Regions[i].start);
    return 0;
}

// What "rep movsl" does.
void
guest_copy(void *dest, const void *src, u32 len)
{
    u8 *to = dest;
    const u8 *from = src;
    assert_int_equal(len % 4, 0);
    for (; len; len -= 4, to += 4, from += 4) {
        u32 word;
        memcpy(&word, from, sizeof(word));
        memcpy(to, &word, sizeof(word));
    }
}


/****************************************************************
 * SeaBIOS's malloc.c
 ****************************************************************/

// Let 'count' allocations fail, the first of them the nth from now.
void
guest_fail_allocations(u32 nth, u32 count)
{
    FailNth = nth;
    FailCount = count;
}

// How many of them are still to come.
u32
guest_failures_left(void)
{
    return FailCount;
}

static int
is_to_fail(void)
{
    if (!FailCount || (FailNth && --FailNth))
        return 0;
    FailCount--;
    return 1;
}

// How many blocks are allocated and not freed.
u32
guest_allocations(void)
{
    return NrLive;
}

void *
_malloc(struct zone_s *zone, u32 size, u32 align)
{
    if (is_to_fail())
        return NULL;
    u32 addr = ALIGN(zone->next + HEAP_REDZONE, align);
    if (addr + size > zone->end || NrBlocks == HEAP_BLOCKS)
        return NULL;
    zone->next = ALIGN(addr + size, 16U);
    Blocks[NrBlocks].addr = addr;
    Blocks[NrBlocks++].size = size;
    NrLive++;
    ASAN_UNPOISON_MEMORY_REGION(guest_ptr(addr), size);
    return memset(guest_ptr(addr), 0xa5, size);
}

// SeaBIOS's free(): see include/malloc.h.
void
free(void *data)
{
    u32 i;
    if (!data)
        return;
    for (i = 0; i < NrBlocks; i++) {
        if (!Blocks[i].size || Blocks[i].addr != guest_phys(data))
            continue;
        ASAN_POISON_MEMORY_REGION(data, Blocks[i].size);
        Blocks[i].size = 0;
        NrLive--;
        return;
    }
    fail_msg("free(%p) of what is not allocated", data);
}
