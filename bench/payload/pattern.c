// SPDX-License-Identifier: LGPL-3.0-or-later
// The pattern of a sector: a header that names it, then a linear congruential
// stream seeded by the name. Compiled into the payload and the host tool.

#include "string.h" // memcpy

#include "pattern.h"

#define PATTERN_MAGIC 0x33315449 // "IT13"

_Static_assert(sizeof(struct pattern_header) == 20, "header of five words");

// Fill words with the pattern of the sector at lba on disk label.
void
pattern_sector(u32 words[PATTERN_WORDS], u32 label, u64 lba, u32 generation)
{
    struct pattern_header header = {
        .magic = PATTERN_MAGIC,
        .label = label,
        .lba_low = (u32)lba,
        .lba_high = (u32)(lba >> 32),
        .generation = generation,
    };
    memcpy(words, &header, sizeof(header));
    u32 x = ((header.lba_low * 0x9e3779b1) ^ (header.lba_high * 0x85ebca6b)
             ^ (label * 0xc2b2ae35) ^ (generation * 0x27d4eb2f));
    u32 i;
    for (i = sizeof(header) / sizeof(u32); i < PATTERN_WORDS; i++) {
        x = x * 1664525 + 1013904223;
        words[i] = x ^ (x >> 16);
    }
}

// Read the header that names the sector. Returns 0 if it has none.
int
pattern_identify(const void *sector, struct pattern_header *header)
{
    memcpy(header, sector, sizeof(*header));
    return header->magic == PATTERN_MAGIC;
}
