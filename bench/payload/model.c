// SPDX-License-Identifier: LGPL-3.0-or-later
// Ranges and generations of the sectors written so far. Ranges never overlap:
// one sector has one generation. Compiled into payload and host tool.

#include <stddef.h> // NULL

#include "model.h"

static struct model_range ranges[MODEL_RANGES];
static u32 range_count;
static u8 generations[MODEL_SECTORS];
static u32 generations_used;

static int
overlaps(const struct model_range *range, u8 drive, u64 from, u32 sectors)
{
    return range->drive == drive && from < range->from + range->sectors
        && range->from < from + sectors;
}

static int
contains(const struct model_range *range, u64 from, u32 sectors)
{
    return from >= range->from
        && from + sectors <= range->from + range->sectors;
}

// The range that holds these sectors, made if none of them is in one yet.
// Returns NULL if they are partly in a range, if it has another label, or if
// the model is full.
struct model_range *
model_open(u8 drive, u64 from, u32 sectors, u32 label)
{
    u32 i;
    for (i = 0; i < range_count; i++)
        if (overlaps(&ranges[i], drive, from, sectors))
            return (contains(&ranges[i], from, sectors)
                    && ranges[i].label == label) ? &ranges[i] : NULL;
    if (range_count == MODEL_RANGES
        || sectors > MODEL_SECTORS - generations_used)
        return NULL;
    struct model_range *range = &ranges[range_count++];
    *range = (struct model_range) {
        .from = from, .sectors = sectors, .label = label, .drive = drive,
        .generation = &generations[generations_used],
    };
    generations_used += sectors;
    return range;
}


// The range that holds this sector, NULL if none does.
const struct model_range *
model_find(u8 drive, u64 lba)
{
    u32 i;
    for (i = 0; i < range_count; i++)
        if (overlaps(&ranges[i], drive, lba, 1))
            return &ranges[i];
    return NULL;
}

// How often the sector was written.
u32
model_generation(u8 drive, u64 lba)
{
    const struct model_range *range = model_find(drive, lba);
    return range ? range->generation[lba - range->from] : 0;
}

// Returns the generation that a write gives to a sector of this generation.
// Never 0, which means never written.
u32
model_next(u32 generation)
{
    return generation % 255 + 1;
}

// Note that the sectors, all of range, now hold their next generation.
void
model_written(struct model_range *range, u64 lba, u32 count)
{
    u8 *generation = &range->generation[lba - range->from];
    for (; count--; generation++)
        *generation = (u8)model_next(*generation);
}

const struct model_range *
model_ranges(u32 *count)
{
    *count = range_count;
    return ranges;
}
