// SPDX-License-Identifier: LGPL-3.0-or-later
// What a sector of a test disk holds: a function of the disk's label, the
// sector's LBA and its generation, which every write of the sector increments.
#ifndef PAYLOAD_PATTERN_H
#define PAYLOAD_PATTERN_H

#include "layout.h" // SECTOR_SIZE
#include "types.h" // u32

#define PATTERN_WORDS (SECTOR_SIZE / 4)

// The first words name the sector, so that a misplaced one can be recognised.
struct pattern_header {
    u32 magic;
    u32 label;
    u32 lba_low;
    u32 lba_high;
    u32 generation;
};

void pattern_sector(u32 words[PATTERN_WORDS], u32 label, u64 lba
                    , u32 generation);
int pattern_identify(const void *sector, struct pattern_header *header);

#endif
