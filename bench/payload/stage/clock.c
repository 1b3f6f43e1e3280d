// SPDX-License-Identifier: LGPL-3.0-or-later
// Frequency of the TSC: as Xen reports it, or else measured with channel 2 of
// the timer chip, which counts 1193182 times a second.

#include "bios.h" // divide
#include "clock.h"
#include "io.h" // outb
#include "string.h" // memcmp

#define PIT_CHANNEL2 0x42
#define PIT_MODE 0x43
#define PIT_CHANNEL2_ONCE 0xb0 // low and high byte follow, mode 0
#define PORT_B 0x61
#define PORT_B_GATE 0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUT 0x20

#define CALIBRATION_MS 50
#define CALIBRATION_COUNT (1193182 * CALIBRATION_MS / 1000)

// Xen's leaves, xen/arch-x86/cpuid.h
#define XEN_LEAVES 0x40000000
#define XEN_LEAVES_END 0x40010000
#define XEN_LEAVES_STEP 0x100
#define XEN_LEAF_TIME 3 // subleaf 0: ECX is the guest's TSC in kHz

struct cpuid {
    u32 eax, ebx, ecx, edx;
};

static struct cpuid
cpuid(u32 leaf)
{
    struct cpuid r = { .eax = leaf };
    asm volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
    return r;
}

static u64
rdtsc(void)
{
    u64 ticks;
    asm volatile("rdtsc" : "=A"(ticks));
    return ticks;
}

static u32
khz_by_xen(void)
{
    u32 base;
    for (base = XEN_LEAVES; base < XEN_LEAVES_END; base += XEN_LEAVES_STEP) {
        struct cpuid leaf = cpuid(base);
        if (!memcmp(&leaf.ebx, "XenVMMXenVMM", 12)
            && leaf.eax >= base + XEN_LEAF_TIME)
            return cpuid(base + XEN_LEAF_TIME).ecx;
    }
    return 0;
}

static u32
khz_by_pit(void)
{
    u32 patience = 100000000, rest;
    outb((u8)((inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE), PORT_B);
    outb(PIT_CHANNEL2_ONCE, PIT_MODE);
    outb(CALIBRATION_COUNT & 0xff, PIT_CHANNEL2);
    outb(CALIBRATION_COUNT >> 8, PIT_CHANNEL2);
    u64 start = rdtsc();
    while (!(inb(PORT_B) & PORT_B_OUT) && --patience)
        ;
    return (u32)divide(rdtsc() - start, CALIBRATION_MS, &rest);
}

const struct tsc_clock *
clock_get(void)
{
    static struct tsc_clock found;
    if (found.khz)
        return &found;
    found = (struct tsc_clock) { khz_by_xen(), "xen-cpuid" };
    if (!found.khz)
        found = (struct tsc_clock) { khz_by_pit(), "pit" };
    return &found;
}

// TSC ticks in microseconds.
u32
clock_us(u64 ticks)
{
    u32 rest;
    return (u32)divide(ticks * 1000, clock_get()->khz, &rest);
}

// Let time pass without a halt, like a loader that computes. If QEMU runs
// several CPUs in turns, each pause ends our turn, so the others run meanwhile.
void
clock_wait(u32 us)
{
    u32 rest;
    u64 ticks = divide((u64)us * clock_get()->khz, 1000, &rest);
    u64 start = rdtsc();
    while (rdtsc() - start < ticks)
        asm volatile("pause");
}
