// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Reads ahead: what the caller gets is always what is on the disk, whatever
// becomes of what was fetched for it.

#include "backends.h" // ALL_BACKENDS
#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "blkfront/stream.h" // stream_drop
#include "config.h" // ConfigReadahead
#include "fixture.h" // fixture_machine
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp
#include "xen/xen_info.h" // XenInfo

#define SECTOR   512U
#define BUFFER   0x20000U
#define MAX_OP   (INDIRECT_PLAN_SECTORS * SECTOR)
#define PAGES    16         // Of a window: the fake guest's memory is small

static struct disk_op_s *Op;
static struct vbd_s *Vbd;

static struct vbd_s *
vbd_of(u32 drive)
{
    const struct blkfront_drive_s *blkdrive = container_of(
        FirmwareDrives[drive].drive, struct blkfront_drive_s, drive);
    return guest_ptr(blkdrive->vbd);
}

// After POST, with the disk connected by a first op.
static void
boot(void)
{
    blkfront_setup();
    Vbd = vbd_of(0);
    Op = malloc_low(sizeof(*Op)); // On the stack
    assert_non_null(Op);
    blkfront_prepboot();
}

static int
run(u32 drive, u8 command, u32 addr, u32 count, u64 lba)
{
    memset(Op, 0, sizeof(*Op));
    Op->drive_fl = FirmwareDrives[drive].drive;
    Op->command = command;
    Op->buf_fl = guest_ptr(addr);
    Op->count = (u16)count;
    Op->lba = lba;
    return firmware_op_16(Op);
}

// A read that must succeed, of what is on the disk.
static void
check_read(u32 addr, u32 count, u64 lba)
{
    memset(guest_ptr(addr), 0x5a, count * SECTOR);
    assert_int_equal(run(0, CMD_READ, addr, count, lba), DISK_RET_SUCCESS);
    assert_int_equal(Op->count, count);
    assert_memory_equal(guest_ptr(addr), &Backend.disk[lba * SECTOR]
                        , count * SECTOR);
    assert_int_equal(Vbd->ring.busy, 0);
}

static void
check_write(u32 addr, u32 count, u64 lba)
{
    memset(guest_ptr(addr), (int)lba + 3, count * SECTOR);
    assert_int_equal(run(0, CMD_WRITE, addr, count, lba), DISK_RET_SUCCESS);
    assert_memory_equal(guest_ptr(addr), &Backend.disk[lba * SECTOR]
                        , count * SECTOR);
}

// Reads one after another; returns the sector behind them.
static u64
stream(u64 lba, u32 count, u32 reads)
{
    for (; reads; reads--, lba += count)
        check_read(BUFFER, count, lba);
    return lba;
}

static void
start_with(enum backend_kind kind, const char *option)
{
    void *state = NULL;
    fixture_machine(&state);
    ConfigReadahead = 1;
    store_set(STORE_HOME "bios-strings/oem-1", option);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    boot();
}

static int
setup_kind(void **state, enum backend_kind kind)
{
    (void)state;
    start_with(kind, "xen-blk.ahead=16");
    check_read(BUFFER, 1, 0);
    assert_int_equal(Vbd->stream.shared, 0);
    return 0;
}

// How often requests were shown to the backend: for each read in place, and
// for each window.
static u32
pushes(void)
{
    return Vbd->stats.notifies + Vbd->stats.suppressed;
}


/****************************************************************
 * Streams
 ****************************************************************/

// Of calls of each size, to the end of the disk.
static void
test_streams(void **state)
{
    static const u32 counts[] = { 1, 3, 8, 16, 31, 63, 64, 100 };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(counts); i++) {
        u32 count = counts[i], reads = 1000 / count;
        u32 requests = Backend.requests, ahead = Vbd->stats.ahead;
        u64 end = stream(BACKEND_SECTORS - 1000, count, reads);
        ahead = Vbd->stats.ahead - ahead;
        if (count > PAGES * XEN_SECTORS_PER_PAGE / 2)
            assert_int_equal(ahead, 0);
        else if (ahead + 4 * count + 8 < reads * count)
            fail_msg("calls of %u sectors: %u of %u read ahead", count, ahead
                     , reads * count);
        if (count < 32)
            assert_true(Backend.requests - requests < reads);
        if (end < BACKEND_SECTORS)
            check_read(BUFFER, (u32)(BACKEND_SECTORS - end), end);
    }
    assert_int_equal(Vbd->stats.errors, 0);
}

// Into buffers at all sectors and bytes of a page.
static void
test_buffers(void **state)
{
    u32 i;
    u64 lba = 0;
    (void)state;
    for (i = 0; i < 200; i++, lba += 17)
        check_read(BUFFER + i * 52, 17, lba);
    assert_true(Vbd->stats.ahead > 190 * 17);
}

// Xen copies what is small, by itself; 32-bit code fetches one more window.
static void
test_small_reads_stay_16_bit(void **state)
{
    (void)state;
    u64 lba = stream(0, 1, 4);
    FirmwareCalls32 = 0;
    u32 copies = XenCounters.copies, windows = pushes();
    stream(lba, 1, 64);
    windows = pushes() - windows;
    assert_int_equal(windows, 1);
    assert_int_equal(FirmwareCalls32, windows);
    assert_int_equal(XenCounters.copies - copies, 64 - windows);
}

// It does not, as in qemu's emulation of it.
static void
test_xen_does_not_copy(void **state)
{
    (void)state;
    u64 lba = stream(0, 4, 10);
    xen_fail_op(__HYPERVISOR_grant_table_op, GNTTABOP_copy);
    FirmwareCalls32 = 0;
    u32 ahead = Vbd->stats.ahead;
    stream(lba, 4, 10);
    assert_int_equal(FirmwareCalls32, 10);
    assert_int_equal(Vbd->stats.ahead - ahead, 40);
}

// Of more than three disks, or of a build without it, 16-bit code knows
// nothing.
static void
test_32_bit(void **state)
{
    (void)state;
    Config16Bit = 0;
    stream(0, 8, 30);
    assert_true(Vbd->stats.ahead >= 28 * 8);
}

// Here and there: nothing is read ahead.
static void
test_random_reads(void **state)
{
    u32 i, before = pushes();
    (void)state;
    for (i = 0; i < 300; i++)
        check_read(BUFFER, 8, world_random(BACKEND_SECTORS / 16 - 1) * 16);
    assert_int_equal(pushes() - before, 300);
}

// Ops of all kinds by turns, with the backend at work at any moment.
static void
test_mixed_ops(void **state)
{
    u32 i;
    u64 lba = 0;
    (void)state;
    world_set_seams(SEAMS_ALL);
    for (i = 0; i < 2000; i++) {
        u32 count = 1 + world_random(world_random(4) ? 16 : INDIRECT_PLAN_SECTORS);
        u32 addr = BUFFER + world_random(16) * 256;
        world_set_chance(1 + i % 9);
        Backend.manner.slow = world_random(40);
        Backend.manner.reversed = (int)world_random(2);
        Backend.manner.fail_mask = world_random(60) ? 0 : 1;
        if (!world_random(12) || lba + count > BACKEND_SECTORS)
            lba = world_random(BACKEND_SECTORS - INDIRECT_PLAN_SECTORS);
        u64 begin = world_now();
        if (world_random(25))
            check_read(addr, count, lba);
        else
            check_write(addr, count, lba);
        if (world_now() - begin > NS_PER_S)
            fail_msg("op %u: an event was lost", i);
        lba += count;
        if (!world_random(60))
            firmware_int15(0xe820);
    }
    assert_int_equal(Vbd->stats.errors, 0);
    assert_true(Vbd->stats.ahead > 1000);
}


/****************************************************************
 * What was fetched is of no use
 ****************************************************************/

// By 16-bit code, and by 32-bit code.
static void
test_write(void **state)
{
    u32 odd;
    (void)state;
    for (odd = 0; odd < 2; odd++) {
        u64 lba = stream(0, 8, 6);
        assert_true(Vbd->stream.window[0].count || Vbd->stream.window[1].count);
        check_write(BUFFER + odd, 8, lba + 8);
        assert_int_equal(Vbd->stream.window[0].count + Vbd->stream.window[1].count, 0);
        stream(lba, 8, 6);
    }
}

// Somebody else has written to the disk since.
static void
test_age(void **state)
{
    (void)state;
    Handover.idle_limit = 0;
    u64 lba = stream(0, 8, 6);
    world_sleep(2 * NS_PER_TICK);
    memset(&Backend.disk[lba * SECTOR], 0x77, 8 * SECTOR);
    world_sleep(2 * NS_PER_TICK);
    stream(lba, 8, 6);
}

// Requests to read ahead fail, and nobody hears of it.
static void
test_failed_window(void **state)
{
    u32 request;
    (void)state;
    u64 lba = 0;
    for (request = 0; request < 8; request++) {
        lba = stream(lba, 8, 2);
        Backend.manner.fail_mask = 1U << (request + 1); // Behind the third
        lba = stream(lba, 8, 30);
        Backend.manner.fail_mask = 0;
    }
    assert_int_equal(Vbd->stats.errors, 0);
}

// A window waits while many other reads are made: its answer is forgotten.
static void
test_forgotten_window(void **state)
{
    u32 i, before = pushes();
    (void)state;
    stream(0, 8, 3);
    assert_int_equal(pushes() - before, 2 + 2); // In place; windows
    u64 lba = Vbd->stream.window[Vbd->stream.newest].lba;
    for (i = 0; i < 100; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    u32 ahead = Vbd->stats.ahead;
    check_read(BUFFER, 8, lba);
    assert_int_equal(Vbd->stats.ahead, ahead);
    stream(lba + 8, 8, 20);
    assert_true(Vbd->stats.ahead > ahead);
}

// The same, and its place is wanted for another one.
static void
test_forgotten_window_is_used(void **state)
{
    u32 i;
    (void)state;
    stream(0, 8, 3);
    for (i = 0; i < 100; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    u32 ahead = Vbd->stats.ahead;
    stream(1000, 8, 20);
    assert_true(Vbd->stats.ahead > ahead);
}

// No room in the ring for its first request, or for its second.
static void
test_full_ring(void **state)
{
    u32 i;
    (void)state;
    for (i = 1; i <= 2; i++) {
        u64 lba = stream(i * 1000, 64, 2);
        u32 index = (Vbd->ring.req_added + i) % RING_SLOTS;
        Vbd->ring.slot[index].busy = 1;
        lba = stream(lba, 64, 1);
        Vbd->ring.slot[index].busy = 0;
        stream(lba, 64, 10);
    }
    assert_int_equal(Vbd->stats.errors, 0);
}

// A window that was dropped on its way is not used before that is answered.
static void
test_busy_windows(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < 2; i++) {
        u64 lba = stream(100, 8, 4 + i);
        u32 index = Vbd->stream.window[0].id % RING_SLOTS;
        stream_drop(&Vbd->stream);
        // The answers are still to come
        Vbd->stream.window[0].on_way = Vbd->stream.window[1].on_way = 1;
        Vbd->ring.slot[index].busy = 1;
        stream(lba + 1000, 8, 4);
        Vbd->ring.slot[index].busy = 0;
        stream(lba + 2000, 8, 20);
    }
}

// A window is answered late, in the middle of reads elsewhere: they go on, for
// longer than the ring has slots. So does the flush when the disk is let go of.
static void
test_late_window(void **state)
{
    u32 i;
    (void)state;
    check_write(BUFFER, 1, 3900);
    stream(0, 8, 2);
    Backend.manner.late = 2; // The second window, or a part of it
    Backend.manner.late_turns = 3000;
    stream(16, 8, 1);
    for (i = 0; i < 100; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    u32 flushes = Backend.flushes;
    firmware_int15(0xe820);
    assert_int_equal(Backend.flushes, flushes + 1);
    assert_rewound(Vbd);
    assert_int_equal(Vbd->stats.errors, 0);
}

// The flush is what comes to its slot.
static void
test_late_window_at_flush(void **state)
{
    u32 i;
    (void)state;
    check_write(BUFFER, 1, 3900);
    stream(0, 8, 2);
    Backend.manner.late = 2;
    Backend.manner.late_turns = 3000;
    stream(16, 8, 1);
    struct window_s *window = &Vbd->stream.window[Vbd->stream.newest];
    for (i = 0; (Vbd->ring.req_added ^ window->id) % RING_SLOTS; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    u32 flushes = Backend.flushes;
    firmware_int15(0xe820);
    assert_int_equal(Backend.flushes, flushes + 1);
    assert_rewound(Vbd);
}

// It is never answered: who comes to it reads himself, in good time.
static void
test_lost_window(void **state)
{
    u32 i;
    (void)state;
    stream(0, 8, 2);
    Backend.manner.late = 2;
    stream(16, 8, 1);
    u64 lba = Vbd->stream.window[Vbd->stream.newest].lba, begin = world_now();
    stream(24, 8, (u32)(lba - 24) / 8);
    stream(lba, 8, 3);
    assert_true(world_now() - begin < 6 * NS_PER_S);
    for (i = 0; i < 10; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    assert_int_equal(Vbd->stats.errors, 0);
}

// It is waited for in the end: nobody else can have its slot.
static void
test_lost_window_in_the_way(void **state)
{
    u32 i;
    int ret = DISK_RET_SUCCESS;
    (void)state;
    stream(0, 8, 2);
    Backend.manner.late = 2;
    stream(16, 8, 1);
    u64 begin = world_now();
    for (i = 0; i < RING_SLOTS && !ret; i++)
        ret = run(0, CMD_READ, BUFFER, 1, 3000 + i * 7);
    assert_int_equal(ret, DISK_RET_ETIMEOUT);
    assert_true(world_now() - begin < 31 * NS_PER_S);
    assert_int_equal(Vbd->state, VBD_BROKEN);
    assert_nothing_shared();
}

static void
test_lost_window_at_flush(void **state)
{
    u32 i;
    (void)state;
    check_write(BUFFER, 1, 3900);
    stream(0, 8, 2);
    Backend.manner.late = 2;
    stream(16, 8, 1);
    struct window_s *window = &Vbd->stream.window[Vbd->stream.newest];
    for (i = 0; (Vbd->ring.req_added ^ window->id) % RING_SLOTS; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    firmware_int15(0xe820);
    assert_true(firmware_said("cannot flush"));
    assert_nothing_shared();
}

// The answer to a window is none: the disk is stopped.
static void
test_wrong_answer(void **state)
{
    (void)state;
    stream(0, 8, 2);
    Backend.manner.wrong_id = 1;
    assert_int_equal(run(0, CMD_READ, BUFFER, 8, 16), DISK_RET_ETIMEOUT);
    assert_int_equal(Op->count, 0);
    assert_int_equal(Vbd->state, VBD_BROKEN);
    assert_nothing_shared();
}

// Who reads slowly gets nothing from it, and does not make the backend read
// what is then thrown away.
static void
test_slow_caller(void **state)
{
    u32 before = pushes();
    u64 lba;
    (void)state;
    Handover.idle_limit = 0;
    for (lba = 0; lba < 60 * 8; lba += 8) {
        stream(lba, 8, 1);
        world_sleep(2 * NS_PER_TICK + NS_PER_TICK / 2);
    }
    assert_true(pushes() - before < 60 + 50);
}

// Another backend does not see what the last one's disk had.
static void
test_other_backend_domain(void **state)
{
    (void)state;
    stream(0, 8, 4);
    u8 *last = guest_ptr(Vbd->stream.window[1].pages + PAGES * XEN_PAGE_SIZE
                         - 1);
    *last = 0x77;
    firmware_int15(0xe820);
    stream(0, 8, 4);
    assert_int_equal(*last, 0x77);
    firmware_int15(0xe820);
    Vbd->stream.pool->backend = 7; // As if it had been that one's
    stream(0, 8, 4);
    assert_int_equal(*last, 0);
}

// The older window is still to be waited for when a small read comes to it.
static void
test_older_window_is_on_its_way(void **state)
{
    (void)state;
    stream(0, 8, 3);
    struct window_s *window = &Vbd->stream.window[Vbd->stream.newest];
    check_read(BUFFER, 1, 3000); // Takes its answer
    struct ring_slot_s *slot = &Vbd->ring.slot[window->id % RING_SLOTS];
    slot->busy = 1;
    stream(1000, 8, 3);
    slot->busy = 0;
    assert_ptr_not_equal(window, &Vbd->stream.window[Vbd->stream.newest]);
    assert_true(window->on_way);
    u32 ahead = Vbd->stats.ahead;
    check_read(BUFFER, 1, window->lba);
    assert_int_equal(Vbd->stats.ahead, ahead + 1);
    assert_false(window->on_way);
}

// The backend never answers: one that waits for a window hears so in time.
static void
test_silent_backend(void **state)
{
    (void)state;
    stream(0, 8, 2);
    Backend.manner.slow = 100;
    check_read(BUFFER, 8, 16);
    Backend.manner.silent = 1;
    u64 lba = Vbd->stream.window[Vbd->stream.newest].lba;
    stream(24, 8, (u32)(lba - 24) / 8);
    u64 begin = world_now();
    assert_int_not_equal(run(0, CMD_READ, BUFFER, 8, lba), DISK_RET_SUCCESS);
    assert_true(world_now() - begin < 40 * NS_PER_S);
    assert_int_equal(Vbd->state, VBD_BROKEN);
    assert_nothing_shared();
}


/****************************************************************
 * Whose windows they are
 ****************************************************************/

// Nothing stays granted when the disk is let go of, with a window on its way.
static void
test_release(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < 5; i++) {
        stream(0, 8, 3 + i);
        firmware_int15(0xe820);
        assert_rewound(Vbd);
        assert_int_equal(Vbd->stream.shared, 0);
    }
}

// The backend keeps pages: nobody else gets them, until it has let go.
static void
test_kept_pages(void **state)
{
    (void)state;
    stream(0, 8, 3); // Of the first window, half of the pages are used
    struct grant_entry_v1 *entry
        = fixture_grant(Vbd->stream.window[1].gref - PAGES + 1);
    entry->flags |= GTF_reading;
    firmware_int15(0xe820);
    assert_true(firmware_said("backend keeps"));
    u32 before = pushes();
    stream(0, 8, 10);
    assert_int_equal(pushes() - before, 10);
    entry->flags = 0;
    firmware_int15(0xe820);
    before = pushes();
    stream(0, 8, 10);
    assert_in_range(pushes() - before, 3, 9);
}

// Two disks of three have them, each its own, whatever the others do.
static void
test_other_disks(void **state)
{
    static struct backend_s other, third;
    u32 lba, drive;
    fixture_machine(state);
    ConfigReadahead = 1;
    store_set(STORE_HOME "bios-strings/oem-1", "xen-blk.ahead=16");
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&other, QDISK, FIXTURE_DEVICE + 16);
    backend_create(&third, BLKBACK, FIXTURE_DEVICE + 32);
    boot();
    for (lba = 0; lba < 80; lba += 8)
        for (drive = 0; drive < 3; drive++) {
            assert_int_equal(run(drive, CMD_READ, BUFFER, 8, lba), 0);
            assert_memory_equal(guest_ptr(BUFFER), &Backend.disk[lba * SECTOR]
                                , 8 * SECTOR);
        }
    assert_int_equal(vbd_of(0)->stats.ahead, 8 * 8);
    assert_int_equal(vbd_of(1)->stats.ahead, 8 * 8);
    assert_int_equal(vbd_of(2)->stats.ahead, 0);
}

// Not switched on, or with no memory or references for it.
static void
test_without(void **state)
{
    static const char *const options[] = {
        "xen-blk.ahead=0", "xen-blk.ahead=65", "xen-blk.ahead=x",
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(options); i++) {
        start_with(BLKBACK, options[i]);
        if (i)
            assert_true(firmware_said("unknown option"));
        else
            stream(0, 8, 20);
        assert_int_equal(!Vbd->stream.max_pages, i == 0);
    }
}

// No references for it, or no disk.
static void
test_nothing_to_do_it_with(void **state)
{
    fixture_machine(state);
    ConfigReadahead = 1;
    XenConfig.on_xen = 0; // So that there is one grant frame
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    boot();
    assert_true(firmware_said("no memory or grants to read ahead"));
    stream(0, 8, 20);
    fixture_machine(state);
    ConfigReadahead = 1;
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_set_frontend_key(&Backend, "device-type", "cdrom");
    blkfront_setup();
}

static void
test_without_memory(void **state)
{
    u32 n, without = 0;
    (void)state;
    for (n = 1; n < 30; n++) {
        void *machine = NULL;
        fixture_machine(&machine);
        ConfigReadahead = 1;
        store_set(STORE_HOME "bios-strings/oem-1", "xen-blk.ahead=16");
        backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
        guest_fail_allocations(n, 1);
        blkfront_setup();
        int failed = !guest_failures_left();
        guest_fail_allocations(0, 0);
        if (!FirmwareNrDrives)
            continue;
        Vbd = vbd_of(0);
        Op = malloc_low(sizeof(*Op));
        blkfront_prepboot();
        stream(0, 8, 20);
        if (!Vbd->stream.max_pages) {
            assert_true(firmware_said("no memory or grants to read ahead"));
            assert_null(Vbd->stream.pool);
            assert_int_equal(XenInfo.frames, 2); // Disks', flat addresses'
            without++;
        }
        firmware_int15(0xe820);
        assert_rewound(Vbd);
        if (!failed)
            break;
    }
    assert_int_equal(without, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ALL_BACKENDS(test_streams),
        ALL_BACKENDS(test_buffers),
        ALL_BACKENDS(test_small_reads_stay_16_bit),
        ALL_BACKENDS(test_xen_does_not_copy),
        ALL_BACKENDS(test_32_bit),
        ALL_BACKENDS(test_random_reads),
        ALL_BACKENDS(test_mixed_ops),
        ALL_BACKENDS(test_write),
        ALL_BACKENDS(test_age),
        ALL_BACKENDS(test_failed_window),
        ALL_BACKENDS(test_forgotten_window),
        ALL_BACKENDS(test_forgotten_window_is_used),
        ALL_BACKENDS(test_full_ring),
        ALL_BACKENDS(test_busy_windows),
        ALL_BACKENDS(test_late_window),
        ALL_BACKENDS(test_late_window_at_flush),
        ALL_BACKENDS(test_lost_window),
        ALL_BACKENDS(test_lost_window_in_the_way),
        ALL_BACKENDS(test_lost_window_at_flush),
        ALL_BACKENDS(test_wrong_answer),
        ALL_BACKENDS(test_slow_caller),
        ALL_BACKENDS(test_other_backend_domain),
        ALL_BACKENDS(test_older_window_is_on_its_way),
        ALL_BACKENDS(test_silent_backend),
        ALL_BACKENDS(test_release),
        ALL_BACKENDS(test_kept_pages),
        cmocka_unit_test(test_other_disks),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_nothing_to_do_it_with),
        cmocka_unit_test(test_without_memory),
    };
    return RUN_TESTS(tests);
}
