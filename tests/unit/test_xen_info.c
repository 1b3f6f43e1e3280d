// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Find Xen or its absence, map its pages for I/O and put them away, tell the
// time.

#include "xen/evtchn.h" // evtchn_alloc
#include "xen/hypercall.h" // HypercallVmmcall
#include "xen/xen_info.h" // xen_info_setup
#include "xen/xen_time.h" // xen_time
#include "config.h" // Config16Bit
#include "fixture.h" // fixture_machine
#include "fw/xen.h" // xen_hypercall_page

static int
setup(void **state)
{
    return fixture_machine(state);
}

// Xen's pages are at this place, and there is no hole anywhere.
static void
assert_pages_at(u32 place)
{
    assert_int_equal(XenInfo.shared, place);
    assert_int_equal(xen_shared_frame(), place / GUEST_PAGE);
    assert_int_equal(xen_grant_frame(0), place / GUEST_PAGE + 1);
    assert_int_equal(xen_grant_entry(9), place + GUEST_PAGE + 9 * 8);
    assert_int_equal(xen_holes(), 0);
    u64 now = world_now();
    assert_in_range(xen_time(), now, now + NS_PER_MS);
}

static void
test_setup(void **state)
{
    (void)state;
    fixture_map_xen();
    assert_int_equal(XenInfo.store_port, XEN_STORE_PORT);
    assert_ptr_equal(XenInfo.store, guest_ptr(XEN_STORE_PFN * GUEST_PAGE));
    // The range that hvmloader reserves for the guest's use: no RAM is lost.
    assert_int_equal(XenInfo.home, GUEST_RESERVED);
    assert_true(machine_is_low(XenInfo.low, 2 * GUEST_PAGE));
    assert_pages_at(XenInfo.low);
    assert_int_equal(HypercallVmmcall, 0);
    assert_int_equal(XenCounters.wrmsrs, 0);
    assert_int_equal(guest_allocations(), 1);
}

// Where 16-bit code is not to reach them, or cannot.
static void
test_setup_without_low_memory(void **state)
{
    u32 configured;
    for (configured = 0; configured <= 1; configured++) {
        setup(state);
        assert_int_equal(xen_info_setup(), 0);
        guest_fail_allocations(1, 1);
        if (configured)
            assert_int_equal(xen_info_take_low(), -1);
        assert_int_equal(XenInfo.low, 0);
        assert_pages_at(GUEST_RESERVED);
        assert_int_equal(guest_allocations(), 0);
        u32 hypercalls = XenCounters.hypercalls;
        xen_info_leave();
        assert_int_equal(XenCounters.hypercalls, hypercalls);
        assert_pages_at(GUEST_RESERVED);
        assert_int_equal(xen_info_enter(), 0);
        assert_pages_at(GUEST_RESERVED);
    }
}

static void
test_kinds_of_hypercalls(void **state)
{
    static const struct {
        u8 byte;
        int ret, vmmcall;
    } cases[] = {
        { XEN_VMCALL, 0, 0 }, { XEN_VMMCALL, 0, 1 }, { 0xc2, -1, 0 },
        { 0, -1, 0 },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(state);
        XenConfig.hypercall = cases[i].byte;
        xen_hypercall_page = 0; // Have it written
        assert_int_equal(xen_info_setup(), cases[i].ret);
        assert_int_equal(HypercallVmmcall, cases[i].vmmcall);
        assert_int_equal(firmware_said("unknown hypercall page"), cases[i].ret != 0);
    }
}

static void
test_leaves_behind_viridian(void **state)
{
    u32 base;
    for (base = 0x40000000; base < 0x40010000; base += 0x100) {
        setup(state);
        XenConfig.cpuid_base = base;
        assert_int_equal(xen_info_setup(), 0);
    }
}

static void
test_no_xen(void **state)
{
    (void)state;
    XenConfig.cpuid_base = 0;
    assert_int_equal(xen_info_setup(), -1);
    XenConfig.cpuid_base = 0x40010000; // Behind the last place
    assert_int_equal(xen_info_setup(), -1);
    XenConfig.cpuid_base = 0x40000000;
    XenConfig.cpuid_leaves = 1; // Without the leaf of the hypercall page
    assert_int_equal(xen_info_setup(), -1);
    assert_int_equal(XenCounters.hypercalls, 0);
}

// QEMU's emulation of Xen: SeaBIOS has set nothing up.
static void
test_xen_of_qemu(void **state)
{
    (void)state;
    XenConfig.on_xen = 0;
    xen_hypercall_page = 0;
    fixture_map_xen();
    assert_int_equal(XenCounters.wrmsrs, 1);
    assert_int_not_equal(xen_hypercall_page, 0);
    assert_true(machine_is_low(XenInfo.low, 2 * GUEST_PAGE));
    assert_in_range(XenInfo.home, GUEST_HEAP, GUEST_RAM_END);
    assert_pages_at(XenInfo.low);
    assert_int_equal(guest_allocations(), 3);
    xen_info_leave(); // The pages lay over the memory: there are no holes
    assert_pages_at(XenInfo.home);
    assert_int_equal(xen_info_enter(), 0);
    assert_pages_at(XenInfo.low);
}

// As Xen's documentation has it, there may be more than one page of hypercalls.
static void
test_hypercall_pages(void **state)
{
    (void)state;
    XenConfig.on_xen = 0;
    XenConfig.hypercall_pages = 3;
    xen_hypercall_page = 0;
    assert_int_equal(xen_info_setup(), 0);
    assert_int_equal(XenCounters.wrmsrs, 3);
}

static void
test_xen_of_qemu_without_memory(void **state)
{
    u32 n;
    for (n = 1; n <= 2; n++) {
        setup(state);
        XenConfig.on_xen = 0;
        xen_hypercall_page = 0;
        guest_fail_allocations(n, 1);
        assert_int_equal(xen_info_setup(), -1);
        assert_true(firmware_said("out of memory"));
    }
}

static void
test_xenstore_elsewhere(void **state)
{
    static const struct {
        u64 pfn, port;
        int ret;
    } cases[] = {
        { XEN_STORE_PFN, 1, 0 }, { 0, 1, -1 }, { XEN_STORE_PFN, 0, -1 },
        { 1ULL << 20, 1, -1 }, { ~0ULL, 1, -1 },
        { XEN_STORE_PFN | 1ULL << 32, 1, -1 },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(state);
        XenConfig.store_pfn = cases[i].pfn;
        XenConfig.store_port = cases[i].port;
        assert_int_equal(xen_info_setup(), cases[i].ret);
        assert_int_equal(firmware_said("no xenstore"), i > 0);
    }
}

static void
test_grant_table_of_version_2(void **state)
{
    (void)state;
    XenConfig.grant_version = 2;
    assert_int_equal(xen_info_setup(), 0);
    assert_int_equal(XenConfig.grant_version, 1);
    setup(state);
    XenConfig.grant_version = 2;
    xen_fail_op(__HYPERVISOR_grant_table_op, GNTTABOP_set_version);
    assert_int_equal(xen_info_setup(), -1);
}

static void
test_each_hypercall_fails(void **state)
{
    u32 nth, used;
    (void)state;
    xen_info_setup();
    used = XenCounters.hypercalls;
    for (nth = 1; nth <= used; nth++) {
        setup(state);
        xen_fail_hypercall(nth, 1);
        int ret = xen_info_setup();
        // Only the question for the version has a second way.
        assert_true(ret == -1 || XenCounters.hypercalls == used + 1);
    }
}


/****************************************************************
 * Enter and leave
 ****************************************************************/

// What the backends and Xen know of the grant table moves with it.
static void
test_enter_and_leave(void **state)
{
    u32 i;
    (void)state;
    fixture_map_xen();
    u32 gref = xen_take_grefs(1);
    fixture_grant(gref)->frame = 0x1234;
    for (i = 0; i < 20; i++) {
        xen_info_leave();
        assert_pages_at(XenInfo.home);
        assert_int_equal(xen_grant_page(gref), 0x1234);
        assert_int_equal(fixture_grant(gref)->frame, 0x1234);
        assert_int_equal(xen_info_enter(), 0);
        assert_pages_at(XenInfo.low);
        assert_int_equal(fixture_grant(gref)->frame, 0x1234);
    }
    assert_int_equal(guest_allocations(), 1);
}

// Memory is where the pages were, and it is empty.
static void
test_leave_puts_memory_back(void **state)
{
    u32 i;
    (void)state;
    fixture_map_xen();
    xen_info_leave();
    const u8 *low = guest_ptr(XenInfo.low);
    for (i = 0; i < 2 * GUEST_PAGE; i++)
        assert_int_equal(low[i], 0);
    u32 hypercalls = XenCounters.hypercalls;
    assert_int_equal(xen_info_enter(), 0);
    xen_info_leave();
    assert_int_equal(XenCounters.hypercalls - hypercalls, 3 + 2 + 2 + 2);
}

// Further frames have one place, for only 32-bit code uses them.
static void
test_further_frames_stay(void **state)
{
    u32 i, gref = 0;
    (void)state;
    fixture_map_xen();
    for (i = 0; i < 3; i++)
        gref = xen_take_grefs(XEN_FRAME_GRANTS - 1);
    assert_int_equal(XenInfo.frames, 4); // None is left in the first one
    for (i = 0; i < 4; i++) {
        assert_int_equal(xen_grant_frame(3), GUEST_RESERVED / GUEST_PAGE + 4);
        assert_int_equal(xen_grant_entry(gref)
                         , GUEST_RESERVED + GUEST_PAGE + gref * 8);
        assert_int_equal(xen_grant_entry(XEN_FRAME_GRANTS)
                         , GUEST_RESERVED + 2 * GUEST_PAGE);
        assert_pages_at(i % 2 ? XenInfo.home : XenInfo.low);
        if (i % 2)
            assert_int_equal(xen_info_enter(), 0);
        else
            xen_info_leave();
    }
}

// An OS, or a kernel that was started by another one, has its own places.
static void
test_enter_after_another_owner(void **state)
{
    u32 i;
    (void)state;
    fixture_map_xen();
    xen_take_grefs(XEN_FRAME_GRANTS - 1);
    xen_take_grefs(XEN_FRAME_GRANTS - 1);
    assert_int_equal(XenInfo.frames, 3);
    xen_info_leave();
    xen_map_elsewhere(GUEST_PROGRAM, 7);
    assert_true(xen_time() == ~0ULL); // Nobody waits for what is not there
    assert_int_equal(xen_info_enter(), 0);
    assert_int_equal(xen_shared_frame(), XenInfo.low / GUEST_PAGE);
    for (i = 1; i < 3; i++)
        assert_int_equal(xen_grant_frame(i)
                         , GUEST_RESERVED / GUEST_PAGE + 1 + i);
    assert_int_equal(xen_holes(), 4); // That is for that owner to know
}

// What is reserved once is not reserved again.
static void
test_further_references_are_taken_once(void **state)
{
    u32 base, gref;
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    base = xen_take_further_grefs(XEN_FRAME_GRANTS + 100);
    assert_true(base >= XEN_FRAME_GRANTS);
    while ((gref = xen_take_grefs(50)))
        assert_true(gref + 50 <= base || gref >= base + XEN_FRAME_GRANTS + 100);
}

// iPXE's places: used as they are, and left so, until it has gone.
static void
test_share_the_place_of_another(void **state)
{
    u32 i;
    (void)state;
    fixture_map_xen();
    xen_take_grefs(XEN_FRAME_GRANTS - 1);
    xen_take_grefs(XEN_FRAME_GRANTS - 1);
    xen_info_leave();
    xen_map_elsewhere(GUEST_PROGRAM, 1);
    for (i = 0; i < 3; i++) {
        u32 hypercalls = XenCounters.hypercalls;
        assert_int_equal(xen_info_enter(), 0);
        assert_pages_at(GUEST_PROGRAM);
        assert_int_equal(xen_grant_entry(2 * XEN_FRAME_GRANTS)
                         , GUEST_PROGRAM + 3 * GUEST_PAGE);
        xen_info_leave();
        assert_int_equal(XenCounters.hypercalls - hypercalls, 3);
        assert_pages_at(GUEST_PROGRAM);
    }
    xen_map_elsewhere(GUEST_PROGRAM, 2);
    assert_int_equal(xen_info_enter(), 0);
    assert_int_equal(xen_shared_frame(), XenInfo.low / GUEST_PAGE);
    assert_int_equal(xen_grant_entry(2 * XEN_FRAME_GRANTS)
                     , XenInfo.home + 3 * GUEST_PAGE);
    // Nothing is believed of an answer that is a refusal.
    xen_info_leave();
    xen_map_elsewhere(GUEST_PROGRAM, 1);
    XenConfig.refuses_table = 1;
    assert_int_equal(xen_info_enter(), 0);
    assert_int_equal(xen_shared_frame(), XenInfo.low / GUEST_PAGE);
}

// What lies before grant frames is not shared info by that alone.
static void
test_no_place_to_share(void **state)
{
    static const struct {
        u32 mul;
        s64 age;
        int shared;
    } cases[] = {
        { 1, 0, 1 }, { 1, (1LL << 36) - (1LL << 28), 1 }, { 0, 0, 0 },
        { 1, 1LL << 36, 0 }, { 1, -(1LL << 28), 0 }, // In the future
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(state);
        fixture_map_xen();
        xen_info_leave();
        xen_map_elsewhere(GUEST_PROGRAM, 1);
        struct shared_info *shared = guest_ptr(GUEST_PROGRAM);
        struct vcpu_time_info *t = &shared->vcpu_info[0].time;
        t->tsc_to_system_mul = cases[i].mul;
        t->tsc_timestamp = world_tsc() - cases[i].age;
        assert_int_equal(xen_info_enter(), 0);
        assert_int_equal(XenInfo.shared, cases[i].shared ? GUEST_PROGRAM
                                                         : XenInfo.low);
    }
}

// Any hypercall of entering fails: it says so, and the next time all is well.
static void
test_each_hypercall_of_enter_fails(void **state)
{
    u32 nth;
    for (nth = 1; nth <= 7; nth++) {
        setup(state);
        fixture_map_xen();
        xen_take_grefs(XEN_FRAME_GRANTS - 1);
        xen_take_grefs(XEN_FRAME_GRANTS - 1);
        xen_info_leave();
        xen_fail_hypercall(nth, 1);
        if (nth == 3) { // Where the pages are: they can be had without
            assert_int_equal(xen_info_enter(), 0);
            continue;
        }
        assert_int_equal(xen_info_enter(), -1);
        assert_true(firmware_said(nth <= 2 ? "no xenstore"
                                           : "cannot map page"));
        assert_int_equal(xen_info_enter(), 0);
        assert_pages_at(XenInfo.low);
        xen_info_leave();
        assert_pages_at(XenInfo.home);
    }
}

// The same when leaving; what could not be put back is put back then.
static void
test_each_hypercall_of_leave_fails(void **state)
{
    u32 nth;
    for (nth = 1; nth <= 4; nth++) {
        setup(state);
        fixture_map_xen();
        xen_fail_hypercall(nth, 1);
        xen_info_leave();
        assert_int_equal(firmware_said("cannot map page"), nth <= 2);
        assert_int_equal(xen_holes(), nth > 1);
        assert_int_equal(xen_info_enter(), 0);
        assert_pages_at(XenInfo.low);
        xen_info_leave();
        assert_pages_at(XenInfo.home);
    }
}


/****************************************************************
 * Time
 ****************************************************************/

// Xen's own formula, in as many bits as it takes.
static u64
model_time(const volatile struct vcpu_time_info *t, u64 tsc)
{
    u64 delta = tsc - t->tsc_timestamp;
    delta = t->tsc_shift >= 0 ? delta << t->tsc_shift
                              : delta >> -t->tsc_shift;
    return t->system_time
           + (u64)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
}

static void
test_time(void **state)
{
    static const struct {
        u32 mul;
        s8 shift;
        u64 timestamp, system;
    } cases[] = {
        { 0x80000000, 0, 0, 0 }, { 0xffffffff, 0, 0, 5 },
        { 0x80000000, 1, 1000, 1000 }, { 0xaaaaaaaa, -1, 12345, 1ULL << 40 },
        { 1, 31, 0, 0 }, { 0xffffffff, -31, 0, 0 },
        { 0x5d1745d1, 2, 99, 1ULL << 62 },
    };
    volatile struct vcpu_time_info *t;
    u32 i, days;
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    world_set_frozen(1);
    t = &xen_shared()->vcpu_info[0].time;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        for (days = 0; days < 3; days++) {
            t->tsc_to_system_mul = cases[i].mul;
            t->tsc_shift = cases[i].shift;
            t->tsc_timestamp = cases[i].timestamp;
            t->system_time = cases[i].system;
            assert_int_equal(xen_time(), model_time(t, world_tsc()));
            world_sleep(24 * 3600 * NS_PER_S);
        }
}

static u32 Updates;

// Xen changes the time while it is read; halfway the version is odd.
static void
update_time(void)
{
    volatile struct vcpu_time_info *t = &xen_shared()->vcpu_info[0].time;
    if (!Updates)
        return;
    Updates--;
    t->version++;
    t->system_time = t->version & 1 ? 1 : 5000;
}

static void
test_time_while_it_is_updated(void **state)
{
    volatile struct vcpu_time_info *t;
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    world_set_frozen(1);
    t = &xen_shared()->vcpu_info[0].time;
    world_add(update_time);
    world_set_seams(1U << SEAM_RMB);
    for (Updates = 2; Updates < 20; Updates += 2) {
        u32 updates = Updates;
        u64 time = xen_time();
        assert_int_equal(time, model_time(t, world_tsc()));
        Updates = updates;
    }
}

// Shared info is gone, and what is there instead never settles: all waits
// must end.
static void
test_time_that_never_settles(void **state)
{
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    xen_shared()->vcpu_info[0].time.version = 0xffffffff;
    assert_true(xen_time() == ~0ULL);
    // Memory where shared info was, as a guest that was restored finds it.
    xen_shared()->vcpu_info[0].time.version = 0;
    xen_shared()->vcpu_info[0].time.tsc_to_system_mul = 0;
    assert_true(xen_time() == ~0ULL);
}


/****************************************************************
 * Event channels
 ****************************************************************/

static void
test_event_channel(void **state)
{
    u32 port;
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    assert_int_equal(evtchn_alloc(5, &port), 0);
    assert_int_equal(xen_bind(6, port), -1); // Offered to another
    assert_int_equal(xen_bind(5, port), 0);
    evtchn_notify(port);
    assert_true(xen_take_event(port));
    xen_signal(port);
    assert_true(xen_pending(port));
    u64 start = world_now();
    evtchn_sleep(port, start + NS_PER_S); // There is one already
    assert_true(world_now() - start < NS_PER_MS);
    evtchn_close(port);
    assert_false(xen_pending(port));
    assert_int_equal(xen_open_ports(), 0);
}

// Clearing one bit leaves its neighbours, in every word.
static void
test_clear_one_bit(void **state)
{
    volatile u32 *pending;
    u32 port;
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    pending = (volatile u32 *)xen_shared()->evtchn_pending;
    for (port = 0; port < XEN_PORTS; port++) {
        pending[0] = pending[1] = 0xffffffff;
        evtchn_clear(port);
        assert_int_equal(pending[port / 32], ~(1U << port % 32));
        assert_int_equal(pending[!(port / 32)], 0xffffffff);
    }
}

static void
test_no_more_ports(void **state)
{
    u32 port, count;
    (void)state;
    assert_int_equal(xen_info_setup(), 0);
    for (count = 0; !evtchn_alloc(5, &port); count++)
        assert_in_range(port, 2, XEN_PORTS - 1);
    assert_int_equal(count, XEN_PORTS - 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_setup, setup),
        cmocka_unit_test_setup(test_setup_without_low_memory, setup),
        cmocka_unit_test_setup(test_kinds_of_hypercalls, setup),
        cmocka_unit_test_setup(test_leaves_behind_viridian, setup),
        cmocka_unit_test_setup(test_no_xen, setup),
        cmocka_unit_test_setup(test_xen_of_qemu, setup),
        cmocka_unit_test_setup(test_hypercall_pages, setup),
        cmocka_unit_test_setup(test_xen_of_qemu_without_memory, setup),
        cmocka_unit_test_setup(test_xenstore_elsewhere, setup),
        cmocka_unit_test_setup(test_grant_table_of_version_2, setup),
        cmocka_unit_test_setup(test_each_hypercall_fails, setup),
        cmocka_unit_test_setup(test_enter_and_leave, setup),
        cmocka_unit_test_setup(test_leave_puts_memory_back, setup),
        cmocka_unit_test_setup(test_further_frames_stay, setup),
        cmocka_unit_test_setup(test_enter_after_another_owner, setup),
        cmocka_unit_test_setup(test_further_references_are_taken_once, setup),
        cmocka_unit_test_setup(test_share_the_place_of_another, setup),
        cmocka_unit_test_setup(test_no_place_to_share, setup),
        cmocka_unit_test_setup(test_each_hypercall_of_enter_fails, setup),
        cmocka_unit_test_setup(test_each_hypercall_of_leave_fails, setup),
        cmocka_unit_test_setup(test_time, setup),
        cmocka_unit_test_setup(test_time_while_it_is_updated, setup),
        cmocka_unit_test_setup(test_time_that_never_settles, setup),
        cmocka_unit_test_setup(test_event_channel, setup),
        cmocka_unit_test_setup(test_clear_one_bit, setup),
        cmocka_unit_test_setup(test_no_more_ports, setup),
    };
    return RUN_TESTS(tests);
}
