// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The frontend's side of the blkif ring (xen/include/public/io/blkif.h,
// ring.h).  The backend can write all of the page at any time: a request is
// written once and never read back, a response is copied once and checked
// against what was asked.  Compiled for 16-bit and 32-bit code.

#include "blkfront/ring.h" // struct ring_s
#include "string.h" // memset
#include "xen/machine.h" // machine_mb

_Static_assert(__CONST_RING_SIZE(blkif, RING_PAGES * XEN_PAGE_SIZE) == RING_SLOTS
               , "the pages hold that many, a power of two");
_Static_assert(__CONST_RING_SIZE(blkif, XEN_PAGE_SIZE) == RING_SLOTS / RING_PAGES
               , "and each as many");

static volatile struct blkif_sring *
ring_shared(const struct ring_s *ring)
{
    return machine_ptr(ring->sring);
}

// Start an empty ring on 'pages' pages, 1 or RING_PAGES, from the guest-physical
// address 'sring' on, which the backend does not know yet.
void
ring_init(struct ring_s *ring, u32 sring, u32 pages)
{
    memset(ring, 0, sizeof(*ring));
    ring->sring = sring;
    ring->slot_mask = pages * (RING_SLOTS / RING_PAGES) - 1;
    struct blkif_sring *shared = machine_ptr(sring);
    memset(shared, 0, pages * XEN_PAGE_SIZE);
    // The backend wants an event for the first request.  We want none for a
    // response until ring_arm() asks for one.
    shared->req_event = 1;
}

// Fill in a direct request: its segments are part of it.
static void
ring_fill_direct(struct blkif_request *request, const struct ring_slot_s *slot
                 , u16 handle, u64 sector, const struct ring_data_s *data)
{
    request->operation = slot->operation;
    request->nr_segments = data->nr_segments;
    request->handle = handle;
    request->id = slot->id;
    request->sector_number = sector;
    u32 i;
    for (i = 0; i < data->nr_segments; i++)
        request->seg[i] = data->segment[i];
}

// Fill in an indirect request: its segments are on a page of their own.
static void
ring_fill_indirect(struct blkif_request_indirect *request
                   , const struct ring_slot_s *slot, u16 handle, u64 sector
                   , const struct ring_data_s *data)
{
    request->operation = BLKIF_OP_INDIRECT;
    request->indirect_op = slot->operation;
    request->nr_segments = data->nr_segments;
    request->handle = handle;
    request->id = slot->id;
    request->sector_number = sector;
    request->indirect_grefs[0] = data->indirect;
}

// Add a request for 'operation' (BLKIF_OP_*) at 'sector' (512 bytes each) of
// virtual device number 'device'.  The backend does not see it before
// ring_push().  Returns the number of the slot whose status will hold the
// answer, or -1 if the ring is full.
int
ring_add(struct ring_s *ring, u8 operation, u32 device, u64 sector
         , const struct ring_data_s *data)
{
    u16 handle = (u16)device; // All that a request has room for
    u32 index = ring->req_added & ring->slot_mask;
    struct ring_slot_s *slot = &ring->slot[index];
    if (ring->req_added - ring->rsp_cons > ring->slot_mask || slot->busy)
        return -1;
    slot->id = ring->req_added;
    slot->operation = operation;
    slot->indirect = !!data->indirect;
    slot->busy = 1;
    slot->deferred = 0;
    slot->status = BLKIF_RSP_ERROR;
    // Not volatile: the backend looks at requests that req_prod covers.
    struct blkif_sring *sring = machine_ptr(ring->sring);
    struct blkif_request *request = &sring->ring[index].req;
    if (data->indirect)
        ring_fill_indirect((void *)request, slot, handle, sector, data);
    else
        ring_fill_direct(request, slot, handle, sector, data);
    ring->req_added++;
    ring->busy++;
    return index;
}

// Do not wait for the answer to a request that was just added.
void
ring_defer(struct ring_s *ring, u32 id)
{
    ring_slot(ring, id)->deferred = 1;
    ring->busy--;
    ring->deferred++;
}

// From now on, wait for the answer to a request if it was deferred.  Returns
// false if the answer is already there.
int
ring_expect(struct ring_s *ring, u32 id)
{
    struct ring_slot_s *slot = ring_slot(ring, id);
    if (slot->busy && slot->deferred) {
        slot->deferred = 0;
        ring->deferred--;
        ring->busy++;
    }
    return slot->busy;
}

// Show all added requests to the backend at once.  Returns true if it wants an
// event for them.  Like RING_PUSH_REQUESTS_AND_CHECK_NOTIFY in ring.h, but
// takes the old index from memory of our own.
int
ring_push(struct ring_s *ring)
{
    volatile struct blkif_sring *sring = ring_shared(ring);
    u32 count = ring->req_added - ring->req_prod;
    ring->req_prod = ring->req_added;
    smp_wmb(); // The requests are there before the index says so
    sring->req_prod = ring->req_prod;
    machine_mb(); // The backend sees the index before we read req_event
    return ring->req_prod - sring->req_event < count;
}

// Book one response.  For an indirect request either operation is right:
// blkback returns the inner one, the specification says the outer one.
static int
ring_take_response(struct ring_s *ring, const struct blkif_response *response)
{
    struct ring_slot_s *slot = ring_slot(ring, (u32)response->id);
    if (!slot->busy || response->id != slot->id
        || (response->operation != slot->operation
            && !(slot->indirect && response->operation == BLKIF_OP_INDIRECT)))
        return -1;
    slot->busy = 0;
    slot->status = response->status;
    if (slot->deferred)
        ring->deferred--;
    else
        ring->busy--;
    return 0;
}

// Take the responses that are there.  Returns how many requests are still
// unanswered, without the deferred ones, or -1 if the backend broke the
// protocol.
int
ring_reap(struct ring_s *ring)
{
    volatile struct blkif_sring *sring = ring_shared(ring);
    RING_IDX prod = sring->rsp_prod;
    if (prod - ring->rsp_cons > ring->busy + ring->deferred)
        // More answers than questions
        return -1;
    smp_rmb(); // rsp_prod is read before the responses it announces
    while (ring->rsp_cons != prod) {
        // Copied once: the backend may change it at any time.
        struct blkif_response response
            = sring->ring[ring->rsp_cons++ & ring->slot_mask].rsp;
        if (ring_take_response(ring, &response))
            return -1;
    }
    return ring->busy;
}

// Ask for one event, when as many requests are answered as are not deferred.
// Returns true if there is already something to reap, so that no event may
// come.
int
ring_arm(struct ring_s *ring)
{
    volatile struct blkif_sring *sring = ring_shared(ring);
    sring->rsp_event = ring->rsp_cons + ring->busy;
    machine_mb(); // rsp_event is seen before we read rsp_prod once more
    return sring->rsp_prod != ring->rsp_cons;
}
