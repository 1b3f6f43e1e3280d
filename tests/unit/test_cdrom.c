// SPDX-License-Identifier: LGPL-3.0-or-later
//
// CD-ROMs: blocks of 2048 bytes, drives that are empty, discs that change, and
// the emulated drive beside each.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "config.h" // ConfigReadahead
#include "fixture.h" // Backend
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcpy
#include "util.h" // boot_add_cd

#define HDC     5632U
#define HDD     5696U
#define XVDE    51776U
#define BUFFER  0x20000U
#define BLOCK   CDROM_SECTOR_SIZE
#define BLOCKS  (BACKEND_SECTORS / 4U)

static struct backend_s Other;
static struct drive_s Emulated;
static struct disk_op_s *Op;

// A raw image that qemu serves, if the kind is qemu's.
static void
insert(struct backend_s *backend, enum backend_kind kind, u32 device)
{
    backend_create(backend, kind, device);
    backend_set_frontend_key(backend, "device-type", "cdrom");
    backend_set_key(backend, "params", kind == QDISK ? "aio:/iso" : "/dev/iso");
    backend->info = "5";
}

static void
add_emulated(u8 type, u32 cntl_id)
{
    Emulated = (struct drive_s) {
        .type = type, .cntl_id = cntl_id, .sectors = ~0ULL, .blksize = BLOCK,
    };
    boot_add_cd(&Emulated, "DVD/CD [ata1-0: QEMU DVD-ROM ATAPI-4 DVD/CD]", -1);
}

static void
start(enum backend_kind kind)
{
    void *state = NULL;
    fixture_machine(&state);
    ConfigReadahead = 1;
    Op = malloc_low(sizeof(*Op));
    insert(&Backend, kind, HDC);
    add_emulated(DTYPE_ATA_ATAPI, 2);
    blkfront_setup();
    blkfront_hide_twins();
}

static int
setup_kind(void **state, enum backend_kind kind)
{
    (void)state;
    start(kind);
    return 0;
}

static int setup_blkback(void **state) { return setup_kind(state, BLKBACK); }
static int setup_persistent(void **state) { return setup_kind(state, PERSISTENT); }
static int setup_qdisk(void **state) { return setup_kind(state, QDISK); }

static int
setup_machine(void **state)
{
    fixture_machine(state);
    Op = malloc_low(sizeof(*Op));
    return 0;
}

static int
run(u8 command, u64 lba, u16 count, u32 addr)
{
    *Op = (struct disk_op_s) {
        .drive_fl = FirmwareDrives[0].drive, .command = command, .lba = lba,
        .count = count, .buf_fl = guest_ptr(addr),
    };
    return firmware_op_16(Op);
}

static struct vbd_s *
vbd(void)
{
    return drive_vbd(container_of(FirmwareDrives[0].drive
                                  , struct blkfront_drive_s, drive));
}

static void
check_read(u64 lba, u16 count, u32 addr)
{
    memset(guest_ptr(addr), 0xee, count * BLOCK);
    assert_int_equal(run(CMD_READ, lba, count, addr), DISK_RET_SUCCESS);
    assert_int_equal(Op->count, count);
    assert_memory_equal(guest_ptr(addr), &Backend.disk[lba * BLOCK]
                        , count * BLOCK);
}


/****************************************************************
 * Blocks
 ****************************************************************/

static void
test_found(void **state)
{
    const struct drive_s *drive = FirmwareDrives[0].drive;
    (void)state;
    assert_int_equal(FirmwareNrDrives, 1); // In place of its twin
    assert_int_equal(FirmwareDrives[0].is_cdrom, 1);
    assert_int_equal(drive->type, DTYPE_XEN_VBD);
    assert_int_equal(drive->blksize, BLOCK);
    assert_true(drive->sectors == ~0ULL);
    assert_string_equal(FirmwareDrives[0].desc, "Xen PV CD-ROM hdc, 2 MiB");
    assert_int_equal(Handover.busy, 1); // POST goes on
}

static void
test_reads(void **state)
{
    u32 i;
    (void)state;
    blkfront_prepboot();
    for (i = 0; i < 20; i++)
        check_read(16 + i, 1, BUFFER);
    check_read(0, 32, BUFFER);
    check_read(BLOCKS - 32, 32, BUFFER);
    check_read(77, 3, BUFFER + 4);
    check_read(77, 3, BUFFER + 1);
    check_read(BLOCKS - 1, 1, BUFFER);
    firmware_int15(0xe820);
    assert_rewound(vbd());
}

static void
test_ends(void **state)
{
    static const struct {
        u64 lba;
        u16 count;
    } cases[] = {
        { BLOCKS, 1 }, { BLOCKS - 1, 2 }, { 0xffffffff, 1 },
        { 1ULL << 32, 1 }, { 1ULL << 62, 1 }, { ~0ULL, 1 }, { ~0ULL - 3, 32 },
    };
    u32 i;
    (void)state;
    blkfront_prepboot();
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(run(CMD_READ, cases[i].lba, cases[i].count, BUFFER)
                         , DISK_RET_EPARAM);
    check_read(5, 1, BUFFER);
}

static void
test_part_of_a_block(void **state)
{
    setup_machine(state);
    insert(&Backend, BLKBACK, HDC);
    Backend.sectors = "39";
    blkfront_setup();
    blkfront_prepboot();
    check_read(8, 1, BUFFER);
    assert_int_equal(run(CMD_READ, 9, 1, BUFFER), DISK_RET_EPARAM);
}

// More than 64 KiB in one op.
static void
test_long_op(void **state)
{
    (void)state;
    blkfront_prepboot();
    *Op = (struct disk_op_s) {
        .drive_fl = FirmwareDrives[0].drive, .command = CMD_READ, .lba = 7,
        .count = 150, .buf_fl = guest_ptr(BUFFER),
    };
    assert_int_equal(blkfront_process_op(Op), DISK_RET_SUCCESS);
    assert_int_equal(Op->count, 150);
    assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[7 * BLOCK]
                        , 150 * BLOCK);
    assert_true(FirmwareDrives[0].drive->max_flat_size == 0xffff * BLOCK);
}

// A part of a read is told in blocks.
static void
test_error(void **state)
{
    (void)state;
    blkfront_prepboot();
    run(CMD_READ, 0, 1, BUFFER);
    Backend.manner.fail_mask = ~0U;
    assert_int_not_equal(run(CMD_READ, 300, 32, BUFFER), DISK_RET_SUCCESS);
    assert_in_range(Op->count, 0, 31);
    Backend.manner.fail_mask = 0;
    check_read(300, 32, BUFFER);
}

static void
test_no_writes(void **state)
{
    (void)state;
    blkfront_prepboot();
    assert_int_equal(run(CMD_WRITE, 20, 1, BUFFER), DISK_RET_EWRITEPROTECT);
    assert_int_equal(FirmwareOtherOps, 0);
}

// A drive of the host's has blocks of its own.
static void
test_drive_of_the_host(void **state)
{
    static const struct {
        const char *size;
        int good;
    } cases[] = { { "2048", 1 }, { "512", 1 }, { "4096", 0 }, { "1536", 0 } };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup_machine(state);
        insert(&Backend, BLKBACK, HDC);
        Backend.sector_size = cases[i].size;
        blkfront_setup();
        assert_int_equal(FirmwareNrDrives, cases[i].good);
    }
}

static int
run_scsi(u8 command)
{
    u8 cdb[16] = { command };
    *Op = (struct disk_op_s) {
        .drive_fl = FirmwareDrives[0].drive, .command = CMD_SCSI, .cdbcmd = cdb,
    };
    return blkfront_process_op(Op);
}

static void
test_scsi(void **state)
{
    (void)state;
    blkfront_prepboot();
    assert_int_equal(run_scsi(0), DISK_RET_SUCCESS);
    assert_int_equal(run_scsi(0x28), DISK_RET_EPARAM);
    assert_int_equal(FirmwareOtherOps, 0);
}


/****************************************************************
 * Discs
 ****************************************************************/

// It costs no wait, and leaves the emulated drive where it is.
static void
test_empty(void **state)
{
    static const char *const params[] = { NULL, "", "aio:", "raw:" };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(params); i++) {
        setup_machine(state);
        insert(&Backend, QDISK, HDC);
        backend_set_key(&Backend, "params", params[i]);
        Backend.manner.ignores_states = 1;
        add_emulated(DTYPE_ATA_ATAPI, 2);
        u64 begin = world_now();
        blkfront_setup();
        blkfront_hide_twins();
        assert_true(world_now() - begin <= 5 * NS_PER_MS);
        assert_true(firmware_said("hdc: skipped: no disc"));
        assert_int_equal(FirmwareNrDrives, 1);
        assert_ptr_equal(FirmwareDrives[0].drive, &Emulated);
        assert_nothing_shared();
    }
}

// A drive of the host's: it has a name, and its backend has not begun.
static void
test_empty_drive_of_the_host(void **state)
{
    setup_machine(state);
    insert(&Backend, QDISK, HDC);
    Backend.manner.ignores_states = 1;
    backend_set_states(&Backend, XenbusStateInitialising
                       , XenbusStateInitialising);
    add_emulated(DTYPE_ATA_ATAPI, 2);
    u64 begin = world_now();
    blkfront_setup();
    assert_true(world_now() - begin <= 5 * NS_PER_MS);
    assert_int_equal(FirmwareNrDrives, 1);
    assert_nothing_shared();
}

// The toolstack changes the disc in some way, some time.
static void
check_change(const char *params, int connected)
{
    start(QDISK);
    blkfront_prepboot();
    check_read(16, 2, BUFFER);
    if (!connected)
        firmware_int15(0xe820);
    backend_set_key(&Backend, "params", params);
    firmware_missed_tick();
    world_sleep(2 * NS_PER_TICK); // xl takes longer
    assert_int_equal(run(CMD_READ, 18, 2, BUFFER), FirmwareOtherResult);
    assert_int_equal(FirmwareOtherOps, 1);
    assert_true(firmware_said("hdc: disc changed"));
    assert_true(firmware_said("hdc: continues on its emulated twin"));
    assert_rewound(vbd());
    // For good, even if it comes back.
    backend_set_key(&Backend, "params", "aio:/iso");
    world_sleep(2 * NS_PER_TICK);
    run(CMD_READ, 18, 2, BUFFER);
    assert_int_equal(run_scsi(0), FirmwareOtherResult);
    assert_int_equal(FirmwareOtherOps, 3);
    firmware_int15(0xe820);
    assert_rewound(vbd());
}

static void
test_changes(void **state)
{
    static const char *const params[] = {
        NULL, "", "aio:", "aio:/isp", "aio:/iso2", "raw:/iso", "aio:/is", "aio:/osi",
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(params); i++) {
        check_change(params[i], 0);
        check_change(params[i], 1);
    }
}

// SeaBIOS asks whether the drive is ready, and the emulated one has the answer.
static void
test_change_before_boot(void **state)
{
    (void)state;
    start(QDISK);
    blkfront_prepboot();
    assert_int_equal(run_scsi(0), DISK_RET_SUCCESS);
    assert_int_equal(FirmwareOtherOps, 0);
    firmware_int15(0xe820);
    backend_set_key(&Backend, "params", "aio:/other");
    FirmwareOtherResult = DISK_RET_EBADTRACK; // Its disc has changed
    assert_int_equal(run_scsi(0), DISK_RET_EBADTRACK);
    assert_int_equal(FirmwareOtherOps, 1);
    assert_ptr_equal(Op->drive_fl, &Emulated);
    assert_rewound(vbd());
}

// A name may be long, and all of it counts.
static void
test_long_names(void **state)
{
    static char name[] = "aio:/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    assert_true(sizeof(name) > XENSTORE_VALUE_MAX + 1);
    setup_machine(state);
    insert(&Backend, QDISK, HDC);
    backend_set_key(&Backend, "params", name);
    blkfront_setup();
    blkfront_prepboot();
    check_read(16, 2, BUFFER);
    world_sleep(2 * NS_PER_TICK);
    check_read(18, 2, BUFFER);
    name[sizeof(name) - 2] = 'y';
    backend_set_key(&Backend, "params", name);
    world_sleep(2 * NS_PER_TICK);
    assert_int_not_equal(run(CMD_READ, 18, 2, BUFFER), DISK_RET_SUCCESS);
    assert_true(firmware_said("disc changed"));
}

// In the middle of a stream: nothing of the old disc, within a tick or two, comes
// as something of the new one.
static void
test_change_in_a_stream(void **state)
{
    u32 i, other = 0;
    (void)state;
    blkfront_prepboot();
    for (i = 0; i < 200; i++) {
        if (i == 100)
            backend_set_key(&Backend, "params", "");
        world_sleep(NS_PER_MS);
        u32 before = FirmwareOtherOps;
        assert_int_equal(run(CMD_READ, i, 1, BUFFER), DISK_RET_SUCCESS);
        other += FirmwareOtherOps - before;
        if (i < 100)
            assert_int_equal(FirmwareOtherOps, 0);
    }
    assert_in_range(other, 40, 99);
}

// Without an emulated drive there is an error, and no data.
static void
test_change_without_twin(void **state)
{
    setup_machine(state);
    insert(&Backend, BLKBACK, XVDE);
    blkfront_setup();
    blkfront_prepboot();
    check_read(16, 2, BUFFER);
    backend_set_key(&Backend, "params", "");
    world_sleep(2 * NS_PER_TICK);
    assert_int_equal(run(CMD_READ, 16, 2, BUFFER), DISK_RET_ENOTREADY);
    assert_int_equal(Op->count, 0);
    assert_int_equal(run(CMD_READ, 16, 2, BUFFER), DISK_RET_ENOTREADY);
    assert_rewound(vbd());
}


/****************************************************************
 * Drives
 ****************************************************************/

// Each is the twin of the one at its place, and no disk is.
static void
test_two_drives(void **state)
{
    static struct drive_s second, disk;
    setup_machine(state);
    insert(&Backend, QDISK, HDD);
    insert(&Other, QDISK, HDC);
    backend_set_key(&Other, "params", "aio:"); // Empty
    add_emulated(DTYPE_ATA_ATAPI, 2);
    second = Emulated;
    second.cntl_id = 3;
    boot_add_cd(&second, "DVD/CD [ata1-1: QEMU DVD-ROM ATAPI-4 DVD/CD]", -1);
    disk = (struct drive_s) {
        .type = DTYPE_ATA, .cntl_id = 3, .sectors = ~0ULL, .blksize = BLOCK,
    };
    boot_add_hd(&disk, "ata1-1: QEMU HARDDISK", -1);
    blkfront_setup();
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 3);
    assert_ptr_equal(FirmwareDrives[0].drive, &Emulated);
    assert_int_equal(FirmwareDrives[1].drive->cntl_id, HDD);
    assert_ptr_equal(FirmwareDrives[2].drive, &disk);
}

static void
test_ahci(void **state)
{
    setup_machine(state);
    insert(&Backend, QDISK, HDC);
    add_emulated(DTYPE_AHCI_ATAPI, 2);
    FirmwareDrives[0].desc = "DVD/CD [AHCI/2: QEMU DVD-ROM ATAPI-4 DVD/CD]";
    blkfront_setup();
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_int_equal(FirmwareDrives[0].drive->type, DTYPE_XEN_VBD);
}

// A drive of the host's that is passed through is nobody's twin.
static void
test_foreign(void **state)
{
    setup_machine(state);
    insert(&Backend, QDISK, HDC);
    add_emulated(DTYPE_ATA_ATAPI, 2);
    FirmwareDrives[0].desc = "DVD/CD [ata1-0: PLEXTOR ATAPI-4 DVD/CD]";
    blkfront_setup();
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 2);
}

// The backend goes: the emulated drive serves.
static void
test_lost(void **state)
{
    start(QDISK);
    (void)state;
    blkfront_prepboot();
    check_read(16, 2, BUFFER);
    backend_detach_device(&Backend);
    backend_die(&Backend);
    assert_int_equal(run(CMD_READ, 18, 2, BUFFER), FirmwareOtherResult);
    assert_int_equal(FirmwareOtherOps, 1);
}

#define ALL_BACKENDS(test) \
    { #test "/blkback", test, setup_blkback, NULL, NULL }, \
    { #test "/persistent", test, setup_persistent, NULL, NULL }, \
    { #test "/qdisk", test, setup_qdisk, NULL, NULL }

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        ALL_BACKENDS(test_found),
        ALL_BACKENDS(test_reads),
        ALL_BACKENDS(test_ends),
        ALL_BACKENDS(test_long_op),
        ALL_BACKENDS(test_error),
        ALL_BACKENDS(test_no_writes),
        ALL_BACKENDS(test_scsi),
        ALL_BACKENDS(test_change_in_a_stream),
        cmocka_unit_test(test_part_of_a_block),
        cmocka_unit_test(test_drive_of_the_host),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_empty_drive_of_the_host),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_change_before_boot),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_change_without_twin),
        cmocka_unit_test(test_two_drives),
        cmocka_unit_test(test_ahci),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_lost),
    };
    return RUN_TESTS(tests);
}
