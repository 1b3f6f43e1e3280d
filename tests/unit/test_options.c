// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a toolstack sets for a guest.

#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/handover.h" // Handover
#include "fixture.h" // fixture_machine
#include "hw/pcidevice.h" // FirmwarePciDevice

#define OEM STORE_HOME "bios-strings/oem-"

// POST with one disk.
static void
post(void)
{
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    blkfront_setup();
    blkfront_prepboot();
    assert_nothing_shared();
    assert_int_equal(Handover.open, 0);
}

static void
test_default(void **state)
{
    (void)state;
    post();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_int_equal(Handover.idle_limit, 2);
    assert_false(firmware_said("option"));
}

static void
test_off(void **state)
{
    (void)state;
    store_set(OEM "1", "of the host's vendor, and longer than any option");
    store_set(OEM "2", "");
    store_set(OEM "3", "xen-blk=off");
    post();
    assert_int_equal(FirmwareNrDrives, 0);
    assert_int_equal(Backend.connects, 0);
    assert_true(firmware_said("switched off"));
}

static void
test_idle(void **state)
{
    static const struct {
        const char *text;
        int limit;
        int complains;
    } cases[] = {
        { "xen-blk.idle=0", 0, 0 }, { "xen-blk.idle=18", 18, 0 },
        { "xen-blk.idle=7", 7, 0 }, { "xen-blk.idle=99", 99, 0 },
        { "xen-blk.idle=100", 2, 1 }, { "xen-blk.idle=", 2, 1 },
        { "xen-blk.idle=x", 2, 1 }, { "xen-blk.idle=1x", 2, 1 },
        { "xen-blk.idle=-1", 2, 1 }, { "xen-blk", 2, 1 },
        { "xen-blk=on", 2, 1 }, { "xen-net.idle=5", 2, 0 },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_machine(state);
        store_set(OEM "1", cases[i].text);
        post();
        assert_int_equal(FirmwareNrDrives, 1);
        assert_int_equal(Handover.idle_limit, cases[i].limit);
        assert_int_equal(firmware_said("unknown option"), cases[i].complains);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_default, fixture_machine),
        cmocka_unit_test_setup(test_off, fixture_machine),
        cmocka_unit_test_setup(test_idle, fixture_machine),
    };
    return RUN_TESTS(tests);
}
