// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The frontend's half of the blkif ring, against a backend on the same page
// that answers well, late, in another order, or wrong.

#include "blkfront/ring.h" // ring_add
#include "fake/firmware.h" // firmware_reset
#include "fake/guest.h" // guest_ptr
#include "fake/run.h" // RUN_TESTS
#include "fake/world.h" // world_reset
#include "string.h" // memset

#define HANDLE 0xca00

// Where the ring is.
#define PAGE 0x20000U

static union {
    struct blkif_sring sring;
    u8 bytes[RING_PAGES * XEN_PAGE_SIZE];
} *Page;
static u32 NrPages;     // That the ring has

static struct ring_s Ring;
static struct blkif_back_ring Back;

// Begin with all indices at 'index'.
static void
start_at(u32 index)
{
    Page = guest_ptr(PAGE);
    memset(Page, 0xee, sizeof(*Page));
    ring_init(&Ring, PAGE, NrPages);
    BACK_RING_INIT(&Back, &Page->sring, NrPages * XEN_PAGE_SIZE);
    Page->sring.req_prod = Page->sring.rsp_prod = index;
    Page->sring.req_event = index + 1;
    Page->sring.rsp_event = index;
    Ring.req_added = Ring.req_prod = Ring.rsp_cons = index;
    Back.req_cons = Back.rsp_prod_pvt = index;
}

static int
setup_pages(u32 pages)
{
    NrPages = pages;
    world_reset();
    guest_reset();
    firmware_reset();
    start_at(0);
    return 0;
}

static int
setup(void **state)
{
    (void)state;
    return setup_pages(1);
}

static int
setup_long(void **state)
{
    (void)state;
    return setup_pages(RING_PAGES);
}

static int
add(u8 operation, u64 sector)
{
    static const struct blkif_request_segment segment[2] = {
        { 123, 1, 7 }, { 456, 0, 3 },
    };
    struct ring_data_s data = { segment, 2, 0 };
    return ring_add(&Ring, operation, HANDLE, sector, &data);
}

static int
add_indirect(u8 operation, u64 sector)
{
    struct ring_data_s data = { NULL, 17, 99 };
    return ring_add(&Ring, operation, HANDLE, sector, &data);
}

static void
respond(u64 id, u8 operation, s16 status)
{
    struct blkif_response *response
        = RING_GET_RESPONSE(&Back, Back.rsp_prod_pvt);
    response->id = id;
    response->operation = operation;
    response->status = status;
    Back.rsp_prod_pvt++;
    RING_PUSH_RESPONSES(&Back);
}

// Take the next request.
static struct blkif_request
take(void)
{
    struct blkif_request request;
    assert_true(RING_HAS_UNCONSUMED_REQUESTS(&Back));
    RING_COPY_REQUEST(&Back, Back.req_cons, &request);
    Back.req_cons++;
    return request;
}


/****************************************************************
 * Requests
 ****************************************************************/

static void
test_init(void **state)
{
    (void)state;
    ring_init(&Ring, PAGE, NrPages);
    assert_int_equal(Page->sring.req_prod, 0);
    assert_int_equal(Page->sring.rsp_prod, 0);
    assert_int_equal(Page->sring.req_event, 1);
    assert_int_equal(Page->sring.rsp_event, 0); // None without ring_arm()
    assert_int_equal(Ring.busy, 0);
    assert_int_equal(ring_reap(&Ring), 0);
    // Nothing of what was on the page before is shown to the backend.
    u32 i;
    for (i = sizeof(RING_IDX) * 4; i < NrPages * XEN_PAGE_SIZE; i++)
        assert_int_equal(Page->bytes[i], 0);
}

static void
test_direct_request(void **state)
{
    (void)state;
    assert_int_equal(add(BLKIF_OP_WRITE, 0x123456789abULL), 0);
    ring_push(&Ring);
    struct blkif_request request = take();
    assert_int_equal(request.operation, BLKIF_OP_WRITE);
    assert_int_equal(request.nr_segments, 2);
    assert_int_equal(request.handle, HANDLE);
    assert_int_equal(request.sector_number, 0x123456789abULL);
    assert_int_equal(request.seg[0].gref, 123);
    assert_int_equal(request.seg[0].first_sect, 1);
    assert_int_equal(request.seg[0].last_sect, 7);
    assert_int_equal(request.seg[1].gref, 456);
    assert_int_equal(request.seg[1].last_sect, 3);
}

static void
test_indirect_request(void **state)
{
    (void)state;
    assert_int_equal(add_indirect(BLKIF_OP_WRITE, 77), 0);
    ring_push(&Ring);
    // No copy: what is padding of a direct request need not be in it.
    const struct blkif_request_indirect *request
        = (const void *)RING_GET_REQUEST(&Back, Back.req_cons);
    assert_int_equal(request->operation, BLKIF_OP_INDIRECT);
    assert_int_equal(request->indirect_op, BLKIF_OP_WRITE);
    assert_int_equal(request->nr_segments, 17);
    assert_int_equal(request->handle, HANDLE);
    assert_int_equal(request->sector_number, 77);
    assert_int_equal(request->indirect_grefs[0], 99);
}

static void
test_nothing_shows_before_the_push(void **state)
{
    (void)state;
    add(BLKIF_OP_READ, 1);
    add(BLKIF_OP_READ, 2);
    assert_false(RING_HAS_UNCONSUMED_REQUESTS(&Back));
    ring_push(&Ring);
    assert_int_equal(take().sector_number, 1);
    assert_int_equal(take().sector_number, 2);
    assert_false(RING_HAS_UNCONSUMED_REQUESTS(&Back));
}

static void
test_full_ring_is_refused(void **state)
{
    (void)state;
    u32 i;
    for (i = 0; i < ring_slots(&Ring); i++)
        assert_int_equal(add(BLKIF_OP_READ, i), i);
    assert_int_equal(add(BLKIF_OP_READ, i), -1);
    assert_int_equal(Ring.busy, ring_slots(&Ring));
    ring_push(&Ring);
    for (i = 0; i < ring_slots(&Ring); i++)
        assert_int_equal(take().sector_number, i);
}

// The slot of the next request may still wait while later ones are done.
static void
test_busy_slot_is_refused(void **state)
{
    (void)state;
    u32 i;
    u64 id[RING_SLOTS];
    for (i = 0; i < ring_slots(&Ring); i++)
        add(BLKIF_OP_READ, i);
    ring_push(&Ring);
    for (i = 0; i < ring_slots(&Ring); i++)
        id[i] = take().id;
    for (i = 1; i < ring_slots(&Ring); i++)
        respond(id[i], BLKIF_OP_READ, BLKIF_RSP_OKAY);
    assert_int_equal(ring_reap(&Ring), 1);
    assert_int_equal(add(BLKIF_OP_READ, 99), -1);
    respond(id[0], BLKIF_OP_READ, BLKIF_RSP_OKAY);
    assert_int_equal(ring_reap(&Ring), 0);
    assert_int_equal(add(BLKIF_OP_READ, 99), 0);
}


/****************************************************************
 * Events
 ****************************************************************/

// The backend asks for an event in req_event; ring.h has the rule.
static void
test_push_notifies_where_it_is_asked_for(void **state)
{
    static const struct {
        u32 added, event;
        int notify;
    } cases[] = {
        { 1, 1, 1 }, { 3, 1, 1 }, { 3, 2, 1 }, { 3, 3, 1 },
        { 3, 4, 0 }, { 1, 2, 0 }, { 1, 0, 0 }, { 3, 0xffffffff, 0 },
        { 0, 1, 0 },
    };
    static const u32 starts[] = { 0, 5, 0xfffffffe, 0xffffffff };
    u32 i, s, n;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        for (s = 0; s < ARRAY_SIZE(starts); s++) {
            start_at(starts[s]);
            Page->sring.req_event = starts[s] + cases[i].event;
            for (n = 0; n < cases[i].added; n++)
                add(BLKIF_OP_READ, n);
            assert_int_equal(ring_push(&Ring), cases[i].notify);
        }
}

// The backend sends one event, for the last answer, and only after arming.
static void
test_arm_asks_for_one_event(void **state)
{
    static const u32 starts[] = { 0, 0xfffffffd, 0xffffffff };
    u32 s, i;
    int notify;
    (void)state;
    for (s = 0; s < ARRAY_SIZE(starts); s++) {
        start_at(starts[s]);
        for (i = 0; i < 3; i++)
            add(BLKIF_OP_READ, i);
        ring_push(&Ring);
        Back.rsp_prod_pvt++;
        RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&Back, notify);
        assert_int_equal(notify, 0);
        start_at(starts[s]);
        for (i = 0; i < 3; i++)
            add(BLKIF_OP_READ, i);
        ring_push(&Ring);
        assert_int_equal(ring_arm(&Ring), 0);
        for (i = 0; i < 3; i++) {
            Back.rsp_prod_pvt++;
            RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&Back, notify);
            assert_int_equal(notify, i == 2);
        }
    }
}

// What the backend finds at a barrier.
static u32 Turns;

static void
look_before_the_index(void)
{
    Turns++;
    assert_int_equal(Page->sring.req_prod, 0);
    assert_int_equal(Page->sring.ring[0].req.sector_number, 7);
    assert_int_equal(Page->sring.ring[0].req.seg[1].gref, 456);
}

// Requests are there before the index says so.
static void
test_push_shows_the_index_last(void **state)
{
    (void)state;
    world_add(look_before_the_index);
    world_set_seams(1U << SEAM_WMB);
    Turns = 0;
    add(BLKIF_OP_READ, 7);
    ring_push(&Ring);
    assert_int_equal(Turns, 1);
    assert_int_equal(Page->sring.req_prod, 1);
}

static void
go_to_sleep(void)
{
    Turns++;
    assert_int_equal(Page->sring.req_prod, 1);
    Page->sring.req_event = 1;
}

// A backend that is about to sleep asks for an event just when the index is out.
static void
test_push_sees_the_wish_that_came_first(void **state)
{
    (void)state;
    Page->sring.req_event = 0;
    world_add(go_to_sleep);
    world_set_seams(1U << SEAM_MB);
    Turns = 0;
    add(BLKIF_OP_READ, 1);
    assert_int_equal(Turns, 0); // Nothing shows before the push
    assert_int_equal(ring_push(&Ring), 1);
    assert_int_equal(Turns, 1);
}

static void
answer_now(void)
{
    if (RING_HAS_UNCONSUMED_REQUESTS(&Back))
        respond(take().id, BLKIF_OP_READ, BLKIF_RSP_OKAY);
}

// An answer between the wish and the sleep.
static void
test_arm_sees_the_answer_that_came_first(void **state)
{
    (void)state;
    add(BLKIF_OP_READ, 1);
    ring_push(&Ring);
    world_add(answer_now);
    world_set_seams(1U << SEAM_MB);
    assert_int_equal(ring_arm(&Ring), 1);
    assert_int_equal(ring_reap(&Ring), 0);
}

static u64 Id;

static void
write_the_answer(void)
{
    struct blkif_response *response = &Page->sring.ring[0].rsp;
    response->id = Id;
    response->operation = BLKIF_OP_READ;
    response->status = BLKIF_RSP_OKAY;
}

// An answer that is seen later than the index is read at the barrier at the earliest.
static void
test_reap_reads_answers_after_the_index(void **state)
{
    (void)state;
    int slot = add(BLKIF_OP_READ, 1);
    ring_push(&Ring);
    Id = take().id;
    respond(Id, BLKIF_OP_READ, BLKIF_RSP_ERROR);
    world_add(write_the_answer);
    world_set_seams(1U << SEAM_RMB);
    assert_int_equal(ring_reap(&Ring), 0);
    assert_int_equal(Ring.slot[slot].status, BLKIF_RSP_OKAY);
}


/****************************************************************
 * Responses
 ****************************************************************/

static void
test_status_of_each_request(void **state)
{
    static const s16 status[] = {
        BLKIF_RSP_OKAY, BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP, 1, -32768,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(status); i++)
        add(BLKIF_OP_WRITE, i);
    ring_push(&Ring);
    for (i = 0; i < ARRAY_SIZE(status); i++)
        respond(take().id, BLKIF_OP_WRITE, status[i]);
    assert_int_equal(ring_reap(&Ring), 0);
    for (i = 0; i < ARRAY_SIZE(status); i++)
        assert_int_equal(Ring.slot[i].status, status[i]);
}

static void
test_unanswered_is_an_error(void **state)
{
    (void)state;
    int slot = add(BLKIF_OP_READ, 1);
    ring_push(&Ring);
    assert_int_equal(ring_reap(&Ring), 1);
    assert_int_equal(Ring.slot[slot].status, BLKIF_RSP_ERROR);
}

// Any order, with the indices on their way over 2^32.
static void
test_any_order_over_the_wrap(void **state)
{
    u32 round, i;
    (void)state;
    start_at(0xfffffff0);
    for (round = 0; round < 1000; round++) {
        u32 count = 1 + world_random(ring_slots(&Ring));
        u64 id[RING_SLOTS];
        int slot[RING_SLOTS];
        for (i = 0; i < count; i++) {
            slot[i] = add(BLKIF_OP_READ, i);
            assert_in_range(slot[i], 0, ring_slots(&Ring) - 1);
        }
        ring_push(&Ring);
        for (i = 0; i < count; i++)
            id[i] = take().id;
        for (i = 0; i < count; i++) {
            u32 other = i + world_random(count - i);
            u64 swap = id[i];
            id[i] = id[other];
            id[other] = swap;
            respond(id[i], BLKIF_OP_READ, BLKIF_RSP_OKAY);
            assert_int_equal(ring_reap(&Ring), count - i - 1);
        }
        for (i = 0; i < count; i++)
            assert_int_equal(Ring.slot[slot[i]].status, BLKIF_RSP_OKAY);
    }
    assert_true(Ring.rsp_cons < 0xfffffff0);
}

// Answers to what was not asked, each after one good request.
static void
test_wrong_answers(void **state)
{
    static const struct {
        u64 id;             // Beside the right one
        u8 operation;
        int ret;
    } cases[] = {
        { 0, BLKIF_OP_READ, 0 },
        { 0, BLKIF_OP_WRITE, -1 },
        { 0, BLKIF_OP_INDIRECT, -1 },   // It was a direct one
        { 0, 255, -1 },
        { 1, BLKIF_OP_READ, -1 },       // Another slot
        { -32ULL, BLKIF_OP_READ, -1 },  // The one before in this slot
        { 32, BLKIF_OP_READ, -1 },      // The one after
        { -64ULL, BLKIF_OP_READ, -1 },  // The same in a long ring
        { 64, BLKIF_OP_READ, -1 },
        { 1ULL << 32, BLKIF_OP_READ, -1 },
        { 1ULL << 63, BLKIF_OP_READ, -1 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        start_at(0xffffffff);
        add(BLKIF_OP_READ, 1);
        ring_push(&Ring);
        respond(take().id + cases[i].id, cases[i].operation
                , BLKIF_RSP_OKAY);
        assert_int_equal(ring_reap(&Ring), cases[i].ret);
    }
}

static void
test_answer_twice(void **state)
{
    (void)state;
    add(BLKIF_OP_READ, 1);
    add(BLKIF_OP_READ, 2);
    ring_push(&Ring);
    u64 id = take().id;
    respond(id, BLKIF_OP_READ, BLKIF_RSP_OKAY);
    assert_int_equal(ring_reap(&Ring), 1);
    respond(id, BLKIF_OP_READ, BLKIF_RSP_OKAY);
    assert_int_equal(ring_reap(&Ring), -1);
}

// The same slot a ring later: the old answer does not count.
static void
test_old_answer(void **state)
{
    u64 old = 0;
    u32 i;
    (void)state;
    for (i = 0; i < ring_slots(&Ring); i++) {
        add(BLKIF_OP_READ, i);
        ring_push(&Ring);
        u64 id = take().id;
        if (!i)
            old = id;
        respond(id, BLKIF_OP_READ, BLKIF_RSP_OKAY);
        assert_int_equal(ring_reap(&Ring), 0);
    }
    assert_int_equal(add(BLKIF_OP_READ, i), 0);
    ring_push(&Ring);
    assert_int_not_equal(take().id, old);
    respond(old, BLKIF_OP_READ, BLKIF_RSP_OKAY);
    assert_int_equal(ring_reap(&Ring), -1);
}

// Either name of the operation, for an indirect request only.
static void
test_operation_of_an_indirect_answer(void **state)
{
    static const struct {
        u8 operation;
        int ret;
    } cases[] = {
        { BLKIF_OP_WRITE, 0 }, { BLKIF_OP_INDIRECT, 0 },
        { BLKIF_OP_READ, -1 }, { BLKIF_OP_DISCARD, -1 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        start_at(0);
        add_indirect(BLKIF_OP_WRITE, 1);
        ring_push(&Ring);
        respond(0, cases[i].operation, BLKIF_RSP_OKAY);
        assert_int_equal(ring_reap(&Ring), cases[i].ret);
    }
}

// rsp_prod where it cannot be.
static void
test_wrong_producer(void **state)
{
    static const u32 wrong[] = { 3, 33, 0x80000000, 0xffffffff, 0xfffffffe };
    static const u32 starts[] = { 0, 0xfffffffe };
    u32 i, s;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(wrong); i++)
        for (s = 0; s < ARRAY_SIZE(starts); s++) {
            start_at(starts[s]);
            add(BLKIF_OP_READ, 1);
            add(BLKIF_OP_READ, 2);
            ring_push(&Ring);
            Page->sring.rsp_prod = starts[s] + wrong[i];
            assert_int_equal(ring_reap(&Ring), -1);
        }
}

// What the backend writes over requests does not change what was asked.
static void
test_requests_are_not_read_back(void **state)
{
    (void)state;
    add(BLKIF_OP_READ, 1);
    ring_push(&Ring);
    u64 id = take().id;
    memset(Page->sring.ring, 0xff, sizeof(*Page) - 64);
    respond(id, BLKIF_OP_READ, BLKIF_RSP_OKAY);
    assert_int_equal(ring_reap(&Ring), 0);
    assert_int_equal(Ring.slot[0].status, BLKIF_RSP_OKAY);
}

#define BOTH_RINGS(test)                                                \
    cmocka_unit_test_setup(test, setup),                                \
    { #test "/long", test, setup_long, NULL, NULL }

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH_RINGS(test_init),
        BOTH_RINGS(test_direct_request),
        BOTH_RINGS(test_indirect_request),
        BOTH_RINGS(test_nothing_shows_before_the_push),
        BOTH_RINGS(test_full_ring_is_refused),
        BOTH_RINGS(test_busy_slot_is_refused),
        BOTH_RINGS(test_push_notifies_where_it_is_asked_for),
        BOTH_RINGS(test_push_shows_the_index_last),
        BOTH_RINGS(test_push_sees_the_wish_that_came_first),
        BOTH_RINGS(test_arm_asks_for_one_event),
        BOTH_RINGS(test_arm_sees_the_answer_that_came_first),
        BOTH_RINGS(test_reap_reads_answers_after_the_index),
        BOTH_RINGS(test_status_of_each_request),
        BOTH_RINGS(test_unanswered_is_an_error),
        BOTH_RINGS(test_any_order_over_the_wrap),
        BOTH_RINGS(test_wrong_answers),
        BOTH_RINGS(test_answer_twice),
        BOTH_RINGS(test_old_answer),
        BOTH_RINGS(test_operation_of_an_indirect_answer),
        BOTH_RINGS(test_wrong_producer),
        BOTH_RINGS(test_requests_are_not_read_back),
    };
    return RUN_TESTS(tests);
}
