// SPDX-License-Identifier: LGPL-3.0-or-later
// How the payload reports a job's samples: the difference of each from the one
// before in base 64 VLQ, the encoding of source maps, which takes a few letters
// for most; and a CRC-32 over the samples.
#ifndef PAYLOAD_RECORD_H
#define PAYLOAD_RECORD_H

#include "types.h" // u32

#define RECORD_LONGEST 7 // letters of one sample

u32 record_encode(u32 before, u32 sample, char text[RECORD_LONGEST]);
const char *record_decode(const char *text, u32 before, u32 *sample);
u32 record_crc(const u32 *samples, u32 count);

#endif
