// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Disks with blocks of more than 512 bytes, which callers know nothing of.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/internal.h" // op32_run
#include "config.h" // ConfigReadahead
#include "fixture.h" // fixture_machine
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcpy

#define SECTOR 512U
#define BUFFER 0x20000U
#define PAGE   0x1000U
#define HIGH   (GUEST_HIGH + GUEST_PROGRAM)

static u8 Expected[BACKEND_SECTORS * SECTOR];
static struct disk_op_s *Op;
static u32 Stamp;

// A disk of this kind with blocks of 'size' bytes, in POST or connected.
static void
prepare(enum backend_kind kind, const char *size)
{
    void *state = NULL;
    fixture_machine(&state);
    Op = malloc_low(sizeof(*Op));
    ConfigReadahead = 0;
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    backend_set_blocks(&Backend, size);
    memcpy(Expected, Backend.disk, sizeof(Expected));
}

static void
start(enum backend_kind kind, const char *size)
{
    prepare(kind, size);
    blkfront_setup();
    blkfront_prepboot();
    assert_int_equal(FirmwareNrDrives, 1);
}

static int setup_blkback(void **state) { (void)state; start(BLKBACK, "4096"); return 0; }
static int setup_persistent(void **state) { (void)state; start(PERSISTENT, "4096"); return 0; }
static int setup_small(void **state) { (void)state; start(BLKBACK, "1024"); return 0; }

// Of more requests some may fail and others not.
static int
setup_direct(void **state)
{
    (void)state;
    prepare(BLKBACK, "4096");
    Backend.indirect = NULL;
    blkfront_setup();
    blkfront_prepboot();
    return 0;
}

static int
setup_untrusted(void **state)
{
    (void)state;
    prepare(BLKBACK, "4096");
    backend_set_frontend_key(&Backend, "trusted", "0");
    blkfront_setup();
    blkfront_prepboot();
    return 0;
}

static struct vbd_s *
vbd(void)
{
    return drive_vbd(container_of(FirmwareDrives[0].drive
                                  , struct blkfront_drive_s, drive));
}

static int
run(u8 command, u64 lba, u32 count, u32 addr)
{
    *Op = (struct disk_op_s) {
        .drive_fl = FirmwareDrives[0].drive, .command = command, .lba = lba,
        .count = (u16)count, .buf_fl = guest_ptr(addr),
    };
    return count > 128 ? blkfront_process_op(Op) : firmware_op_16(Op);
}

static void
check_read(u64 lba, u32 count, u32 addr)
{
    u8 *memory = guest_ptr(addr);
    memset(memory - 8, 0xee, count * SECTOR + 16);
    assert_int_equal(run(CMD_READ, lba, count, addr), DISK_RET_SUCCESS);
    assert_int_equal(Op->count, count);
    assert_memory_equal(memory, &Expected[lba * SECTOR], count * SECTOR);
    assert_int_equal(memory[-1], 0xee);
    assert_int_equal(memory[count * SECTOR], 0xee);
}

static void
fill(u32 addr, u32 count)
{
    u8 *memory = guest_ptr(addr);
    u32 i;
    for (i = 0; i < count * SECTOR; i++)
        memory[i] = (u8)((i + ++Stamp) * 2654435761U >> 24);
}

static void
check_write(u64 lba, u32 count, u32 addr)
{
    fill(addr, count);
    memcpy(&Expected[lba * SECTOR], guest_ptr(addr), count * SECTOR);
    assert_int_equal(run(CMD_WRITE, lba, count, addr), DISK_RET_SUCCESS);
    assert_int_equal(Op->count, count);
    assert_memory_equal(Backend.disk, Expected, sizeof(Expected));
}

static const struct {
    u64 lba;
    u32 count;
} Cases[] = {
    { 0, 1 }, { 7, 1 }, { 3, 2 }, { 7, 2 }, { 0, 8 }, { 1, 7 }, { 8, 7 },
    { 5, 8 }, { 5, 11 }, { 8, 64 }, { 15, 63 }, { 63, 127 }, { 1, 128 },
    { 7, 128 }, { 8, 128 }, { 9, 127 }, { 8, 127 }, { 17, 300 }, { 16, 296 },
    { BACKEND_SECTORS - 1, 1 }, { BACKEND_SECTORS - 131, 131 },
};


/****************************************************************
 * Ops
 ****************************************************************/

static void
test_found(void **state)
{
    (void)state;
    assert_int_equal(vbd()->block_mask, 7);
    assert_int_equal(FirmwareDrives[0].drive->blksize, SECTOR);
    assert_true(FirmwareDrives[0].drive->sectors == BACKEND_SECTORS);
    assert_true(firmware_said("xvda: blocks of 4096 bytes"));
}

// Whatever the caller asks for, the backend is asked for whole blocks.
static void
test_reads(void **state)
{
    static const u32 places[] = { 0, 1, 4, 512, 1024, 0xe00 };
    u32 i, j;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Cases); i++)
        for (j = 0; j < ARRAY_SIZE(places); j++)
            check_read(Cases[i].lba, Cases[i].count, BUFFER + places[j]);
    assert_int_equal(Backend.misaligned, 0);
    assert_memory_equal(Backend.disk, Expected, sizeof(Expected));
    firmware_int15(0xe820);
    assert_rewound(vbd());
}

static void
test_writes(void **state)
{
    static const u32 places[] = { 0, 1, 512, 0xe00 };
    u32 i, j;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Cases); i++)
        for (j = 0; j < ARRAY_SIZE(places); j++) {
            check_write(Cases[i].lba, Cases[i].count, BUFFER + places[j]);
            check_read(Cases[i].lba, Cases[i].count, BUFFER + places[j]);
        }
    assert_int_equal(Backend.misaligned, 0);
}

// What is aligned is transferred in place, and by 16-bit code, with as many
// requests as on any disk.
static void
test_in_place(void **state)
{
    (void)state;
    check_read(0, 8, BUFFER);
    u32 bounced = vbd()->stats.bounced, requests = vbd()->stats.requests;
    check_read(8, 8, BUFFER);
    check_read(16, 128, BUFFER + PAGE);
    check_write(16, 64, BUFFER + PAGE);
    assert_int_equal(vbd()->stats.bounced, bounced);
    assert_int_equal(vbd()->stats.requests, requests + 3);
    check_read(16, 7, BUFFER);
    assert_int_equal(vbd()->stats.bounced, bounced + 7);
    check_read(17, 8, BUFFER);
    check_read(16, 8, BUFFER + 512);
    assert_int_equal(vbd()->stats.bounced, bounced + 23);
}

// A write asks first for what it must not change, and for no more.
static void
test_requests_of_a_write(void **state)
{
    static const struct {
        u64 lba;
        u32 count, requests;
    } cases[] = {
        { 8, 8, 1 }, { 8, 1, 2 }, { 12, 1, 2 }, { 15, 1, 2 }, { 9, 7, 2 },
        { 9, 8, 3 }, { 9, 15, 2 }, { 8, 15, 2 }, { 9, 63, 2 }, { 9, 62, 3 },
    };
    u32 i;
    (void)state;
    check_read(0, 8, BUFFER);
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        u32 before = Backend.requests;
        check_write(cases[i].lba, cases[i].count, BUFFER);
        assert_int_equal(Backend.requests - before, cases[i].requests);
    }
}

static void
test_streams(void **state)
{
    static const u32 counts[] = { 1, 3, 8, 17, 63, 127 };
    u32 i, lba;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(counts); i++) {
        start(BLKBACK, "4096");
        ConfigReadahead = 1;
        blkfront_setup();
        for (lba = 5; lba + counts[i] < 1500; lba += counts[i])
            check_read(lba, counts[i], BUFFER);
        check_write(lba + 3, counts[i], BUFFER);
        for (; lba + counts[i] < 2500; lba += counts[i])
            check_read(lba, counts[i], BUFFER);
        assert_int_equal(Backend.misaligned, 0);
    }
}

// Memory above 4 GiB can only be granted: what is not of whole blocks is an error.
static void
test_high(void **state)
{
    (void)state;
    prepare(BLKBACK, "4096");
    const u8 *memory = guest_frame((u32)(HIGH / PAGE));
    blkfront_setup();
    blkfront_prepboot();
    *Op = (struct disk_op_s) {
        .drive_fl = FirmwareDrives[0].drive, .command = CMD_READ | CMD_FLAT,
        .lba = 16, .count = 24, .buf_fl = guest_ptr((u32)HIGH),
        .buf_high = HIGH >> 32,
    };
    assert_int_equal(blkfront_process_op(Op), DISK_RET_SUCCESS);
    assert_memory_equal(memory, &Expected[16 * SECTOR], 24 * SECTOR);
    Op->command = CMD_READ | CMD_FLAT;
    Op->drive_fl = FirmwareDrives[0].drive;
    Op->lba = 17;
    Op->count = 24;
    assert_int_equal(blkfront_process_op(Op), DISK_RET_EPARAM);
    assert_int_equal(Op->count, 0);
    assert_int_equal(Backend.misaligned, 0);
}


/****************************************************************
 * Errors
 ****************************************************************/

// Whichever request fails: what is told as done is done, and each sector is old or
// new; those around the op stay.
static void
check_failing_write(u64 lba, u32 count, u32 mask)
{
    u32 i, connects = vbd()->stats.connects;
    fill(BUFFER, count);
    Backend.manner.fail_mask = mask;
    int ret = run(CMD_WRITE, lba, count, BUFFER);
    Backend.manner.fail_mask = 0;
    assert_int_equal(ret, Op->count == count ? DISK_RET_SUCCESS : DISK_RET_EBADTRACK);
    assert_int_equal(vbd()->state, VBD_CONNECTED);
    assert_int_equal(vbd()->stats.connects, connects);
    assert_memory_equal(Backend.disk, Expected, lba * SECTOR);
    for (i = 0; i < count; i++) {
        const u8 *new = (u8 *)guest_ptr(BUFFER) + i * SECTOR;
        u8 *old = &Expected[(lba + i) * SECTOR];
        const u8 *there = &Backend.disk[(lba + i) * SECTOR];
        int is_new = !memcmp(there, new, SECTOR);
        assert_true(is_new || (i >= Op->count && !memcmp(there, old, SECTOR)));
        memcpy(old, there, SECTOR);
    }
    assert_memory_equal(Backend.disk, Expected, sizeof(Expected));
}

static void
test_failing_writes(void **state)
{
    u32 i, mask;
    (void)state;
    check_read(0, 1, BUFFER); // From here on nothing connects
    for (i = 0; i < ARRAY_SIZE(Cases); i++)
        for (mask = 1; mask < 64; mask++) {
            check_failing_write(Cases[i].lba, Cases[i].count, mask);
            check_failing_write(Cases[i].lba, Cases[i].count, ~0U);
        }
}

static void
test_failing_reads(void **state)
{
    u32 i, mask, done = 0;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Cases); i++)
        for (mask = 1; mask < 64; mask++) {
            Backend.manner.fail_mask = mask;
            run(CMD_READ, Cases[i].lba, Cases[i].count, BUFFER);
            assert_in_range(Op->count, 0, Cases[i].count);
            assert_memory_equal(guest_ptr(BUFFER)
                                , &Expected[Cases[i].lba * SECTOR]
                                , Op->count * SECTOR);
            done += Op->count == Cases[i].count;
            Backend.manner.fail_mask = 0;
        }
    assert_true(done > 100);
    check_read(9, 63, BUFFER);
}

// The backend stops between the reads and the write.
static void
test_lost(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < 3; i++) {
        start(BLKBACK, "4096");
        check_read(0, 8, BUFFER);
        Backend.manner.late = i + 1;
        Backend.manner.late_turns = ~0U;
        fill(BUFFER, 8);
        assert_int_equal(run(CMD_WRITE, 9, 8, BUFFER), DISK_RET_ETIMEOUT);
        if (i < 2)
            assert_memory_equal(Backend.disk, Expected, sizeof(Expected));
        assert_nothing_shared();
    }
}

// The backend sees nothing of earlier ops.
static void
test_untrusted(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Cases); i++) {
        check_write(Cases[i].lba, Cases[i].count, BUFFER);
        check_read(Cases[i].lba, Cases[i].count, BUFFER);
    }
    assert_int_equal(Backend.misaligned, 0);
    check_write(9, 100, BUFFER);
    check_write(9, 1, BUFFER);
    const u8 *bounce = guest_ptr(Pages.bounce);
    for (i = PAGE; i < PAGES_BOUNCE * PAGE; i++)
        assert_int_equal(bounce[i], 0);
}


/****************************************************************
 * Connect
 ****************************************************************/

static void
test_sizes(void **state)
{
    static const struct {
        const char *size, *physical;
        int good;
    } cases[] = {
        { "512", NULL, 1 }, { "512", "4096", 1 }, { "1024", "1024", 1 },
        { "2048", "4096", 1 }, { "4096", "4096", 1 }, { "4096", "16384", 1 },
        { "4096", NULL, 0 }, { "4096", "512", 0 }, { "4096", "x", 0 },
        { "8192", "8192", 0 }, { "65536", "65536", 0 }, { "1536", "4096", 0 },
        { "256", "4096", 0 }, { "0", "4096", 0 }, { "x", "4096", 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        prepare(BLKBACK, cases[i].size);
        Backend.physical_sector_size = cases[i].physical;
        blkfront_setup();
        assert_int_equal(FirmwareNrDrives, cases[i].good);
        blkfront_prepboot();
        if (cases[i].good)
            check_read(9, 3, BUFFER);
        else
            assert_nothing_shared();
    }
}

// QEMU's backend counts blocks.  It tells their size before anybody connects, and
// lets nobody connect who does not know of it: no wait.
static void
test_qdisk_counts_blocks(void **state)
{
    (void)state;
    prepare(QDISK, "4096");
    Backend.physical_sector_size = NULL;
    backend_set_key(&Backend, "sector-size", "4096");
    Backend.manner.ignores_states = 1;
    u64 begin = world_now();
    blkfront_setup();
    assert_true(world_now() - begin <= 5 * NS_PER_MS);
    assert_int_equal(FirmwareNrDrives, 0);
    assert_true(firmware_said("xvda: skipped: blocks of 4096 bytes"));
    assert_nothing_shared();
}

// Linux 6.9 and later tell 512 or 4096 of the same loop device.
static void
test_blocks_change(void **state)
{
    static const char *const sizes[] = { "512", "4096", "512", "2048", "4096" };
    static const u32 masks[] = { 0, 7, 0, 3, 7 };
    u32 i;
    (void)state;
    start(BLKBACK, "4096");
    for (i = 0; i < ARRAY_SIZE(sizes); i++) {
        firmware_int15(0xe820);
        assert_rewound(vbd());
        backend_set_blocks(&Backend, sizes[i]);
        check_read(3, 12, BUFFER);
        check_write(3, 12, BUFFER);
        check_read(8, 8, BUFFER);
        assert_int_equal(vbd()->block_mask, masks[i]);
        assert_int_equal(Backend.misaligned, 0);
    }
}

#define ALL_BLOCKS(test) \
    { #test "/blkback", test, setup_blkback, NULL, NULL }, \
    { #test "/persistent", test, setup_persistent, NULL, NULL }, \
    { #test "/1024", test, setup_small, NULL, NULL }, \
    { #test "/direct", test, setup_direct, NULL, NULL }, \
    { #test "/untrusted", test, setup_untrusted, NULL, NULL }

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        { "test_found", test_found, setup_blkback, NULL, NULL },
        ALL_BLOCKS(test_reads),
        ALL_BLOCKS(test_writes),
        ALL_BLOCKS(test_failing_writes),
        ALL_BLOCKS(test_failing_reads),
        { "test_in_place", test_in_place, setup_blkback, NULL, NULL },
        { "test_requests_of_a_write", test_requests_of_a_write, setup_blkback, NULL
          , NULL },
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_high),
        cmocka_unit_test(test_lost),
        { "test_untrusted", test_untrusted, setup_untrusted, NULL, NULL },
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_qdisk_counts_blocks),
        cmocka_unit_test(test_blocks_change),
    };
    return RUN_TESTS(tests);
}
