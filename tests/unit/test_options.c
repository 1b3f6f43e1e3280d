// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a toolstack sets for a guest.

#include <stdio.h> // snprintf
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/handover.h" // Handover
#include "blkfront/stream.h" // StreamMemory
#include "config.h" // ConfigReadahead
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

static void
test_ahead(void **state)
{
    static const struct {
        const char *text;
        u32 pages;          // 0: the default
        int complains;
    } cases[] = {
        { "xen-blk.ahead=4", 64, 0 }, { "xen-blk.ahead=40", 640, 0 },
        // As much as that the fake guest does not have
        { "xen-blk.ahead=54", STREAM_WINDOWS, 0 },
        { "xen-blk.ahead=55", 0, 1 }, { "xen-blk.ahead=040", 0, 1 },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_machine(state);
        ConfigReadahead = 1;
        store_set(OEM "1", cases[i].text);
        post();
        assert_int_equal(StreamMemory.nr_pages + STREAM_WINDOWS
                         , cases[i].pages ? cases[i].pages : 160);
        assert_int_equal(firmware_said("unknown option"), cases[i].complains);
    }
}

// As many strings as hvmloader looks at, and none behind one that is missing.
static void
test_how_many_strings(void **state)
{
    char path[64];
    u32 i;
    (void)state;
    for (i = 1; i < 99; i++) {
        snprintf(path, sizeof(path), OEM "%u", i);
        store_set(path, "x");
    }
    store_set(OEM "99", "xen-blk=off");
    post();
    assert_int_equal(FirmwareNrDrives, 0);
    fixture_machine(state);
    store_set(OEM "2", "xen-blk=off");
    post();
    assert_int_equal(FirmwareNrDrives, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_default, fixture_machine),
        cmocka_unit_test_setup(test_off, fixture_machine),
        cmocka_unit_test_setup(test_idle, fixture_machine),
        cmocka_unit_test_setup(test_ahead, fixture_machine),
        cmocka_unit_test_setup(test_how_many_strings, fixture_machine),
    };
    return RUN_TESTS(tests);
}
