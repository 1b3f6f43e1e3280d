// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Let go of the disks when an OS may come, and come back with the next op.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "xen/evtchn.h" // evtchn_notify
#include "blkfront/handover.h" // Handover
#include "xen/xen_info.h" // XenInfo
#include "xen/xen_time.h" // xen_time
#include "config.h" // ConfigReadahead
#include "fixture.h" // fixture_machine
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memset

#define SECTOR 512U
#define BUFFER 0x20000U // Where loaders read to

// The bound of an op that has to connect first, and cannot.
#define OP_LIMIT (22 * NS_PER_S)

static const enum backend_kind Kinds[] = { BLKBACK, PERSISTENT, QDISK };

static struct vbd_s *
vbd_of(u32 drive)
{
    const struct blkfront_drive_s *blkdrive = container_of(
        FirmwareDrives[drive].drive, struct blkfront_drive_s, drive);
    return guest_ptr(blkdrive->vbd);
}

// After POST's setup: one disk is there and connected.
static void
start(enum backend_kind kind)
{
    void *state = NULL;
    fixture_machine(&state);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
}

static int
setup(void **state)
{
    (void)state;
    start(BLKBACK);
    return 0;
}

static int
run(u32 drive, u8 command, u64 lba, u16 count, u16 *done)
{
    struct disk_op_s op = {
        .drive_fl = FirmwareDrives[drive].drive, .command = command,
        .buf_fl = guest_ptr(BUFFER), .count = count, .lba = lba,
    };
    int ret = blkfront_process_op(&op);
    *done = op.count;
    return ret;
}

// A read that must succeed.
static void
check_read(u64 lba, u16 count)
{
    u16 done;
    memset(guest_ptr(BUFFER), 0x5a, count * SECTOR);
    assert_int_equal(run(0, CMD_READ, lba, count, &done), DISK_RET_SUCCESS);
    assert_int_equal(done, count);
    assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[lba * SECTOR]
                        , count * SECTOR);
    assert_int_equal(Handover.open, 1);
    assert_int_equal(Handover.busy, 0);
}

// After POST, and after the first op of what was booted.
static int
setup_open(void **state)
{
    setup(state);
    blkfront_prepboot();
    check_read(0, 1);
    FirmwareCalls32 = 0;
    return 0;
}

// Xen's pages are put away.
static void
assert_closed(void)
{
    assert_int_equal(Handover.open, 0);
    assert_int_equal(Handover.busy, 0);
    assert_int_equal(xen_shared_frame(), XenInfo.home / GUEST_PAGE);
    assert_int_equal(xen_grant_frame(0), XenInfo.home / GUEST_PAGE + 1);
    assert_int_equal(xen_holes(), 0);
}

// All is as if there had been no driver.
static void
assert_let_go(void)
{
    assert_rewound(vbd_of(0));
    assert_int_equal(vbd_of(0)->state, VBD_CLOSED);
    assert_closed();
}


/****************************************************************
 * Go and return
 ****************************************************************/

static void
test_prepboot(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Kinds); i++) {
        start(Kinds[i]);
        check_read(5, 128);
        blkfront_prepboot();
        assert_let_go();
        blkfront_prepboot(); // Once is enough
        blkfront_release();
        assert_let_go();
    }
}

static void
test_next_op_connects(void **state)
{
    u32 i, round;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Kinds); i++) {
        start(Kinds[i]);
        blkfront_prepboot();
        u32 blocks = guest_allocations(), next = xen_take_grefs(0);
        for (round = 2; round < 30; round++) {
            check_read(round, 128);
            assert_int_equal(vbd_of(0)->stats.connects, round);
            assert_int_equal(Backend.connects, round);
            assert_int_equal(vbd_of(0)->low, 1);
            check_read(round, 1); // It stays
            assert_int_equal(Backend.connects, round);
            blkfront_release();
            assert_let_go();
        }
        assert_int_equal(guest_allocations(), blocks);
        assert_int_equal(xen_take_grefs(0), next);
        assert_int_equal(vbd_of(0)->stats.errors, 0);
    }
}

// What an op cannot do it does not do faster without a connection.
static void
test_bad_op_connects_too(void **state)
{
    u16 done;
    (void)state;
    blkfront_prepboot();
    assert_int_equal(run(0, CMD_READ, BACKEND_SECTORS, 1, &done)
                     , DISK_RET_EPARAM);
    assert_int_equal(done, 0);
    blkfront_release();
    assert_let_go();
}

// An op that is not for the driver leaves the disk alone.
static void
test_other_ops_do_not_connect(void **state)
{
    u16 done;
    (void)state;
    blkfront_prepboot();
    assert_int_equal(run(0, CMD_FORMAT, 0, 1, &done), DISK_RET_EPARAM);
    assert_let_go();
}

// The disk has changed when it comes back.
static void
test_disk_changes_meanwhile(void **state)
{
    u16 done;
    (void)state;
    blkfront_prepboot();
    Backend.sectors = "100";
    Backend.info = "4";
    assert_int_equal(run(0, CMD_READ, 100, 1, &done), DISK_RET_EPARAM);
    check_read(99, 1);
    assert_int_equal(run(0, CMD_WRITE, 99, 1, &done), DISK_RET_EWRITEPROTECT);
}

static struct backend_s Others[4];

static void
start_disks_of(const enum backend_kind *kinds, u32 count)
{
    u32 i;
    void *state = NULL;
    fixture_machine(&state);
    for (i = 0; i < count; i++)
        backend_create(&Others[i], kinds[i], FIXTURE_DEVICE + 16 * i);
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, count);
}

static void
start_disks(u32 count)
{
    static const enum backend_kind kinds[] = {
        PERSISTENT, QDISK, BLKBACK, PERSISTENT,
    };
    start_disks_of(kinds, count);
}

// Each comes back by itself, and all go together.
static void
test_many_disks(void **state)
{
    u32 i, k;
    u16 done;
    (void)state;
    start_disks(ARRAY_SIZE(Others));
    blkfront_prepboot();
    assert_nothing_shared();
    for (i = 0; i < ARRAY_SIZE(Others); i++) {
        assert_int_equal(run(i, CMD_READ, 9, 1, &done), DISK_RET_SUCCESS);
        for (k = 0; k < ARRAY_SIZE(Others); k++)
            assert_int_equal(vbd_of(k)->state
                             , k <= i ? VBD_CONNECTED : VBD_CLOSED);
    }
    blkfront_release();
    assert_nothing_shared();
    assert_closed();
    for (i = 0; i < ARRAY_SIZE(Others); i++) {
        assert_int_equal(vbd_of(i)->state, VBD_CLOSED);
        assert_int_equal(backend_state(&Others[i]), XenbusStateInitWait);
    }
}

// One that was stopped stays so; the others do not care.
static void
test_broken_disk_among_others(void **state)
{
    u16 done;
    (void)state;
    start_disks(2);
    Others[0].manner.silent = 1;
    assert_int_equal(run(0, CMD_READ, 0, 1, &done), DISK_RET_ETIMEOUT);
    assert_int_equal(vbd_of(0)->state, VBD_BROKEN);
    blkfront_prepboot();
    assert_nothing_shared();
    assert_int_equal(vbd_of(0)->state, VBD_BROKEN);
    assert_int_equal(vbd_of(1)->state, VBD_CLOSED);
    assert_int_equal(run(1, CMD_READ, 0, 1, &done), DISK_RET_SUCCESS);
    assert_int_equal(run(0, CMD_READ, 0, 1, &done), DISK_RET_ENOTREADY);
    assert_int_equal(vbd_of(0)->stats.connects, 1);
}


/****************************************************************
 * Probes
 ****************************************************************/

// What Linux's real-mode code calls before it looks at the disks.
static void
announce(void)
{
    u32 i;
    firmware_int15(0xec00);
    for (i = 0; i < 9; i++)
        firmware_int15(0xe820);
}

// The first sector of a disk.
static void
probe(u32 drive)
{
    u16 done;
    assert_int_equal(run(drive, CMD_READ, 0, 1, &done), DISK_RET_SUCCESS);
    assert_int_equal(done, 1);
}

// Linux's last read: the disk is connected for it, and is as it was again.  Who
// reads on after that finds the disk there.
static void
test_probe(void **state)
{
    u32 k, i;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        start(Kinds[k]);
        blkfront_prepboot();
        check_read(5, 128);
        announce();
        assert_let_go();
        probe(0);
        assert_let_go();
        assert_int_equal(vbd_of(0)->stats.connects, 3);
        for (i = 0; i < 1000; i++)
            probe(0);
        assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
        assert_int_equal(vbd_of(0)->stats.connects, 4);
        announce();
        probe(0);
        assert_let_go();
    }
}

// Other ops after an announcement are a loader's that goes on.
static void
test_no_probe(void **state)
{
    static const struct { u8 command; u64 lba; u16 count; } ops[] = {
        { CMD_READ, 1, 1 }, { CMD_READ, 0, 2 }, { CMD_WRITE, 0, 1 },
    };
    u32 i;
    u16 done;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(ops); i++) {
        setup(state);
        blkfront_prepboot();
        announce();
        assert_int_equal(run(0, ops[i].command, ops[i].lba, ops[i].count, &done)
                         , DISK_RET_SUCCESS);
        assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
        probe(0);
        assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
    }
}

// What asks about memory in POST announces nothing.
static void
test_announced_in_post(void **state)
{
    (void)state;
    announce();
    blkfront_prepboot();
    probe(0);
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
}

// Each disk once, and no other is disconnected for it.
static void
test_probes_of_many_disks(void **state)
{
    u32 i;
    u16 done;
    (void)state;
    start_disks(ARRAY_SIZE(Others));
    blkfront_prepboot();
    announce();
    for (i = 0; i < ARRAY_SIZE(Others); i++)
        probe(i);
    assert_nothing_shared();
    assert_closed();
    for (i = 0; i < ARRAY_SIZE(Others); i++) {
        assert_int_equal(vbd_of(i)->stats.connects, 2);
        assert_int_equal(backend_state(&Others[i]), XenbusStateInitWait);
    }
    announce();
    assert_int_equal(run(1, CMD_READ, 9, 8, &done), DISK_RET_SUCCESS);
    probe(0);
    assert_int_equal(vbd_of(0)->state, VBD_CLOSED);
    assert_int_equal(vbd_of(1)->state, VBD_CONNECTED);
    assert_int_equal(Handover.open, 1);
    assert_int_equal(run(1, CMD_READ, 9, 8, &done), DISK_RET_SUCCESS);
    assert_int_equal(vbd_of(1)->stats.connects, 3);
}

// The sector cannot be read: that is told, and the disk is let go of.
static void
test_probe_fails(void **state)
{
    u16 done;
    (void)state;
    blkfront_prepboot();
    announce();
    Backend.manner.fail_mask = ~0U;
    assert_int_equal(run(0, CMD_READ, 0, 1, &done), DISK_RET_EBADTRACK);
    assert_let_go();
}


/****************************************************************
 * Writes
 ****************************************************************/

static void
write_sectors(u64 lba, u16 count)
{
    u16 done;
    memset(guest_ptr(BUFFER), 0x77, count * SECTOR);
    assert_int_equal(run(0, CMD_WRITE, lba, count, &done), DISK_RET_SUCCESS);
}

// What was written is on the disk before an OS can come; reads alone cost no
// flush.
static void
test_flush(void **state)
{
    u32 k;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        start(Kinds[k]);
        blkfront_prepboot();
        check_read(0, 8);
        blkfront_release();
        assert_int_equal(Backend.flushes, 0);
        write_sectors(3, 8);
        assert_int_equal(Backend.unflushed, 1);
        blkfront_release();
        assert_int_equal(Backend.unflushed, 0);
        assert_int_equal(Backend.flushes, 1);
        assert_let_go();
        check_read(0, 16);
        blkfront_release();
        assert_int_equal(Backend.flushes, 1);
    }
}

// A backend that cannot flush is not asked to; one that fails is let go of.
static void
test_no_flush(void **state)
{
    static const s16 answers[] = { BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP };
    u32 i;
    (void)state;
    Backend.flush = NULL;
    blkfront_prepboot();
    backend_set_key(&Backend, "feature-flush-cache", NULL);
    write_sectors(3, 8);
    blkfront_release();
    assert_int_equal(Backend.flushes, 0);
    assert_let_go();
    Backend.flush = "1";
    for (i = 0; i < ARRAY_SIZE(answers); i++) {
        Backend.manner.flush_status = answers[i];
        write_sectors(3, 8);
        blkfront_release();
        assert_true(firmware_said("cannot flush"));
        assert_int_equal(Backend.flushes, 1 + i);
        assert_let_go();
    }
}

// The backend takes the flush, and never answers.
static void
test_flush_without_answer(void **state)
{
    (void)state;
    blkfront_prepboot();
    write_sectors(3, 8);
    Backend.manner.silent = 1;
    u64 begin = world_now();
    blkfront_release();
    assert_true(world_now() - begin <= 40 * NS_PER_S);
    assert_let_go();
}


/****************************************************************
 * The other end comes and goes
 ****************************************************************/

static void
restore_guest(void)
{
    xen_restore();
    backend_restore(&Backend);
}

// Saved and restored, connected or not: the next op finds the new backend.
static void
test_restore(void **state)
{
    u32 k, connected;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++)
        for (connected = 0; connected < 2; connected++) {
            start(Kinds[k]);
            blkfront_prepboot();
            check_read(0, 8);
            if (!connected)
                blkfront_release();
            restore_guest();
            u64 begin = world_now();
            check_read(100, 63);
            assert_true(world_now() - begin < NS_PER_S);
            assert_int_equal(vbd_of(0)->backend_domid, BACKEND_DOMID + 1);
            check_read(200, 127);
            write_sectors(5, 3);
            blkfront_release();
            assert_let_go();
            assert_int_equal(Backend.unflushed, 0);
        }
}

// Nothing is read between: time lets go of what is not there any more.
static void
test_restore_and_idle(void **state)
{
    (void)state;
    blkfront_prepboot();
    check_read(0, 8);
    restore_guest();
    u64 begin = world_now();
    blkfront_release();
    assert_true(world_now() - begin < NS_PER_S);
    assert_closed();
    assert_nothing_shared();
    check_read(100, 63);
    blkfront_release();
    assert_let_go();
}

// The guest was restored before its disk was let go of for the first time: that its
// old backend is gone says nothing about the new one.
static void
test_restore_at_first(void **state)
{
    (void)state;
    assert_int_equal(vbd_of(0)->stats.connects, 1);
    restore_guest();
    check_read(100, 63);
    blkfront_prepboot();
    check_read(100, 63);
    blkfront_release();
    assert_let_go();
}

// The disk is not connected, and something is shared all the same, as where
// another disk is: Xen's pages are looked for before it is connected.
static void
test_restore_with_pages_mapped(void **state)
{
    (void)state;
    blkfront_prepboot();
    check_read(0, 8);
    handover_disconnect(vbd_of(0));
    restore_guest();
    assert_int_equal(Handover.open, 1);
    check_read(100, 63);
    assert_int_equal(vbd_of(0)->backend_domid, BACKEND_DOMID + 1);
    blkfront_release();
    assert_let_go();
}

// Another program moves Xen's pages while the disk is connected, with something
// in each of the pools: all that is shared is found where it is now.
static void
test_pages_are_moved(void **state)
{
    u32 k, step, way, lba;
    u16 done;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++)
        for (step = 1; step < 8; step += 6) // As iPXE, and as anybody
            for (way = 0; way < 3; way++) {
                fixture_machine(state);
                ConfigReadahead = 1;
                backend_create(&Backend, Kinds[k], FIXTURE_DEVICE);
                blkfront_setup();
                blkfront_prepboot();
                write_sectors(9, 8);
                for (lba = 0; lba < 100; lba += 10)
                    check_read(lba, 10);
                assert_int_not_equal(vbd_of(0)->streams.shared, 0);
                assert_int_equal(run(0, CMD_READ, 0, 1000, &done)
                                 , DISK_RET_SUCCESS);
                xen_map_elsewhere(GUEST_PROGRAM, step);
                switch (way) {
                case 0: blkfront_release(); break;
                case 1: world_sleep(NS_PER_S); blkfront_tick(); break;
                default:
                    check_read(100, 63);
                    blkfront_release();
                }
                assert_rewound(vbd_of(0));
                assert_int_equal(Handover.open, 0);
                assert_int_equal(Backend.unflushed, 0);
                assert_int_equal(xen_shared_frame(), (step == 1 ? GUEST_PROGRAM
                                 : XenInfo.home) / GUEST_PAGE);
            }
    ConfigReadahead = 0;
}

// Saved and restored in the middle of an op.
static void
restore_at_second_request(void)
{
    if (Backend.requests != 2 || Backend.domid != BACKEND_DOMID)
        return;
    restore_guest();
    Backend.manner.silent = 0;
}

static void
test_restore_in_op(void **state)
{
    (void)state;
    blkfront_prepboot();
    check_read(0, 8);
    Backend.manner.silent = 1;
    Backend.requests = 1;
    world_add(restore_at_second_request);
    u64 begin = world_now();
    check_read(100, 63);
    assert_true(world_now() - begin < NS_PER_S);
    assert_int_equal(Backend.domid, BACKEND_DOMID + 1);
    blkfront_release();
    assert_let_go();
}

// The device is taken away while it is connected: it serves until it is let
// go of, leaves nothing in xenstore, and is an error at once from then on.
static void
test_detach(void **state)
{
    u32 k;
    u16 done;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        start(Kinds[k]);
        blkfront_prepboot();
        check_read(0, 8);
        backend_detach_device(&Backend);
        check_read(8, 8);
        u64 begin = world_now();
        blkfront_release();
        assert_true(world_now() - begin < NS_PER_S);
        assert_nothing_shared();
        assert_int_equal(backend_frontend_state(&Backend)
                         , XenbusStateUnknown);
        begin = world_now();
        assert_int_equal(run(0, CMD_READ, 0, 8, &done), DISK_RET_ENOTREADY);
        assert_true(world_now() - begin < NS_PER_S);
        assert_int_equal(backend_frontend_state(&Backend)
                         , XenbusStateUnknown);
    }
}

// The backend's domain dies, between two ops or in one: an error in a
// second or two.
static void
test_backend_dies(void **state)
{
    u32 in_op;
    u16 done;
    for (in_op = 0; in_op < 2; in_op++) {
        setup(state);
        blkfront_prepboot();
        check_read(0, 8);
        if (in_op)
            Backend.manner.dies = 1;
        else
            backend_die(&Backend);
        u64 begin = world_now();
        assert_int_not_equal(run(0, CMD_READ, 0, 8, &done)
                             , DISK_RET_SUCCESS);
        assert_int_equal(done, 0);
        assert_true(world_now() - begin < 3 * NS_PER_S);
        assert_nothing_shared();
        assert_true(firmware_said("connection lost"));
    }
}


/****************************************************************
 * No return
 ****************************************************************/

// An op fails within its bound, and those of the next minute fail at once.
static void
check_no_return(void)
{
    u16 done;
    u64 begin = world_now();
    assert_int_equal(run(0, CMD_READ, 0, 8, &done), DISK_RET_ENOTREADY);
    assert_int_equal(done, 0);
    assert_true(world_now() - begin <= OP_LIMIT);
    assert_int_equal(vbd_of(0)->state, VBD_CLOSED);
    assert_int_equal(Handover.busy, 0);
    assert_int_equal(xen_open_ports(), 0);
    begin = world_now();
    assert_int_equal(run(0, CMD_READ, 0, 8, &done), DISK_RET_ENOTREADY);
    assert_true(world_now() - begin < NS_PER_MS);
    blkfront_release(); // Xen's pages are put away all the same
    assert_closed();
}

static void
test_backend_refuses(void **state)
{
    blkfront_prepboot();
    Backend.manner.ignores_states = 1;
    check_no_return();
    assert_nothing_shared();
    setup(state);
    blkfront_prepboot();
    Backend.sectors = "0";
    check_no_return();
    assert_rewound(vbd_of(0));
    Backend.sectors = "4096";
    u16 done;
    assert_int_equal(run(0, CMD_READ, 0, 8, &done), DISK_RET_ENOTREADY);
    world_sleep(61 * NS_PER_S); // Now it is asked for again
    check_read(0, 8);
}

static void
test_xenstore_is_gone(void **state)
{
    (void)state;
    blkfront_prepboot();
    StoreManner.mute = 1;
    check_no_return();
    assert_nothing_shared();
    StoreManner.mute = 0;
    world_sleep(61 * NS_PER_S);
    check_read(0, 8);
}

// What a backend still has at the end of POST is freed for nobody else.
static void
test_pages_are_kept_after_post(void **state)
{
    (void)state;
    u32 scratch = Pages.scratch, sring = vbd_of(0)->sring;
    Backend.manner.ignores_closing = 1;
    blkfront_prepboot();
    assert_true(firmware_said("not used: backends keep pages"));
    assert_int_equal(XenInfo.low, 0);
    assert_int_equal(Pages.scratch, scratch);
    assert_int_equal(vbd_of(0)->sring, sring);
    Backend.manner.ignores_closing = 0; // After all
}

// The backend never lets go: the handover ends, and its pages stay its own.
static void
test_backend_does_not_close(void **state)
{
    (void)state;
    blkfront_prepboot();
    check_read(0, 8);
    Backend.manner.ignores_closing = 1;
    u64 begin = world_now();
    blkfront_release();
    assert_true(world_now() - begin <= 3 * NS_PER_S);
    blkfront_release(); // Once more
    assert_true(world_now() - begin <= 6 * NS_PER_S);
    assert_true(firmware_said("keeps 1 pages"));
    assert_int_equal(xen_live_grants(), 1);
    assert_int_equal(backend_frontend_state(&Backend)
                     , XenbusStateInitialising);
    assert_closed();
    check_no_return();
    assert_int_equal(xen_live_grants(), 1);
    Backend.manner.ignores_closing = 0; // After all
    world_sleep(61 * NS_PER_S);
    check_read(0, 8);
    blkfront_release();
    assert_let_go();
}

// One that answers nothing and does not close is not waited for again.
static void
test_stopped_disk_stays_stopped(void **state)
{
    u16 done;
    (void)state;
    blkfront_prepboot();
    check_read(0, 8);
    Backend.manner.silent = Backend.manner.ignores_closing = 1;
    assert_int_not_equal(run(0, CMD_READ, 100, 8, &done), DISK_RET_SUCCESS);
    assert_int_equal(vbd_of(0)->state, VBD_BROKEN);
    u64 begin = world_now();
    firmware_int15(0xe820);
    assert_int_not_equal(run(0, CMD_READ, 0, 1, &done), DISK_RET_SUCCESS);
    assert_true(world_now() - begin <= NS_PER_MS);
    assert_int_equal(vbd_of(0)->state, VBD_BROKEN);
}

// They do not come back from the first handover: nobody waits for them again.
static void
test_backends_connect_once(void **state)
{
    static const enum backend_kind kinds[] = {
        ILLUMOS, ILLUMOS, ILLUMOS, ILLUMOS,
    };
    u32 i;
    u16 done;
    u64 begin;
    (void)state;
    start_disks_of(kinds, ARRAY_SIZE(Others));
    begin = world_now();
    blkfront_prepboot();
    // POST's threads run one after the other here
    assert_true(world_now() - begin <= 3 * ARRAY_SIZE(Others) * NS_PER_S);
    assert_nothing_shared();
    assert_closed();
    begin = world_now();
    for (i = 0; i < ARRAY_SIZE(Others); i++) {
        assert_int_equal(vbd_of(i)->state, VBD_BROKEN);
        assert_int_equal(backend_frontend_state(&Others[i])
                         , XenbusStateInitialising);
        assert_int_equal(run(i, CMD_READ, 0, 8, &done), DISK_RET_ENOTREADY);
    }
    blkfront_release();
    assert_true(world_now() - begin < NS_PER_MS);
    assert_true(firmware_said("does not come back"));
}

// Xen's pages cannot be had: that is no fault of the disk's.
static void
test_no_pages_of_xen(void **state)
{
    u16 done;
    (void)state;
    blkfront_prepboot();
    xen_fail_op(__HYPERVISOR_memory_op, XENMEM_add_to_physmap);
    u64 begin = world_now();
    assert_int_equal(run(0, CMD_READ, 0, 8, &done), DISK_RET_ENOTREADY);
    assert_int_equal(done, 0);
    assert_true(world_now() - begin < NS_PER_MS);
    assert_let_go();
    xen_fail_op(~0U, 0);
    check_read(0, 8);
}

// Nor can memory be had to put into the place of Xen's pages.
static void
test_no_memory_to_put_back(void **state)
{
    (void)state;
    blkfront_prepboot();
    check_read(0, 8);
    xen_fail_op(__HYPERVISOR_memory_op, XENMEM_populate_physmap);
    blkfront_release();
    assert_rewound(vbd_of(0));
    assert_int_equal(Handover.open, 0);
    assert_int_equal(xen_holes(), 2);
    check_read(0, 8);
    xen_fail_op(~0U, 0);
    blkfront_release();
    assert_let_go();
}


/****************************************************************
 * Triggers
 ****************************************************************/

static void
test_idle(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < 5; i++) { // Each op starts the count again
        firmware_tick();
        firmware_tick();
        assert_int_equal(Handover.open, 1);
        check_read(i, 1);
    }
    firmware_tick();
    firmware_tick();
    assert_int_equal(FirmwareCalls32, 0);
    firmware_tick(); // Two whole ticks have passed
    assert_int_equal(FirmwareCalls32, 1);
    assert_let_go();
    for (i = 0; i < 300; i++)
        firmware_tick();
    assert_int_equal(FirmwareCalls32, 1);
    check_read(0, 1);
    firmware_tick();
    firmware_tick();
    assert_int_equal(Handover.open, 1);
}

// All disks are connected, and were written to.
static void
start_busy_disks(void)
{
    u32 i;
    u16 done;
    start_disks(ARRAY_SIZE(Others));
    blkfront_prepboot();
    for (i = 0; i < ARRAY_SIZE(Others); i++)
        assert_int_equal(run(i, CMD_WRITE, 9, 8, &done), DISK_RET_SUCCESS);
}

// How long the third tick without an op takes.
static u64
time_idle_tick(void)
{
    firmware_tick();
    firmware_tick();
    world_sleep(NS_PER_TICK);
    u64 begin = world_now();
    blkfront_tick();
    return world_now() - begin;
}

// Storage that stands still is waited for when nobody else has to wait: the
// disks stay connected, and go when they have answered.
static void
test_idle_beside_slow_storage(void **state)
{
    u32 i;
    (void)state;
    start_busy_disks();
    for (i = 1; i < ARRAY_SIZE(Others); i++)
        Others[i].manner.latency = 3 * NS_PER_S;
    assert_true(time_idle_tick() <= NS_PER_S);
    assert_int_equal(vbd_of(0)->state, VBD_CLOSED);
    for (i = 1; i < ARRAY_SIZE(Others); i++)
        assert_int_equal(vbd_of(i)->state, VBD_CONNECTED);
    assert_int_equal(Handover.open, 1);
    assert_true(time_idle_tick() <= NS_PER_MS);
    world_sleep(4 * NS_PER_S);
    world_turn(SEAM_YIELD);
    for (i = 1; i < ARRAY_SIZE(Others); i++)
        Others[i].manner.latency = 1;
    assert_true(time_idle_tick() <= NS_PER_S);
    assert_nothing_shared();
    assert_closed();
    for (i = 0; i < ARRAY_SIZE(Others); i++)
        assert_int_equal(Others[i].unflushed, 0);
}

// An op beside a flush that is late.
static void
test_op_beside_late_flush(void **state)
{
    u32 i;
    (void)state;
    write_sectors(9, 8);
    Backend.manner.latency = 3 * NS_PER_S;
    assert_true(time_idle_tick() <= NS_PER_S);
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
    Backend.manner.latency = 0;
    for (i = 0; i < 2 * RING_SLOTS; i++)
        check_read(100 + i, 1);
    blkfront_release();
    assert_int_equal(Backend.unflushed, 0);
    assert_let_go();
}

// Backends that do not let go, or are dead.
static void
test_idle_beside_dead_backends(void **state)
{
    u32 i, dead;
    (void)state;
    for (dead = 0; dead < 2; dead++) {
        start_busy_disks();
        for (i = 1; i < ARRAY_SIZE(Others); i++) {
            Others[i].manner.ignores_closing = 1;
            if (dead)
                backend_die(&Others[i]);
        }
        assert_true(time_idle_tick() <= NS_PER_S);
        for (i = 0; i < ARRAY_SIZE(Others); i++)
            assert_int_equal(vbd_of(i)->state, VBD_CLOSED);
        // Once more, for whoever leaves the BIOS behind
        assert_true(time_idle_tick() <= NS_PER_MS);
        assert_int_equal(Handover.open, !dead);
        u64 begin = world_now();
        blkfront_release();
        assert_true(world_now() - begin
                    <= (ARRAY_SIZE(Others) - 1) * 3 * NS_PER_S);
        assert_closed();
    }
}

// It had no more time; the backend has what it needs before an OS comes.
static void
test_idle_beside_loaded_backend(void **state)
{
    (void)state;
    check_read(100, 1);
    Backend.manner.ignores_closing = 1;
    assert_true(time_idle_tick() <= NS_PER_S);
    assert_int_equal(backend_state(&Backend), XenbusStateConnected);
    Backend.manner.ignores_closing = 0;
    firmware_int15(0xe820);
    assert_let_go();
    check_read(100, 1);
    firmware_int15(0xe820);
    assert_let_go();
}

// Nor one that answers nonsense, which a tick is the first to see.
static void
test_idle_beside_a_liar(void **state)
{
    (void)state;
    Backend.manner.latency = 3 * NS_PER_S;
    write_sectors(9, 8);
    time_idle_tick();
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
    Backend.manner.lie.prod = 100;
    world_sleep(4 * NS_PER_S);
    world_turn(SEAM_YIELD);
    assert_true(time_idle_tick() <= NS_PER_S);
    assert_let_go();
}

// Nor is a guest that was restored kept waiting for what was on its way.
static void
test_idle_after_restore(void **state)
{
    (void)state;
    write_sectors(9, 8);
    Backend.manner.latency = 3 * NS_PER_S;
    time_idle_tick();
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
    restore_guest();
    assert_true(time_idle_tick() <= NS_PER_S);
    assert_nothing_shared();
    assert_closed();
}

// Switched off: not by time.
static void
test_never_idle(void **state)
{
    u32 i;
    (void)state;
    Handover.idle_limit = 0;
    for (i = 0; i < 300; i++)
        firmware_tick();
    assert_int_equal(FirmwareCalls32, 0);
    assert_int_equal(Handover.open, 1);
}

// Ticks that come in a heap say nothing about time.
static void
test_missed_ticks(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < 200; i++)
        firmware_missed_tick();
    assert_int_equal(Handover.open, 1);
    check_read(0, 1);
    for (i = 0; i < 20; i++)
        firmware_missed_tick();
    assert_int_equal(Handover.open, 1);
    world_sleep(2 * NS_PER_TICK);
    firmware_tick(); // All three at once
    assert_let_go();
}

// A failed op is one, too.
static void
test_failed_op_is_not_idle(void **state)
{
    u16 done;
    (void)state;
    firmware_tick();
    firmware_tick();
    run(0, CMD_READ, BACKEND_SECTORS, 1, &done);
    firmware_tick();
    firmware_tick();
    assert_int_equal(Handover.open, 1);
}

// A caller that keeps interrupts off has no ticks: any int15 tells the time.
static void
test_idle_without_ticks(void **state)
{
    (void)state;
    world_sleep(2 * NS_PER_TICK);
    firmware_int15(0x4f1e);
    assert_int_equal(Handover.open, 1);
    world_sleep(NS_PER_TICK);
    firmware_int15(0x4f1e);
    assert_let_go();
}

// Another program puts a question to xenstored, as iPXE does.
static void
ask_as_another(void)
{
    static const char path[] = "name";
    struct xenstore_domain_interface *store = XenInfo.store;
    struct xsd_sockmsg msg = {
        .type = XS_READ, .req_id = 77, .len = sizeof(path),
    };
    char text[sizeof(msg) + sizeof(path)];
    u32 i;
    memcpy(text, &msg, sizeof(msg));
    memcpy(text + sizeof(msg), path, sizeof(path));
    for (i = 0; i < sizeof(text); i++)
        store->req[MASK_XENSTORE_IDX(store->req_prod++)] = text[i];
}

static void
check_busy_ticks(u32 ticks)
{
    while (ticks--) {
        firmware_tick();
        assert_int_equal(Handover.open, 1);
    }
}

// A tick while another program waits for xenstored: it gets its answer.  The
// disk is let go of when all is quiet.
static void
test_idle_beside_another_program(void **state)
{
    u32 taken;
    for (taken = 0; taken < 2; taken++) {
        setup_open(state);
        store_set(STORE_HOME "name", "guest");
        ask_as_another();
        struct xenstore_domain_interface *store = XenInfo.store;
        check_busy_ticks(5); // Not even taken
        u32 begin = store->rsp_cons;
        evtchn_notify(XenInfo.store_port);
        check_busy_ticks(5); // Answered, and not read
        assert_int_equal(store->rsp_cons, begin);
        assert_int_equal(store->rsp_prod - begin
                         , sizeof(struct xsd_sockmsg) + strlen("guest"));
        if (taken)
            store->rsp_cons += sizeof(struct xsd_sockmsg); // Half of it
        check_busy_ticks(1);
        store->rsp_cons = store->rsp_prod;
        firmware_tick();
        assert_let_go();
    }
}

// xenstored has taken the question, and nothing shows that it will answer,
// but for the time of a tick.
static void
test_idle_beside_a_question(void **state)
{
    (void)state;
    check_busy_ticks(2);
    StoreManner.mute = 1;
    ask_as_another();
    evtchn_notify(XenInfo.store_port);
    assert_true(store_ring_is_quiet());
    check_busy_ticks(1);
    StoreManner.mute = 0;
    firmware_tick();
    assert_let_go();
}

// A program has left an answer behind, and no longer waits for it.
static void
test_idle_beside_a_leftover(void **state)
{
    (void)state;
    store_set(STORE_HOME "name", "guest");
    ask_as_another();
    evtchn_notify(XenInfo.store_port);
    check_busy_ticks(99);
    firmware_tick();
    firmware_tick();
    assert_let_go();
}

// A program that announces an OS has done with xenstore.
static void
test_call_beside_a_question(void **state)
{
    (void)state;
    ask_as_another();
    firmware_int15(0xe820);
    assert_let_go();
}

// Nobody has said how fast the clock is: not by time, then.
static void
test_idle_without_a_clock(void **state)
{
    (void)state;
    xen_shared()->vcpu_info[0].time.tsc_to_system_mul = 0;
    xen_time_setup();
    assert_int_equal(XenTimeTick, 0xffff);
}

static void
test_int15(void **state)
{
    static const struct {
        u16 ax;
        int releases;
    } cases[] = {
        { 0xe820, 1 }, { 0xe801, 1 }, { 0x8800, 1 }, { 0x88ff, 1 },
        { 0x2401, 1 }, { 0xec00, 1 },
        { 0xe821, 0 }, { 0xe81f, 0 }, { 0xe800, 0 }, { 0xe802, 0 },
        { 0x2400, 0 }, { 0x2402, 0 }, { 0x2403, 0 }, { 0xec01, 0 },
        { 0x8700, 0 }, { 0x8900, 0 }, { 0x8600, 0 }, { 0x4f1e, 0 },
        { 0xc000, 0 }, { 0x5300, 0 }, { 0x0000, 0 }, { 0xffff, 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        check_read(i, 1);
        u32 calls = FirmwareCalls32;
        firmware_int15(cases[i].ax);
        assert_int_equal(FirmwareCalls32 - calls, cases[i].releases);
        if (cases[i].releases)
            assert_let_go();
        firmware_int15(cases[i].ax); // Again: nothing more to do
        assert_int_equal(FirmwareCalls32 - calls, cases[i].releases);
        assert_int_equal(Handover.open, !cases[i].releases);
    }
}

// Without a Xen, or before the first op, a trigger costs nothing.
static void
test_triggers_without_disks(void **state)
{
    u32 i;
    fixture_machine(state);
    XenConfig.cpuid_base = 0;
    blkfront_setup();
    for (i = 0; i < 5; i++)
        firmware_tick();
    firmware_int15(0xe820);
    blkfront_release();
    blkfront_prepboot();
    assert_int_equal(Handover.last_op, 0);
    assert_int_equal(FirmwareCalls32, 0);
    assert_int_equal(XenCounters.hypercalls, 0);
}

static void
test_triggers_while_busy(void **state)
{
    u32 i;
    (void)state;
    Handover.busy = 1;
    for (i = 0; i < 300; i++)
        firmware_tick();
    firmware_int15(0xe820);
    blkfront_release();
    assert_int_equal(FirmwareCalls32, 0);
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
    Handover.busy = 0;
    firmware_int15(0xe820);
    assert_let_go();
}

// The caller has the CPU in a mode without a way to 32-bit code: the next
// trigger has more luck.
static void
test_no_way_to_32_bits(void **state)
{
    (void)state;
    FirmwareNoCall32 = 1;
    firmware_int15(0xe820);
    assert_int_equal(vbd_of(0)->state, VBD_CONNECTED);
    assert_int_equal(Handover.open, 1);
    FirmwareNoCall32 = 0;
    firmware_int15(0xe820);
    assert_let_go();
}


/****************************************************************
 * Ticks at any time
 ****************************************************************/

// When the backend begins to follow the frontend's state.
static u64 WakeUp;

static void
wake_up(void)
{
    if (world_now() >= WakeUp)
        Backend.manner.ignores_states = 0;
}

// From now on the backend is so slow, and timer ticks come.
static void
sleep_backend(u64 ns)
{
    Backend.manner.ignores_states = 1;
    WakeUp = world_now() + ns;
    world_add(wake_up);
    FirmwareTicks = 1;
}

// POST lasts longer than a disk may be idle.
static void
test_ticks_in_post(void **state)
{
    u32 i;
    fixture_machine(state);
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    sleep_backend(NS_PER_S);
    blkfront_setup();
    assert_true(world_now() >= WakeUp);
    assert_int_equal(FirmwareNrDrives, 1);
    assert_int_equal(FirmwareCalls32, 0);
    for (i = 0; i < 100; i++) // Other drivers are not ready
        firmware_tick();
    check_read(3, 128);
    blkfront_prepboot();
    assert_let_go();
}

static void
test_ticks_in_prepboot(void **state)
{
    (void)state;
    sleep_backend(NS_PER_S);
    check_read(0, 1); // As a boot menu's
    blkfront_prepboot();
    assert_true(world_now() >= WakeUp);
    assert_int_equal(FirmwareCalls32, 0);
    assert_let_go();
    assert_int_equal(vbd_of(0)->stats.connects, 1);
}

static void
test_ticks_while_it_connects(void **state)
{
    (void)state;
    blkfront_prepboot();
    sleep_backend(NS_PER_S);
    check_read(3, 128);
    assert_true(world_now() >= WakeUp);
    assert_int_equal(FirmwareCalls32, 0);
    assert_int_equal(vbd_of(0)->stats.connects, 2);
}

static void
test_ticks_while_it_disconnects(void **state)
{
    (void)state;
    sleep_backend(NS_PER_S);
    firmware_int15(0xe820);
    assert_true(world_now() >= WakeUp);
    assert_int_equal(FirmwareCalls32, 1);
    assert_let_go();
}


/****************************************************************
 * Sticky grants
 ****************************************************************/

static u32 BoundTo[XEN_GRANTS];

// As long as the backend is connected, a reference is for one page only.
static void
watch_references(void)
{
    u32 i, base = vbd_of(0)->op_grefs;
    for (i = base; i < base + VBD_STICKY_GREFS; i++) {
        if (!Backend.connected)
            BoundTo[i] = 0;
        else if (xen_grant_flags(i) && !BoundTo[i])
            BoundTo[i] = xen_grant_page(i);
        if (BoundTo[i])
            assert_int_equal(xen_grant_page(i), BoundTo[i]);
    }
}

static void
test_sticky_references(void **state)
{
    u32 i;
    (void)state;
    start(PERSISTENT);
    blkfront_prepboot();
    vbd_of(0)->stats.bounced = 0; // The first sector was
    memset(BoundTo, 0, sizeof(BoundTo));
    world_add(watch_references);
    world_set_seams(SEAMS_ALL);
    world_set_chance(5);
    for (i = 0; i < 400; i++) {
        u32 addr = GUEST_PAGE + SECTOR * world_random(1000);
        u16 count = (u16)(1 + world_random(128));
        struct disk_op_s op = {
            .drive_fl = FirmwareDrives[0].drive, .command = CMD_READ,
            .buf_fl = guest_ptr(addr), .count = count, .lba = i,
        };
        assert_int_equal(blkfront_process_op(&op), DISK_RET_SUCCESS);
        assert_memory_equal(guest_ptr(addr), &Backend.disk[i * SECTOR]
                            , count * SECTOR);
        if (world_random(8))
            continue;
        blkfront_release();
        assert_let_go(); // No grant survives
    }
    assert_true(vbd_of(0)->stats.connects > 20);
    assert_int_equal(vbd_of(0)->stats.bounced, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_prepboot, setup),
        cmocka_unit_test_setup(test_next_op_connects, setup),
        cmocka_unit_test_setup(test_bad_op_connects_too, setup),
        cmocka_unit_test_setup(test_other_ops_do_not_connect, setup),
        cmocka_unit_test_setup(test_disk_changes_meanwhile, setup),
        cmocka_unit_test_setup(test_many_disks, setup),
        cmocka_unit_test_setup(test_broken_disk_among_others, setup),
        cmocka_unit_test_setup(test_probe, setup),
        cmocka_unit_test_setup(test_no_probe, setup),
        cmocka_unit_test_setup(test_announced_in_post, setup),
        cmocka_unit_test_setup(test_probes_of_many_disks, setup),
        cmocka_unit_test_setup(test_probe_fails, setup),
        cmocka_unit_test_setup(test_flush, setup),
        cmocka_unit_test_setup(test_no_flush, setup),
        cmocka_unit_test_setup(test_flush_without_answer, setup),
        cmocka_unit_test_setup(test_restore, setup),
        cmocka_unit_test_setup(test_restore_and_idle, setup),
        cmocka_unit_test_setup(test_restore_with_pages_mapped, setup),
        cmocka_unit_test_setup(test_pages_are_moved, setup),
        cmocka_unit_test_setup(test_restore_in_op, setup),
        cmocka_unit_test_setup(test_detach, setup),
        cmocka_unit_test_setup(test_backend_dies, setup),
        cmocka_unit_test_setup(test_backend_refuses, setup),
        cmocka_unit_test_setup(test_xenstore_is_gone, setup),
        cmocka_unit_test_setup(test_pages_are_kept_after_post, setup),
        cmocka_unit_test_setup(test_backend_does_not_close, setup),
        cmocka_unit_test_setup(test_backends_connect_once, setup),
        cmocka_unit_test_setup(test_no_pages_of_xen, setup),
        cmocka_unit_test_setup(test_no_memory_to_put_back, setup),
        cmocka_unit_test_setup(test_idle, setup_open),
        cmocka_unit_test_setup(test_idle_beside_slow_storage, setup_open),
        cmocka_unit_test_setup(test_stopped_disk_stays_stopped, setup),
        cmocka_unit_test_setup(test_restore_at_first, setup),
        cmocka_unit_test_setup(test_op_beside_late_flush, setup_open),
        cmocka_unit_test_setup(test_idle_beside_loaded_backend, setup_open),
        cmocka_unit_test_setup(test_idle_beside_dead_backends, setup_open),
        cmocka_unit_test_setup(test_idle_beside_a_liar, setup_open),
        cmocka_unit_test_setup(test_idle_after_restore, setup_open),
        cmocka_unit_test_setup(test_never_idle, setup_open),
        cmocka_unit_test_setup(test_missed_ticks, setup_open),
        cmocka_unit_test_setup(test_failed_op_is_not_idle, setup_open),
        cmocka_unit_test_setup(test_idle_without_ticks, setup_open),
        cmocka_unit_test(test_idle_beside_another_program),
        cmocka_unit_test_setup(test_idle_beside_a_question, setup_open),
        cmocka_unit_test_setup(test_idle_beside_a_leftover, setup_open),
        cmocka_unit_test_setup(test_call_beside_a_question, setup_open),
        cmocka_unit_test_setup(test_idle_without_a_clock, setup_open),
        cmocka_unit_test_setup(test_int15, setup_open),
        cmocka_unit_test_setup(test_triggers_without_disks, setup),
        cmocka_unit_test_setup(test_triggers_while_busy, setup_open),
        cmocka_unit_test_setup(test_no_way_to_32_bits, setup_open),
        cmocka_unit_test_setup(test_ticks_in_post, setup),
        cmocka_unit_test_setup(test_ticks_in_prepboot, setup),
        cmocka_unit_test_setup(test_ticks_while_it_connects, setup),
        cmocka_unit_test_setup(test_ticks_while_it_disconnects, setup_open),
        cmocka_unit_test_setup(test_sticky_references, setup),
    };
    return RUN_TESTS(tests);
}
