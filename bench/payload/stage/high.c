// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory above 4 GiB, by paging (PSE-36: pages of 4 MiB, addresses of 40
// bits). The first GiB stays where it is; the second one is a window on other
// memory.

#include "high.h"
#include "io.h" // physical

#define DIRECTORY 0x180000
#define PAGE_SIZE 0x400000
#define GIB_PAGES 256
#define WINDOW 0x40000000

#define PRESENT 1
#define WRITABLE 2
#define LARGE 0x80
#define HIGH_SHIFT (32 - 13) // bits 32 to 39 of an address are at 13 to 20
#define CR0_PG 0x80000000
#define CR4_PSE 0x10

static u8 paging;

static void
set_paging(int on)
{
    u32 cr0, cr4;
    asm volatile("movl %%cr0, %0" : "=r"(cr0));
    asm volatile("movl %%cr4, %0" : "=r"(cr4));
    asm volatile("movl %0, %%cr4" : : "r"(cr4 | CR4_PSE));
    asm volatile("movl %0, %%cr3" : : "r"(DIRECTORY));
    cr0 = on ? cr0 | CR0_PG : cr0 & ~CR0_PG;
    asm volatile("movl %0, %%cr0" : : "r"(cr0) : "memory");
    paging = (u8)on;
}

static void
map_gib(u32 *directory, u64 address)
{
    u32 i;
    for (i = 0; i < GIB_PAGES; i++, address += PAGE_SIZE)
        directory[i] = (u32)address | (u32)(address >> HIGH_SHIFT & 0x1fe000)
            | PRESENT | WRITABLE | LARGE;
}

// Returns where a GiB of physical memory from this address on can be reached,
// and 4 MiB before it. Valid until the next high_memory() or high_leave().
void *
high_memory(u64 address)
{
    u32 *directory = physical(DIRECTORY);
    u64 first = (address & ~(u64)(PAGE_SIZE - 1)) - PAGE_SIZE;
    high_leave();
    map_gib(directory, 0);
    map_gib(directory + GIB_PAGES, first);
    set_paging(1);
    return physical(WINDOW + (u32)(address - first));
}

// Go back to physical addresses, as the BIOS calls need them.
void
high_leave(void)
{
    if (paging)
        set_paging(0);
}
