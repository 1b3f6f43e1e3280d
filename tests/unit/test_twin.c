// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The emulated twin of a disk: it loses its drive number, and serves where
// the disk itself cannot.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_hide_twins
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "fixture.h" // fixture_machine
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "util.h" // boot_add_hd
#include "string.h" // memcpy

#define XVD(n)  (202U << 8 | (n) << 4)
#define SD(n)   (8U << 8 | (n) << 4)
#define HD(n)   ((n) < 2 ? 3U << 8 | (n) << 6 : 22U << 8 | ((n) - 2) << 6)
#define BUFFER  0x20000U
#define MAX_DISKS 8

static struct backend_s Disks[MAX_DISKS];
static struct drive_s Emulated[MAX_DISKS];

// Where an op's structure is: on the stack.
static struct disk_op_s *Op;

// A raw image that qemu serves.
static void
add_disk(u32 n, u32 device, const char *sectors)
{
    backend_create(&Disks[n], QDISK, device);
    Disks[n].sectors = sectors;
    backend_set_key(&Disks[n], "params", "aio:/path");
}

static void
add_emulated(u32 n, u8 type, u32 cntl_id, u64 sectors)
{
    Emulated[n] = (struct drive_s) {
        .type = type, .cntl_id = cntl_id, .sectors = sectors,
        .blksize = DISK_SECTOR_SIZE,
    };
    boot_add_hd(&Emulated[n], "ata0-0: QEMU HARDDISK ATA-7 Hard-Disk", -1);
}

// The same, of a controller that is passed through.
static void
add_foreign(u32 n, const char *desc)
{
    add_emulated(n, DTYPE_AHCI, 0, 1000);
    FirmwareDrives[FirmwareNrDrives - 1].desc = desc;
}

static int
setup(void **state)
{
    fixture_machine(state);
    Op = malloc_low(sizeof(*Op));
    assert_non_null(Op);
    return 0;
}

static const struct blkfront_drive_s *
ours(u32 place)
{
    assert_int_equal(FirmwareDrives[place].drive->type, DTYPE_XEN_VBD);
    return container_of(FirmwareDrives[place].drive, struct blkfront_drive_s
                        , drive);
}

// What stands at a place of the boot order: a device of ours, or an
// emulated drive by its place in Emulated[].
static u32
device_at(u32 place)
{
    return FirmwareDrives[place].drive->cntl_id;
}


/****************************************************************
 * Who is whose twin
 ****************************************************************/

static void
test_ide(void **state)
{
    u32 late;
    for (late = 0; late < 2; late++) {
        setup(state);
        add_disk(0, HD(2), "1000");
        add_disk(1, XVD(1), "2000");
        add_disk(2, XVD(4), "3000");
        if (late)
            blkfront_setup();
        add_emulated(0, DTYPE_ATA, 1, 2000);
        add_emulated(1, DTYPE_ATA, 2, 1000);
        add_emulated(2, DTYPE_ATA, 3, 77); // With no disk of ours
        if (!late)
            blkfront_setup();
        blkfront_hide_twins();
        blkfront_hide_twins(); // Once more is harmless
        assert_int_equal(FirmwareNrDrives, 4);
        u32 at = late; // Ours that has no twin was added first, or last
        assert_int_equal(device_at(late ? 0 : 3), XVD(4));
        assert_int_equal(device_at(at), XVD(1));
        assert_ptr_equal(ours(at)->twin, &Emulated[0]);
        assert_int_equal(device_at(at + 1), HD(2));
        assert_ptr_equal(ours(at + 1)->twin, &Emulated[1]);
        assert_ptr_equal(FirmwareDrives[at + 2].drive, &Emulated[2]);
        assert_null(ours(late ? 0 : 3)->twin);
    }
}

static void
test_ahci(void **state)
{
    (void)state;
    add_disk(0, XVD(5), "1000");
    add_emulated(0, DTYPE_AHCI, 5, 1000);
    blkfront_setup();
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_ptr_equal(ours(0)->twin, &Emulated[0]);
}

static void
test_scsi(void **state)
{
    (void)state;
    add_disk(0, SD(4), "1000");
    add_disk(1, SD(1), "2000");
    add_emulated(0, DTYPE_LSI_SCSI, 3, 2000);
    add_emulated(1, DTYPE_LSI_SCSI, 3, 1000);
    add_emulated(2, DTYPE_LSI_SCSI, 3, 1000); // A CD-ROM, which does not count
    Emulated[2].blksize = CDROM_SECTOR_SIZE;
    blkfront_setup();
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 3);
    assert_int_equal(device_at(0), SD(1));
    assert_ptr_equal(ours(0)->twin, &Emulated[0]);
    assert_int_equal(device_at(1), SD(4));
    assert_ptr_equal(ours(1)->twin, &Emulated[1]);
}

// Nothing is hidden that may be another disk.
static void
test_no_twin(void **state)
{
    static const struct {
        u32 device;
        u8 type;
        u32 cntl_id;
        u64 sectors;
    } cases[] = {
        { XVD(0), DTYPE_ATA, 1, 1000 },         // At another place
        { XVD(0), DTYPE_ATA, 0, 1001 },         // Of another size
        { XVD(0), DTYPE_NVME, 0, 1000 },        // Of another kind
        { XVD(0), DTYPE_LSI_SCSI, 0, 1000 },
        { SD(0), DTYPE_ATA, 0, 1000 },
        { 9 << 8, DTYPE_ATA, 0, 1000 },         // Not known
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(state);
        add_disk(0, cases[i].device, "1000");
        blkfront_setup();
        add_emulated(0, cases[i].type, cases[i].cntl_id, cases[i].sectors);
        blkfront_hide_twins();
        assert_int_equal(FirmwareNrDrives, 2);
        assert_null(ours(0)->twin);
    }
}

// xvda1 is emulated as if it were xvda.
static void
test_partition(void **state)
{
    (void)state;
    add_disk(0, XVD(1) + 1, "1000");
    blkfront_setup();
    add_emulated(0, DTYPE_ATA, 1, 1000);
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_ptr_equal(ours(0)->twin, &Emulated[0]);
}

// A disk that is passed through is no twin, and does not hide one.
static void
test_foreign_disk(void **state)
{
    static const char *const descs[] = {
        "AHCI/0: ACME HARDDISK ATA-8 Hard-Disk", "ACME QEMU HARDDISK ATA-8",
    };
    u32 has_twin;
    for (has_twin = 0; has_twin < 2; has_twin++) {
        setup(state);
        add_disk(0, XVD(0), "1000");
        blkfront_setup();
        add_foreign(0, descs[has_twin]);
        if (has_twin)
            add_emulated(1, DTYPE_AHCI, 0, 1000);
        blkfront_hide_twins();
        assert_int_equal(FirmwareNrDrives, 2);
        u32 i = has_twin; // Ours came first, or takes the last place
        assert_ptr_equal(ours(i)->twin, has_twin ? &Emulated[1] : NULL);
        assert_ptr_equal(FirmwareDrives[!i].drive, &Emulated[0]);
    }
}

// Qubes OS: a read-only disk is emulated as SCSI, beside those that always are.
static void
test_read_only(void **state)
{
    (void)state;
    add_disk(0, XVD(0), "1000");
    add_disk(1, XVD(3), "2000");
    add_disk(2, SD(1), "3000");
    add_disk(3, XVD(4), "2000"); // Not emulated
    add_disk(4, 9 << 8, "2000"); // Not known
    Disks[0].info = Disks[1].info = Disks[3].info = "4";
    blkfront_setup();
    add_emulated(0, DTYPE_ATA, 0, 1000);
    add_emulated(1, DTYPE_LSI_SCSI, 1, 3000);
    add_emulated(2, DTYPE_LSI_SCSI, 3, 2000);
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 5);
    assert_null(ours(0)->twin);
    assert_null(ours(1)->twin);
    assert_ptr_equal(ours(2)->twin, &Emulated[0]);
    assert_ptr_equal(ours(3)->twin, &Emulated[1]);
    assert_ptr_equal(ours(4)->twin, &Emulated[2]);
}

// A SCSI disk that only one side knows makes the count useless.
static void
test_scsi_count_differs(void **state)
{
    (void)state;
    add_disk(0, SD(0), "1000");
    add_disk(1, SD(1), "1000");
    Disks[0].sectors = "0"; // Cannot be had
    blkfront_setup();
    add_emulated(0, DTYPE_LSI_SCSI, 3, 1000);
    add_emulated(1, DTYPE_LSI_SCSI, 3, 1000);
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 3);
    assert_null(ours(0)->twin);
}

// A disk that cannot be had leaves its twin where it is.
static void
test_disk_that_fails(void **state)
{
    (void)state;
    add_disk(0, XVD(0), "0");
    blkfront_setup();
    add_emulated(0, DTYPE_ATA, 0, 1000);
    blkfront_hide_twins();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_ptr_equal(FirmwareDrives[0].drive, &Emulated[0]);
}


/****************************************************************
 * Going over to the twin
 ****************************************************************/

static int
run(u8 command)
{
    memset(Op, 0, sizeof(*Op));
    Op->drive_fl = FirmwareDrives[0].drive;
    Op->command = command;
    Op->buf_fl = guest_ptr(BUFFER);
    Op->count = 8;
    return firmware_op_16(Op);
}

// One disk with a twin, after POST; its image is at 'params'.
static void
start(const char *params)
{
    void *state = NULL;
    setup(&state);
    add_disk(0, XVD(0), "1000");
    backend_set_key(&Disks[0], "params", params);
    blkfront_setup();
    add_emulated(0, DTYPE_ATA, 0, 1000);
    blkfront_hide_twins();
    blkfront_prepboot();
    assert_int_equal(FirmwareNrDrives, 1);
    assert_int_equal(run(CMD_READ), DISK_RET_SUCCESS);
    assert_int_equal(FirmwareOtherOps, 0);
}

// All ops go to the twin, and the disk itself is let alone.
static void
check_on_twin(void)
{
    u32 ops = FirmwareOtherOps, requests = Disks[0].requests;
    FirmwareOtherResult = DISK_RET_SUCCESS;
    assert_int_equal(run(CMD_READ), DISK_RET_SUCCESS);
    assert_ptr_equal(Op->drive_fl, &Emulated[0]);
    assert_int_equal(Op->count, 8); // All of it was asked for
    FirmwareOtherResult = DISK_RET_EBADTRACK; // Its errors are the answer
    assert_int_equal(run(CMD_WRITE), DISK_RET_EBADTRACK);
    assert_int_equal(FirmwareOtherOps, ops + 2);
    assert_int_equal(Disks[0].requests, requests);
}

static void
test_backend_dies(void **state)
{
    u32 written;
    (void)state;
    for (written = 0; written < 2; written++) {
        start("aio:/path");
        if (written)
            assert_int_equal(run(CMD_WRITE), DISK_RET_SUCCESS);
        Disks[0].manner.dies = 1;
        assert_int_equal(run(CMD_READ), DISK_RET_SUCCESS); // The twin's
        assert_int_equal(FirmwareOtherOps, 1);
        assert_true(firmware_said("continues on its emulated twin"));
        check_on_twin();
    }
}

static void
test_backend_misbehaves(void **state)
{
    (void)state;
    start("/dev/loop0");
    Disks[0].manner.wrong_id = 1;
    assert_int_equal(run(CMD_WRITE), DISK_RET_SUCCESS);
    check_on_twin();
}

static void
test_no_way_back(void **state)
{
    (void)state;
    start("aio:/path");
    blkfront_release();
    Disks[0].manner.ignores_states = 1;
    assert_int_equal(run(CMD_READ), DISK_RET_SUCCESS);
    check_on_twin();
}

// A sector that cannot be read is no reason: the twin could not, either.
static void
test_read_error(void **state)
{
    (void)state;
    start("aio:/path");
    Disks[0].manner.fail_mask = ~0U;
    assert_int_equal(run(CMD_READ), DISK_RET_EBADTRACK);
    assert_int_equal(FirmwareOtherOps, 0);
}

// Where the image has a map of its own the twin does not know what was
// written.
static void
test_qcow2(void **state)
{
    static const char *const params[] = { "qcow2:/path", "vhd:/p", "", NULL };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(params); i++) {
        start(params[i]);
        Disks[0].manner.dies = 1;
        assert_int_equal(run(CMD_READ), DISK_RET_SUCCESS);
        check_on_twin();
        start(params[i]);
        assert_int_equal(run(CMD_WRITE), DISK_RET_SUCCESS);
        Disks[0].manner.dies = 1;
        assert_int_not_equal(run(CMD_READ), DISK_RET_SUCCESS);
        assert_int_equal(FirmwareOtherOps, 0);
    }
}

// In virtual-8086 mode neither Xen nor 32-bit code can be reached; back in
// real mode the twin goes on.
static void
test_vm86(void **state)
{
    (void)state;
    start("aio:/path");
    FirmwareInVm86 = FirmwareNoCall32 = 1;
    FirmwareInRealMode = 0;
    check_on_twin();
    FirmwareInVm86 = FirmwareNoCall32 = 0;
    FirmwareInRealMode = 1;
    check_on_twin();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_ide, setup),
        cmocka_unit_test_setup(test_ahci, setup),
        cmocka_unit_test_setup(test_scsi, setup),
        cmocka_unit_test_setup(test_no_twin, setup),
        cmocka_unit_test_setup(test_partition, setup),
        cmocka_unit_test_setup(test_foreign_disk, setup),
        cmocka_unit_test_setup(test_read_only, setup),
        cmocka_unit_test_setup(test_scsi_count_differs, setup),
        cmocka_unit_test_setup(test_disk_that_fails, setup),
        cmocka_unit_test_setup(test_backend_dies, setup),
        cmocka_unit_test_setup(test_backend_misbehaves, setup),
        cmocka_unit_test_setup(test_no_way_back, setup),
        cmocka_unit_test_setup(test_read_error, setup),
        cmocka_unit_test_setup(test_qcow2, setup),
        cmocka_unit_test_setup(test_vm86, setup),
    };
    return RUN_TESTS(tests);
}
