// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The frontend's side of the blkif ring.
#ifndef __BLKFRONT_RING_H
#define __BLKFRONT_RING_H

#include "types.h" // u32
#include "xen/xen_abi.h" // RING_IDX

// Pages of a ring, at most, and its slots.
#define RING_PAGES 2
#define RING_SLOTS 64

// What was asked for in a slot, out of the backend's reach.
struct ring_slot_s {
    u32 id;             // As sent: new each time, so that no answer counts
                        // twice.  Its low bits are the number of the slot
    u8 operation;       // BLKIF_OP_READ or BLKIF_OP_WRITE
    u8 indirect;        // Sent inside a BLKIF_OP_INDIRECT
    u8 busy;            // Sent, and not yet answered
    u8 deferred;        // Nobody waits for the answer yet
    s16 status;         // BLKIF_RSP_* of the answer
};

struct ring_s {
    u32 sring;          // Guest-physical address of the shared pages
    u32 slot_mask;      // Slots - 1; they are a power of two
    RING_IDX req_added; // Requests filled in
    RING_IDX req_prod;  // Of these, shown to the backend
    RING_IDX rsp_cons;  // Responses taken
    u32 busy;           // Unanswered requests, without the deferred ones
    u32 deferred;       // Unanswered requests that are deferred
    struct ring_slot_s slot[RING_SLOTS];
};

// The data of a request.
struct ring_data_s {
    const struct blkif_request_segment *segment;
    u8 nr_segments;
    grant_ref_t indirect;       // Page that holds the segments, or 0
};

// Returns how many requests the ring has room for.
static inline u32
ring_slots(const struct ring_s *ring)
{
    return ring->slot_mask + 1;
}

// Returns the slot of the request that was sent with 'id'.
static inline struct ring_slot_s *
ring_slot(struct ring_s *ring, u32 id)
{
    return &ring->slot[id & ring->slot_mask];
}

void ring_init(struct ring_s *ring, u32 sring, u32 pages);
int ring_add(struct ring_s *ring, u8 operation, u32 device, u64 sector
             , const struct ring_data_s *data);
void ring_defer(struct ring_s *ring, u32 id);
int ring_expect(struct ring_s *ring, u32 id);
int ring_push(struct ring_s *ring);
int ring_reap(struct ring_s *ring);
int ring_arm(struct ring_s *ring);

#endif // ring.h
