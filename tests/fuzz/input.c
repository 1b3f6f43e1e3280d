// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a fuzzer has thought of: bytes that decide, one after the other.  When
// there are no more all are 0.

#include "input.h" // input_more

static const u8 *Data;
static unsigned long Left;

void
input_start(const u8 *data, unsigned long size)
{
    Data = data;
    Left = size;
}

int
input_more(void)
{
    return Left != 0;
}

static u32
next_byte(void)
{
    if (!Left)
        return 0;
    Left--;
    return *Data++;
}

// As many bytes as the limit needs.
u32
choose(u32 limit)
{
    u32 value = next_byte(), range = limit - 1;
    while (range >>= 8)
        value = value << 8 | next_byte();
    return value % limit;
}
