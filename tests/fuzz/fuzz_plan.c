// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The planner: ops as there are, against the model, and runs of sectors as
// there are none, which must be refused or fit.

#include "xen/xen_abi.h" // XEN_SECTORS_PER_PAGE
#include "fake/check.h" // assert_int_equal
#include "input.h" // choose
#include "plan_model.h" // plan_model_check

// An op, whole or, for an unaligned read, with its last sector elsewhere.
static void
check_op(const struct plan_limits_s *limits)
{
    u32 count = 1 + choose(INDIRECT_PLAN_SECTORS), window = choose(2);
    struct extent_s extent[2] = {
        { choose((1U << 23) - INDIRECT_PLAN_SECTORS), count - window },
        { choose(1U << 20) * XEN_SECTORS_PER_PAGE, window },
    };
    plan_model_check(extent, limits);
}

// Whether a plan with so many segments has room for that, and for how many.
static int
model_add(u32 addr, u32 nr_sectors, u32 *segments)
{
    u64 sector = addr / XEN_SECTOR_SIZE, end = sector + nr_sectors;
    u32 pages = (u32)((end + XEN_SECTORS_PER_PAGE - 1) / XEN_SECTORS_PER_PAGE
                      - sector / XEN_SECTORS_PER_PAGE);
    if (addr % XEN_SECTOR_SIZE || end > 1U << 23)
        return -1;
    if (nr_sectors && *segments + pages > INDIRECT_PLAN_SEGMENTS)
        return -1;
    *segments += nr_sectors ? pages : 0;
    return 0;
}

static void
check_runs(const struct plan_limits_s *limits)
{
    struct plan_s plan;
    u32 segments = 0, sectors = 0, r;
    indirect_plan_start(&plan);
    do {
        u32 addr = choose(4) ? choose(~0U) & ~511U : choose(~0U);
        u32 count = choose(4) ? choose(200) : choose(~0U);
        int ret = model_add(addr, count, &segments);
        assert_int_equal(indirect_plan_add(&plan, addr, count), ret);
        assert_in_range(plan.nr_segments, 0, INDIRECT_PLAN_SEGMENTS);
        if (ret)
            return;
        sectors += count;
    } while (input_more());
    assert_int_equal(plan.nr_segments, segments);
    indirect_plan_split(&plan, limits);
    for (r = 0; r < plan.nr_requests; r++)
        sectors -= plan.request[r].nr_sectors;
    assert_int_equal(sectors, 0);
}

int
LLVMFuzzerTestOneInput(const u8 *data, unsigned long size)
{
    input_start(data, size);
    struct plan_limits_s limits = {
        .direct = (u8)(1 + choose(BLKIF_MAX_SEGMENTS_PER_REQUEST)),
        .indirect = (u16)choose(257),
    };
    if (choose(2))
        check_op(&limits);
    else
        check_runs(&limits);
    return 0;
}
