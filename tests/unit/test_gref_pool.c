// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The pool of grant references under both policies, with a domain that maps,
// keeps and changes grants while the pool looks at them.

#include "fake/firmware.h" // firmware_reset
#include "fake/guest.h" // guest_ptr
#include "fake/run.h" // RUN_TESTS
#include "fake/world.h" // world_turn
#include "gref_model.h" // Pool
#include "gref_pool.h" // gref_pool_get
#include "string.h" // memset

// What the other domain does while the pool works.
static u16 FlagsToSet;
static u32 Flips, Racing;
static u32 FrameExpected, FrameSeen;

static int
setup(int policy)
{
    world_reset();
    guest_reset();
    firmware_reset();
    Table = guest_ptr(TABLE);
    FlagsToSet = 0;
    Flips = 0;
    memset(Table, 0, ENTRIES * sizeof(*Table));
    gref_model_open(policy, 0);
    return 0;
}

static int
setup_per_op(void **state)
{
    (void)state;
    return setup(GREF_POOL_PER_OP);
}

static int
setup_sticky(void **state)
{
    (void)state;
    return setup(GREF_POOL_STICKY);
}

// End one grant, the only one there is, as the policy has it.  Returns 0, or
// -1 where it cannot be.
static int
end_grant(grant_ref_t gref)
{
    if (Pool.policy == GREF_POOL_PER_OP)
        return gref_pool_put(&Pool, gref);
    return gref_pool_close(&Pool) ? -1 : 0;
}

static void
check_all_free(void)
{
    u32 i;
    assert_int_equal(Pool.nr_free, Pool.size);
    assert_int_equal(Pool.nr_quarantined, 0);
    for (i = BASE; i < BASE + Pool.size; i++) {
        assert_int_equal(Table[i].flags, 0);
        assert_int_equal(Table[i].domid, DOMID);
    }
    gref_model_check_neighbours();
}


/****************************************************************
 * Get and put
 ****************************************************************/

// A page that sticks is granted for writing, whatever was asked for.
static void
test_get(void **state)
{
    static const struct {
        u32 frame;
        int readonly;
    } cases[] = {
        { 0, 0 }, { 1, 1 }, { LOW_PAGES - 1, 0 }, { 7, 1 },
        { OWN_FRAME, 1 }, { OWN_FRAME + OWN_PAGES - 1, 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        int readonly = cases[i].readonly && Pool.policy == GREF_POOL_PER_OP;
        grant_ref_t gref = gref_pool_get(&Pool, cases[i].frame, cases[i].readonly);
        assert_in_range(gref, BASE, BASE + Pool.size - 1);
        assert_int_equal(Table[gref].frame, cases[i].frame);
        assert_int_equal(Table[gref].domid, DOMID);
        assert_int_equal(Table[gref].flags
                         , GTF_permit_access | (readonly ? GTF_readonly : 0));
    }
    assert_int_equal(Pool.nr_free, Pool.size - ARRAY_SIZE(cases));
    gref_model_check_neighbours();
}

static void
test_put(void **state)
{
    (void)state;
    grant_ref_t gref = gref_pool_get(&Pool, 0x1234, 0);
    assert_int_equal(gref_pool_put(&Pool, gref), 0);
    check_all_free();
    assert_int_equal(gref_pool_put(&Pool, gref), -1); // Once is enough
    check_all_free();
}

// One page, one reference, of the same permission, while the pool is open.
static void
test_page_sticks(void **state)
{
    u32 i, free = Pool.nr_free;
    (void)state;
    grant_ref_t other = gref_pool_get(&Pool, 9, 0), gref = gref_pool_get(&Pool, 5, 1);
    struct grant_entry_v1 entry = Table[gref];
    assert_int_not_equal(gref, other);
    for (i = 0; i < 10; i++) {
        assert_int_equal(gref_pool_put(&Pool, gref), 0);
        assert_memory_equal(&Table[gref], &entry, sizeof(entry));
        assert_int_equal(gref_pool_get(&Pool, 5, (int)i % 2), gref);
        assert_memory_equal(&Table[gref], &entry, sizeof(entry));
    }
    assert_int_equal(Pool.nr_free, free - 2);
}

// The backend may keep the page: that is what the policy is for.
static void
test_sticky_page_may_be_kept(void **state)
{
    (void)state;
    grant_ref_t gref = gref_pool_get(&Pool, 5, 0);
    Table[gref].flags |= GTF_reading | GTF_writing;
    assert_int_equal(gref_pool_put(&Pool, gref), 0);
    assert_int_equal(gref_pool_get(&Pool, 5, 0), gref);
    assert_int_equal(Pool.nr_quarantined, 0);
}

static void
test_pages_that_cannot_stick(void **state)
{
    static const u32 frames[] = {
        LOW_PAGES, LOW_PAGES + 1, 0xff, 0x100, OWN_FRAME - 1,
        OWN_FRAME + OWN_PAGES, 0xfffff, 0x80000000, 0xffffffff,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(frames); i++) {
        assert_int_equal(gref_pool_get(&Pool, frames[i], 0), GREF_POOL_NONE);
    }
    check_all_free();
}

static void
test_all_pages_can_be_granted_per_op(void **state)
{
    static const u32 frames[] = { 0, LOW_PAGES, 0x100, 0xfffff };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(frames); i++) {
        assert_int_not_equal(gref_pool_get(&Pool, frames[i], 0), GREF_POOL_NONE);
    }
}

static void
test_foreign_references_are_refused(void **state)
{
    u32 foreign[] = {
        0, 1, BASE - 1, BASE + Pool.size, ENTRIES, 0xffffffff, BASE,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(foreign); i++)
        assert_int_equal(gref_pool_put(&Pool, foreign[i]), -1);
    check_all_free();
}

static void
test_exhaustion(void **state)
{
    u8 seen[ENTRIES] = { 0 };
    u32 i;
    (void)state;
    for (i = 0; i < Pool.size; i++) {
        grant_ref_t gref = gref_pool_get(&Pool, i, 0);
        assert_int_not_equal(gref, GREF_POOL_NONE);
        assert_int_equal(seen[gref]++, 0);
    }
    assert_int_equal(gref_pool_get(&Pool, 1, 0), GREF_POOL_NONE);
    assert_int_equal(gref_pool_put(&Pool, BASE + 5), 0);
    assert_int_equal(gref_pool_get(&Pool, 1, 0), BASE + 5);
    gref_model_check_neighbours();
}

// There is a reference for each page that can stick.
static void
test_no_exhaustion(void **state)
{
    grant_ref_t gref[GREF_POOL_MAX];
    u8 seen[ENTRIES] = { 0 };
    u32 i;
    (void)state;
    for (i = 0; i < GREF_POOL_MAX; i++) {
        gref[i] = gref_pool_get(&Pool, sticky_page(i), 0);
        assert_in_range(gref[i], BASE, BASE + GREF_POOL_MAX - 1);
        assert_int_equal(seen[gref[i]]++, 0);
        assert_int_equal(Table[gref[i]].frame, sticky_page(i));
    }
    assert_int_equal(Pool.nr_free, 0);
    while (i--)
        assert_int_equal(gref_pool_get(&Pool, sticky_page(i), 1), gref[i]);
    gref_model_check_neighbours();
}

static void
look_at_frame(void)
{
    u32 i;
    for (i = BASE; i < BASE + Pool.size; i++)
        if (Table[i].frame == FrameExpected) {
            FrameSeen++;
            assert_int_equal(Table[i].flags, 0);
        }
}

// Another CPU must not see the permission before the frame.
static void
test_frame_is_written_first(void **state)
{
    (void)state;
    world_add(look_at_frame);
    world_set_seams(1U << SEAM_WMB);
    FrameExpected = 0x9d;
    FrameSeen = 0;
    gref_pool_get(&Pool, FrameExpected, 0);
    assert_int_equal(FrameSeen, 1);
}


/****************************************************************
 * Quarantine
 ****************************************************************/

static const u16 Busy[] = {
    GTF_reading, GTF_writing, GTF_reading | GTF_writing,
};

static void
test_busy_goes_to_quarantine(void **state)
{
    grant_ref_t gref[ARRAY_SIZE(Busy)];
    u32 i, n = ARRAY_SIZE(Busy);
    (void)state;
    for (i = 0; i < n; i++) {
        gref[i] = gref_pool_get(&Pool, 0x1234, 0);
        Table[gref[i]].flags |= Busy[i];
        assert_int_equal(gref_pool_put(&Pool, gref[i]), -1);
        assert_int_equal(Pool.nr_quarantined, i + 1);
        // The entry is the other domain's until it lets go.
        assert_int_equal(Table[gref[i]].flags, GTF_permit_access | Busy[i]);
        assert_int_equal(Table[gref[i]].frame, 0x1234);
        assert_int_equal(gref_pool_put(&Pool, gref[i]), -1);
    }
    for (i = 0; i < PER_OP_SIZE - n; i++)
        assert_false(Table[gref_pool_get(&Pool, 1, 0)].frame == 0x1234);
    assert_int_equal(gref_pool_get(&Pool, 1, 0), GREF_POOL_NONE);
    assert_int_equal(gref_pool_close(&Pool), n);
}

static void
test_close_ends_all(void **state)
{
    u32 round, i;
    (void)state;
    for (round = 0; round < 3; round++) {
        for (i = 0; i < Pool.size; i++)
            gref_pool_get(&Pool, sticky_page((i + 50 * round) % GREF_POOL_MAX)
                          , 0);
        gref_pool_put(&Pool, BASE + round);
        assert_int_equal(gref_pool_close(&Pool), 0);
        check_all_free();
        assert_int_equal(gref_pool_put(&Pool, BASE), -1);
        gref_model_open(Pool.policy, 0);
        check_all_free();
    }
}

// What is in use when the pool is closed is counted, left alone, and tried
// again each time.
static void
test_close_of_busy(void **state)
{
    grant_ref_t gref[ARRAY_SIZE(Busy)], idle = gref_pool_get(&Pool, 1, 0);
    u32 i, n = ARRAY_SIZE(Busy);
    (void)state;
    for (i = 0; i < n; i++) {
        gref[i] = gref_pool_get(&Pool, 2 + i, 0);
        Table[gref[i]].flags |= Busy[i];
    }
    for (i = 0; i < n; i++) {
        assert_int_equal(gref_pool_close(&Pool), n - i);
        assert_int_equal(Pool.nr_quarantined, n - i);
        assert_int_equal(Pool.nr_free, Pool.size - (n - i));
        assert_int_equal(Table[idle].flags, 0);
        assert_int_equal(Table[gref[i]].flags, GTF_permit_access | Busy[i]);
        assert_int_equal(Table[gref[i]].frame, 2 + i);
        Table[gref[i]].flags = GTF_permit_access;
    }
    assert_int_equal(gref_pool_close(&Pool), 0);
    check_all_free();
}

// A page whose old reference is in quarantine gets another one.
static void
test_reopen_while_busy(void **state)
{
    u32 i;
    (void)state;
    grant_ref_t gref = gref_pool_get(&Pool, 5, 0);
    Table[gref].flags |= GTF_reading | GTF_writing;
    gref_pool_close(&Pool);
    gref_model_open(Pool.policy, 1);
    for (i = 1; i < Pool.size; i++) {
        u32 page = sticky_page((4 + i) % GREF_POOL_MAX);
        grant_ref_t other = gref_pool_get(&Pool, page, 0);
        assert_int_not_equal(other, GREF_POOL_NONE);
        assert_int_not_equal(other, gref);
    }
    assert_int_equal(gref_pool_get(&Pool, 4, 0), GREF_POOL_NONE);
    assert_int_equal(Table[gref].frame, 5);
    Table[gref].flags = GTF_permit_access;
    assert_int_equal(gref_pool_close(&Pool), 0);
    check_all_free();
}

// What an earlier owner has left, some of it in use.
static void
test_stale_entries(void **state)
{
    struct grant_entry_v1 idle = { GTF_permit_access, 5, 77 };
    struct grant_entry_v1 busy = { GTF_permit_access | GTF_reading, 5, 78 };
    (void)state;
    Table[BASE + 3] = idle;
    Table[BASE + 9] = Table[BASE + 10] = busy;
    gref_model_open(Pool.policy, 2);
    assert_memory_equal(&Table[BASE + 9], &busy, sizeof(busy));
    assert_int_equal(Table[BASE + 3].flags, 0);
    assert_int_equal(Table[BASE + 3].domid, DOMID);
    Table[BASE + 9].flags &= ~GTF_reading;
    assert_int_equal(gref_pool_close(&Pool), 1);
    assert_int_equal(Table[BASE + 9].domid, DOMID);
}


/****************************************************************
 * Races
 ****************************************************************/

// The other domain changes the entry between the look and the exchange.
static void
flip_flags(void)
{
    if (!Flips)
        return;
    Flips--;
    Table[Racing].flags ^= FlagsToSet;
}

static grant_ref_t
grant_and_race(u32 flips, u16 flags)
{
    Racing = gref_pool_get(&Pool, 1, 0);
    world_add(flip_flags);
    world_set_seams(1U << SEAM_ATOMIC);
    Flips = flips;
    FlagsToSet = flags;
    return Racing;
}

// It maps the page just then: the exchange must not end the mapping.
static void
test_mapped_just_before_the_exchange(void **state)
{
    (void)state;
    grant_ref_t gref = grant_and_race(1, GTF_reading | GTF_writing);
    assert_int_equal(end_grant(gref), -1);
    assert_int_equal(Table[gref].flags
                     , GTF_permit_access | GTF_reading | GTF_writing);
    assert_int_equal(Pool.nr_quarantined, 1);
}

// Bits that are none of use change: the exchange is tried again.
static void
test_exchange_is_tried_again(void **state)
{
    (void)state;
    grant_ref_t gref = grant_and_race(3, GTF_PCD);
    assert_int_equal(end_grant(gref), 0);
    assert_int_equal(Table[gref].flags, 0);
}

// It never stops.
static void
test_exchange_is_not_tried_for_ever(void **state)
{
    (void)state;
    grant_ref_t gref = grant_and_race(1000000, GTF_PCD);
    assert_int_equal(end_grant(gref), -1);
    assert_int_equal(Pool.nr_quarantined, 1);
    assert_true(Flips > 1000000 - 100);
}



/****************************************************************
 * A long history
 ****************************************************************/

static void
test_long_history(void **state)
{
    u32 step;
    (void)state;
    gref_model_start(Pool.policy);
    for (step = 0; step < 50000; step++)
        gref_model_step(world_random);
}

// A range: all of it, or nothing while a page is in use.
static void
test_range(void **state)
{
    u32 i;
    (void)state;
    assert_int_equal(gref_pool_grant_range(TABLE, 100, ENTRIES - 1, 7), 0);
    for (i = 0; i < ENTRIES - 1; i++) {
        assert_int_equal(Table[i].flags, GTF_permit_access);
        assert_int_equal(Table[i].frame, 100 + i);
        assert_int_equal(Table[i].domid, 7);
    }
    assert_int_equal(Table[ENTRIES - 1].flags, 0);
    Table[3].flags |= GTF_writing;
    Table[ENTRIES - 2].flags |= GTF_reading;
    assert_int_equal(gref_pool_revoke_range(TABLE, ENTRIES), 2);
    assert_int_equal(Table[3].flags, GTF_permit_access | GTF_writing);
    assert_int_equal(gref_pool_grant_range(TABLE, 200, ENTRIES, 9), -1);
    for (i = 0; i < ENTRIES; i++)
        assert_true(!Table[i].flags || Table[i].frame == 100 + i);
    Table[3].flags = Table[ENTRIES - 2].flags = GTF_permit_access;
    assert_int_equal(gref_pool_grant_range(TABLE, 200, ENTRIES, 9), 0);
    assert_int_equal(gref_pool_revoke_range(TABLE, ENTRIES), 0);
    for (i = 0; i < ENTRIES; i++)
        assert_int_equal(Table[i].flags, 0);
}

#define PER_OP(test) { #test, test, setup_per_op, NULL, NULL }
#define STICKY(test) { #test, test, setup_sticky, NULL, NULL }
#define BOTH_POLICIES(test)                                             \
    { #test "/per op", test, setup_per_op, NULL, NULL },                \
    { #test "/sticky", test, setup_sticky, NULL, NULL }

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH_POLICIES(test_get),
        PER_OP(test_put),
        STICKY(test_page_sticks),
        STICKY(test_sticky_page_may_be_kept),
        STICKY(test_pages_that_cannot_stick),
        PER_OP(test_all_pages_can_be_granted_per_op),
        BOTH_POLICIES(test_foreign_references_are_refused),
        PER_OP(test_exhaustion),
        STICKY(test_no_exhaustion),
        BOTH_POLICIES(test_frame_is_written_first),
        PER_OP(test_busy_goes_to_quarantine),
        BOTH_POLICIES(test_close_ends_all),
        BOTH_POLICIES(test_close_of_busy),
        BOTH_POLICIES(test_reopen_while_busy),
        BOTH_POLICIES(test_stale_entries),
        BOTH_POLICIES(test_mapped_just_before_the_exchange),
        BOTH_POLICIES(test_exchange_is_tried_again),
        BOTH_POLICIES(test_exchange_is_not_tried_for_ever),
        BOTH_POLICIES(test_long_history),
        PER_OP(test_range),
    };
    return RUN_TESTS(tests);
}
