// SPDX-License-Identifier: LGPL-3.0-or-later
// A recorded stream of reads, as it lies on the disk for the payload to find:
// one of these for each call, in their order.
#ifndef PAYLOAD_REPLAY_H
#define PAYLOAD_REPLAY_H

#include "types.h" // u32

struct replay_call {
    u32 lba;
    u32 how; // bits 0-7: sectors, 8: by CHS, 12-31: address of the buffer
};

_Static_assert(sizeof(struct replay_call) == 8, "as on the disk");

static inline struct replay_call
replay_make(u32 lba, u32 sectors, int chs, u32 address)
{
    return (struct replay_call) {
        lba, (sectors & 0xff) | (chs ? 0x100u : 0) | address << 12,
    };
}

static inline u32
replay_sectors(const struct replay_call *call)
{
    return call->how & 0xff;
}

static inline int
replay_chs(const struct replay_call *call)
{
    return call->how >> 8 & 1;
}

static inline u32
replay_address(const struct replay_call *call)
{
    return call->how >> 12;
}

#endif
