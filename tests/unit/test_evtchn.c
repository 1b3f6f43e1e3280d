// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Sleep until an event, also where a timer tick keeps the CPU awake.

#include "xen/evtchn.h" // evtchn_sleep
#include "xen/xen_time.h" // xen_time
#include "fixture.h" // fixture_xen

#define SECOND 1000000000ULL

static u32 Port, TurnsLeft;

// A domain that sends an event some time after the driver has gone to sleep.
static void
send_later(void)
{
    if (TurnsLeft && !--TurnsLeft)
        xen_signal(Port);
}

static int
setup(void **state)
{
    fixture_xen(state);
    assert_int_equal(evtchn_alloc(0, &Port), 0);
    assert_int_equal(xen_bind(0, Port), 0);
    TurnsLeft = 0;
    world_add(send_later);
    XenCounters.polls = 0;
    return 0;
}

static void
test_event_ends_sleep(void **state)
{
    (void)state;
    TurnsLeft = 3;
    evtchn_sleep(Port, xen_time() + SECOND);
    assert_true(xen_pending(Port));
    assert_int_equal(XenCounters.polls, 1);
}

static void
test_tick_does_not_end_sleep(void **state)
{
    (void)state;
    GuestTickPending = 1;
    TurnsLeft = 3;
    evtchn_sleep(Port, xen_time() + SECOND);
    assert_true(xen_pending(Port));
    assert_int_equal(XenCounters.polls, 2);
    assert_int_equal(GuestIrqMask, 0); // As it was
}

static void
test_time_ends_sleep(void **state)
{
    (void)state;
    u64 until = xen_time() + SECOND;
    GuestTickPending = 1;
    evtchn_sleep(Port, until);
    assert_false(xen_pending(Port));
    assert_true(xen_time() >= until);
    assert_int_equal(GuestIrqMask, 0);
}

static void
test_clear_makes_port_ready(void **state)
{
    (void)state;
    xen_signal(Port);
    assert_true(xen_pending(Port));
    evtchn_clear(Port);
    assert_false(xen_pending(Port));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_event_ends_sleep, setup),
        cmocka_unit_test_setup(test_tick_does_not_end_sleep, setup),
        cmocka_unit_test_setup(test_time_ends_sleep, setup),
        cmocka_unit_test_setup(test_clear_makes_port_ready, setup),
    };
    return cmocka_run_group_tests_name("evtchn", tests, NULL, NULL);
}
