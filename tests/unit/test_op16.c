// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops as int13 has them served: from 16-bit code what is simple, by way of
// 32-bit code what is not or what has gone wrong.  fake/ fails a test where
// 16-bit code looks at memory that it does not reach.

#include "backends.h" // ALL_BACKENDS
#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "config.h" // Config16Bit
#include "fixture.h" // fixture_machine
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp

#define SECTOR   512U
#define MARGIN   4096U      // Looked at before and behind a buffer
#define BUFFER   0x20000U   // Where loaders read to
#define MAX_OP   (INDIRECT_PLAN_SECTORS * SECTOR)

// Where the disk's copy and the op are.
static u8 Disk[BACKEND_SECTORS * SECTOR];
static struct disk_op_s *Op;
static struct vbd_s *Vbd;

// POST's setup, and its end, behind which 16-bit code has what it needs.  All disks
// are connected again.
static void
setup_and_end_post(void)
{
    u32 i;
    blkfront_setup();
    blkfront_prepboot();
    for (i = 0; i < FirmwareNrDrives; i++) {
        const struct blkfront_drive_s *blkdrive = container_of(
            FirmwareDrives[i].drive, struct blkfront_drive_s, drive);
        assert_int_equal(handover_reconnect(guest_ptr(blkdrive->vbd)), 0);
    }
}

static void
start(enum backend_kind kind, const char *trusted, const char *info)
{
    void *state = NULL;
    fixture_machine(&state);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    backend_set_frontend_key(&Backend, "trusted", trusted);
    Backend.info = info;
    memcpy(Disk, Backend.disk, sizeof(Disk));
    setup_and_end_post();
    assert_int_equal(FirmwareNrDrives, 1);
    const struct blkfront_drive_s *blkdrive = container_of(
        FirmwareDrives[0].drive, struct blkfront_drive_s, drive);
    Vbd = guest_ptr(blkdrive->vbd);
    memset(&Vbd->stats, 0, sizeof(Vbd->stats));
    Backend.requests = 0;
    Op = malloc_low(sizeof(*Op)); // On the stack
    assert_non_null(Op);
}

static int
setup_kind(void **state, enum backend_kind kind)
{
    start(kind, NULL, "0");
    *state = Vbd;
    return 0;
}


/****************************************************************
 * One op
 ****************************************************************/

static int
run(u8 command, u32 addr, u32 count, u64 lba)
{
    memset(Op, 0, sizeof(*Op));
    Op->drive_fl = FirmwareDrives[0].drive;
    Op->command = command;
    Op->buf_fl = guest_ptr(addr);
    Op->count = (u16)count;
    Op->lba = lba;
    return firmware_op_16(Op);
}

// An op that must succeed, with so many calls of 32-bit code.
static void
check_op(u32 addr, u32 count, u64 lba, int write, u32 calls)
{
    static u8 expected[MAX_OP + 2 * MARGIN];
    u32 i, len = count * SECTOR, before = FirmwareCalls32;
    u32 margin = addr >= MARGIN && guest_has(addr, len + MARGIN) ? MARGIN : 0;
    u8 *memory = guest_ptr(addr - margin);
    for (i = 0; i < len + 2 * margin; i++)
        memory[i] = (u8)((i + addr + count) * 2246822519U >> 23);
    memcpy(expected, memory, len + 2 * margin);
    if (write)
        memcpy(&Disk[lba * SECTOR], guest_ptr(addr), len);
    else
        memcpy(&expected[margin], &Disk[lba * SECTOR], len);
    int ret = run(write ? CMD_WRITE : CMD_READ, addr, count, lba);
    if (ret || Op->count != count)
        fail_msg("%s of %u sectors at %#x: status %d, count %u"
                 , write ? "write" : "read", count, addr, ret, Op->count);
    assert_memory_equal(memory, expected, len + 2 * margin);
    assert_memory_equal(Backend.disk, Disk, sizeof(Disk));
    if (FirmwareCalls32 - before != calls)
        fail_msg("%s of %u sectors at %#x: %u calls"
                 , write ? "write" : "read", count, addr
                 , FirmwareCalls32 - before);
    assert_int_equal(Vbd->ring.busy, 0);
    assert_int_equal(Vbd->state, VBD_CONNECTED);
}

// Both ways.
static void
check_ops(u32 addr, u32 count, u64 lba, u32 calls)
{
    check_op(addr, count, lba, 0, calls);
    check_op(addr, count, lba, 1, calls);
}

// An op that must fail, with one call of 32-bit code.
static void
check_failure(u8 command, u32 count, u64 lba, int expected, u32 done)
{
    u32 before = FirmwareCalls32;
    assert_int_equal(run(command, BUFFER, count, lba), expected);
    assert_int_equal(Op->count, done);
    assert_int_equal(FirmwareCalls32 - before, 1);
}


/****************************************************************
 * What is simple
 ****************************************************************/

static void
test_simple_ops(void **state)
{
    u32 count, offset, ops = 0;
    (void)state;
    for (count = 1; count <= INDIRECT_PLAN_SECTORS; count++)
        for (offset = 0; offset < GUEST_PAGE; offset += 3 * SECTOR) {
            check_ops(BUFFER + offset, count, count, 0);
            ops += 2;
        }
    assert_int_equal(Vbd->stats.calls, ops);
    assert_int_equal(Vbd->stats.requests, Backend.requests);
    assert_int_equal(Vbd->stats.errors, 0);
    assert_int_equal(Vbd->stats.bounced, 0);
    assert_int_equal(xen_live_grants() - fixture_own_grants(Vbd)
                     , Vbd->persistent ? 17 : 0);
}

static void
test_ends_of_disk_and_memory(void **state)
{
    (void)state;
    check_ops(GUEST_PAGE, 1, 0, 0);
    check_ops(0x7c00, 1, BACKEND_SECTORS - 1, 0);
    check_ops(BUFFER, 128, BACKEND_SECTORS - 128, 0);
    check_op(0x9ee00, 1, 9, 0, 0); // Up to the page of the EBDA
}

// Beyond 1 MiB in real mode: granted like any memory, but never sticky.
static void
test_above_1_mib(void **state)
{
    (void)state;
    check_op(GUEST_PROGRAM, 128, 0, 0, Vbd->persistent);
    assert_false(Vbd->persistent);
    check_ops(GUEST_PROGRAM, 128, 0, 0);
    check_op(GUEST_PROGRAM + 4, 8, 0, 0, 1); // To be moved, out of its reach
}

static void
test_op_starts_idle_count_again(void **state)
{
    (void)state;
    Handover.busy = 0; // POST is over
    check_op(BUFFER, 8, 0, 0, 0);
    firmware_tick();
    firmware_tick();
    check_op(BUFFER, 8, 0, 0, 0);
    firmware_tick();
    firmware_tick();
    assert_int_equal(FirmwareCalls32, 0);
    check_op(BUFFER, 8, 0, 0, 0);
}

// The backend at work at any moment: no event is lost.
static void
test_races(void **state)
{
    u32 seed;
    (void)state;
    world_set_seams(SEAMS_ALL);
    for (seed = 0; seed < 1000; seed++) {
        world_seed(seed);
        world_set_chance(1 + seed % 9);
        // Within a spin, and beyond it
        Backend.manner.slow = world_random(seed % 2 ? 40 : 600);
        Backend.manner.reversed = (int)world_random(2);
        u32 count = 1 + world_random(INDIRECT_PLAN_SECTORS);
        u64 begin = world_now();
        check_op(BUFFER + SECTOR * world_random(8), count, seed, 0, 0);
        if (world_now() - begin > NS_PER_S / 2)
            fail_msg("seed %u: an event was lost", seed);
    }
}

// Ops of all kinds, and some time without any, by turns.
static void
test_mixed_ops(void **state)
{
    u32 i, released = 1;
    (void)state;
    blkfront_prepboot();
    for (i = 0; i < 1500; i++) {
        u32 count = 1 + world_random(INDIRECT_PLAN_SECTORS);
        u32 unaligned = world_random(3) ? 0 : 4;
        int write = (int)world_random(2);
        check_op(BUFFER + SECTOR * world_random(8) + unaligned, count
                 , world_random(BACKEND_SECTORS - count), write
                 , (write && unaligned) || released);
        released = !world_random(20);
        if (released) {
            firmware_int15(0xe820);
            assert_rewound(Vbd);
        }
    }
    assert_int_equal(Vbd->stats.errors, 0);
    assert_int_equal(Vbd->stats.calls, 1500);
}


/****************************************************************
 * What is not simple
 ****************************************************************/

static void
test_unaligned(void **state)
{
    static const u32 offsets[] = { 1, 2, 4, 16, 256, 511, 513, 4095 };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(offsets); i++) {
        u32 count;
        for (count = 1; count <= INDIRECT_PLAN_SECTORS; count++)
            check_op(BUFFER + offsets[i], count, i, 0, 0);
        check_op(BUFFER + offsets[i], 9, i, 1, 1);
    }
    assert_int_equal(Vbd->stats.retries, 0); // The right way at once
}

static void
test_memory_that_is_not_granted(void **state)
{
    static const u32 addrs[] = {
        0, 0x400, 0xe00, 0x9f000, 0xa0000, 0xb8000, 0xc0000, 0xf0000,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(addrs); i++)
        check_ops(addrs[i], 2, i, 1);
    assert_int_equal(Vbd->stats.bounced, 4 * ARRAY_SIZE(addrs));
}

static void
test_untrusted_backend(void **state)
{
    (void)state;
    start(BLKBACK, "0", "0");
    check_ops(BUFFER, 128, 0, 1);
    assert_int_equal(Vbd->stats.bounced, 256);
}

static void
test_bad_ops(void **state)
{
    (void)state;
    check_failure(CMD_READ, 0, 0, DISK_RET_SUCCESS, 0);
    check_failure(CMD_WRITE, 0, ~0ULL, DISK_RET_SUCCESS, 0);
    check_failure(CMD_READ, 1, BACKEND_SECTORS, DISK_RET_EPARAM, 0);
    check_failure(CMD_WRITE, 2, BACKEND_SECTORS - 1, DISK_RET_EPARAM, 0);
    check_failure(CMD_READ, 8, ~0ULL - 7, DISK_RET_EPARAM, 0);
    check_failure(CMD_READ, 4097, 0, DISK_RET_EPARAM, 0);
    check_failure(CMD_READ, 65535, 0, DISK_RET_EPARAM, 0);
    assert_int_equal(Backend.requests, 0);
    assert_int_equal(Vbd->stats.errors, 5);
    assert_int_equal(Vbd->stats.calls, 7); // None counts twice
}

static void
test_readonly_disk(void **state)
{
    (void)state;
    start(BLKBACK, NULL, "4");
    check_failure(CMD_WRITE, 8, 0, DISK_RET_EWRITEPROTECT, 0);
    check_op(BUFFER, 8, 0, 0, 0);
}

static void
test_other_commands(void **state)
{
    static const u8 commands[] = {
        CMD_RESET, CMD_VERIFY, CMD_FORMAT, CMD_SEEK, CMD_ISREADY, 0xff,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(commands); i++)
        check_failure(commands[i], 1, 0, DISK_RET_EPARAM, 1);
    assert_int_equal(Backend.requests, 0);
}

// Each thing that 16-bit code needs is missing in turn.
static void
test_out_of_reach(void **state)
{
    (void)state;
    FirmwareOnExtraStack = 0;
    check_ops(BUFFER, 128, 0, 1);
    FirmwareOnExtraStack = 1;
    FirmwareInRealMode = 0;
    check_ops(BUFFER, 128, 0, 1);
    FirmwareInRealMode = 1;
    Config16Bit = 0;
    check_ops(BUFFER, 128, 0, 1);
    Config16Bit = 1;
    Vbd->low = 0;
    check_ops(BUFFER, 128, 0, 1);
    Vbd->low = 1;
    check_ops(BUFFER, 128, 0, 0);
    assert_int_equal(Vbd->stats.bounced, 0); // All of them are direct
}

// The nth allocation of low memory fails: some of them are needed.
static void
test_low_memory_ends(void **state)
{
    u32 n, served = 0;
    void *machine = NULL;
    for (n = 1; n <= 12; n++) {
        fixture_machine(&machine);
        backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
        memcpy(Disk, Backend.disk, sizeof(Disk));
        guest_fail_allocations(n, 1);
        setup_and_end_post();
        guest_fail_allocations(0, 0);
        if (!FirmwareNrDrives)
            continue;
        const struct blkfront_drive_s *blkdrive = container_of(
            FirmwareDrives[0].drive, struct blkfront_drive_s, drive);
        Vbd = guest_ptr(blkdrive->vbd);
        Op = malloc_low(sizeof(*Op));
        int low = Vbd->low && machine_is_low(blkdrive->vbd, sizeof(*Vbd));
        served += (u32)low;
        check_ops(BUFFER, 128, 0, !low);
    }
    (void)state;
    assert_in_range(served, 1, 8);
}

// The disks that come after those with low memory.
static void
test_later_disks(void **state)
{
    static struct backend_s backends[5];
    u32 i;
    void *machine = NULL;
    (void)state;
    fixture_machine(&machine);
    ConfigSticky = 0; // Sticky windows would not fit into the first frame
    for (i = 0; i < ARRAY_SIZE(backends); i++)
        backend_create(&backends[i], BLKBACK, FIXTURE_DEVICE + 16 * i);
    setup_and_end_post();
    Op = malloc_low(sizeof(*Op));
    for (i = 0; i < ARRAY_SIZE(backends); i++) {
        u32 before = FirmwareCalls32;
        FirmwareDrives[0] = FirmwareDrives[i];
        assert_int_equal(run(CMD_READ, BUFFER, 128, 0), DISK_RET_SUCCESS);
        assert_int_equal(FirmwareCalls32 - before, i >= 2);
    }
}

static void
test_disconnected(void **state)
{
    (void)state;
    blkfront_prepboot();
    check_op(BUFFER, 128, 0, 0, 1); // It connects
    check_ops(BUFFER, 128, 0, 0);
}

static void
test_broken(void **state)
{
    (void)state;
    handover_stop(Vbd, "a reason");
    check_failure(CMD_READ, 8, 0, DISK_RET_ENOTREADY, 0);
    assert_rewound(Vbd);
}

// There is no way for the op: the caller hears of it, and nobody else.
static void
test_no_way_to_32_bits(void **state)
{
    (void)state;
    FirmwareNoCall32 = 1;
    FirmwareInRealMode = 0;
    assert_int_equal(run(CMD_READ, BUFFER, 8, 0), DISK_RET_EPARAM);
    assert_int_equal(Backend.requests, 0);
    assert_int_equal(Vbd->stats.calls, 0);
}


/****************************************************************
 * Errors
 ****************************************************************/

static void
test_one_error_does_not_show(void **state)
{
    static const s16 status[] = {
        BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP, 1, 77, -32768,
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(status); i++) {
        Backend.manner.status = status[i];
        Backend.manner.fail_mask = 1;
        check_op(BUFFER, 128, 9, 0, 1);
        Backend.manner.fail_mask = 1;
        check_op(BUFFER, 128, 9, 1, 1);
    }
    assert_int_equal(Vbd->stats.calls, 2 * ARRAY_SIZE(status));
    assert_int_equal(Vbd->stats.retries, 2 * ARRAY_SIZE(status));
    assert_int_equal(Vbd->stats.bounced, 128 * 2 * ARRAY_SIZE(status));
    assert_int_equal(Vbd->stats.errors, 0);
    check_ops(BUFFER, 128, 0, 0);
}

static void
test_errors_and_counts(void **state)
{
    static const struct {
        u32 count, fail_mask, done;
    } cases[] = { // Two requests, and the same again through the bounce
        { 128, 0xf, 0 }, { 128, 0x5, 0 }, { 128, 0xa, 88 },
        { 128, 0x9, 88 }, { 128, 0x6, 0 }, { 128, 0xd, 0 },
        { 128, 0xe, 0 }, { 89, 0xa, 88 },
    };
    u32 i, write;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        for (write = 0; write <= 1; write++) {
            Backend.manner.fail_mask = cases[i].fail_mask;
            check_failure(write ? CMD_WRITE : CMD_READ, cases[i].count, 0
                          , DISK_RET_EBADTRACK, cases[i].done);
            assert_int_equal(Backend.manner.fail_mask, 0);
            memcpy(Disk, Backend.disk, sizeof(Disk));
        }
    assert_int_equal(Vbd->stats.calls, 2 * ARRAY_SIZE(cases));
    assert_int_equal(Vbd->stats.errors, 2 * ARRAY_SIZE(cases));
    assert_int_equal(Vbd->stats.retries, 2 * ARRAY_SIZE(cases));
    check_ops(BUFFER, 128, 0, 0);
}

// Linux's backend cannot use some pages (those of other domains, say).
static void
test_backend_cannot_use_the_pages(void **state)
{
    (void)state;
    Backend.manner.refuses_program = 1;
    check_ops(BUFFER, 128, 0, 1);
    check_ops(0x7c00, 1, 0, 1);
    assert_int_equal(Vbd->stats.retries, 4);
}

// The op fails within its bound, and the disk is stopped.
static void
check_stops(u8 command)
{
    u64 begin = world_now();
    check_failure(command, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_true(world_now() - begin <= 45 * NS_PER_S);
    assert_int_equal(Vbd->state, VBD_BROKEN);
    assert_int_equal(Vbd->stats.errors, 1);
    assert_int_equal(Vbd->stats.calls, 1);
    assert_int_equal(Handover.busy, 0);
    assert_int_equal(xen_open_ports(), 0);
    assert_true(firmware_said("disk stopped"));
    check_failure(command, 8, 0, DISK_RET_ENOTREADY, 0);
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
                start(kinds[k], NULL, "0");
                Backend.manner = manners[m];
                check_stops(write ? CMD_WRITE : CMD_READ);
                assert_rewound(Vbd);
                assert_int_equal(Vbd->pool.nr_quarantined, 0);
            }
}

// All is answered, but the pages are not let go of.
static void
test_backend_keeps_pages(void **state)
{
    (void)state;
    Backend.manner.keeps_pages = 1;
    check_stops(CMD_READ);
    assert_int_equal(Vbd->pool.nr_quarantined, 16);
    assert_int_equal(xen_live_grants(), 16);
    assert_true(firmware_said("keeps pages"));
}

// Neither an answer nor an end.
static void
test_silent_and_not_closing(void **state)
{
    (void)state;
    Backend.manner.silent = Backend.manner.ignores_closing = 1;
    Backend.manner.keeps_pages = 1;
    check_stops(CMD_READ);
    assert_int_equal(Vbd->pool.nr_quarantined, 16);
    assert_int_equal(xen_live_grants()
                     , 16 + Vbd->ring_pool.nr_quarantined);
}

static void
test_out_of_references(void **state)
{
    (void)state;
    while (Vbd->pool.nr_free > 5)
        gref_pool_get(&Vbd->pool, GUEST_HEAP / GUEST_PAGE, 1);
    check_stops(CMD_READ);
    assert_int_equal(Backend.requests, 0);
    assert_rewound(Vbd);
}

static void
test_ring_full(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < RING_SLOTS; i++)
        Vbd->ring.slot[i].busy = 1;
    check_stops(CMD_READ);
    assert_int_equal(Backend.requests, 0);
    assert_rewound(Vbd);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        ALL_BACKENDS(test_simple_ops),
        ALL_BACKENDS(test_ends_of_disk_and_memory),
        ALL_BACKENDS(test_above_1_mib),
        ALL_BACKENDS(test_op_starts_idle_count_again),
        ALL_BACKENDS(test_races),
        ALL_BACKENDS(test_mixed_ops),
        ALL_BACKENDS(test_unaligned),
        ALL_BACKENDS(test_memory_that_is_not_granted),
        cmocka_unit_test_setup(test_untrusted_backend, setup_blkback),
        ALL_BACKENDS(test_bad_ops),
        cmocka_unit_test_setup(test_readonly_disk, setup_blkback),
        cmocka_unit_test_setup(test_other_commands, setup_blkback),
        ALL_BACKENDS(test_out_of_reach),
        cmocka_unit_test_setup(test_low_memory_ends, setup_blkback),
        cmocka_unit_test_setup(test_later_disks, setup_blkback),
        ALL_BACKENDS(test_disconnected),
        ALL_BACKENDS(test_broken),
        cmocka_unit_test_setup(test_no_way_to_32_bits, setup_blkback),
        ALL_BACKENDS(test_one_error_does_not_show),
        cmocka_unit_test_setup(test_errors_and_counts, setup_qdisk),
        ALL_BACKENDS(test_backend_cannot_use_the_pages),
        cmocka_unit_test_setup(test_bad_manners, setup_blkback),
        cmocka_unit_test_setup(test_backend_keeps_pages, setup_blkback),
        cmocka_unit_test_setup(test_silent_and_not_closing, setup_blkback),
        cmocka_unit_test_setup(test_out_of_references, setup_blkback),
        ALL_BACKENDS(test_ring_full),
    };
    return RUN_TESTS(tests);
}
