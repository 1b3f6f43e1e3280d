// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops of any length, to and from memory at any address, as SeaBIOS's 32-bit
// code has them served: every byte of the buffer, of what lies around it and
// of the disk is compared.

#include <stdlib.h> // strtol
#include "backends.h" // ALL_BACKENDS
#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "config.h" // ConfigSticky
#include "blkfront/handover.h" // handover_disconnect
#include "fixture.h" // fixture_machine
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp

#define SECTOR 512U
#define MARGIN 8192U    // Looked at before and behind a buffer
#define LOW    0x20000U
#define BUFFER (GUEST_PROGRAM + 0x4000)
#define HIGH   (GUEST_HIGH + BUFFER)
#define MAX_OP (3800 * SECTOR)

static u8 Disk[BACKEND_SECTORS * SECTOR];
static struct vbd_s *Vbd;
static struct backend_s Second;

static struct vbd_s *
vbd_of(u32 nr)
{
    const struct blkfront_drive_s *blkdrive = container_of(
        FirmwareDrives[nr].drive, struct blkfront_drive_s, drive);
    return guest_ptr(blkdrive->vbd);
}

// After POST's setup, with the disk connected.
static void
start(enum backend_kind kind, const char *trusted)
{
    void *state = NULL;
    fixture_machine(&state);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    backend_set_frontend_key(&Backend, "trusted", trusted);
    memcpy(Disk, Backend.disk, sizeof(Disk));
    blkfront_setup();
    Vbd = vbd_of(0);
    memset(&Vbd->stats, 0, sizeof(Vbd->stats));
    Backend.requests = Backend.indirect_requests = 0;
}

static int
setup_kind(void **state, enum backend_kind kind)
{
    start(kind, NULL);
    *state = Vbd;
    return 0;
}


/****************************************************************
 * One op
 ****************************************************************/

// The memory at an address, which may be above 4 GiB.
static u8 *
memory_at(u64 addr)
{
    u8 *page = guest_frame((u32)(addr / GUEST_PAGE));
    assert_non_null(page);
    return page + addr % GUEST_PAGE;
}

// As SeaBIOS passes on what int13 had in a packet of 24 bytes.
static int
run_on(u32 nr, u64 addr, u32 count, u64 lba, int write, u32 *done)
{
    u64 end = addr + count * SECTOR;
    struct disk_op_s op = {
        .drive_fl = FirmwareDrives[nr].drive, .buf_fl = guest_ptr((u32)addr),
        .command = write ? CMD_WRITE : CMD_READ, .count = (u16)count,
        .lba = lba, .buf_high = ~0U, // Of no meaning without CMD_FLAT
    };
    if (end >> 32) {
        op.command |= CMD_FLAT;
        op.buf_high = (u32)(addr >> 32);
    }
    int ret = blkfront_process_op(&op);
    *done = op.count;
    return ret;
}

static int
run(u64 addr, u32 count, u64 lba, int write, u32 *done)
{
    return run_on(0, addr, count, lba, write, done);
}

static void
fill(u8 *memory, u32 len, u32 seed)
{
    u32 i;
    for (i = 0; i < len; i++)
        memory[i] = (u8)((i + seed) * 2246822519U >> 23);
}

// Between ops only the ring and its like is granted, and what sticks.
static void
check_grants(void)
{
    u32 sticky = 0;
    if (Vbd->persistent)
        sticky = xen_window_grants(Vbd->op_grefs, VBD_STICKY_GREFS);
    assert_int_equal(xen_live_grants(), fixture_own_grants(Vbd) + sticky);
    assert_int_equal(Vbd->ring.busy, 0);
    assert_int_equal(Vbd->ring.deferred, 0);
}

// An op that must succeed.
static void
check_op(u64 addr, u32 count, u64 lba, int write)
{
    static u8 expected[MAX_OP + 2 * MARGIN];
    u32 len = count * SECTOR, done;
    u8 *memory = memory_at(addr - MARGIN);
    fill(memory, len + 2 * MARGIN, (u32)addr + count);
    memcpy(expected, memory, len + 2 * MARGIN);
    if (write)
        memcpy(&Disk[lba * SECTOR], memory_at(addr), len);
    else
        memcpy(&expected[MARGIN], &Disk[lba * SECTOR], len);
    int ret = run(addr, count, lba, write, &done);
    if (ret || done != count)
        fail_msg("%s of %u sectors at %#llx: status %d, count %u"
                 , write ? "write" : "read", count, addr, ret, done);
    if (memcmp(expected, memory, len + 2 * MARGIN))
        fail_msg("%s of %u sectors at %#llx: memory differs"
                 , write ? "write" : "read", count, addr);
    assert_memory_equal(Backend.disk, Disk, sizeof(Disk));
    check_grants();
    assert_int_equal(Vbd->state, VBD_CONNECTED);
}

static void
check_ops(u64 addr, u32 count, u64 lba)
{
    check_op(addr, count, lba, 0);
    check_op(addr, count, lba, 1);
}

// An op that must fail, with so many sectors done.
static void
check_failure(u64 addr, u32 count, int write, int expected, u32 expected_done)
{
    u32 done;
    assert_int_equal(run(addr, count, 100, write, &done), expected);
    assert_int_equal(done, expected_done);
}


/****************************************************************
 * All is well
 ****************************************************************/

static const u16 Counts[] = {
    1, 8, 88, 127, 128, 129, 135, 136, 137, 703, 704, 705, 1015, 1016, 1017
    , 2048, 3800,
};
static const u16 Offsets[] = { 0, 512, 3584 };

// To where they belong, without a copy.
static void
test_all_shapes(void **state)
{
    u32 c, o;
    (void)state;
    for (c = 0; c < ARRAY_SIZE(Counts); c++)
        for (o = 0; o < ARRAY_SIZE(Offsets); o++) {
            u64 lba = world_random(BACKEND_SECTORS - Counts[c] + 1U);
            check_ops(BUFFER + Offsets[o], Counts[c], lba);
            check_ops(HIGH + Offsets[o], Counts[c], lba);
        }
    assert_int_equal(Vbd->stats.bounced, 0);
    assert_int_equal(Vbd->stats.moved, 0);
    assert_int_equal(Vbd->stats.retries, 0);
    assert_int_equal(Vbd->stats.requests, Backend.requests);
    assert_int_equal(Vbd->stats.indirect, Backend.indirect_requests);
}

// What a backend takes at most in one request makes no difference.
static void
test_indirect_limits(void **state)
{
    static const char *const limits[] = {
        NULL, "0", "1", "11", "12", "32", "126", "127", "128", "4096",
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(limits); i++) {
        start(BLKBACK, NULL);
        handover_disconnect(Vbd);
        Backend.indirect = limits[i];
        check_ops(HIGH + SECTOR, 1999, i);
        // A page of segments pays for more than a direct request has.
        assert_int_equal(Backend.indirect_requests > 0
                         , limits[i] && strtol(limits[i], NULL, 10) > BLKIF_MAX_SEGMENTS_PER_REQUEST);
    }
}

// The ring is kept full: ten parts, or three requests in each of them; the first
// part ends early, at sector 256.
static void
test_in_flight(void **state)
{
    (void)state;
    if (Vbd->limits.indirect) {
        handover_disconnect(Vbd);
        Backend.indirect = "30";
    }
    check_op(BUFFER, 1, 0, 0);
    u32 requests = Backend.requests;
    Backend.manner.silent = 1;
    check_failure(BUFFER, 3800, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(Backend.requests - requests, Vbd->limits.indirect ? 10 : 29);
}

// A ring of two pages has room for all of that op, three requests in each of its
// fifteen parts, of which the first one has two.
static void
test_in_flight_in_a_long_ring(void **state)
{
    (void)state;
    handover_disconnect(Vbd);
    check_op(BUFFER, 1, 0, 0);
    u32 requests = Backend.requests;
    Backend.manner.silent = 1;
    check_failure(BUFFER, 3740, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(Backend.requests - requests, 14 * 3 + 2);
}

// In memory below 1 MiB grants stick as ever; above they cannot, and the disk
// is connected without for good.
static void
test_policy(void **state)
{
    struct vbd_s *vbd = *state;
    int persistent = vbd->persistent;
    check_ops(LOW, 600, 5);
    assert_int_equal(vbd->persistent, persistent);
    assert_int_equal(vbd->stats.connects, 0);
    check_op(LOW, 8, 5, 1);
    check_op(BUFFER, 8, 5, 0);
    assert_false(vbd->persistent);
    assert_int_equal(vbd->stats.connects, persistent);
    assert_int_equal(Backend.flushes, persistent); // Before it was let go of
    check_ops(LOW, 600, 5);
    blkfront_prepboot();
    assert_rewound(vbd);
    check_ops(HIGH, 600, 5);
    assert_false(vbd->persistent);
}

// Not aligned: as any such op, 64 KiB at a time.
static void
test_unaligned(void **state)
{
    struct vbd_s *vbd = *state;
    check_ops(BUFFER + 16, 300, 5);
    assert_int_equal(vbd->stats.bounced, vbd->persistent ? 600 : 300);
    check_ops(LOW + 16, 300, 5);
    check_ops(0x98000, 200, 5); // Into the EBDA, and the screen
}

static void
test_untrusted(void **state)
{
    (void)state;
    start(BLKBACK, "0");
    check_ops(BUFFER, 1000, 5);
    assert_int_equal(Vbd->stats.bounced, 2000);
    check_failure(HIGH, 8, 0, DISK_RET_EPARAM, 0);
    // No piece follows one without an answer.
    u64 start_time = world_now();
    Backend.manner.silent = 1;
    check_failure(BUFFER, 1000, 0, DISK_RET_ETIMEOUT, 0);
    assert_true(world_now() - start_time < 45 * NS_PER_S);
}

// What was written by a long op is flushed as well.
static void
test_flush(void **state)
{
    (void)state;
    check_op(HIGH, 1000, 0, 1);
    assert_int_equal(Backend.unflushed, 1);
    blkfront_release();
    assert_int_equal(Backend.unflushed, 0);
}

// The backend at work at any moment, and answers in any order.
static void
test_races(void **state)
{
    u32 seed;
    (void)state;
    world_set_seams(SEAMS_ALL);
    for (seed = 0; seed < 200; seed++) {
        world_seed(seed);
        world_set_chance(1 + seed % 9);
        // Within a spin, and beyond it
        Backend.manner.slow = world_random(seed % 2 ? 40 : 600);
        Backend.manner.reversed = (int)world_random(2);
        u32 count = 1 + world_random(3000);
        u64 begin = world_now();
        check_op((seed % 2 ? HIGH : BUFFER) + SECTOR * world_random(8), count
                 , seed, (int)world_random(2));
        if (world_now() - begin > NS_PER_S / 2)
            fail_msg("seed %u: an event was lost", seed);
    }
}

// Two disks by turns: the references are for one backend, then for the other.
static void
test_two_disks(void **state)
{
    u32 i, done;
    (void)state;
    fixture_machine(state);
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&Second, QDISK, FIXTURE_DEVICE + 16);
    Second.domid = 7;
    backend_set_frontend_key(&Second, "backend-id", "7");
    blkfront_setup();
    assert_int_equal(FirmwareNrDrives, 2);
    for (i = 0; i < 4; i++) {
        u32 nr = i % 2;
        assert_int_equal(run_on(nr, HIGH, 2000, i, 0, &done), 0);
        assert_int_equal(done, 2000);
        assert_memory_equal(memory_at(HIGH), &Backend.disk[i * SECTOR]
                            , 2000 * SECTOR);
    }
    assert_true(Second.requests > Backend.requests);
    // One of them goes, the other one stays.
    handover_disconnect(vbd_of(0));
    assert_int_equal(run_on(1, HIGH, 2000, 9, 0, &done), 0);
}


/****************************************************************
 * Ops that cannot be
 ****************************************************************/

static void
test_bad_addresses(void **state)
{
    static const u64 addrs[] = {
        HIGH + 1, HIGH + 511,           // Only grants reach it
        GUEST_HIGH - GUEST_PAGE,        // Begins below 4 GiB
        GUEST_HIGH_END - SECTOR,        // Ends behind the memory
        2 * GUEST_HIGH, 1ULL << 44, ~0ULL << 32,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(addrs); i++) {
        check_failure(addrs[i], 9, 0, DISK_RET_EPARAM, 0);
        check_failure(addrs[i], 900, 1, DISK_RET_EPARAM, 0);
    }
    assert_int_equal(Backend.requests, 0);
    check_failure(HIGH, 3997, 0, DISK_RET_EPARAM, 0); // The disk ends before
    assert_int_equal(Vbd->stats.errors, 2 * ARRAY_SIZE(addrs) + 1);
    assert_memory_equal(Backend.disk, Disk, sizeof(Disk));
}

// No memory or no references: in pieces, and nothing above 4 GiB.
static void
check_without(void)
{
    memcpy(Disk, Backend.disk, sizeof(Disk));
    Vbd = vbd_of(0);
    check_ops(BUFFER, 1000, 5);
    check_failure(HIGH, 8, 0, DISK_RET_EPARAM, 0);
}

static void
test_no_memory(void **state)
{
    fixture_machine(state);
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    XenConfig.max_grant_frames = 1;
    blkfront_setup();
    check_without();
}


/****************************************************************
 * Errors
 ****************************************************************/

// A request that fails: what can be bounced is done again, as much as that
// takes; above 4 GiB what was done before counts.
static void
test_one_error(void **state)
{
    u32 nth, write;
    (void)state;
    for (nth = 0; nth < 3; nth++)
        for (write = 0; write <= 1; write++) {
            start(BLKBACK, NULL);
            Backend.manner.reversed = nth % 2;
            Backend.manner.fail_mask = 1U << nth;
            check_op(BUFFER + SECTOR, 3000, 100, (int)write);
            assert_int_equal(Vbd->stats.retries, 1);
            assert_int_equal(Vbd->stats.errors, 0);
            Backend.manner.fail_mask = 1U << nth;
            check_failure(HIGH + SECTOR, 3000, (int)write, DISK_RET_EBADTRACK
                          , nth ? nth * 101 * 8 - 1 : 0);
            check_grants();
        }
}

// Behind an error nothing more is sent.
static void
test_error_ends_the_op(void **state)
{
    (void)state;
    Backend.manner.fail_mask = 1U << 3;
    // From sector 100: 11 pages, what is left to sector 256, and 11 pages of
    // which the last request has used half of the first one.
    check_failure(HIGH, 3800, 0, DISK_RET_EBADTRACK, 256 - 100 + 11 * 8 - 4);
    assert_int_equal(Backend.requests, 29 + 3);
    check_grants();
    check_ops(HIGH, 3800, 3);
}

// And fails again.
static void
test_errors_and_counts(void **state)
{
    (void)state;
    // The second part; in pieces from there: two of 128, then one and its
    // second try.
    Backend.manner.fail_mask = 0x2 | 3U << 6;
    check_failure(BUFFER, 3000, 0, DISK_RET_EBADTRACK, 808 + 2 * 128);
    assert_int_equal(Backend.manner.fail_mask, 0);
    assert_int_equal(Vbd->stats.errors, 1);
    check_grants();
    check_ops(BUFFER, 3000, 3);
}

static void
test_backend_cannot_use_the_pages(void **state)
{
    (void)state;
    Backend.manner.refuses_program = 1;
    check_ops(BUFFER, 1000, 0);
    assert_int_equal(Vbd->stats.bounced, 2000);
    check_failure(HIGH, 1000, 0, DISK_RET_EBADTRACK, 0);
}

static void
test_bad_manners(void **state)
{
    static const struct backend_manner_s manners[] = {
        { .silent = 1 }, { .takes_nothing = 1 }, { .wrong_id = 1 },
        { .extra_answers = 1 },
    };
    static const enum backend_kind kinds[] = { BLKBACK, PERSISTENT, QDISK };
    u32 m, k, write;
    (void)state;
    for (m = 0; m < ARRAY_SIZE(manners); m++)
        for (k = 0; k < ARRAY_SIZE(kinds); k++)
            for (write = 0; write <= 1; write++) {
                start(kinds[k], NULL);
                Backend.manner = manners[m];
                u64 begin = world_now();
                check_failure(m % 2 ? HIGH : BUFFER, 3000, (int)write
                              , DISK_RET_ETIMEOUT, 0);
                assert_true(world_now() - begin <= 45 * NS_PER_S);
                assert_int_equal(Vbd->state, VBD_BROKEN);
                assert_rewound(Vbd);
                check_failure(HIGH, 1, 0, DISK_RET_ENOTREADY, 0);
            }
}

// All is answered, but the pages are not let go of: these references are not
// used for another disk, which serves what can be served without.
static void
test_backend_keeps_pages(void **state)
{
    (void)state;
    fixture_machine(state);
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&Second, BLKBACK, FIXTURE_DEVICE + 16);
    blkfront_setup();
    Vbd = vbd_of(0);
    Backend.manner.keeps_pages = 1;
    check_failure(BUFFER, 1000, 0, DISK_RET_ETIMEOUT, 0);
    assert_true(firmware_said("keeps pages"));
    assert_true(firmware_said("backend keeps 125 pages"));
    assert_int_equal(Vbd->state, VBD_BROKEN);
    u32 done, gref;
    assert_int_equal(run_on(1, HIGH, 8, 0, 0, &done), DISK_RET_EPARAM);
    assert_int_equal(run_on(1, BUFFER, 1000, 0, 0, &done), 0);
    assert_int_equal(done, 1000);
    assert_memory_equal(memory_at(BUFFER), Second.disk, 1000 * SECTOR);
    // Their grants end when another disk is let go of.
    for (gref = 0; gref < XEN_GRANTS; gref++)
        if (!Second.connected || gref != Second.ring_gref)
            while (xen_grant_is_mapped(gref))
                xen_unmap_grant(gref);
    assert_int_not_equal(xen_live_grants(), 0);
    firmware_int15(0xe820);
    assert_int_equal(xen_live_grants(), 0);
}

// No room in the ring, for the first request or for a later one.
static void
test_ring_full(void **state)
{
    u32 slot;
    (void)state;
    for (slot = 1; slot < 4; slot++) {
        start(QDISK, NULL);
        Vbd->ring.slot[slot].busy = 1;  // POST used slot 0
        check_failure(HIGH, 1000, 0, DISK_RET_ETIMEOUT, 0);
        assert_int_equal(Backend.requests, slot - 1);
        assert_true(firmware_said("ring full"));
        assert_rewound(Vbd);
    }
}

// The backend is lost, and comes back.
static void
test_backend_restored(void **state)
{
    (void)state;
    check_op(HIGH, 600, 3, 0); // By references for the backend that is no more
    Vbd->stats.connects = 2; // It has come back before
    xen_restore();
    backend_restore(&Backend);
    check_op(HIGH, 2000, 3, 0);
    check_op(BUFFER, 2000, 3, 1);
}


/****************************************************************
 * The emulated twin
 ****************************************************************/

// The disk is lost: its twin serves the op, and all that come later.  What
// SeaBIOS takes for it is SeaBIOS's part.
static void
test_twin(void **state)
{
    struct drive_s *twin = guest_ptr(0x9000);
    struct blkfront_drive_s *blkdrive = container_of(
        FirmwareDrives[0].drive, struct blkfront_drive_s, drive);
    u32 done;
    (void)state;
    memset(twin, 0, sizeof(*twin));
    blkdrive->twin = twin;
    blkdrive->twin_sees_writes = 1;
    Backend.manner.silent = 1;
    FirmwareOtherResult = DISK_RET_EPARAM;
    check_failure(HIGH, 1000, 1, DISK_RET_EPARAM, 1000); // Its count as it was
    assert_true(blkdrive->on_twin);
    assert_true(blkdrive->written);
    assert_int_equal(FirmwareOtherOps, 1);
    FirmwareOtherResult = 0;
    assert_int_equal(run(BUFFER, 100, 0, 0, &done), 0);
    assert_int_equal(done, 100);
    assert_int_equal(FirmwareOtherOps, 2);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        ALL_BACKENDS(test_all_shapes),
        cmocka_unit_test_setup(test_indirect_limits, setup_blkback),
        ALL_BACKENDS(test_in_flight),
        cmocka_unit_test_setup(test_in_flight_in_a_long_ring, setup_qdisk),
        ALL_BACKENDS(test_policy),
        ALL_BACKENDS(test_unaligned),
        cmocka_unit_test_setup(test_untrusted, setup_blkback),
        ALL_BACKENDS(test_races),
        cmocka_unit_test_setup(test_flush, setup_blkback),
        cmocka_unit_test_setup(test_two_disks, setup_blkback),
        ALL_BACKENDS(test_bad_addresses),
        cmocka_unit_test_setup(test_no_memory, setup_blkback),
        cmocka_unit_test_setup(test_one_error, setup_blkback),
        cmocka_unit_test_setup(test_error_ends_the_op, setup_qdisk),
        cmocka_unit_test_setup(test_errors_and_counts, setup_blkback),
        ALL_BACKENDS(test_backend_cannot_use_the_pages),
        cmocka_unit_test_setup(test_bad_manners, setup_blkback),
        cmocka_unit_test_setup(test_backend_keeps_pages, setup_blkback),
        cmocka_unit_test_setup(test_ring_full, setup_qdisk),
        ALL_BACKENDS(test_backend_restored),
        ALL_BACKENDS(test_twin),
    };
    return RUN_TESTS(tests);
}
