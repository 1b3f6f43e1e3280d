// SPDX-License-Identifier: LGPL-3.0-or-later
//
// How many pages ahead a disk is read: what is learnt from waits.

#include "blkfront/internal.h" // depth_learn
#include "fixture.h" // fixture_xen

#define NS_PER_US 1000ULL
#define MOST 4096

// A wait for 'pages' pages that takes 'ns'.
static void
wait_for(u16 *depth, u64 ns, u32 pages)
{
    u32 begin = depth_clock();
    world_sleep(ns);
    depth_learn(depth, begin, pages);
}

static void
stall_for(u16 *depth, u64 ns)
{
    u32 begin = depth_clock();
    world_sleep(ns);
    depth_learn_stall(depth, begin, 1);
}

// What dom0 works is no latency, even of many pages.
static void
test_work_is_no_latency(void **state)
{
    u16 depth = 0;
    (void)state;
    wait_for(&depth, 100 * NS_PER_US, 1);
    assert_int_equal(depth, DEPTH_MIN);
    wait_for(&depth, 2000 * NS_PER_US, 128);
    assert_int_equal(depth, DEPTH_MIN);
    assert_false(depth_is_slow(depth));
}

// The first wait counts in full, a later one for a quarter.
static void
test_one_wait_is_a_quarter(void **state)
{
    u16 depth = 0;
    (void)state;
    wait_for(&depth, 8 * NS_PER_MS, 1);
    u16 slow = depth;
    assert_in_range(slow, DEPTH_MIN + 7600 / 16, DEPTH_MIN + 8000 / 16);
    assert_true(depth_is_slow(depth));
    depth = DEPTH_MIN;
    wait_for(&depth, 8 * NS_PER_MS, 1);
    assert_in_range(depth, DEPTH_MIN + (slow - DEPTH_MIN) / 4 - 3
                    , DEPTH_MIN + (slow - DEPTH_MIN) / 4 + 3);
}

static void
test_bound(void **state)
{
    u16 depth = 0;
    u32 i;
    (void)state;
    wait_for(&depth, 30 * NS_PER_S, 1);
    assert_int_equal(depth, MOST);
    for (i = 0; i < 100; i++)
        wait_for(&depth, 2 * NS_PER_S, 1);
    assert_int_equal(depth, MOST);
}

// Where the depth begins to be slow.
static void
test_slow(void **state)
{
    (void)state;
    assert_false(depth_is_slow(0));
    assert_false(depth_is_slow(DEPTH_MIN));
    assert_false(depth_is_slow(DEPTH_MIN + 15));
    assert_true(depth_is_slow(DEPTH_MIN + 16));
}

// A short stall makes it an eighth deeper, a long one as deep as that takes; none
// makes it less.
static void
test_stall(void **state)
{
    u16 depth = 400;
    (void)state;
    stall_for(&depth, 1000 * NS_PER_US);
    assert_int_equal(depth, 450);
    stall_for(&depth, 50 * NS_PER_US);
    assert_int_equal(depth, 450);
    stall_for(&depth, 20 * NS_PER_MS);
    assert_in_range(depth, 600, 800);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_work_is_no_latency, fixture_xen),
        cmocka_unit_test_setup(test_one_wait_is_a_quarter, fixture_xen),
        cmocka_unit_test_setup(test_bound, fixture_xen),
        cmocka_unit_test_setup(test_slow, fixture_xen),
        cmocka_unit_test_setup(test_stall, fixture_xen),
    };
    return RUN_TESTS(tests);
}
