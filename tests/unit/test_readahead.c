// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Reads ahead: what the caller gets is always what is on the disk, whatever
// becomes of what was fetched for it.

#include "backends.h" // ALL_BACKENDS
#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "blkfront/stream.h" // StreamMemory
#include "config.h" // ConfigReadahead
#include "e820map.h" // struct e820entry
#include "fixture.h" // fixture_machine
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp
#include "xen/xen_info.h" // XenInfo

#define SECTOR   512U
#define BUFFER   0x20000U
#define MAX_OP   (INDIRECT_PLAN_SECTORS * SECTOR)
#define PAGES    (64 - STREAM_WINDOWS) // Of "xen-blk.ahead=4", for all windows

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

static struct window_s *
newest_window(void)
{
    return &StreamMemory.window[StreamMemory.newest];
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
    start_with(kind, "xen-blk.ahead=4");
    check_read(BUFFER, 1, 0);
    assert_int_equal(Vbd->streams.shared, 0);
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
        if (ahead + 4 * count + 8 < reads * count)
            fail_msg("calls of %u sectors: %u of %u read ahead", count, ahead
                     , reads * count);
        if (count < 32)
            assert_true(Backend.requests - requests < reads);
        if (end < BACKEND_SECTORS)
            check_read(BUFFER, (u32)(BACKEND_SECTORS - end), end);
    }
    assert_int_equal(Vbd->stats.errors, 0);
}

// One stream comes to where another has read ahead: that is not fetched again.
static void
test_stream_meets_another(void **state)
{
    (void)state;
    stream(512, 8, 6);
    u64 ahead = Vbd->streams.stream[Vbd->streams.newest].end;
    u32 pages = Backend.segments;
    assert_true(ahead >= 600);
    stream(400, 8, (u32)(ahead - 400) / 8);
    // From 400 to 512, and as much behind the other's end as it had ahead.
    assert_in_range(Backend.segments - pages, 14, 60);
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
    assert_in_range(windows, 1, 2);
    assert_in_range(FirmwareCalls32, windows, 2 * windows);
    assert_int_equal(XenCounters.copies - copies, 64 - FirmwareCalls32);
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

// Xen makes copies, but not this one.
static void
test_xen_refuses_a_copy(void **state)
{
    (void)state;
    u64 lba = stream(0, 4, 10);
    XenConfig.refuses_copies = 1;
    FirmwareCalls32 = 0;
    stream(lba, 4, 10);
    assert_int_equal(FirmwareCalls32, 10);
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

// An op of any kind, mostly a read from 'lba' on, and now and then a handover.
// Returns the sector behind it.
static u64
mixed_op(u64 lba)
{
    u32 count = 1 + world_random(world_random(4) ? 16 : INDIRECT_PLAN_SECTORS);
    u32 addr = BUFFER + world_random(16) * 256;
    Backend.manner.fail_mask = world_random(60) ? 0 : 1;
    if (!world_random(12) || lba + count > BACKEND_SECTORS)
        lba = world_random(BACKEND_SECTORS - INDIRECT_PLAN_SECTORS);
    u64 begin = world_now();
    if (world_random(20))
        check_read(addr, count, lba);
    else
        check_write(addr, count, lba);
    if (world_now() - begin > NS_PER_S)
        fail_msg("sector %u: an event was lost", (u32)lba);
    if (!world_random(60))
        firmware_int15(0xe820);
    return lba + count;
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
        world_set_chance(1 + i % 9);
        Backend.manner.slow = world_random(40);
        Backend.manner.reversed = (int)world_random(2);
        lba = mixed_op(lba);
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
        assert_non_null(stream_window(&Vbd->streams, lba + 8));
        check_write(BUFFER + odd, 8, lba + 8);
        assert_null(stream_window(&Vbd->streams, lba + 8));
        stream(lba, 8, 6);
    }
}

// A write to the first or the last sector of a window makes it useless; one before
// or behind it does not.
static void
test_write_at_the_ends(void **state)
{
    static const struct {
        int end, sector, lost;
    } cases[] = { { 0, 0, 1 }, { 1, -1, 1 }, { 0, -1, 0 }, { 1, 0, 0 } };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        u64 lba = stream(1000 * i, 8, 6);
        const struct window_s *window = newest_window();
        u64 place = window->lba + (cases[i].end ? window->count : 0);
        check_write(BUFFER, 1, place + (u64)(s64)cases[i].sector);
        assert_int_equal(!window->count, cases[i].lost);
        const struct stream_s *stream_of
            = &Vbd->streams.stream[Vbd->streams.newest];
        if (cases[i].lost)
            assert_int_equal(stream_of->end, stream_of->next);
        stream(lba, 8, 20);
    }
}

// Windows follow each other without a gap, wherever a stream begins.
static void
test_no_gaps(void **state)
{
    u32 odd;
    (void)state;
    for (odd = 1; odd < 8; odd++) {
        u64 lba, next = stream(500 * odd + odd, 5, 8);
        const struct window_s *window = newest_window();
        for (lba = next; lba < window->lba + window->count; lba++)
            assert_non_null(stream_window(&Vbd->streams, lba));
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

// While a window is on its way many other reads are made, whose requests take
// its slot in the ring: it is fetched again.
static void
test_forgotten_window(void **state)
{
    u32 i, before = pushes();
    (void)state;
    Backend.manner.latency = NS_PER_MS / 50;
    u64 lba = stream(0, 8, 3);
    assert_int_equal(pushes() - before, 2 + 1); // In place; windows
    while (!newest_window()->on_way && lba < 1000)
        lba = stream(lba, 8, 1);
    lba = newest_window()->lba;
    for (i = 0; i < 100; i++)
        check_read(BUFFER, 1, 3000 + i * 7);
    assert_true(newest_window()->on_way);
    before = pushes();
    check_read(BUFFER, 8, lba);
    assert_int_equal(pushes() - before, 1);
    u32 ahead = Vbd->stats.ahead;
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
        u32 index = (Vbd->ring.req_added + i) % ring_slots(&Vbd->ring);
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
        struct window_s *window = newest_window();
        u32 index = window->id % ring_slots(&Vbd->ring);
        u16 page = window->page;
        stream_forget(&Vbd->streams, 0, BACKEND_SECTORS);
        window->on_way = 1; // The answer is still to come
        Vbd->ring.slot[index].busy = 1;
        stream(lba + 1000, 8, 40);
        assert_true(window->on_way);
        assert_int_equal(window->page, page);
        Vbd->ring.slot[index].busy = 0;
        stream(lba + 2000, 8, 40);
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

// What is in it is not what the disk has, and nobody gets it.
static void
test_late_window_is_not_read(void **state)
{
    (void)state;
    stream(0, 8, 2);
    u32 ahead = Vbd->stats.ahead;
    Backend.manner.late = 1;
    Backend.manner.late_turns = 100000;
    u64 begin = world_now();
    check_read(BUFFER, 8, 16);
    assert_in_range(world_now() - begin, 4 * NS_PER_S, 6 * NS_PER_S);
    assert_int_equal(Vbd->stats.ahead, ahead);
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
    struct window_s *window = newest_window();
    for (i = 0; (Vbd->ring.req_added ^ window->id) % ring_slots(&Vbd->ring); i++)
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
    u64 lba = newest_window()->lba, begin = world_now();
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
    for (i = 0; i < ring_slots(&Vbd->ring) && !ret; i++)
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
    struct window_s *window = newest_window();
    for (i = 0; (Vbd->ring.req_added ^ window->id) % ring_slots(&Vbd->ring); i++)
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

// A backend does not see what memory had before, where nothing was read to yet.
static void
test_nothing_old_is_shared(void **state)
{
    static const u8 zero[XEN_PAGE_SIZE];
    u32 i;
    (void)state;
    assert_in_range(StreamMemory.next_page, 1, PAGES / 2);
    for (i = StreamMemory.next_page; i < PAGES + STREAM_WINDOWS; i++)
        assert_memory_equal(guest_ptr(StreamMemory.pages + i * XEN_PAGE_SIZE)
                            , zero, XEN_PAGE_SIZE);
}

// Nor does dom0, which is domain 0.
static void
test_nothing_old_is_shared_with_dom0(void **state)
{
    fixture_machine(state);
    ConfigReadahead = 1;
    store_set(STORE_HOME "bios-strings/oem-1", "xen-blk.ahead=4");
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    Backend.domid = 0;
    backend_set_frontend_key(&Backend, "backend-id", "0");
    boot();
    check_read(BUFFER, 1, 0);
    test_nothing_old_is_shared(state);
}

// Nor does another one see what the last one's disk had.
static void
test_other_backend_domain(void **state)
{
    (void)state;
    stream(0, 8, 4);
    // Of the pages of segments, which no window ever fills
    u8 *last = guest_ptr(StreamMemory.pages
                         + (PAGES + STREAM_WINDOWS) * XEN_PAGE_SIZE - 1);
    *last = 0x77;
    firmware_int15(0xe820);
    stream(0, 8, 4);
    assert_int_equal(*last, 0x77);
    firmware_int15(0xe820);
    StreamMemory.backend = 7; // As if it had been that one's
    stream(0, 8, 4);
    assert_int_not_equal(*last, 0x77);
}

// The older window is still to be waited for when a small read comes to it.
static void
test_older_window_is_on_its_way(void **state)
{
    (void)state;
    stream(0, 8, 3);
    struct window_s *window = newest_window();
    check_read(BUFFER, 1, 3000); // Takes its answer
    struct ring_slot_s *slot = &Vbd->ring.slot[window->id % ring_slots(&Vbd->ring)];
    slot->busy = window->on_way = 1;
    stream(1000, 8, 3);
    slot->busy = 0;
    assert_ptr_not_equal(window, newest_window());
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
    u64 lba = stream(0, 8, 3), begin = 0;
    int ret = DISK_RET_SUCCESS;
    (void)state;
    Backend.manner.silent = 1;
    for (; lba < 1000 && !ret; lba += 8) {
        begin = world_now();
        ret = run(0, CMD_READ, BUFFER, 8, lba);
    }
    assert_int_not_equal(ret, DISK_RET_SUCCESS);
    assert_true(world_now() - begin < 40 * NS_PER_S);
    assert_int_equal(Vbd->state, VBD_BROKEN);
    assert_nothing_shared();
}


/****************************************************************
 * Storage with latency
 ****************************************************************/

#define LATENCY (8 * NS_PER_MS)

// How long it took since 'begin', in latencies.
static u32
latencies(u64 begin)
{
    return (u32)((world_now() - begin + LATENCY / 2) / LATENCY);
}

// A stream waits a few times until it is deep enough, and then no more.
static void
test_slow_stream(void **state)
{
    (void)state;
    Backend.manner.latency = LATENCY;
    check_read(BUFFER, 1, 4000);
    u64 begin = world_now();
    u64 lba = stream(0, 16, 1);
    assert_int_equal(latencies(begin), 1);
    u32 reads;
    for (reads = 0; reads < 100; reads++) {
        world_sleep(LATENCY); // The caller's own time
        lba = stream(lba, 16, 1);
    }
    assert_in_range(latencies(begin), 101, 104);
    assert_int_equal(Vbd->stats.errors, 0);
}

// The time that a caller waits is not taken for its own: a stream gets deep on
// storage that is very slow, too.
static void
test_very_slow_stream(void **state)
{
    enum backend_kind kind = Backend.kind;
    (void)state;
    start_with(kind, "xen-blk.ahead=40");
    Backend.manner.latency = 6 * LATENCY;
    check_read(BUFFER, 1, 4000);
    u64 begin = world_now();
    stream(0, 16, 200); // 400 pages, in two waits
    assert_in_range(latencies(begin), 6, 15);
}

// A jump fetches what follows it and what lies before it, with the same wait,
// as long as that is of use.
static void
test_slow_jumps(void **state)
{
    u32 i;
    (void)state;
    Backend.manner.latency = LATENCY;
    check_read(BUFFER, 1, 4000);
    for (i = 0; i < 10; i++) {
        u64 begin = world_now();
        u32 lba = i % 2 * 2000 + i * 100;
        check_read(BUFFER, 8, lba);
        check_read(BUFFER, 8, lba + 8);
        check_read(BUFFER, 4, lba - lba % 64);
        assert_int_equal(latencies(begin), 1);
    }
    // Reads here and there make it give up
    u32 ahead = 0, lucky = 0;
    for (i = 0; i < 50; i++) {
        ahead = Vbd->stats.ahead;
        check_read(BUFFER, 8, (i * 977 + 1000) % 4000);
        lucky += Vbd->stats.ahead != ahead;
    }
    assert_in_range(lucky, 1, 10);
    // A stream is one for all that
    u64 begin = world_now();
    stream(3000, 8, 20);
    assert_in_range(latencies(begin), 2, 4);
    // and puts an end to bad luck
    assert_int_equal(Vbd->streams.bad_luck, 0);
}

// Three streams by turns: each has what it needs.
static void
test_interleaved_streams(void **state)
{
    u32 i, slow;
    (void)state;
    for (slow = 0; slow < 2; slow++) {
        if (slow)
            Backend.manner.latency = LATENCY;
        u32 ahead = Vbd->stats.ahead;
        for (i = 0; i < 100; i++) {
            check_read(BUFFER, 8, 100 + i * 8);
            check_read(BUFFER, 8, 1500 + i * 8);
            check_read(BUFFER, 8, 3000 + i * 8);
        }
        assert_in_range(Vbd->stats.ahead - ahead, 3 * 96 * 8, 3 * 100 * 8);
    }
    assert_in_range(Vbd->stats.requests, 6, 150);
}

// Storage for which a caller is too fast, or that becomes slower: a stream gets
// deeper until it waits no more, or has all the memory and the ring's slots.
static void
test_gets_deeper(void **state)
{
    enum backend_kind kind = Backend.kind;
    (void)state;
    start_with(kind, "xen-blk.ahead=40");
    Backend.manner.latency = NS_PER_MS;
    u64 lba = stream(0, 64, 12);
    u32 depth = Vbd->streams.depth;
    Backend.manner.latency = 5 * NS_PER_MS;
    lba = stream(lba, 64, 26);
    assert_in_range(Vbd->streams.depth, depth + 1, 2000);
    depth = Vbd->streams.depth;
    Backend.manner.latency = 5 * LATENCY;
    stream(lba, 8, 200);
    assert_in_range(Vbd->streams.depth, depth + 1, 4096);
    assert_int_equal(Vbd->stats.errors, 0);
}

// The first wait for a window teaches as much as one for an op.
static void
test_depth_by_a_window(void **state)
{
    (void)state;
    stream(0, 8, 2);
    Vbd->streams.depth = 0;
    Backend.manner.latency = LATENCY;
    check_read(BUFFER, 8, 16);
    assert_in_range(Vbd->streams.depth, DEPTH_MIN + LATENCY / 1024 / 32, 4096);
}

// What an op takes beside requests that were sent before it teaches nothing.
static void
test_depth_beside_others(void **state)
{
    (void)state;
    u16 depth = Vbd->streams.depth;
    Backend.manner.latency = LATENCY;
    readahead_begin(Vbd);
    assert_true(Vbd->ring.deferred > 0);
    check_write(BUFFER, 1, 3000);
    assert_int_equal(Vbd->streams.depth, depth);
    check_write(BUFFER, 1, 3000);
    check_write(BUFFER, 1, 3000);
    assert_in_range(Vbd->streams.depth, depth + 1, 4096);
}

// A disk that was learnt to be a little slower than fast ones, and no slow one,
// can still become one.
static void
test_depth_between(void **state)
{
    u16 depth = DEPTH_MIN + 9;
    (void)state;
    start_with(Backend.kind, "xen-blk.ahead=40");
    assert_false(depth_is_slow(depth));
    u64 lba = stream(0, 64, 16);
    Vbd->streams.depth = depth;
    Backend.manner.latency = LATENCY;
    stream(lba, 64, 24);
    assert_true(depth_is_slow(Vbd->streams.depth));
}

// How long dom0 works is judged by the requests that are on their way, not by
// those that were answered long ago.
static void
test_depth_of_new_stream(void **state)
{
    (void)state;
    start_with(Backend.kind, "xen-blk.ahead=24");
    Backend.manner.latency = LATENCY;
    stream(0, 63, 10);
    assert_true(newest_window()->on_way);
    world_sleep(2 * LATENCY);
    Vbd->streams.depth = 0;
    check_read(BUFFER, 1, 4000);
    check_read(BUFFER, 1, 4001);
    check_read(BUFFER, 1, 4002);
    assert_in_range(Vbd->streams.depth, DEPTH_MIN + (LATENCY / 1024 - 500) / 16
                    , DEPTH_MIN + LATENCY / 1024 / 16);
}

// Windows begin at pages of the disk.  If qemu serves it, none crosses the end
// of what dom0 reads at once.
static void
test_where_windows_are(void **state)
{
    u32 slow, i;
    (void)state;
    for (slow = 0; slow < 2; slow++) {
        start_with(Backend.kind, "xen-blk.ahead=40");
        Backend.manner.latency = slow ? LATENCY : 0;
        stream(3, 63, 40);
        for (i = 0; i < STREAM_WINDOWS; i++) {
            const struct window_s *window = &StreamMemory.window[i];
            u64 last = window->lba + window->count - 1;
            if (!window->count)
                continue;
            assert_int_equal(window->lba % XEN_SECTORS_PER_PAGE, 0);
            if (!vbd_is_indirect(Vbd))
                assert_int_equal(window->lba / VBD_CACHE_SECTORS
                                 , last / VBD_CACHE_SECTORS);
        }
    }
}

// Windows leave slots of the ring to others.
static void
test_ring_has_room(void **state)
{
    enum backend_kind kind = Backend.kind;
    u32 i, most = 0;
    (void)state;
    start_with(kind, "xen-blk.ahead=40");
    Backend.manner.latency = LATENCY;
    check_read(BUFFER, 1, 4000);
    for (i = 0; i < 24; i++) {
        check_read(BUFFER, 128, i * 128);
        if (most < Vbd->ring.deferred)
            most = Vbd->ring.deferred;
    }
    if (Vbd->limits.indirect)
        assert_in_range(most, 4, STREAM_WINDOWS);
    else
        // More than a ring of one page has room for
        assert_in_range(most, RING_SLOTS / RING_PAGES, RING_SLOTS - 4);
}

// So they do in a ring of one page, which has room for fewer than there are.
static void
test_short_ring_has_room(void **state)
{
    u32 i, most = 0;
    (void)state;
    start_with(QDISK, "xen-blk.ahead=40");
    backend_set_key(&Backend, "max-ring-page-order", NULL);
    Vbd->long_ring = 0;
    firmware_int15(0xe820);
    Backend.manner.latency = LATENCY;
    for (i = 0; i < 24; i++) {
        check_read(BUFFER, 128, i * 128);
        if (most < Vbd->ring.deferred)
            most = Vbd->ring.deferred;
    }
    assert_int_equal(ring_slots(&Vbd->ring), RING_SLOTS / RING_PAGES);
    assert_in_range(most, 24, RING_SLOTS / RING_PAGES - 4);
}

// What a disk has learnt is forgotten when it becomes fast.
static void
test_becomes_fast(void **state)
{
    u32 i;
    (void)state;
    Backend.manner.latency = LATENCY;
    check_read(BUFFER, 1, 4000);
    stream(0, 8, 30);
    assert_true(depth_is_slow(Vbd->streams.depth));
    Backend.manner.latency = 0;
    // Nothing is learnt before what was asked for ahead is there.
    for (i = 0; i < RING_SLOTS + 40; i++)
        check_read(BUFFER, 1, world_random(BACKEND_SECTORS));
    assert_false(depth_is_slow(Vbd->streams.depth));
}

// The same, from storage that takes its time.
static void
test_slow_mixed_ops(void **state)
{
    u32 i;
    u64 lba = 0;
    (void)state;
    world_set_seams(SEAMS_ALL);
    Handover.idle_limit = 0;
    for (i = 0; i < 1500; i++) {
        world_set_chance(1 + i % 9);
        Backend.manner.latency = world_random(3) * NS_PER_MS;
        lba = mixed_op(lba);
    }
    assert_int_equal(Vbd->stats.errors, 0);
    assert_true(Vbd->stats.ahead > 1000);
}

// The backend goes away with windows on their way: an error in good time.
static void
test_backend_dies(void **state)
{
    int ret = DISK_RET_SUCCESS;
    (void)state;
    Backend.manner.latency = LATENCY;
    check_read(BUFFER, 1, 4000);
    u64 lba = stream(0, 8, 40), begin = 0;
    backend_die(&Backend);
    for (; lba < 2000 && !ret; lba += 8) {
        begin = world_now();
        ret = run(0, CMD_READ, BUFFER, 8, lba);
    }
    assert_int_not_equal(ret, DISK_RET_SUCCESS);
    assert_true(world_now() - begin < 6 * NS_PER_S);
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
        assert_int_equal(Vbd->streams.shared, 0);
    }
}

// The backend keeps pages: nobody else gets them, until it has let go.
static void
test_kept_pages(void **state)
{
    (void)state;
    stream(0, 8, 3);
    struct grant_entry_v1 *entry
        = fixture_grant(StreamMemory.base_gref + PAGES - 1);
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

// It lets go of them later.  The next connection has no use for windows; it ends
// their grants all the same.
static void
test_kept_pages_end(void **state)
{
    (void)state;
    stream(0, 8, 3);
    struct grant_entry_v1 *entry
        = fixture_grant(StreamMemory.base_gref + PAGES - 1);
    entry->flags |= GTF_reading;
    firmware_int15(0xe820);
    assert_true(firmware_said("backend keeps"));
    entry->flags &= (u16)~GTF_reading;
    assert_int_equal(run(0, CMD_WRITE, BUFFER, 1, 900), 0);
    assert_int_equal(Vbd->streams.shared, 0);
    firmware_int15(0xe820);
    assert_rewound(Vbd);
}

// All of them have some, whatever the others do.
static void
test_other_disks(void **state)
{
    static struct backend_s other, third;
    u32 lba, drive;
    fixture_machine(state);
    ConfigReadahead = 1;
    store_set(STORE_HOME "bios-strings/oem-1", "xen-blk.ahead=4");
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
    for (drive = 0; drive < 3; drive++)
        assert_int_equal(vbd_of(drive)->stats.ahead, 1 + 8 * 8); // In POST
    Backend.manner.latency = other.manner.latency = LATENCY;
    for (lba = 1000; lba < 1024; lba += 8)
        for (drive = 0; drive < 2; drive++)
            assert_int_equal(run(drive, CMD_READ, BUFFER, 8, lba), 0);
    // All answers are waited for, each disk's own.
    u64 begin = world_now();
    firmware_int15(0xe820);
    assert_true(world_now() - begin < 3 * LATENCY);
    assert_int_equal(vbd_of(0)->ring.deferred, 0);
    assert_int_equal(vbd_of(1)->ring.deferred, 0);
}

// A disk waits for its own windows before it is let go of, not for another's
// that are on their way.
static void
test_let_go_beside_another(void **state)
{
    static struct backend_s other;
    u32 lba;
    fixture_machine(state);
    ConfigReadahead = 1;
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&other, BLKBACK, FIXTURE_DEVICE + 16);
    boot();
    stream(0, 8, 10);
    other.manner.latency = LATENCY;
    for (lba = 0; lba < 80; lba += 8)
        assert_int_equal(run(1, CMD_READ, BUFFER, 8, lba), 0);
    assert_int_not_equal(vbd_of(0)->streams.shared, 0);
    assert_int_not_equal(window_count_on_way(vbd_of(1)), 0);
    u64 begin = world_now();
    firmware_int15(0xe820);
    assert_true(world_now() - begin < 2 * LATENCY);
    assert_int_equal(vbd_of(0)->ring.deferred, 0);
    assert_int_equal(vbd_of(1)->ring.deferred, 0);
    assert_nothing_shared();
}

// All the memory is one stream's until others were read for a while, of whatever
// disk: then it is theirs.
static void
test_next_stream(void **state)
{
    static struct backend_s other;
    u32 drive, lba;
    fixture_machine(state);
    ConfigReadahead = 1;
    store_set(STORE_HOME "bios-strings/oem-1", "xen-blk.ahead=4");
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&other, QDISK, FIXTURE_DEVICE + 16);
    boot();
    stream(0, 63, 12);
    for (drive = 0; drive < 2; drive++) {
        Vbd = vbd_of(drive);
        u32 begin = 2000, end = begin + 12 * 63;
        for (lba = begin; lba < end; lba += 63)
            assert_int_equal(run(drive, CMD_READ, BUFFER, 63, lba), 0);
        u32 before = pushes();
        for (; lba < end + 4 * 63; lba += 63)
            assert_int_equal(run(drive, CMD_READ, BUFFER, 63, lba), 0);
        // Not one for each read, as when there is no room
        assert_in_range(pushes() - before, 1, 2);
    }
}

// How much memory is for it by default.
static void
test_memory(void **state)
{
    static const struct { u64 ram; u32 pages; } guests[] = {
        { 64ULL << 20, 160 }, { 160ULL << 20, 160 }, { 320ULL << 20, 320 }
        , { 512ULL << 20, 512 }
    };
    struct e820entry *last = &guest_e820()[2];
    u64 size = last->size;
    u32 i;
    for (i = 0; i < ARRAY_SIZE(guests); i++) {
        fixture_machine(state);
        ConfigReadahead = 1;
        backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
        last->size = guests[i].ram;
        blkfront_setup();
        last->size = size;
        assert_in_range(StreamMemory.nr_pages + STREAM_WINDOWS
                        , guests[i].pages, guests[i].pages + 16);
    }
    // What is not RAM does not count
    fixture_machine(state);
    ConfigReadahead = 1;
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    last->size = 320ULL << 20;
    u32 type = last[-1].type;
    u64 before = last[-1].size;
    last[-1].type = E820_RESERVED;
    last[-1].size = 1ULL << 40;
    blkfront_setup();
    last->size = size;
    last[-1].size = before;
    last[-1].type = type;
    assert_in_range(StreamMemory.nr_pages + STREAM_WINDOWS, 320, 336);
    // The most is more than the fake guest has
    fixture_machine(state);
    ConfigReadahead = 1;
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    last->size = 1ULL << 40;
    blkfront_setup();
    last->size = size;
    assert_true(firmware_said("no memory or grants to read ahead"));
}

// A backend in another domain has them when the first one has let go of them.
static void
test_two_domains(void **state)
{
    static struct backend_s other;
    u32 lba;
    fixture_machine(state);
    ConfigReadahead = 1;
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&other, BLKBACK, FIXTURE_DEVICE + 16);
    other.domid = BACKEND_DOMID + 1;
    backend_set_frontend_key(&other, "backend-id", "4");
    boot();
    stream(0, 8, 10);
    for (lba = 0; lba < 80; lba += 8)
        assert_int_equal(run(1, CMD_READ, BUFFER, 8, lba), 0);
    assert_int_equal(vbd_of(1)->stats.ahead, 0);
    firmware_int15(0xe820);
    for (lba = 0; lba < 80; lba += 8)
        assert_int_equal(run(1, CMD_READ, BUFFER, 8, lba), 0);
    assert_int_equal(vbd_of(1)->stats.ahead, 8 * 8);
}

// A disk is stopped with a window that was never answered: its pages are not
// used while the other disk keeps them granted.
static void
test_stopped_disk_beside_another(void **state)
{
    static struct backend_s other;
    u32 lba;
    int ret = DISK_RET_SUCCESS;
    fixture_machine(state);
    ConfigReadahead = 1;
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    backend_create(&other, BLKBACK, FIXTURE_DEVICE + 16);
    boot();
    for (lba = 0; lba < 80; lba += 8)
        assert_int_equal(run(1, CMD_READ, BUFFER, 8, lba), 0);
    stream(0, 8, 3);
    Backend.manner.silent = 1;
    for (lba = 24; lba < 1000 && !ret; lba += 8)
        ret = run(0, CMD_READ, BUFFER, 8, lba);
    assert_int_equal(Vbd->state, VBD_BROKEN);
    u32 ahead = vbd_of(1)->stats.ahead;
    for (lba = 800; lba < 880; lba += 8)
        assert_int_equal(run(1, CMD_READ, BUFFER, 8, lba), 0);
    assert_int_equal(vbd_of(1)->stats.ahead, ahead);
    firmware_int15(0xe820);
    for (lba = 800; lba < 880; lba += 8)
        assert_int_equal(run(1, CMD_READ, BUFFER, 8, lba), 0);
    assert_int_equal(vbd_of(1)->stats.ahead, ahead + 8 * 8);
}

// Not switched on, or with no memory or references for it.
static void
test_without(void **state)
{
    static const char *const options[] = {
        "xen-blk.ahead=0", "xen-blk.ahead=55", "xen-blk.ahead=x",
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(options); i++) {
        start_with(BLKBACK, options[i]);
        if (i)
            assert_true(firmware_said("unknown option"));
        else
            stream(0, 8, 20);
        assert_int_equal(!StreamMemory.pages, i == 0);
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
    backend_set_frontend_key(&Backend, "device-type", "floppy");
    blkfront_setup();
}

// Some blocks are looked for in two zones.
static u32
check_without_memory(u32 failures)
{
    u32 n, without = 0;
    for (n = 1; n < 30; n++) {
        void *machine = NULL;
        fixture_machine(&machine);
        ConfigReadahead = 1;
        store_set(STORE_HOME "bios-strings/oem-1", "xen-blk.ahead=4");
        backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
        guest_fail_allocations(n, failures);
        blkfront_setup();
        int failed = !guest_failures_left();
        guest_fail_allocations(0, 0);
        if (!FirmwareNrDrives)
            continue;
        Vbd = vbd_of(0);
        Op = malloc_low(sizeof(*Op));
        blkfront_prepboot();
        stream(0, 8, 20);
        if (!StreamMemory.pages) {
            assert_true(firmware_said("no memory or grants to read ahead"));
            if (failures == 1) // Disks', flat addresses'
                assert_int_equal(XenInfo.frames, 4);
            without++;
        }
        firmware_int15(0xe820);
        assert_rewound(Vbd);
        if (!failed)
            break;
    }
    return without;
}

static void
test_without_memory(void **state)
{
    (void)state;
    assert_int_equal(check_without_memory(1), 1);
    assert_int_equal(check_without_memory(2), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ALL_BACKENDS(test_streams),
        cmocka_unit_test_setup(test_stream_meets_another, setup_blkback),
        ALL_BACKENDS(test_buffers),
        ALL_BACKENDS(test_small_reads_stay_16_bit),
        ALL_BACKENDS(test_xen_does_not_copy),
        ALL_BACKENDS(test_xen_refuses_a_copy),
        ALL_BACKENDS(test_32_bit),
        ALL_BACKENDS(test_random_reads),
        ALL_BACKENDS(test_mixed_ops),
        ALL_BACKENDS(test_write),
        ALL_BACKENDS(test_write_at_the_ends),
        ALL_BACKENDS(test_no_gaps),
        ALL_BACKENDS(test_age),
        ALL_BACKENDS(test_failed_window),
        ALL_BACKENDS(test_forgotten_window),
        ALL_BACKENDS(test_forgotten_window_is_used),
        ALL_BACKENDS(test_full_ring),
        ALL_BACKENDS(test_busy_windows),
        ALL_BACKENDS(test_late_window),
        ALL_BACKENDS(test_late_window_is_not_read),
        ALL_BACKENDS(test_late_window_at_flush),
        ALL_BACKENDS(test_lost_window),
        ALL_BACKENDS(test_lost_window_in_the_way),
        ALL_BACKENDS(test_lost_window_at_flush),
        ALL_BACKENDS(test_wrong_answer),
        ALL_BACKENDS(test_slow_caller),
        ALL_BACKENDS(test_nothing_old_is_shared),
        cmocka_unit_test(test_nothing_old_is_shared_with_dom0),
        ALL_BACKENDS(test_other_backend_domain),
        ALL_BACKENDS(test_older_window_is_on_its_way),
        ALL_BACKENDS(test_silent_backend),
        ALL_BACKENDS(test_release),
        ALL_BACKENDS(test_kept_pages),
        ALL_BACKENDS(test_kept_pages_end),
        ALL_BACKENDS(test_slow_stream),
        ALL_BACKENDS(test_very_slow_stream),
        ALL_BACKENDS(test_slow_jumps),
        ALL_BACKENDS(test_interleaved_streams),
        ALL_BACKENDS(test_gets_deeper),
        ALL_BACKENDS(test_depth_by_a_window),
        ALL_BACKENDS(test_depth_beside_others),
        ALL_BACKENDS(test_depth_between),
        ALL_BACKENDS(test_depth_of_new_stream),
        ALL_BACKENDS(test_where_windows_are),
        ALL_BACKENDS(test_ring_has_room),
        { "test_short_ring_has_room", test_short_ring_has_room, setup_qdisk, NULL, NULL },
        ALL_BACKENDS(test_becomes_fast),
        ALL_BACKENDS(test_slow_mixed_ops),
        ALL_BACKENDS(test_backend_dies),
        cmocka_unit_test(test_other_disks),
        cmocka_unit_test(test_let_go_beside_another),
        cmocka_unit_test(test_next_stream),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_two_domains),
        cmocka_unit_test(test_stopped_disk_beside_another),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_nothing_to_do_it_with),
        cmocka_unit_test(test_without_memory),
    };
    return RUN_TESTS(tests);
}
