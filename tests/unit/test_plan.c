// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The planner of src/indirect.c against a model that knows only sectors:
// all sizes, all places in a page, all limits.

#include "fake/check.h" // assert_int_equal
#include "fake/run.h" // RUN_TESTS
#include "indirect.h" // indirect_plan_split
#include "plan_model.h" // plan_model_check

static const u16 IndirectLimits[] = { 0, 11, 12, 16, 17, 18, 32, 256 };

#define SCRATCH_SECTOR (0x7654U * XEN_SECTORS_PER_PAGE)

// All limits for one op.
static void
check_all_limits(const struct extent_s extent[2])
{
    struct plan_limits_s limits;
    u32 i;
    for (limits.direct = 1; limits.direct <= 11; limits.direct++)
        for (i = 0; i < ARRAY_SIZE(IndirectLimits); i++) {
            limits.indirect = IndirectLimits[i];
            plan_model_check(extent, &limits);
        }
}


/****************************************************************
 * Tests
 ****************************************************************/

static void
test_one_extent(void **state)
{
    (void)state;
    u32 count, offset;
    for (count = 1; count <= INDIRECT_PLAN_SECTORS; count++)
        for (offset = 0; offset < XEN_SECTORS_PER_PAGE; offset++) {
            struct extent_s extent[2] = { { 0x1230 + offset, count } };
            check_all_limits(extent);
        }
}

// An unaligned read: all but one sector in the buffer, one elsewhere.
static void
test_window_and_scratch(void **state)
{
    (void)state;
    u32 count, offset;
    for (count = 1; count <= INDIRECT_PLAN_SECTORS; count++)
        for (offset = 0; offset < XEN_SECTORS_PER_PAGE; offset++) {
            struct extent_s extent[2] = {
                { 0x1230 + offset, count - 1 }, { SCRATCH_SECTOR, 1 },
            };
            check_all_limits(extent);
        }
}

static void
test_ends_of_memory(void **state)
{
    static const struct {
        u32 addr, count;
        int ret;
    } cases[] = {
        { 0, 1, 0 }, { 0, 128, 0 }, { 0xfffffe00, 1, 0 },
        { 0xffff0000, 128, 0 }, { 0xfffffe00, 2, -1 },
        { 0xffff0200, 128, -1 }, { 0xfffff000, 9, -1 },
        { 0xfffffe00, 0xffffffff, -1 }, { 0, 0xffffffff, -1 },
        { 0, 0x800001, -1 },
    };
    struct plan_s plan;
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        indirect_plan_start(&plan);
        assert_int_equal(indirect_plan_add(&plan, cases[i].addr, cases[i].count)
                         , cases[i].ret);
    }
}

static void
test_unaligned_is_refused(void **state)
{
    (void)state;
    struct plan_s plan;
    u32 low;
    for (low = 1; low < XEN_SECTOR_SIZE; low++) {
        indirect_plan_start(&plan);
        assert_int_equal(indirect_plan_add(&plan, 0x100000 + low, 1), -1);
        assert_int_equal(plan.nr_segments, 0);
    }
}

static void
test_full_plan_is_refused(void **state)
{
    (void)state;
    struct plan_s plan;
    u32 i;
    indirect_plan_start(&plan);
    for (i = 0; i < INDIRECT_PLAN_SEGMENTS; i++)
        assert_int_equal(indirect_plan_add(&plan, i * XEN_PAGE_SIZE, 1), 0);
    assert_int_equal(indirect_plan_add(&plan, 0, 1), -1);
    assert_int_equal(indirect_plan_add(&plan, 0, 0), 0);
    assert_int_equal(plan.nr_segments, INDIRECT_PLAN_SEGMENTS);
    indirect_plan_start(&plan);
    assert_int_equal(indirect_plan_add(&plan, 0, INDIRECT_PLAN_SEGMENTS * 8), 0);
    indirect_plan_start(&plan);
    assert_int_equal(indirect_plan_add(&plan, 0, INDIRECT_PLAN_SEGMENTS * 8 + 1), -1);
}

static void
test_empty_plan_has_no_request(void **state)
{
    (void)state;
    struct plan_limits_s limits = { .direct = 11, .indirect = 256 };
    struct plan_s plan;
    indirect_plan_start(&plan);
    assert_int_equal(indirect_plan_add(&plan, 0x1000, 0), 0);
    indirect_plan_split(&plan, &limits);
    assert_int_equal(plan.nr_requests, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_extent),
        cmocka_unit_test(test_window_and_scratch),
        cmocka_unit_test(test_ends_of_memory),
        cmocka_unit_test(test_unaligned_is_refused),
        cmocka_unit_test(test_full_plan_is_refused),
        cmocka_unit_test(test_empty_plan_has_no_request),
    };
    return RUN_TESTS(tests);
}
