// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A short life, from POST to the last handover, in which the nth thing goes
// wrong, for all n: the nth hypercall, the nth answer of xenstored's, the nth
// allocation.  Whatever is delivered as good is right, and in the end all is
// clean, or the disk is stopped and what it had is out of reach.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "fixture.h" // fixture_machine
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp

#define SECTOR 512U
#define BUFFER 0x20000U // Where loaders read to

// An op that connects, fails, is repeated, and gives up.
#define OP_LIMIT (160 * NS_PER_S)
#define LIFE_LIMIT (5 * OP_LIMIT)

static const enum backend_kind Kinds[] = { BLKBACK, PERSISTENT, QDISK };

// Of the current life.
static u8 Disk[BACKEND_SECTORS * SECTOR];
static u32 NrGood;

// NULL where no disk was registered.
static struct vbd_s *
find_vbd(void)
{
    if (!FirmwareNrDrives)
        return NULL;
    return guest_ptr(container_of(FirmwareDrives[0].drive
                                  , struct blkfront_drive_s, drive)->vbd);
}


/****************************************************************
 * A life
 ****************************************************************/

// A sector that a failed write left is old or new.
static void
check_written(u32 addr, u64 lba, u32 count, u32 done)
{
    u32 i;
    for (i = 0; i < count; i++) {
        const u8 *there = &Backend.disk[(lba + i) * SECTOR];
        int is_new = !memcmp(there, guest_ptr(addr + i * SECTOR), SECTOR);
        assert_true(is_new || i >= done);
        if (!is_new)
            assert_memory_equal(there, &Disk[(lba + i) * SECTOR], SECTOR);
    }
    memcpy(Disk, Backend.disk, sizeof(Disk));
}

static void
run(u32 addr, u32 count, u64 lba, int write)
{
    struct disk_op_s op = {
        .drive_fl = FirmwareDrives[0].drive, .buf_fl = guest_ptr(addr),
        .command = write ? CMD_WRITE : CMD_READ, .count = (u16)count,
        .lba = lba,
    };
    u64 start = world_now();
    int ret = blkfront_process_op(&op);
    assert_true(world_now() - start <= OP_LIMIT);
    assert_int_equal(!ret, op.count == count);
    if (write)
        check_written(addr, lba, count, op.count);
    else if (memcmp(guest_ptr(addr), &Disk[lba * SECTOR], op.count * SECTOR))
        fail_msg("wrong data were read from sector %u on", (u32)lba);
    NrGood += !ret;
}

static void
let_go(void)
{
    firmware_int15(0xe820);
}

// Direct and bounced, small and large, connected and not.
static void
use_disk(void)
{
    memset(guest_ptr(BUFFER), 0x5a, 8 * SECTOR);
    run(BUFFER, 8, 10, 1);
    run(BUFFER, 128, 0, 0);
    let_go();
    run(BUFFER + 16, 100, 900, 0);
    run(BUFFER + SECTOR, 1, 4095, 1);
    let_go();
}

// Returns after the disk was used, unless POST has found none.
static void
live(enum backend_kind kind, void (*break_something)(u32 nth), u32 nth)
{
    void *state = NULL;
    fixture_machine(&state);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    memcpy(Disk, Backend.disk, sizeof(Disk));
    NrGood = 0;
    break_something(nth);
    u64 start = world_now();
    blkfront_setup();
    blkfront_prepboot();
    if (FirmwareNrDrives)
        use_disk();
    assert_true(world_now() - start <= LIFE_LIMIT);
}


/****************************************************************
 * Its end
 ****************************************************************/

// The backend could not be told, or the disk is not to be used for a while:
// what is still granted is in its hands, and of the driver's own.
static void
assert_stopped(const struct vbd_s *vbd)
{
    u32 gref, ring = Backend.connected ? Backend.ring_gref : 0;
    u32 second = Backend.connected ? Backend.second_gref : 0;
    assert_int_not_equal(vbd->state, VBD_CONNECTED);
    assert_int_equal(vbd->port, 0);
    for (gref = 0; gref < XEN_GRANTS; gref++)
        if (xen_grant_flags(gref) && gref != ring && gref != second)
            assert_true(Backend.is_persistent && xen_grant_is_mapped(gref));
}

static int
is_rewound(const struct vbd_s *vbd)
{
    return !vbd->retry_time && !xen_live_grants() && !xen_open_ports()
           && backend_state(&Backend) == XenbusStateInitWait;
}

// When all is well again, and a minute later, either all is clean or the
// disk stays stopped.
static void
check_end(void)
{
    struct vbd_s *vbd = find_vbd();
    if (!vbd) {
        // A backend that could not be told may keep the ring.
        assert_in_range(xen_live_grants(), 0, Backend.connected);
        assert_int_equal(xen_open_ports(), 0);
        return;
    }
    assert_int_not_equal(vbd->state, VBD_CONNECTED);
    if (!is_rewound(vbd))
        assert_stopped(vbd);
    world_sleep(61 * NS_PER_S);
    run(BUFFER, 8, 100, 0);
    let_go();
    if (vbd->state == VBD_CLOSED && is_rewound(vbd))
        assert_rewound(vbd);
    else
        assert_stopped(vbd);
}


/****************************************************************
 * Hypercalls and memory
 ****************************************************************/

static void
fail_hypercall(u32 nth)
{
    xen_fail_hypercall(nth, 1);
}

static void
fail_allocation(u32 nth)
{
    guest_fail_allocations(nth, 1);
}

static void
test_nth_hypercall(void **state)
{
    u32 k, nth;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        for (nth = 1;; nth++) {
            live(Kinds[k], fail_hypercall, nth);
            int over = xen_failures_left() != 0;
            xen_fail_hypercall(0, 0);
            check_end();
            if (over)
                break;
        }
        assert_true(nth > 60);
        assert_int_equal(NrGood, 5);
    }
}

static void
test_nth_allocation(void **state)
{
    u32 k, nth;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        for (nth = 1;; nth++) {
            live(Kinds[k], fail_allocation, nth);
            int over = guest_failures_left() != 0;
            guest_fail_allocations(0, 0);
            check_end();
            if (over)
                break;
            // Once there is a disk, memory is no reason to fail.
            assert_int_equal(NrGood, FirmwareNrDrives ? 5 : 0);
        }
        assert_true(nth > 8);
    }
}


/****************************************************************
 * Answers of xenstored's
 ****************************************************************/

static struct {
    u32 type, len;
    const char *payload;
    u32 payload_len;
    int acts;
} Answer;

static void
forge(u32 nth)
{
    StoreManner.forged = nth;
    StoreManner.forged_acts = Answer.acts;
    StoreManner.type = Answer.type;
    StoreManner.len = Answer.len;
    StoreManner.payload = Answer.payload;
    StoreManner.payload_len = Answer.payload_len;
}

// The nth answer is another, for all n.
static void
check_answer(enum backend_kind kind)
{
    u32 nth;
    for (nth = 1;; nth++) {
        live(kind, forge, nth);
        int over = StoreManner.forged != 0;
        StoreManner.forged = 0;
        check_end();
        if (over)
            break;
    }
    assert_true(nth > 60);
    assert_int_equal(NrGood, 5);
}

static void
check_error(const char *error, int acts)
{
    u32 k, len = (u32)strlen(error) + 1;
    Answer.type = XS_ERROR;
    Answer.len = Answer.payload_len = len;
    Answer.payload = error;
    Answer.acts = acts;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++)
        check_answer(Kinds[k]);
}

static void
test_nth_answer_is_enoent(void **state)
{
    (void)state;
    check_error("ENOENT", 1); // What is to be changed is never missing
}

static void
test_nth_answer_is_eio(void **state)
{
    (void)state;
    check_error("EIO", 0);
}

static void
test_nth_answer_is_e2big(void **state)
{
    (void)state;
    check_error("E2BIG", 0);
}

static void
test_nth_answer_is_eagain(void **state)
{
    (void)state;
    check_error("EAGAIN", 0);
}

// The change is made, and its answer says that it is not.
static void
test_nth_answer_is_wrong(void **state)
{
    (void)state;
    check_error("EIO", 1);
}

static void
check_message(u32 type, u32 len, const char *payload, u32 payload_len)
{
    Answer.type = type;
    Answer.len = len;
    Answer.payload = payload;
    Answer.payload_len = payload_len;
    Answer.acts = 1;
    check_answer(BLKBACK);
}

static void
test_nth_answer_is_garbage(void **state)
{
    (void)state;
    check_message(XS_READ, 3, "\xff\0/", 3);
    check_message(XS_TYPE_COUNT, 1, "1", 1);
}

static void
test_nth_answer_is_truncated(void **state)
{
    (void)state;
    check_message(XS_READ, 20, "1", 1);
}

static void
test_nth_answer_is_oversized(void **state)
{
    (void)state;
    check_message(XS_READ, XENSTORE_PAYLOAD_MAX + 1, "1", 1);
    check_message(XS_READ, ~0U, "1", 1);
}

// Something that nobody asked for comes in its place.
static void
test_nth_answer_is_unsolicited(void **state)
{
    (void)state;
    check_message(XS_WATCH_EVENT, 17, "device/vbd\0token", 17);
}

// A huge number is not taken for a small one.
static void
test_nth_answer_is_huge(void **state)
{
    (void)state;
    check_message(XS_READ, 20, "18446744073709551617", 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nth_hypercall),
        cmocka_unit_test(test_nth_allocation),
        cmocka_unit_test(test_nth_answer_is_enoent),
        cmocka_unit_test(test_nth_answer_is_eio),
        cmocka_unit_test(test_nth_answer_is_e2big),
        cmocka_unit_test(test_nth_answer_is_eagain),
        cmocka_unit_test(test_nth_answer_is_wrong),
        cmocka_unit_test(test_nth_answer_is_garbage),
        cmocka_unit_test(test_nth_answer_is_truncated),
        cmocka_unit_test(test_nth_answer_is_oversized),
        cmocka_unit_test(test_nth_answer_is_unsolicited),
        cmocka_unit_test(test_nth_answer_is_huge),
    };
    return RUN_TESTS(tests);
}
