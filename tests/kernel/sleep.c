// SPDX-License-Identifier: LGPL-3.0-or-later
// ACPI S3: the firmware runs when the guest is woken up, and jumps to where
// its tables say.

#include "io.h" // physical
#include "kernel.h"
#include "kernel_layout.h"

#define SLEEP_S3 0x2400 // SLP_EN, type 1 (hvmloader's DSDT)

// Offsets in ACPI's tables (ACPI 5.0, 5.2).
#define RSDP_RSDT 16
#define SDT_LENGTH 4
#define SDT_ENTRIES 36
#define FADT_FACS 36
#define FADT_PM1A_CONTROL 64
#define FACS_WAKING_VECTOR 12

extern char wake_start[], wake_end[];
void sleep_enter(u32 value, u32 port);

static u32
word_at(u32 address)
{
    return *(u32 *)physical(address);
}

static u32
find_rsdp(void)
{
    u32 address;
    for (address = 0xe0000; address < 0x100000; address += 16)
        if (!memcmp(physical(address), "RSD PTR ", 8))
            return address;
    return 0;
}

static u32
find_fadt(void)
{
    u32 rsdp = find_rsdp(), rsdt, entry;
    if (!rsdp)
        return 0;
    rsdt = word_at(rsdp + RSDP_RSDT);
    for (entry = rsdt + SDT_ENTRIES; entry < rsdt + word_at(rsdt + SDT_LENGTH)
         ; entry += 4)
        if (!memcmp(physical(word_at(entry)), "FACP", 4))
            return word_at(entry);
    return 0;
}

// Sleep until somebody wakes the guest up. Returns 0, or -1 without ACPI.
int
sleep_and_wake(void)
{
    u32 fadt = find_fadt(), facs = fadt ? word_at(fadt + FADT_FACS) : 0;
    if (!facs)
        return -1;
    memcpy(physical(WAKE_ADDR), wake_start, (u32)(wake_end - wake_start));
    *(volatile u32 *)physical(facs + FACS_WAKING_VECTOR) = WAKE_ADDR;
    sleep_enter(SLEEP_S3, word_at(fadt + FADT_PM1A_CONTROL));
    return 0;
}
