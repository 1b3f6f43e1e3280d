// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The driver as SeaBIOS sees it: setup finds and registers the disks, ops
// reach the right one, the report says what they did.

#include "block.h" // struct drive_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "blkfront/internal.h" // Pages
#include "xen/xen_info.h" // XenInfo
#include "config.h" // ConfigReadahead
#include "fixture.h" // fixture_machine
#include "hw/pcidevice.h" // struct pci_device
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp

#define BUFFER 0x7c00U // Where a boot sector goes
#define DEVICE(n) (51712U + 16 * (n))

// The nth disk; its first byte tells which it is.
static struct backend_s *
add_disk(u32 n)
{
    static const enum backend_kind kinds[] = {
        BLKBACK, QDISK, QDISK, PERSISTENT,
    };
    static struct backend_s backends[ARRAY_SIZE(kinds)];
    backend_create(&backends[n], kinds[n], DEVICE(n));
    backends[n].disk[0] = (u8)n;
    return &backends[n];
}

static int
run(u32 drive, u8 command, u64 lba, u16 count)
{
    struct disk_op_s op = {
        .drive_fl = FirmwareDrives[drive].drive, .command = command,
        .buf_fl = guest_ptr(BUFFER), .count = count, .lba = lba,
    };
    return blkfront_process_op(&op);
}

static void
test_no_xen(void **state)
{
    (void)state;
    XenConfig.cpuid_base = 0;
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 0);
    assert_int_equal(XenCounters.hypercalls, 0);
}

// xl.cfg: xen_platform_pci=0.  Without hvmloader that tells nothing.
static void
test_no_platform_device(void **state)
{
    static const struct pci_device others[] = {
        { 0, 0 }, { 0x5853, 2 }, { 0x8086, 1 },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(others); i++) {
        fixture_machine(state);
        FirmwarePciDevice = others[i];
        add_disk(0);
        blkfront_setup();
        assert_int_equal(FirmwareNrDrives, 0);
        assert_int_equal(XenCounters.hypercalls, 0);
    }
    fixture_machine(state);
    XenConfig.on_xen = 0;
    FirmwarePciDevice = others[0];
    add_disk(0);
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 1);
}

// Many disks leave flat addresses and reading ahead what they take, and the first
// two their place in reach of 16-bit code.
static void
test_many_disks(void **state)
{
    static struct backend_s backends[28];
    u32 i;
    (void)state;
    ConfigReadahead = 1;
    for (i = 0; i < ARRAY_SIZE(backends); i++)
        backend_create(&backends[i], BLKBACK, DEVICE(i));
    blkfront_setup();
    assert_in_range(FirmwareNrDrives, 16, ARRAY_SIZE(backends));
    assert_false(firmware_said("no memory or grants"));
    for (i = 0; i < FirmwareNrDrives; i++) {
        const struct blkfront_drive_s *blkdrive = container_of(
            FirmwareDrives[i].drive, struct blkfront_drive_s, drive);
        struct vbd_s *vbd = guest_ptr(blkdrive->vbd);
        if (!i) { // Option ROMs come first
            assert_int_equal(XenInfo.low, 0);
            assert_false(machine_is_low(Pages.scratch, GUEST_PAGE));
            blkfront_prepboot();
        }
        if (i < 3) {
            assert_int_equal(handover_reconnect(vbd), 0);
            assert_int_equal(vbd->low, i < 2);
        }
    }
    ConfigReadahead = 0;
}

// What the driver has in POST moves to where 16-bit code reaches it.
static void
test_end_of_post(void **state)
{
    static const u8 zeroes[GUEST_PAGE];
    (void)state;
    add_disk(0);
    blkfront_setup();
    assert_memory_equal(guest_ptr(Pages.scratch), zeroes, GUEST_PAGE);
    u32 blocks = guest_allocations();
    blkfront_prepboot();
    assert_int_equal(guest_allocations(), blocks + 1); // For Xen's pages
    assert_true(machine_is_low(Pages.scratch, GUEST_PAGE));
    // A build without 16-bit code
    fixture_machine(state);
    Config16Bit = 0;
    add_disk(0);
    blkfront_setup();
    blkfront_prepboot();
    assert_int_equal(XenInfo.low, 0);
}

static void
test_no_disk(void **state)
{
    (void)state;
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 0);
    assert_nothing_shared();
    blkfront_prepboot();
    assert_int_equal(Handover.open, 0);
    assert_int_equal(XenInfo.low, 0); // Nobody would use it
    assert_int_equal(xen_shared_frame(), XenInfo.home / GUEST_PAGE);
}

static void
test_disks_and_others(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < 4; i++)
        add_disk(i);
    struct backend_s *floppy = add_disk(2);
    backend_set_frontend_key(floppy, "device-type", "floppy");
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 3);
    assert_int_equal(Handover.open, 1);
    for (i = 0; i < 3; i++) {
        const struct drive_s *drive = FirmwareDrives[i].drive;
        u32 n = i < 2 ? i : 3;
        assert_int_equal(drive->type, DTYPE_XEN_VBD);
        assert_int_equal(drive->cntl_id, DEVICE(n));
        assert_int_equal(drive->blksize, DISK_SECTOR_SIZE);
        assert_int_equal(drive->sectors, BACKEND_SECTORS);
        assert_true(guest_phys(drive) < 0x100000); // 16-bit code reads it
        assert_int_equal(run(i, CMD_READ, 0, 1), DISK_RET_SUCCESS);
        assert_int_equal(*(u8 *)guest_ptr(BUFFER), n);
    }
    assert_string_equal(FirmwareDrives[0].desc, "Xen PV disk xvda, 2 MiB");
    assert_true(firmware_said("xvda, 2 MiB (backend domain 3)"));
    assert_true(firmware_said("xvdd, 2 MiB (backend domain 3, persistent)"));
}

static void
test_ops(void **state)
{
    (void)state;
    struct backend_s *backend = add_disk(0);
    blkfront_setup();
    memset(guest_ptr(BUFFER), 0x77, 4 * DISK_SECTOR_SIZE);
    assert_int_equal(run(0, CMD_WRITE, 10, 4), DISK_RET_SUCCESS);
    assert_memory_equal(&backend->disk[10 * DISK_SECTOR_SIZE]
                        , guest_ptr(BUFFER), 4 * DISK_SECTOR_SIZE);
    u32 requests = backend->requests;
    assert_int_equal(run(0, CMD_FORMAT, 0, 1), DISK_RET_EPARAM);
    assert_int_equal(backend->requests, requests);
}

static void
test_report(void **state)
{
    (void)state;
    add_disk(0);
    blkfront_setup();
    run(0, CMD_READ, 0, 8);
    blkfront_prepboot();
    assert_true(firmware_said("xvda: calls=2 requests=2"));
    run(0, CMD_READ, 0, 1);
    blkfront_release();
    assert_true(firmware_said("xvda: calls=3 requests=3"));
    assert_true(firmware_said("errors=0 connects=2"));
    firmware_reset();
    assert_int_equal(xen_info_enter(), 0);
    Handover.open = 1;
    blkfront_release(); // Nothing new
    assert_false(firmware_said("xvda"));
}

static void
test_description(void **state)
{
    static const struct {
        const char *sectors, *info, *text;
    } cases[] = {
        { "4096", "4", "Xen PV disk xvda, 2 MiB, read-only" },
        { "20969472", "0", "Xen PV disk xvda, 10239 MiB" },
        { "20971520", "0", "Xen PV disk xvda, 10 GiB" },
        { "8589934592", "4", "Xen PV disk xvda, 4096 GiB, read-only" },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_machine(state);
        struct backend_s *backend = add_disk(0);
        backend->sectors = cases[i].sectors;
        backend->info = cases[i].info;
        blkfront_setup();
        assert_string_equal(FirmwareDrives[0].desc, cases[i].text);
    }
}

// xenstored's list of the disks ends without a NUL.
static void
test_list_without_an_end(void **state)
{
    (void)state;
    add_disk(0);
    StoreManner.forged = 2;     // Behind the question for options
    StoreManner.type = XS_DIRECTORY;
    StoreManner.payload = "51712";
    StoreManner.len = StoreManner.payload_len = 5;
    blkfront_setup();
    assert_int_equal(StoreManner.forged, 0);
    assert_int_equal(FirmwareNrDrives, 1);
}

// The first sector cannot be read: there is a disk all the same.
static void
test_unreadable_first_sector(void **state)
{
    (void)state;
    struct backend_s *backend = add_disk(0);
    backend->manner.fail_mask = 3;
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_int_equal(run(0, CMD_READ, 0, 1), DISK_RET_SUCCESS);
}

// Memory runs out at any allocation: no drive, or one that works, and
// never a disk that stays connected for nobody.
static void
test_without_memory(void **state)
{
    u32 n;
    for (n = 1; n <= 16; n++) {
        fixture_machine(state);
        add_disk(0);
        guest_fail_allocations(n, 1);
        blkfront_setup();
        if (n == 2) { // Without a client of xenstore's
            assert_int_equal(FirmwareNrDrives, 0);
            assert_true(firmware_said("out of memory"));
        }
        if (FirmwareNrDrives)
            assert_int_equal(run(0, CMD_READ, 0, 1), DISK_RET_SUCCESS);
        else
            assert_nothing_shared();
        blkfront_prepboot();
        assert_nothing_shared();
        assert_int_equal(xen_shared_frame(), XenInfo.home / GUEST_PAGE);
        assert_int_equal(xen_holes(), 0);
    }
}

// A disk that is not registered is read ahead, but not closed before that is done.
static void
test_without_memory_and_slow(void **state)
{
    u32 n, unregistered = 0;
    for (n = 1; n <= 16; n++) {
        fixture_machine(state);
        ConfigReadahead = 1;
        struct backend_s *backend = add_disk(0);
        backend->manner.latency = 8 * NS_PER_MS;
        guest_fail_allocations(n, 1);
        blkfront_setup();
        if (FirmwareNrDrives || !backend->connects)
            continue;
        unregistered++;
        assert_int_equal(backend->interrupted, 0);
    }
    assert_true(unregistered > 0);
}

// Memory below 640 KiB ends where POST has left it.
static void
test_low_memory_after_post(void **state)
{
    (void)state;
    add_disk(0);
    blkfront_setup();
    assert_int_equal(FirmwareDrives[0].drive->max_flat_size, 0xffff * 512);
    GuestConventionalEnd = 0x9d400;
    blkfront_prepboot();
    assert_int_equal(Pages.low_end, 0x9d000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_xen, fixture_machine),
        cmocka_unit_test_setup(test_no_platform_device, fixture_machine),
        cmocka_unit_test_setup(test_many_disks, fixture_machine),
        cmocka_unit_test_setup(test_end_of_post, fixture_machine),
        cmocka_unit_test_setup(test_no_disk, fixture_machine),
        cmocka_unit_test_setup(test_report, fixture_machine),
        cmocka_unit_test_setup(test_disks_and_others, fixture_machine),
        cmocka_unit_test_setup(test_ops, fixture_machine),
        cmocka_unit_test_setup(test_description, fixture_machine),
        cmocka_unit_test_setup(test_list_without_an_end, fixture_machine),
        cmocka_unit_test_setup(test_unreadable_first_sector
                               , fixture_machine),
        cmocka_unit_test_setup(test_without_memory, fixture_machine),
        cmocka_unit_test_setup(test_without_memory_and_slow, fixture_machine),
        cmocka_unit_test_setup(test_low_memory_after_post, fixture_machine),
    };
    return RUN_TESTS(tests);
}
