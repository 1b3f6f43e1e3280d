// SPDX-License-Identifier: LGPL-3.0-or-later
// Generator of the random operations. Every operation draws the same number of
// random words whatever it becomes: disk contents never depend on memory size.

#include "layout.h" // ARENA_START
#include "stream.h"

#define PAGE 4096

// Marsaglia's xorshift128: 32-bit arithmetic only.
static u32
draw(struct stream *stream)
{
    u32 *s = stream->state;
    u32 t = s[3];
    t ^= t << 11;
    t ^= t >> 8;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    s[0] ^= t ^ (s[0] >> 19);
    return s[0];
}

// A random number in [0, bound), from one draw; 0 if bound is 0.
u32
stream_below(struct stream *stream, u32 bound)
{
    return (u32)(((u64)draw(stream) * bound) >> 32);
}

// arena_end is where buffers must end, at most ARENA_END.
void
stream_start(struct stream *stream, const struct random_spec *spec
             , u32 arena_end)
{
    stream->spec = *spec;
    stream->arena_end = arena_end;
    stream->done = 0;
    stream->state[0] = spec->seed;
    stream->state[1] = 0x9e3779b9; // never all zero
    stream->state[2] = spec->seed ^ 0x7f4a7c15;
    stream->state[3] = 0x85ebca6b;
    int i;
    for (i = 0; i < 16; i++)
        draw(stream);
}

// Sectors of one operation: the sizes that loaders use, the borders of one
// call and of one ring request, and anything between.
static u32
pick_count(struct stream *stream)
{
    static const u8 usual[] = { 1, 1, 1, 2, 7, 8, 9, 16, 63, 64, 88, 89, 127
                                , 128, 127, 128 };
    u32 choice = stream_below(stream, 2 * ARRAY_SIZE(usual));
    u32 count = 1 + stream_below(stream, stream->spec.maxcount);
    if (choice < ARRAY_SIZE(usual))
        count = usual[choice];
    if (count > stream->spec.maxcount)
        count = stream->spec.maxcount;
    if (count > stream->spec.sectors)
        count = stream->spec.sectors;
    return count;
}

// First sector of an operation, relative to the range: one in eight begins at
// the range's start, one in eight ends at its end.
static u32
pick_position(struct stream *stream, u32 count)
{
    u32 last = stream->spec.sectors - count;
    u32 choice = stream_below(stream, 8);
    u32 position = stream_below(stream, last + 1);
    if (choice == 0)
        return 0;
    if (choice == 1)
        return last;
    return position;
}

// A buffer address of one of the classes that drivers treat differently.
static u32
pick_address(struct stream *stream, u32 length)
{
    u32 last = stream->arena_end - ARENA_START - length;
    u32 class = stream_below(stream, 6);
    u32 position = stream_below(stream, last + 1);
    u32 shift = stream_below(stream, SECTOR_SIZE);
    switch (class) {
    case 0:
        position &= ~(PAGE - 1U);
        break;
    case 1:
        position &= ~(SECTOR_SIZE - 1U);
        break;
    case 2:
        position &= ~15U;
        break;
    case 3:
        position |= 1;
        break;
    case 4: // the first sector straddles a page
        position = (position | (PAGE - 1)) - shift;
        break;
    case 5: // some sector straddles or touches a 64 KiB boundary
        position = (position & ~0xffffU) + 0x10000 - (length >> 1) - shift;
        break;
    default:
        break;
    }
    return ARENA_START + (position > last ? last : position);
}

// One of the many seg:off forms of an address. The offset does not wrap within
// the transfer, unless even the smallest possible one would.
static struct far_pointer
pick_far_pointer(struct stream *stream, u32 address, u32 length)
{
    u32 offset = address & 15;
    u32 forms = 1;
    if (offset + length <= 0x10000)
        forms += (0x10000 - offset - length) >> 4;
    offset += 16 * stream_below(stream, forms);
    return (struct far_pointer) { (u16)offset, (u16)((address - offset) >> 4) };
}

// Make the next operation. Returns 0 when all have been made.
int
stream_next(struct stream *stream, struct stream_op *op)
{
    if (stream->done == stream->spec.ops)
        return 0;
    stream->done++;
    op->write = stream_below(stream, 100) < stream->spec.writes;
    op->chs = stream_below(stream, 100) < stream->spec.chs;
    op->count = pick_count(stream);
    op->lba = stream->spec.from + pick_position(stream, op->count);
    u32 length = op->count * SECTOR_SIZE;
    u32 address = pick_address(stream, length);
    op->buffer = pick_far_pointer(stream, address, length);
    return 1;
}
