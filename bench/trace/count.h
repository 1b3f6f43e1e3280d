// SPDX-License-Identifier: LGPL-3.0-or-later
// What exits, hypercalls, ports and the like came to: of one BIOS call, or of
// a whole trace.
#ifndef BENCH_TRACE_COUNT_H
#define BENCH_TRACE_COUNT_H

#include <stdint.h> // uint32_t

#define HYPERCALLS 64
#define REASONS 0x402
#define PORTS 0x10000

enum maker { MAKER_AMD, MAKER_INTEL, MAKERS };

// What the numbers of an exit's reason mean, by the processor's maker.
struct exit_codes {
    uint32_t interrupt, io, mmio;
    uint32_t cr0[3]; // its accesses
};

extern const struct exit_codes exit_codes[MAKERS];

struct tally {
    uint32_t reasons[REASONS], hypercalls[HYPERCALLS];
    uint32_t ports[PORTS];
    uint32_t waits_dm; // that the guest waited for qemu
    uint32_t grant_maps, grant_unmaps; // of the guest's pages, by a backend
    uint64_t blocked, dom0; // TSC ticks: the guest had halted, dom0 ran
};

void tally_clear(struct tally *tally);
// "exits=5 dm=0 cr0-read=1 ...": what is 0 is left out, but for the first
// three.
void tally_print(const struct tally *tally, enum maker maker);

#endif
