// SPDX-License-Identifier: LGPL-3.0-or-later
// Names and sums of what was counted.

#include <inttypes.h> // PRIu64
#include <stdio.h> // printf
#include <string.h> // memset

#include "count.h"

// Exit codes: AMD's manual, volume 2, appendix C; Intel's, volume 3,
// appendix C. Codes of one name stand together. Intel has one for all accesses
// to control registers.
static const struct {
    uint32_t code;
    const char *name;
} reasons[MAKERS][20] = {
    [MAKER_AMD] = {
        { 0x000, "cr0-read" }, { 0x010, "cr0-write" }, { 0x065, "cr0-write" },
        { 0x064, "interrupt-window" }, { 0x06e, "rdtsc" }, { 0x072, "cpuid" },
        { 0x077, "pause" }, { 0x078, "hlt" }, { 0x07b, "io" },
        { 0x07c, "msr" }, { 0x081, "vmmcall" }, { 0x400, "mmio" },
    },
    [MAKER_INTEL] = {
        { 28, "cr-access" }, { 7, "interrupt-window" }, { 16, "rdtsc" },
        { 10, "cpuid" }, { 40, "pause" }, { 12, "hlt" }, { 30, "io" },
        { 31, "msr" }, { 32, "msr" }, { 18, "vmmcall" }, { 48, "mmio" },
        { 49, "mmio" },
    },
};

const struct exit_codes exit_codes[MAKERS] = {
    [MAKER_AMD] = { 0x060, 0x07b, 0x400, { 0x000, 0x010, 0x065 } },
    [MAKER_INTEL] = { 1, 30, 48, { 28, 28, 28 } },
};

void
tally_clear(struct tally *tally)
{
    memset(tally, 0, sizeof(*tally));
}

// Prints the exits by name; returns how many have one.
static uint32_t
print_reasons(const struct tally *tally, enum maker maker)
{
    uint32_t named = 0, count = 0;
    size_t i;
    for (i = 0; reasons[maker][i].name; i++) {
        const char *name = reasons[maker][i].name
            , *next = reasons[maker][i + 1].name;
        count += tally->reasons[reasons[maker][i].code];
        if (next && !strcmp(name, next))
            continue;
        if (count)
            printf(" %s=%u", name, count);
        named += count;
        count = 0;
    }
    return named;
}

void
tally_print(const struct tally *tally, enum maker maker)
{
    uint32_t interrupts = tally->reasons[exit_codes[maker].interrupt];
    uint32_t exits = 0, named;
    size_t i;
    for (i = 0; i < REASONS; i++)
        exits += tally->reasons[i];
    exits -= interrupts;
    printf("exits=%u dm=%u interrupts=%u", exits, tally->waits_dm, interrupts);
    named = print_reasons(tally, maker);
    if (exits > named)
        printf(" other=%u", exits - named);
    for (i = 0; i < HYPERCALLS; i++)
        if (tally->hypercalls[i])
            printf(" hypercall-%zu=%u", i, tally->hypercalls[i]);
    for (i = 0; i < PORTS; i++)
        if (tally->ports[i])
            printf(" port-%zx=%u", i, tally->ports[i]);
    if (tally->grant_maps)
        printf(" grant-maps=%u", tally->grant_maps);
    if (tally->grant_unmaps)
        printf(" grant-unmaps=%u", tally->grant_unmaps);
    if (tally->blocked)
        printf(" blocked-ticks=%" PRIu64, tally->blocked);
    if (tally->dom0)
        printf(" dom0-ticks=%" PRIu64, tally->dom0);
}
