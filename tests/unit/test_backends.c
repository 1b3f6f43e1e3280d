// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Every backend that there is, through a boot: what a guest gets from it, and what
// the next OS finds.  doc/handover.md has the same as a table.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "config.h" // ConfigReadahead
#include "fixture.h" // fixture_machine
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memset

#define SECTOR 512U
#define BUFFER 0x20000U // Where loaders read to

static const struct {
    enum backend_kind kind;
    const char *name;
    int connects;           // In POST
    int comes_back;         // To InitWait, when it is let go of
    int connects_again;
    int flushes;
} Backends[] = {
    { BLKBACK, "blkback", 1, 1, 1, 1 },
    { PERSISTENT, "blkback, persistent", 1, 1, 1, 1 },
    { QDISK, "qdisk", 1, 1, 1, 1 },
    { QDISK_OLD, "qdisk up to 3.0", 1, 1, 1, 1 },
    { FREEBSD, "FreeBSD's", 1, 1, 1, 1 },
    { FREEBSD_OLD, "FreeBSD's of 2018", 1, 1, 0, 1 },
    { NETBSD, "NetBSD's", 0, 0, 0, 0 },
    { ILLUMOS, "illumos's", 1, 0, 0, 0 },
    { TAPBACK, "tapback", 1, 1, 1, 0 },
};

static struct vbd_s *
vbd(void)
{
    const struct blkfront_drive_s *blkdrive = container_of(
        FirmwareDrives[0].drive, struct blkfront_drive_s, drive);
    return guest_ptr(blkdrive->vbd);
}

static int
run(u8 command, u64 lba, u16 count)
{
    struct disk_op_s op = {
        .drive_fl = FirmwareDrives[0].drive, .command = command,
        .buf_fl = guest_ptr(BUFFER), .count = count, .lba = lba,
    };
    return blkfront_process_op(&op);
}

// Nothing of the driver's is there, and our state is as the toolstack made it.
static void
check_left(u32 i, u32 state)
{
    static const char *const keys[] = {
        "ring-ref", "event-channel", "protocol", "feature-persistent",
        "ring-page-order", "ring-ref0", "ring-ref1",
    };
    u32 k;
    assert_nothing_shared();
    assert_true(store_ring_is_quiet());
    assert_int_equal(Handover.open, 0);
    for (k = 0; k < ARRAY_SIZE(keys); k++)
        assert_null(backend_get_frontend_key(&Backend, keys[k]));
    if (backend_frontend_state(&Backend) != XenbusStateInitialising
        || backend_state(&Backend) != state)
        fail_msg("%s: states %u and %u", Backends[i].name
                 , backend_frontend_state(&Backend), backend_state(&Backend));
}

// POST, up to where something boots.  Returns true if the disk is there.
static int
boot(u32 i)
{
    void *state = NULL;
    fixture_machine(&state);
    backend_create(&Backend, Backends[i].kind, FIXTURE_DEVICE);
    u64 begin = world_now();
    blkfront_setup();
    blkfront_prepboot();
    assert_true(world_now() - begin <= 3 * NS_PER_S);
    assert_int_equal(FirmwareNrDrives, Backends[i].connects);
    check_left(i, Backends[i].comes_back ? XenbusStateInitWait
                  : Backends[i].connects ? XenbusStateClosed
                                         : XenbusStateConnected);
    return Backends[i].connects;
}

// What can be read is right, what is written is there, and an OS finds the device
// as it was; a disk that cannot be had is an error in time.
static void
check_ops(u32 i)
{
    u64 begin = world_now();
    memset(guest_ptr(BUFFER), 0x5a, 63 * SECTOR);
    int ret = run(CMD_READ, 100, 63);
    assert_int_equal(!ret, Backends[i].connects_again);
    assert_true(world_now() - begin
                <= (Backends[i].comes_back ? 14 * NS_PER_S : NS_PER_MS));
    if (ret) {
        begin = world_now();
        assert_int_not_equal(run(CMD_READ, 100, 63), 0);
        assert_true(world_now() - begin <= NS_PER_MS);
        blkfront_release();
        return;
    }
    assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[100 * SECTOR]
                        , 63 * SECTOR);
    memset(guest_ptr(BUFFER), 0x77, 63 * SECTOR);
    assert_int_equal(run(CMD_WRITE, 200, 63), 0);
    assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[200 * SECTOR]
                        , 63 * SECTOR);
    assert_int_equal(Backend.unflushed, 1);
    blkfront_release();
    assert_int_equal(Backend.unflushed, !Backends[i].flushes);
    check_left(i, XenbusStateInitWait);
}

static void
test_boot(void **state)
{
    u32 i, round;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Backends); i++)
        if (boot(i))
            for (round = 0; round < 3; round++)
                check_ops(i);
}

// The guest is saved and restored while the disk is connected.
static void
test_restore(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Backends); i++) {
        if (!Backends[i].connects_again || !boot(i))
            continue;
        assert_int_equal(run(CMD_READ, 100, 63), 0);
        xen_restore();
        backend_restore(&Backend);
        check_ops(i);
    }
}

// The toolstack takes the device away, connected or not: what it removes does not
// come back.
static void
test_detach(void **state)
{
    u32 i, connected;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Backends); i++)
        for (connected = 0; connected < 2; connected++) {
            if (!Backends[i].connects_again || !boot(i))
                continue;
            if (connected)
                assert_int_equal(run(CMD_READ, 100, 63), 0);
            backend_detach_device(&Backend);
            blkfront_release();
            run(CMD_READ, 100, 63);
            assert_int_equal(vbd()->state, VBD_CLOSED);
            blkfront_release();
            assert_nothing_shared();
            assert_int_equal(backend_frontend_state(&Backend)
                             , XenbusStateUnknown);
        }
}

// Reads of 16 sectors from 'lba' on, which deliver what is on the disk.
static void
read_stream(u64 lba, u32 count)
{
    u32 i;
    for (i = 0; i < count; i++, lba += 16) {
        assert_int_equal(run(CMD_READ, lba, 16), 0);
        assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[lba * SECTOR]
                            , 16 * SECTOR);
    }
}

// tapback says Closed while a window is on its way.  Whatever comes into its pages
// later harms nobody: they stay granted, and are not used before they are free.
static void
test_requests_outlive_closed(void **state)
{
    static u8 before[GUEST_HEAP - GUEST_PROGRAM];
    u32 i, next;
    (void)state;
    for (i = 0; Backends[i].kind != TAPBACK; i++)
        ;
    ConfigReadahead = 1;
    boot(i);
    read_stream(0, 8);
    Backend.manner.latency = 3600 * NS_PER_S;
    Backend.manner.lingers = 60 * NS_PER_S;
    // What is ahead of the stream is asked for, and does not come.
    u32 requests = Backend.requests;
    for (next = 8; Backend.requests == requests; next++)
        read_stream(next * 16, 1);
    u32 live = xen_live_grants();
    blkfront_release();
    assert_true(firmware_said("keeps"));
    assert_true(xen_live_grants() > 1 && xen_live_grants() <= live);
    assert_int_equal(backend_frontend_state(&Backend), XenbusStateInitialising);
    assert_int_equal(backend_state(&Backend), XenbusStateInitWait);

    Backend.manner.latency = 0;
    read_stream(1000, 50);
    memcpy(before, guest_ptr(GUEST_PROGRAM), sizeof(before));
    world_sleep(61 * NS_PER_S);
    backend_run_all();
    read_stream(1000, 50); // The same, which was not read ahead in vain
    assert_memory_equal(guest_ptr(GUEST_PROGRAM), before, sizeof(before));
    blkfront_release();
    check_left(i, XenbusStateInitWait);
    u32 ahead = vbd()->stats.ahead;
    read_stream(2000, 50);
    assert_true(vbd()->stats.ahead > ahead + 400); // Windows are used again
    blkfront_release();
    check_left(i, XenbusStateInitWait);
    ConfigReadahead = 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_boot, fixture_machine),
        cmocka_unit_test_setup(test_restore, fixture_machine),
        cmocka_unit_test_setup(test_detach, fixture_machine),
        cmocka_unit_test_setup(test_requests_outlive_closed, fixture_machine),
    };
    return RUN_TESTS(tests);
}
