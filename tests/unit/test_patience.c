// SPDX-License-Identifier: LGPL-3.0-or-later
// Spin or sleep: what is learnt, and that a wrong guess stays cheap.

#include "blkfront/internal.h" // struct patience_s
#include "fake/run.h" // RUN_TESTS


// Ask for 'count' waits; an answer comes within a spin where 'answered' says
// so.  Returns how many were spun.
static u32
wait_often(struct patience_s *patience, u32 count, int answered)
{
    u32 spun = 0;
    while (count--)
        if (patience_spins(patience)) {
            patience_learn(patience, answered);
            spun++;
        }
    return spun;
}

// The first wait is a probe.
static void
test_first(void **state)
{
    (void)state;
    struct patience_s patience = { 0 };
    assert_int_equal(wait_often(&patience, 1, 0), 1);
    assert_int_equal(wait_often(&patience, 16, 0), 0);
    assert_int_equal(wait_often(&patience, 1, 0), 1);
}

// A backend that needs this CPU: ever fewer spins, but never none.
static void
test_in_vain(void **state)
{
    (void)state;
    struct patience_s patience = { 0 };
    u32 spun = wait_often(&patience, 1000, 0);
    assert_in_range(spun, 5, 8);
    assert_in_range(wait_often(&patience, 100000, 0), 97, 98);
}

// A backend on another CPU: all are spun.
static void
test_answered(void **state)
{
    (void)state;
    struct patience_s patience = { 0 };
    wait_often(&patience, 5000, 0);
    // At the next probe at the latest.
    wait_often(&patience, 1025, 1);
    assert_int_equal(wait_often(&patience, 1000, 1), 1000);
}

// An answer that is late once or twice changes nothing; three in a row do.
static void
test_late_answers(void **state)
{
    (void)state;
    struct patience_s patience = { 0 };
    wait_often(&patience, 1, 1);
    assert_int_equal(wait_often(&patience, 2, 0), 2);
    assert_int_equal(wait_often(&patience, 10, 1), 10);
    assert_int_equal(wait_often(&patience, 19, 0), 3);
    assert_int_equal(wait_often(&patience, 1, 0), 1);
}

// However rare probes were, one answer makes them frequent again.
static void
test_answered_at_last(void **state)
{
    (void)state;
    struct patience_s patience = { 0 };
    wait_often(&patience, 500, 0);
    while (!patience_spins(&patience))
        ;
    patience_learn(&patience, 1);
    assert_int_equal(wait_often(&patience, 19, 0), 3);
    assert_int_equal(wait_often(&patience, 1, 0), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_in_vain),
        cmocka_unit_test(test_answered),
        cmocka_unit_test(test_late_answers),
        cmocka_unit_test(test_answered_at_last),
    };
    return RUN_TESTS(tests);
}
