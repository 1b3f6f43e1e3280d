// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Windows of grant references for many disks, in as many grant frames as
// there are.  The driver never gives one back.

#include "xen/xen_info.h" // xen_take_grefs
#include "config.h" // ConfigSticky
#include "blkfront/handover.h" // handover_disconnect
#include "fixture.h" // fixture_disk
#include "string.h" // memcpy

#define BUFFER 0x20000U

// References of all disks so far in this test.
static u8 Used[XEN_GRANTS];

static void
use_window(u32 base, u32 size)
{
    u32 i;
    assert_true(base >= GNTTAB_NR_RESERVED_ENTRIES);
    assert_true(base + size <= XEN_GRANTS);
    // All of it in one frame, and that frame where it stays.
    u32 frame = base / XEN_FRAME_GRANTS;
    assert_int_equal((base + size - 1) / XEN_FRAME_GRANTS, frame);
    assert_int_equal(xen_grant_frame(frame)
                     , frame ? XenInfo.home / GUEST_PAGE + 1 + frame
                             : XenInfo.low / GUEST_PAGE + 1);
    for (i = 0; i < size; i++)
        assert_int_equal(Used[base + i]++, 0);
}

// One more disk, NULL where there are no references for it.
static struct vbd_s *
create_disk(int low)
{
    struct vbd_s *vbd = vbd_create("51712", low);
    if (!vbd)
        return NULL;
    use_window(vbd->ring_grefs, 2);
    use_window(vbd->op_grefs
               , vbd->can_stick ? VBD_STICKY_GREFS : VBD_OP_GREFS);
    if (low)
        vbd_move_low(vbd);
    return vbd;
}

// It connects under either policy and works.
static void
connect_disk(struct vbd_s *vbd)
{
    u16 done;
    int persistent = vbd->can_stick;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(vbd->persistent, persistent);
    assert_string_equal(backend_get_frontend_key(&Backend
                                                 , "feature-persistent")
                        , persistent ? "1" : "0");
    memset(guest_ptr(BUFFER), 0, 128 * 512);
    assert_int_equal(fixture_op(vbd, BUFFER, 128, 3, 0, &done), 0);
    assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[3 * 512], 128 * 512);
    assert_int_equal(xen_live_grants()
                     , fixture_own_grants(vbd) + (persistent ? 16 : 0));
}

// And lets go.
static void
check_disk(struct vbd_s *vbd)
{
    connect_disk(vbd);
    handover_disconnect(vbd);
    assert_rewound(vbd);
}

// Disks until one gets no sticky window; returns how many got one.
static u32
create_sticky_disks(void)
{
    struct vbd_s *vbd;
    u32 count = 0;
    while ((vbd = create_disk(0)) && vbd->can_stick) {
        check_disk(vbd);
        count++;
    }
    assert_non_null(vbd);
    check_disk(vbd);
    return count;
}

static u32
count_frames(void)
{
    u32 i, count = 0;
    for (i = 0; i < XEN_GRANT_FRAMES; i++)
        count += !!xen_grant_frame(i);
    return count;
}

static int
setup(void **state)
{
    memset(Used, 0, sizeof(Used));
    fixture_xen(state);
    backend_create(&Backend, PERSISTENT, FIXTURE_DEVICE);
    return 0;
}


/****************************************************************
 * Tests
 ****************************************************************/

// QEMU's emulation of Xen has no place for a further frame.
static void
test_one_frame(void **state)
{
    (void)state;
    XenConfig.on_xen = 0;
    assert_int_equal(create_sticky_disks(), 2);
    assert_int_equal(count_frames(), 1);
    assert_false(firmware_said("cannot map"));
}

// No further frame can be had: other disks do without, and a later one may
// have more luck.
static void
test_mapping_fails(void **state)
{
    (void)state;
    xen_fail_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap);
    assert_int_equal(create_sticky_disks(), 2);
    assert_int_equal(count_frames(), 1);
    assert_true(firmware_said("cannot map page 1"));
    xen_fail_op(~0U, 0);
    struct vbd_s *vbd = create_disk(0);
    assert_int_equal(vbd->can_stick, 1);
    assert_int_equal(count_frames(), 2);
    check_disk(vbd);
}

// The last reference of the first frame that is not Xen's.
static void
test_first_frame_ends(void **state)
{
    u32 gref, lowest = XEN_GRANTS;
    (void)state;
    xen_fail_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap);
    while ((gref = xen_take_grefs(1))) {
        use_window(gref, 1);
        lowest = gref;
    }
    assert_int_equal(lowest, GNTTAB_NR_RESERVED_ENTRIES);
    u32 blocks = guest_allocations();
    assert_null(create_disk(1));
    assert_true(firmware_said("too many disks"));
    assert_int_equal(guest_allocations(), blocks);
}

// Xen has a limit of its own.
static void
test_xen_ends_first(void **state)
{
    (void)state;
    XenConfig.max_grant_frames = 2;
    assert_int_equal(create_sticky_disks(), 4);
    assert_int_equal(count_frames(), 2);
    assert_true(firmware_said("cannot map page 2"));
}

// What does not fit into a frame at all takes nothing.
static void
test_too_large_a_window(void **state)
{
    u32 next = xen_take_grefs(0);
    (void)state;
    assert_int_equal(xen_take_grefs(XEN_FRAME_GRANTS + 1), 0);
    assert_int_equal(xen_take_grefs(0xffffffff), 0);
    assert_int_equal(xen_take_grefs(0), next);
    assert_int_equal(count_frames(), 1);
}

// What needs more than a frame has consecutive ones, never the first, and what
// is left of the last one is there for others.
static void
test_several_frames(void **state)
{
    (void)state;
    u32 base = xen_take_further_grefs(2 * XEN_FRAME_GRANTS + 10);
    assert_int_equal(base % XEN_FRAME_GRANTS, 0);
    assert_in_range(base, XEN_FRAME_GRANTS, XEN_GRANTS);
    assert_int_equal(xen_grant_entry(base + 2 * XEN_FRAME_GRANTS)
                     - xen_grant_entry(base), 2 * GUEST_PAGE);
    u32 rest = xen_take_grefs(XEN_FRAME_GRANTS - 10);
    assert_int_equal(rest, base + 2 * XEN_FRAME_GRANTS + 10);
    u32 frames = count_frames();
    assert_int_equal(frames, 5);
    assert_int_equal(xen_take_further_grefs(XEN_GRANTS), 0);
    xen_fail_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap);
    assert_int_equal(xen_take_further_grefs(XEN_FRAME_GRANTS + 1), 0);
}

// A disk that is none takes nothing.
static void
test_skipped_disks_take_nothing(void **state)
{
    u32 next = xen_take_grefs(0);
    (void)state;
    backend_set_frontend_key(&Backend, "device-type", "floppy");
    assert_null(vbd_create("51712", 1));
    backend_set_frontend_key(&Backend, "backend-id", NULL);
    assert_null(vbd_create("51712", 1));
    assert_int_equal(xen_take_grefs(0), next);
}

// Nor does a disk that is not trusted take a sticky window.
static void
test_untrusted_disk(void **state)
{
    u32 next = xen_take_grefs(0);
    (void)state;
    backend_set_frontend_key(&Backend, "trusted", "0");
    struct vbd_s *vbd = create_disk(0);
    assert_non_null(vbd);
    assert_int_equal(vbd->can_stick, 0);
    check_disk(vbd);
    assert_int_equal(next - xen_take_grefs(0), 2 + VBD_OP_GREFS);
}

// Two disks in each frame, up to the driver's own limit.  Then disks without
// sticky windows, as long as there is anything left.
static void
test_many_frames(void **state)
{
    (void)state;
    u32 count = create_sticky_disks();
    u32 frames = count_frames();
    assert_in_range(frames, 3, XEN_GRANT_FRAMES - 1);
    assert_int_equal(count, 2 * frames);
    assert_in_range(count, 16, 2 * XEN_GRANT_FRAMES);
    assert_false(firmware_said("cannot map"));
    struct vbd_s *vbd;
    while ((vbd = create_disk(0))) {
        assert_int_equal(vbd->can_stick, 0);
        check_disk(vbd);
    }
    assert_true(firmware_said("too many disks"));
    assert_int_equal(xen_take_grefs(VBD_OP_GREFS), 0);
    assert_int_equal(count_frames(), frames);
    assert_nothing_shared();
}

// A window in a further frame is out of reach for 16-bit code: with sticky
// windows that is the third disk's.
static void
test_low_disks(void **state)
{
    u32 i, sticky;
    for (sticky = 0; sticky <= 1; sticky++) {
        setup(state);
        ConfigSticky = (int)sticky;
        for (i = 0; i < 3; i++) {
            struct vbd_s *vbd = create_disk(1);
            assert_non_null(vbd);
            connect_disk(vbd);
            assert_int_equal(vbd->low, !sticky || i < 2);
            handover_disconnect(vbd);
            assert_rewound(vbd);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_frame, setup),
        cmocka_unit_test_setup(test_mapping_fails, setup),
        cmocka_unit_test_setup(test_first_frame_ends, setup),
        cmocka_unit_test_setup(test_xen_ends_first, setup),
        cmocka_unit_test_setup(test_too_large_a_window, setup),
        cmocka_unit_test_setup(test_several_frames, setup),
        cmocka_unit_test_setup(test_skipped_disks_take_nothing, setup),
        cmocka_unit_test_setup(test_untrusted_disk, setup),
        cmocka_unit_test_setup(test_many_frames, setup),
        cmocka_unit_test_setup(test_low_disks, setup),
    };
    return RUN_TESTS(tests);
}
