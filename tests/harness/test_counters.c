// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Counters are those of the timed calls alone: what opening the disk and
// warming up cost is left out, and a run that lacks any has none.

#include <stdlib.h> // free
#include <string.h> // strstr

#include "counters.h" // counters_json
#include "files.h" // text_of
#include "run.h" // RUN_TESTS

#define MEMMAP(group) #group " exits=9 dm=3 interrupts=0 io=9\n"
#define OPENED(group) MEMMAP(group) MEMMAP(group) MEMMAP(group)
#define WARMUP(group) #group " exits=50 dm=2 interrupts=1 vmmcall=50" \
    " hypercall-20=50\n"
#define CALL(group) #group " exits=3 dm=1 interrupts=2 io=1 vmmcall=2" \
    " hypercall-29=1 hypercall-32=1 port-92=1 grant-maps=8" \
    " blocked-ticks=3000 dom0-ticks=5001\n"
#define CALL_AND_TICK(group) #group " exits=8 dm=0 interrupts=2 io=6" \
    " vmmcall=2 hypercall-29=1 hypercall-32=1\n"

static const char exits[] =
    MEMMAP(1) MEMMAP(4) OPENED(9) WARMUP(9) MEMMAP(11)
    OPENED(12) WARMUP(12) CALL(12) CALL(12) MEMMAP(20)
    OPENED(30) WARMUP(30) MEMMAP(33)
    OPENED(40) WARMUP(40) CALL(40) CALL_AND_TICK(40) CALL(40)
    MEMMAP(41);

#define REPORT(calls, notifies, bounced) "(d1) [1.0] xen-blk: xvde: calls=" \
    calls " requests=" calls " segments=" calls " bounced=" bounced \
    " moved=0 notifies=" notifies " sleeps=0 retries=0\n"

static const char driver[] =
    "(d1) xen-blk: Xen PV disk xvde, 1 GiB\n"
    REPORT("1", "1", "1") REPORT("3", "3", "1")
    REPORT("4", "4", "1") REPORT("7", "8", "127")
    REPORT("8", "9", "127") REPORT("12", "13", "127");

static json_int_t
integer(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void
test_of_a_pv_disk(void **state)
{
    struct traced_run run = { exits, driver, "xvde", 2000000 };
    json_t *first = counters_json(&run, 0, 2), *second
        = counters_json(&run, 1, 3);
    (void)state;
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(integer(json_object_get(first, "exits"), "vmmcall"), 4);
    assert_int_equal(integer(json_object_get(first, "exits"), "io"), 2);
    const json_t *hypercalls = json_object_get(first, "hypercalls");
    assert_int_equal(json_object_size(hypercalls), 2);
    assert_int_equal(integer(hypercalls, "sched_op"), 2);
    assert_int_equal(integer(hypercalls, "event_channel_op"), 2);
    assert_int_equal(integer(first, "qemu_round_trips"), 2);
    assert_int_equal(integer(first, "interrupts"), 4);
    assert_int_equal(json_object_size(json_object_get(first, "ports")), 1);
    assert_int_equal(integer(json_object_get(first, "ports"), "0x92"), 2);
    assert_int_equal(integer(first, "grant_maps"), 16);
    assert_int_equal(integer(first, "grant_unmaps"), 0);
    assert_int_equal(integer(first, "guest_blocked_ns"), 3000);
    assert_int_equal(integer(first, "dom0_ns"), 5001);
    assert_int_equal(integer(first, "calls"), 2);
    assert_int_equal(integer(first, "requests"), 2);
    assert_int_equal(integer(first, "notifies"), 3);
    assert_int_equal(integer(first, "bounced_sectors"), 126);
    assert_int_equal(integer(first, "bytes_copied"), 126 * 512);
    assert_int_equal(integer(json_object_get(second, "exits"), "vmmcall"), 6);
    assert_int_equal(integer(second, "notifies"), 3);
    // A timer tick is in one call of three.
    assert_int_equal(integer(json_object_get(second, "exits"), "io"), 8);
    assert_int_equal(json_real_value(json_object_get(second, "median_exits")), 3);
    assert_int_equal(integer(second, "bounced_sectors"), 0);
    json_decref(first);
    json_decref(second);
}

static void
test_of_an_emulated_disk(void **state)
{
    struct traced_run run = {
        MEMMAP(1) OPENED(2) WARMUP(2) CALL(2) MEMMAP(3) OPENED(4) CALL(4)
        , "", NULL, 0,
    };
    json_t *second = counters_json(&run, 1, 1);
    (void)state;
    assert_non_null(second);
    assert_int_equal(integer(json_object_get(second, "exits"), "io"), 1);
    assert_null(json_object_get(second, "requests"));
    // Ticks are of no use without their rate.
    assert_null(json_object_get(second, "dom0_ns"));
    json_decref(second);
}

static void
check_none(const char *trace, const char *log, size_t job, size_t calls)
{
    struct traced_run run = { trace, log, "xvde", 0 };
    assert_null(counters_json(&run, job, calls));
}

static void
test_of_a_run_cut_short(void **state)
{
    (void)state;
    check_none("", driver, 0, 2);
    check_none(exits, driver, 2, 2);
    check_none(exits, driver, 0, 20);
    check_none(exits, REPORT("1", "1", "1") REPORT("3", "3", "1"), 0, 2);
    // The driver counts other calls than ours.
    check_none(exits, driver, 0, 1);
}

// A firmware whose driver tells nothing still has exits.
static void
test_of_a_silent_driver(void **state)
{
    struct traced_run run = { exits, "(d1) another driver\n", "xvde", 0 };
    json_t *first = counters_json(&run, 0, 2);
    (void)state;
    assert_non_null(first);
    assert_null(json_object_get(first, "requests"));
    json_decref(first);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_a_pv_disk),
        cmocka_unit_test(test_of_an_emulated_disk),
        cmocka_unit_test(test_of_a_run_cut_short),
        cmocka_unit_test(test_of_a_silent_driver),
    };
    return RUN_TESTS(tests);
}
