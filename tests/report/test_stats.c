// SPDX-License-Identifier: LGPL-3.0-or-later
//
// bench/report/stats.c against known ranks and plain counting.

#include "fake/check.h" // assert_int_equal
#include "fake/run.h" // RUN_TESTS
#include "stats.h"

#define MANY 100000

static uint64_t Ranks[MANY]; // 1, 2, 3 ...

static int
fill_ranks(void)
{
    for (uint64_t i = 0; i < MANY; i++)
        Ranks[i] = i + 1;
    return 0;
}

static void
test_median(void **state)
{
    const uint64_t sorted[] = { 3, 5, 8, 100 };
    (void)state;
    assert_true(stats_median(sorted, 1) == 3);
    assert_true(stats_median(sorted, 2) == 4);
    assert_true(stats_median(sorted, 3) == 5);
    assert_true(stats_median(sorted, 4) == 6.5);
}

static void
test_mean_and_sort(void **state)
{
    uint64_t samples[] = { 9, 1, UINT64_C(1) << 49, 2 };
    (void)state;
    stats_sort(samples, 4);
    assert_int_equal(samples[0], 1);
    assert_int_equal(samples[3], UINT64_C(1) << 49);
    assert_true(stats_mean(samples, 3) == 4);
    stats_sort(NULL, 0);
}

static void
test_percentile_is_nearest_rank(void **state)
{
    (void)state;
    assert_true(stats_percentile(Ranks, 20, 0.95) == 19);
    assert_true(stats_percentile(Ranks, 100, 0.99) == 99);
    assert_true(stats_percentile(Ranks, 101, 0.99) == 100);
    assert_true(stats_percentile(Ranks, 4, 0.5) == 2);
    assert_true(stats_percentile(Ranks, 1, 0.99) == 1);
    assert_true(stats_percentile(Ranks, 10, 1) == 10);
    assert_true(stats_percentile(Ranks, 10, 0) == 1);
}

// From tables of the sign test.
static void
test_interval_has_the_ranks_of_tables(void **state)
{
    static const struct {
        size_t count;
        double low, high;
    } known[] = { { 6, 1, 6 }, { 8, 1, 8 }, { 9, 2, 8 }, { 10, 2, 9 }
        , { 20, 6, 15 }, { 50, 18, 33 }, { 100, 40, 61 } };
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        struct interval interval = stats_median_interval(Ranks, known[i].count
                                                         , 0.95);
        assert_true(interval.known);
        assert_true(interval.low == known[i].low);
        assert_true(interval.high == known[i].high);
    }
}

static void
test_few_samples_have_no_interval(void **state)
{
    (void)state;
    assert_false(stats_median_interval(Ranks, 1, 0.95).known);
    assert_false(stats_median_interval(Ranks, 5, 0.95).known);
    assert_true(stats_median_interval(Ranks, 6, 0.95).known);
    assert_false(stats_median_interval(Ranks, 6, 0.975).known);
    assert_true(stats_median_interval(Ranks, 7, 0.975).known);
}

// How many of the outcomes of n throws of a coin have fewer than k heads.
static double
outcomes_below(size_t n, size_t k)
{
    double sum = 0, ways = 1;
    for (size_t i = 0; i < k; i++) {
        sum += ways;
        ways = ways * (double)(n - i) / (double)(i + 1);
    }
    return sum;
}

// The ranks hold the median as often as promised, and no narrower ones do.
static void
test_interval_is_the_narrowest(void **state)
{
    (void)state;
    for (size_t n = 6; n <= 50; n++) {
        double all = (double)(UINT64_C(1) << n);
        struct interval interval = stats_median_interval(Ranks, n, 0.95);
        size_t rank = (size_t)interval.low;
        assert_true(interval.low + interval.high == (double)(n + 1));
        assert_true(2 * outcomes_below(n, rank) <= 0.05 * all);
        assert_true(2 * outcomes_below(n, rank + 1) > 0.05 * all
                    || 2 * rank >= n);
    }
}

static void
test_interval_of_many(void **state)
{
    (void)state;
    struct interval interval = stats_median_interval(Ranks, MANY, 0.95);
    assert_true(interval.known);
    // 1.96 standard deviations of sqrt(n) / 2 on either side
    assert_in_range((uintmax_t)interval.low, 49689, 49692);
    assert_true(interval.low + interval.high == MANY + 1);
}

static void
test_ratio(void **state)
{
    uint64_t half[20];
    (void)state;
    for (size_t i = 0; i < 20; i++)
        half[i] = 1000 + i;
    struct ratio same = stats_ratio(half, 20, half, 20);
    assert_true(same.value == 1);
    assert_false(stats_differs(&same));
    uint64_t doubled[20];
    for (size_t i = 0; i < 20; i++)
        doubled[i] = 2 * half[i];
    struct ratio twice = stats_ratio(half, 20, doubled, 20);
    assert_true(twice.value == 2);
    assert_true(stats_differs(&twice));
    // ranks 5 and 16 of 20 hold the median with 97.5 %
    assert_true(twice.interval.low == 2.0 * 1004 / 1015);
    assert_true(twice.interval.high == 2.0 * 1015 / 1004);
    struct ratio inverse = stats_ratio(doubled, 20, half, 20);
    assert_true(inverse.value == 0.5 && stats_differs(&inverse));
}

static void
test_ratio_of_few(void **state)
{
    const uint64_t few[] = { 1, 1, 1, 1, 1, 1 };
    (void)state;
    struct ratio ratio = stats_ratio(few, 6, Ranks + 1000, 100);
    assert_false(ratio.interval.known);
    assert_false(stats_differs(&ratio));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_mean_and_sort),
        cmocka_unit_test(test_percentile_is_nearest_rank),
        cmocka_unit_test(test_interval_has_the_ranks_of_tables),
        cmocka_unit_test(test_few_samples_have_no_interval),
        cmocka_unit_test(test_interval_is_the_narrowest),
        cmocka_unit_test(test_interval_of_many),
        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_ratio_of_few),
    };
    return fill_ranks() || RUN_TESTS(tests);
}
