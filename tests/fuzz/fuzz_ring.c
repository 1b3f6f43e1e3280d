// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The response path: a backend that writes what it likes to the shared page,
// against a model that knows what was asked.  What is wrong must be found,
// and nothing that is right be refused.

#include "blkfront/ring.h" // ring_reap
#include "fake/check.h" // assert_int_equal
#include "fake/guest.h" // guest_ptr
#include "input.h" // choose
#include "string.h" // memset

#define SRING 0x20000U
#define MAX_STEPS 300

static struct ring_s Ring;
static struct blkif_sring *Shared;

// What was asked, by slot.
static struct {
    int busy, shown, indirect;
    u8 operation;
    s16 status;
    u64 id;
} Model[RING_SLOTS];
static u32 NrBusy, NrAdded, NrShown, NrTaken, NrAnswered;
static int Broken;


/****************************************************************
 * The frontend
 ****************************************************************/

static void
add(void)
{
    struct blkif_request_segment segment[BLKIF_MAX_SEGMENTS_PER_REQUEST] = {
        { .gref = 1 },
    };
    u32 index = NrAdded % ring_slots(&Ring);
    int full = NrAdded - NrTaken == ring_slots(&Ring) || Model[index].busy;
    u8 operation = choose(2) ? BLKIF_OP_WRITE : BLKIF_OP_READ;
    struct ring_data_s data = {
        .segment = segment, .indirect = choose(2),
        .nr_segments = 1 + choose(BLKIF_MAX_SEGMENTS_PER_REQUEST),
    };
    int slot = ring_add(&Ring, operation, 1, choose(1000), &data);
    assert_int_equal(slot, full ? -1 : (int)index);
    if (full)
        return;
    Model[index].busy = 1;
    Model[index].shown = 0;
    Model[index].indirect = !!data.indirect;
    Model[index].operation = operation;
    Model[index].status = BLKIF_RSP_ERROR;
    Model[index].id = Ring.slot[index].id;
    NrAdded++;
    NrBusy++;
}

static void
push(void)
{
    u32 i, old = NrShown, wish = old + choose(4);
    Shared->req_event = choose(8) ? wish : choose(~0U);
    int notify = NrAdded - Shared->req_event < NrAdded - old;
    assert_int_equal(ring_push(&Ring), notify);
    assert_int_equal(Shared->req_prod, NrAdded);
    NrShown = NrAdded;
    for (i = 0; i < RING_SLOTS; i++)
        Model[i].shown = 1;
}

static int
is_expected(const struct blkif_response *response)
{
    u32 slot = (u32)(response->id % ring_slots(&Ring));
    if (!Model[slot].busy || response->id != Model[slot].id)
        return 0;
    return response->operation == Model[slot].operation
           || (Model[slot].indirect
               && response->operation == BLKIF_OP_INDIRECT);
}

// What ring_reap() must find.  Returns as it does.
static int
model_reap(void)
{
    u32 prod = Shared->rsp_prod;
    if (prod - NrTaken > NrBusy)
        return -1;
    while (NrTaken != prod) {
        struct blkif_response *response
            = &Shared->ring[NrTaken++ % ring_slots(&Ring)].rsp;
        if (!is_expected(response))
            return -1;
        Model[response->id % ring_slots(&Ring)].busy = 0;
        Model[response->id % ring_slots(&Ring)].status = response->status;
        NrBusy--;
    }
    return (int)NrBusy;
}

static void
reap(void)
{
    u32 i;
    int expected = model_reap();
    assert_int_equal(ring_reap(&Ring), expected);
    Broken = expected < 0;
    for (i = 0; i < RING_SLOTS; i++) {
        assert_int_equal(Ring.slot[i].busy, Model[i].busy);
        if (Model[i].id)
            assert_int_equal(Ring.slot[i].status, Model[i].status);
    }
}

static void
arm(void)
{
    assert_int_equal(ring_arm(&Ring), Shared->rsp_prod != NrTaken);
    assert_int_equal(Shared->rsp_event, NrTaken + NrBusy);
}


/****************************************************************
 * The backend
 ****************************************************************/

static struct blkif_response *
next_response(void)
{
    return &Shared->ring[NrAnswered++ % ring_slots(&Ring)].rsp;
}

// Answer a slot, asked or not.
static void
answer(void)
{
    u32 i = choose(RING_SLOTS);
    struct blkif_response *response = next_response();
    response->id = Model[i].id;
    response->operation = Model[i].operation;
    response->status = (s16)choose(65536);
    if (Model[i].indirect && choose(2))
        response->operation = BLKIF_OP_INDIRECT;
}

// Answer the first slot that waits, and show it.
static void
answer_well(void)
{
    u32 i = 0;
    while (i < RING_SLOTS && !(Model[i].busy && Model[i].shown))
        i++;
    if (i == RING_SLOTS)
        return;
    struct blkif_response *response = next_response();
    response->id = Model[i].id;
    response->operation = Model[i].operation;
    response->status = BLKIF_RSP_OKAY;
    Shared->rsp_prod = NrAnswered;
}

static void
answer_rubbish(void)
{
    struct blkif_response *response = next_response();
    response->id = (u64)choose(~0U) << choose(32);
    response->operation = (u8)choose(256);
    response->status = (s16)choose(65536);
}

static void
show_answers(void)
{
    Shared->rsp_prod = choose(4) ? NrAnswered : choose(~0U);
}

static void
rewrite_page(void)
{
    u8 *page = (u8 *)Shared;
    page[choose(RING_PAGES * XEN_PAGE_SIZE)] = (u8)choose(256);
}

// Begin where the indices are about to wrap, or at 0.
static void
start(u32 first, u32 pages)
{
    Shared = guest_ptr(SRING);
    ring_init(&Ring, SRING, pages);
    memset(Model, 0, sizeof(Model));
    NrBusy = Broken = 0;
    NrAdded = NrShown = NrTaken = NrAnswered = first;
    Ring.req_added = Ring.req_prod = Ring.rsp_cons = first;
    Shared->req_prod = Shared->rsp_prod = first;
}

int
LLVMFuzzerTestOneInput(const u8 *data, unsigned long size)
{
    static void (*const steps[])(void) = {
        add, add, push, reap, arm, answer, answer_well, answer_well
        , answer_rubbish, show_answers, rewrite_page,
    };
    u32 step;
    input_start(data, size);
    u32 first = choose(64);
    start(0U - first, 1 + choose(RING_PAGES));
    for (step = 0; step < MAX_STEPS && input_more() && !Broken; step++)
        steps[choose(ARRAY_SIZE(steps))]();
    return 0;
}
