// SPDX-License-Identifier: LGPL-3.0-or-later
// Encoder and decoder of samples. Compiled into the payload and the host tools.

#include <stddef.h> // NULL

#include "record.h"

// A digit: five bits, the least significant digit first, and a bit that says
// that more follow.
#define DIGIT_BITS 5
#define DIGIT_MORE 0x20

static const char letters[]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Returns how many letters it wrote.
u32
record_encode(u32 before, u32 sample, char text[RECORD_LONGEST])
{
    // The sign is the lowest bit: small differences are small numbers.
    u64 rest = sample >= before ? (u64)(sample - before) << 1
        : (u64)(before - sample) << 1 | 1;
    u32 length = 0;
    do {
        u32 digit = (u32)rest & (DIGIT_MORE - 1);
        rest >>= DIGIT_BITS;
        text[length++] = letters[digit | (rest ? DIGIT_MORE : 0)];
    } while (rest);
    return length;
}

static int
value_of(char letter)
{
    int i;
    for (i = 0; letters[i]; i++)
        if (letters[i] == letter)
            return i;
    return -1;
}

// Read one sample. Returns the text behind it, or NULL if it is none.
const char *
record_decode(const char *text, u32 before, u32 *sample)
{
    u64 number = 0;
    u32 i;
    for (i = 0; i < RECORD_LONGEST; i++) {
        int digit = value_of(*text++);
        if (digit < 0)
            return NULL;
        number |= (u64)(digit & (DIGIT_MORE - 1)) << (i * DIGIT_BITS);
        if (digit & DIGIT_MORE)
            continue;
        u32 difference = (u32)(number >> 1);
        *sample = number & 1 ? before - difference : before + difference;
        return text;
    }
    return NULL;
}

// CRC-32 as in zip and PNG, of the samples' bytes, the lowest first.
u32
record_crc(const u32 *samples, u32 count)
{
    u32 crc = ~0U, i, bit;
    for (; count--; samples++)
        for (i = 0; i < 32; i += 8) {
            crc ^= *samples >> i & 0xff;
            for (bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    return ~crc;
}
