// SPDX-License-Identifier: LGPL-3.0-or-later
// The BIOS's map of memory (int15 E820), and places in it.

#include "bios.h" // bios_call
#include "io.h" // physical
#include "layout.h" // BOOT_ADDR
#include "memory.h"

#define SMAP 0x534d4150
#define PAGE 4096
#define MIB 0x100000

// Fill in the map of the parameters. Returns 0, or -1 if the BIOS has none.
// Firmware may disconnect its disks when it is asked.
int
memory_ask(struct boot_params *params)
{
    static struct e820_entry entry; // below 64 KiB
    u32 next = 0;
    params->e820_count = 0;
    do {
        struct real_regs regs = {
            .eax = 0xe820, .ebx = next, .ecx = sizeof(entry), .edx = SMAP,
            .edi = near_offset(&entry),
        };
        bios_call(0x15, &regs);
        if (regs.flags & FLAG_CF || regs.eax != SMAP)
            break;
        next = regs.ebx;
        if (entry.size)
            params->e820[params->e820_count++] = entry;
    } while (next && params->e820_count < E820_MAX);
    return params->e820_count ? 0 : -1;
}

static u64
end_of(const struct e820_entry *entry)
{
    return entry->start + entry->size;
}

// Returns an entry of the map, RAM if ram is set, else not RAM, that has a byte
// of from..to-1, or 0.
static const struct e820_entry *
find(const struct boot_params *params, int ram, u64 from, u64 to)
{
    u32 i;
    for (i = 0; i < params->e820_count; i++) {
        const struct e820_entry *entry = &params->e820[i];
        if ((entry->type == E820_RAM) == ram && entry->start < to
            && end_of(entry) > from)
            return entry;
    }
    return 0;
}

// Returns 1 if all of from..to-1 is RAM.
int
memory_is_ram(const struct boot_params *params, u64 from, u64 to)
{
    if (find(params, 0, from, to))
        return 0;
    while (from < to) {
        const struct e820_entry *entry = find(params, 1, from, from + 1);
        if (!entry)
            return 0;
        from = end_of(entry);
    }
    return 1;
}

// Returns the highest page in this entry with room for size bytes below limit,
// or 0.
static u64
highest_in(const struct boot_params *params, const struct e820_entry *entry
           , u32 size, u64 limit)
{
    u64 end = end_of(entry) < limit ? end_of(entry) : limit;
    while (end >= entry->start + size) {
        u64 start = (end - size) & ~(u64)(PAGE - 1);
        if (start < entry->start)
            return 0;
        const struct e820_entry *other = find(params, 0, start, end);
        if (!other)
            return start;
        end = other->start;
    }
    return 0;
}

// Returns the highest page in RAM with room for size bytes between floor and
// limit, or 0.
u32
memory_highest(const struct boot_params *params, u32 size, u64 floor, u64 limit)
{
    u64 best = 0;
    u32 i;
    for (i = 0; i < params->e820_count; i++) {
        const struct e820_entry *entry = &params->e820[i];
        if (entry->type != E820_RAM)
            continue;
        u64 place = highest_in(params, entry, size, limit);
        if (place > best)
            best = place;
    }
    return best < floor ? 0 : (u32)best;
}

// Returns 1 if the memory 1 MiB above the boot sector is not the boot sector
// again.
static int
a20_is_open(void)
{
    volatile u32 *low = physical(BOOT_ADDR), *high = physical(BOOT_ADDR + MIB);
    u32 before = *high;
    *high = ~*low;
    int open = *low != *high;
    *high = before;
    return open;
}

// Returns 0, or -1 if A20 cannot be enabled. If it already is, does not call the
// BIOS, which may disconnect its disks when called.
int
memory_open_a20(void)
{
    struct real_regs regs = { .eax = 0x2401 };
    if (a20_is_open())
        return 0;
    bios_call(0x15, &regs);
    return a20_is_open() ? 0 : -1;
}
