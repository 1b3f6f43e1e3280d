// SPDX-License-Identifier: LGPL-3.0-or-later
// The pseudo-random stream of disk operations behind `random`. What reaches
// the disk depends on the spec alone, so the host can replay it.
#ifndef PAYLOAD_STREAM_H
#define PAYLOAD_STREAM_H

#include "spec.h" // struct random_spec

struct stream {
    struct random_spec spec;
    u32 arena_end; // buffers end below this address; moves nothing on disk
    u32 state[4];
    u32 done; // operations
};

struct stream_op {
    u64 lba;
    u32 count; // sectors
    struct far_pointer buffer;
    u8 write;
    u8 chs; // a wish: EDD is used if CHS does not reach
};

void stream_start(struct stream *stream, const struct random_spec *spec
                  , u32 arena_end);
int stream_next(struct stream *stream, struct stream_op *op);
u32 stream_below(struct stream *stream, u32 bound);

#endif
