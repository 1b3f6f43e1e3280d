// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Bins are fio's: its two functions of stat.c are written down here again, in
// terms of the index that int13bench does without.

#include "bins.h" // bin_of
#include "run.h" // RUN_TESTS

// stat.h: FIO_IO_U_PLAT_BITS, FIO_IO_U_PLAT_VAL, FIO_IO_U_PLAT_NR
enum { BITS = 6, BUCKETS = 1 << BITS, GROUPS = 29, ALL = GROUPS * BUCKETS };

// plat_val_to_idx(): the highest bits of the value are the bucket's number.
static unsigned
fio_index(uint64_t value)
{
    unsigned top = 0, dropped;
    while (value >> top > 1)
        top++;
    if (top <= BITS)
        return (unsigned)value;
    dropped = top - BITS;
    uint64_t index = ((uint64_t)(dropped + 1) * BUCKETS)
        + (value >> dropped) % BUCKETS;
    return index < ALL ? (unsigned)index : ALL - 1;
}

// plat_idx_to_val(): the middle of the bucket.
static uint64_t
fio_value(unsigned index)
{
    if (index < 2 * BUCKETS)
        return index;
    unsigned dropped = index / BUCKETS - 1;
    double width = (double)(1ULL << dropped);
    return (1ULL << (dropped + BITS))
        + (uint64_t)((index % BUCKETS + 0.5) * width);
}

static void
check(uint64_t value)
{
    assert_int_equal(bin_of(value), fio_value(fio_index(value)));
}

static void
test_all_short_ones(void **state)
{
    uint64_t value;
    (void)state;
    for (value = 0; value < 1 << 20; value++)
        check(value);
}

static void
test_borders_of_bins(void **state)
{
    unsigned bit, step;
    (void)state;
    for (bit = BITS; bit < 64; bit++)
        for (step = 0; step < BUCKETS; step++) {
            uint64_t value = (1ULL << bit)
                + ((uint64_t)step << (bit > BITS ? bit - BITS : 0));
            check(value - 1);
            check(value);
            check(value + 1);
        }
    check(UINT64_MAX);
}

// As fio 3.33 has put them in a file.
static void
test_known_bins(void **state)
{
    static const struct {
        uint64_t from, to, bin;
    } known[] = {
        { 127, 127, 127 }, { 128, 129, 129 }, { 130, 131, 131 },
        { 568, 575, 572 }, { 576, 583, 580 }, { 3552, 3583, 3568 },
        { 5439488, 5505023, 5472256 },
    };
    size_t i;
    (void)state;
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_int_equal(bin_of(known[i].from), known[i].bin);
        assert_int_equal(bin_of(known[i].to), known[i].bin);
        assert_int_not_equal(bin_of(known[i].to + 1), known[i].bin);
    }
}

static json_int_t
integer(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    assert_true(json_is_integer(number));
    return json_integer_value(number);
}

static void
test_latencies(void **state)
{
    static const uint64_t ns[] = { 300, 100, 200, 100 };
    json_t *latency = latency_json(ns, 4, 1);
    (void)state;
    assert_int_equal(integer(latency, "min"), 100);
    assert_int_equal(integer(latency, "max"), 300);
    assert_int_equal(integer(latency, "N"), 4);
    assert_true(json_real_value(json_object_get(latency, "mean")) == 175);
    const json_t *bins = json_object_get(latency, "bins");
    assert_int_equal(json_object_size(bins), 3);
    assert_int_equal(integer(bins, "100"), 2);
    assert_int_equal(integer(bins, "201"), 1);
    const json_t *percentiles = json_object_get(latency, "percentile");
    assert_int_equal(json_object_size(percentiles), 17);
    assert_int_equal(integer(percentiles, "50.000000"), 100);
    assert_int_equal(integer(percentiles, "60.000000"), 201);
    assert_int_equal(integer(percentiles, "99.900000"), 302);
    json_decref(latency);
}

static void
test_no_latency(void **state)
{
    json_t *latency = latency_json(NULL, 0, 1);
    (void)state;
    assert_int_equal(integer(latency, "N"), 0);
    assert_int_equal(integer(latency, "max"), 0);
    assert_null(json_object_get(latency, "bins"));
    json_decref(latency);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_short_ones),
        cmocka_unit_test(test_borders_of_bins),
        cmocka_unit_test(test_known_bins),
        cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_no_latency),
    };
    return RUN_TESTS(tests);
}
