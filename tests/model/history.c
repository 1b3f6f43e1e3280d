// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A guest with one disk, and beside it a model of what disk and memory must
// hold: reads deliver the model's disk, good writes stay whatever comes, bad
// ones leave each sector old or new, and no other byte ever changes.

#include "block.h" // struct disk_op_s
#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // Handover
#include "choose.h" // choose
#include "config.h" // ConfigSticky
#include "fixture.h" // fixture_machine
#include "history.h" // history_op
#include "malloc.h" // malloc_low
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcpy

#define SECTOR 512U

// Two transfers that time out, a disconnect and a connect.
#define OP_LIMIT (160 * NS_PER_S)
// Where nothing goes wrong: with a connection that is lost, and a connect.
#define GOOD_OP_LIMIT (3 * NS_PER_S)
// Of a disk that is stopped.
#define STOPPED_OP_LIMIT (100 * NS_PER_MS)

struct history_s History;

// Where 16-bit code can reach it.
static struct disk_op_s *DiskOp;

// Memory in which buffers may be, and what it must hold.
static u8 Conventional[GUEST_VGA];
static u8 Program[0x40000];

static const struct area_s {
    u32 start, size;
    u8 *expected;
} Areas[] = {
    { 0, sizeof(Conventional), Conventional },
    { GUEST_PROGRAM, sizeof(Program), Program },
};

// What the disk must hold.
static u8 Disk[BACKEND_SECTORS * SECTOR];

// Makes each sector that is written unlike all others.
static u64 Stamp;


/****************************************************************
 * Beginnings
 ****************************************************************/

static void
fill_areas(void)
{
    u32 a, i;
    for (a = 0; a < ARRAY_SIZE(Areas); a++)
        for (i = 0; i < Areas[a].size; i += 8) {
            u64 word = (i + a + 1) * 0x9e3779b97f4a7c15ULL;
            memcpy(&Areas[a].expected[i], &word, sizeof(word));
        }
}

static void
find_vbd(void)
{
    History.vbd = NULL;
    if (!FirmwareNrDrives)
        return;
    const struct blkfront_drive_s *drive = container_of(
        FirmwareDrives[0].drive, struct blkfront_drive_s, drive);
    History.vbd = guest_ptr(drive->vbd);
}

// Where all wait for something that does not come, let it not last.
static void
hurry(void)
{
    if (History.faulty)
        world_sleep(NS_PER_MS);
}

// One that comes back when it is let go of.
static enum backend_kind
choose_kind(void)
{
    static const enum backend_kind kinds[] = {
        BLKBACK, PERSISTENT, QDISK, QDISK_OLD, FREEBSD, TAPBACK,
    };
    return kinds[choose(ARRAY_SIZE(kinds))];
}

// POST on a new machine, that has the memory and the disk of the model.
static void
boot(enum backend_kind kind)
{
    void *state = NULL;
    u32 a;
    fixture_machine(&state);
    world_add(hurry);
    for (a = 0; a < ARRAY_SIZE(Areas); a++)
        memcpy(guest_ptr(Areas[a].start), Areas[a].expected, Areas[a].size);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
    memcpy(Backend.disk, Disk, sizeof(Disk));
    if ((kind == BLKBACK || kind == PERSISTENT) && !choose(4))
        backend_set_blocks(&Backend, "4096");
    if (!choose(4))
        backend_set_frontend_key(&Backend, "trusted", "0");
    ConfigSticky = !!choose(8);
    ConfigReadahead = !!choose(4);
    if (!choose(4)) {
        world_set_seams(SEAMS_ALL);
        world_set_chance(1 + choose(8));
    }
    blkfront_setup();
    DiskOp = malloc_low(sizeof(*DiskOp));
    find_vbd();
    assert_int_equal(!History.vbd, kind == NETBSD);
    blkfront_prepboot();
}

// A new history.
void
history_start(void)
{
    u32 i;
    memset(&History, 0, sizeof(History));
    Stamp = 0;
    for (i = 0; i < sizeof(Disk); i += 8) {
        u64 word = (i + 3) * 0xd6e8feb86659fd93ULL;
        memcpy(&Disk[i], &word, sizeof(word));
    }
    fill_areas();
    boot(choose_kind());
}

// The machine starts again; the disk stays.
void
history_restart(void)
{
    history_check();
    History.restarts++;
    History.faulty = 0;
    boot(choose_kind());
}

// The same, with a backend that connects once, or waits for nobody.
void
history_restart_elsewhere(void)
{
    static const enum backend_kind kinds[] = { FREEBSD_OLD, ILLUMOS, NETBSD };
    history_check();
    History.restarts++;
    History.faulty = 1;
    boot(kinds[choose(ARRAY_SIZE(kinds))]);
    assert_true(backend_all_are_as_found());
}


/****************************************************************
 * Memory
 ****************************************************************/

// What the memory at an address must hold, to the end of its area.
static u8 *
expected_at(u32 addr)
{
    u32 a;
    for (a = 0; a < ARRAY_SIZE(Areas); a++)
        if (addr - Areas[a].start < Areas[a].size)
            return &Areas[a].expected[addr - Areas[a].start];
    fail_msg("no buffer can be at %#x", addr);
    return NULL;
}

static void
compare_memory(u32 start, u32 end)
{
    const u8 *memory = guest_ptr(start), *expected = expected_at(start);
    u32 i = 0;
    if (!memcmp(memory, expected, end - start))
        return;
    while (memory[i] == expected[i])
        i++;
    fail_msg("the byte at %#x is %#x and not %#x", start + i, memory[i]
             , expected[i]);
}

// A buffer, with the pages before and behind it.
static void
compare_around(u32 addr, u32 len)
{
    u32 a, start = addr, end = addr + len;
    for (a = 0; a < ARRAY_SIZE(Areas); a++) {
        u32 area_end = Areas[a].start + Areas[a].size;
        if (addr - Areas[a].start >= Areas[a].size)
            continue;
        start = ALIGN_DOWN(addr, GUEST_PAGE);
        if (start > Areas[a].start)
            start -= GUEST_PAGE;
        end = ALIGN(end, GUEST_PAGE) + GUEST_PAGE;
        if (end > area_end)
            end = area_end;
    }
    compare_memory(start, end);
}


/****************************************************************
 * References
 ****************************************************************/

// Each is free, live or quarantined; free ones let nobody in.
static void
check_pool(const struct gref_pool_s *pool)
{
    u32 i, count[3] = { 0, 0, 0 };
    for (i = 0; i < pool->size; i++) {
        u32 flags = xen_grant_flags(pool->base + i);
        assert_in_range(pool->state[i], GREF_POOL_FREE, GREF_POOL_QUARANTINED);
        count[pool->state[i]]++;
        if (pool->state[i] == GREF_POOL_FREE)
            assert_false(flags || xen_grant_is_mapped(pool->base + i));
        if (pool->state[i] == GREF_POOL_LIVE && pool->policy == GREF_POOL_STICKY)
            assert_false(flags & GTF_readonly);
    }
    assert_int_equal(count[GREF_POOL_FREE], pool->nr_free);
    assert_int_equal(count[GREF_POOL_QUARANTINED], pool->nr_quarantined);
    if (pool->policy == GREF_POOL_PER_OP)
        assert_int_equal(count[GREF_POOL_LIVE], 0);
    for (i = 0; i < pool->nr_free; i++)
        assert_int_equal(pool->state[pool->free[i]], GREF_POOL_FREE);
}

// What a stopped disk leaves granted is what the backend has not let go of,
// and nothing that it has is taken for free.
static void
check_stopped(void)
{
    u32 gref;
    assert_int_equal(History.vbd ? History.vbd->port : 0, 0);
    assert_true(backend_all_are_as_found());
    for (gref = 0; gref < XEN_GRANTS; gref++)
        assert_int_equal(!!xen_grant_flags(gref), xen_grant_is_mapped(gref));
}

static void
check_references(void)
{
    struct vbd_s *vbd = History.vbd;
    if (vbd && vbd->state == VBD_CONNECTED) {
        assert_int_equal(vbd->ring.busy, 0);
        check_pool(&vbd->pool);
    } else {
        check_stopped();
    }
}

// Everything, as far as it does not change between ops.
void
history_check(void)
{
    u32 a;
    for (a = 0; a < ARRAY_SIZE(Areas); a++)
        compare_memory(Areas[a].start, Areas[a].start + Areas[a].size);
    if (memcmp(Disk, Backend.disk, sizeof(Disk)))
        fail_msg("the disk has changed between ops");
    check_references();
}


/****************************************************************
 * Ops
 ****************************************************************/

static void
stamp_sectors(u32 addr, u32 count)
{
    u8 *memory = guest_ptr(addr), *expected = expected_at(addr);
    u32 i;
    for (i = 0; i < count; i++) {
        Stamp++;
        memcpy(&expected[i * SECTOR + 8], &Stamp, sizeof(Stamp));
        memcpy(&memory[i * SECTOR + 8], &Stamp, sizeof(Stamp));
    }
}

static void
check_read(const struct history_op_s *op, u32 done)
{
    u32 len = op->count * SECTOR;
    u8 *expected = expected_at(op->addr);
    if (memcmp(guest_ptr(op->addr), &Disk[op->lba * SECTOR], done * SECTOR))
        fail_msg("read of %u sectors at %#x delivers what is not on disk"
                 , op->count, op->addr);
    memcpy(expected, guest_ptr(op->addr), len);
}

static void
check_written_sector(u64 lba, const u8 *written, int is_done)
{
    const u8 *there = &Backend.disk[lba * SECTOR];
    u8 *expected = &Disk[lba * SECTOR];
    int is_new = !memcmp(there, written, SECTOR);
    if (is_done && !is_new)
        fail_msg("sector %u was written, and is not there", (u32)lba);
    if (!is_new && memcmp(there, expected, SECTOR))
        fail_msg("sector %u is neither old nor new", (u32)lba);
    memcpy(expected, there, SECTOR);
}

static void
check_write(const struct history_op_s *op, u32 done)
{
    u32 i;
    const u8 *written = expected_at(op->addr);
    for (i = 0; i < op->count; i++)
        check_written_sector(op->lba + i, &written[i * SECTOR], i < done);
}

static void
check_result(const struct history_op_s *op, int ret, u32 done, u64 time
             , int was_stopped)
{
    assert_int_equal(ret == DISK_RET_SUCCESS, done == op->count);
    assert_in_range(done, 0, op->count);
    if (was_stopped) {
        assert_int_not_equal(ret, DISK_RET_SUCCESS);
        assert_true(time <= STOPPED_OP_LIMIT);
    } else if (!History.faulty) {
        assert_int_equal(ret, DISK_RET_SUCCESS);
        assert_true(time <= GOOD_OP_LIMIT);
    }
    assert_true(time <= OP_LIMIT);
    History.ops++;
    History.failed += ret != DISK_RET_SUCCESS;
}

// Whether the disk is not to be used, for now or for ever.
static int
is_stopped(void)
{
    struct vbd_s *vbd = History.vbd;
    return vbd->state == VBD_BROKEN
           || (vbd->state == VBD_CLOSED && vbd->retry_time > world_now());
}

// Run an op and compare all that it may have changed.  Returns DISK_RET_*.
int
history_op(const struct history_op_s *op)
{
    *DiskOp = (struct disk_op_s) {
        .drive_fl = FirmwareDrives[0].drive, .buf_fl = guest_ptr(op->addr),
        .command = op->write ? CMD_WRITE : CMD_READ, .count = (u16)op->count,
        .lba = op->lba,
    };
    int was_stopped = is_stopped();
    if (op->write)
        stamp_sectors(op->addr, op->count);
    u64 start = world_now();
    int ret = op->in_16bit ? firmware_op_16(DiskOp)
                           : blkfront_process_op(DiskOp);
    check_result(op, ret, DiskOp->count, world_now() - start, was_stopped);
    if (op->write)
        check_write(op, DiskOp->count);
    else
        check_read(op, DiskOp->count);
    compare_around(op->addr, op->count * SECTOR);
    check_references();
    return ret;
}


/****************************************************************
 * Handovers
 ****************************************************************/

// How long a disk may keep its answers back that are read ahead, 5 s, and the time
// without an op.
#define IDLE_TICKS 100

static void
announce_os(u32 how)
{
    static const u16 calls[] = { 0xe820, 0xe801, 0x8800, 0x2401, 0xec00 };
    u32 i;
    if (how < ARRAY_SIZE(calls))
        firmware_int15(calls[how]);
    else
        for (i = 0; i < IDLE_TICKS && (i < 3 || Handover.open); i++) {
            firmware_tick();
            world_turn(SEAM_YIELD);
        }
}

// Something makes the driver let go of its disks.
void
history_let_go(u32 how)
{
    u64 start = world_now();
    firmware_log(5, "let go %u\n", how);
    announce_os(how);
    assert_true(world_now() - start <= OP_LIMIT);
    History.handovers++;
    check_references();
    if (History.faulty || History.vbd->state == VBD_BROKEN)
        return;
    assert_rewound(History.vbd);
    assert_false(Backend.unflushed && Backend.flush);
}

// The guest is saved and restored, between two ops.
void
history_restore(void)
{
    xen_restore();
    backend_restore(&Backend);
    Backend.unflushed = 0; // What the old one had is not the driver's matter
    History.restores++;
    firmware_log(5, "restore\n");
}
