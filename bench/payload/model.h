// SPDX-License-Identifier: LGPL-3.0-or-later
// The model of what was written: a generation for each sector of the ranges
// that a script writes to. Sectors outside of them are in generation 0.
#ifndef PAYLOAD_MODEL_H
#define PAYLOAD_MODEL_H

#include "types.h" // u32

#define MODEL_SECTORS 16384 // of all ranges together
#define MODEL_RANGES 24

struct model_range {
    u64 from; // LBA
    u32 sectors;
    u32 label; // of the patterns written here
    u8 drive;
    u8 *generation; // one per sector, 0: never written
};

struct model_range *model_open(u8 drive, u64 from, u32 sectors, u32 label);
const struct model_range *model_find(u8 drive, u64 lba);
u32 model_generation(u8 drive, u64 lba);
u32 model_next(u32 generation);
void model_written(struct model_range *range, u64 lba, u32 count);
const struct model_range *model_ranges(u32 *count);

#endif
