// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Whole disk ops, with a backend that really copies, by grant: every byte
// of the buffer, of what lies around it and of the disk is compared.

#include "backends.h" // ALL_BACKENDS
#include "block.h" // struct disk_op_s
#include "blkfront/xfer.h" // Xfer
#include "config.h" // ConfigSticky
#include "blkfront/handover.h" // handover_disconnect
#include "fixture.h" // fixture_connected
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memcmp

#define SECTOR   512U
#define MARGIN   8192U  // Looked at before and behind a buffer
#define BUFFER   0x20000U                   // Where loaders read to
#define HIGH_BUFFER (GUEST_PROGRAM + 0x10000)
#define MAX_OP   (INDIRECT_PLAN_SECTORS * SECTOR)

// What the disk must hold.
static u8 Disk[BACKEND_SECTORS * SECTOR];

static int
setup_kind(void **state, enum backend_kind kind)
{
    fixture_restart(kind);
    struct vbd_s *vbd = fixture_vbd();
    *state = vbd;
    memcpy(Disk, Backend.disk, sizeof(Disk));
    return vbd_connect(vbd);
}


/****************************************************************
 * One op, compared byte by byte
 ****************************************************************/

struct span_s {
    u32 addr, len;
};

// The buffer with what is around it, as far as there is memory.
static struct span_s
surroundings(u32 addr, u32 len)
{
    struct span_s span = { addr, len };
    if (addr >= MARGIN && guest_has(addr - MARGIN, len + MARGIN)) {
        span.addr -= MARGIN;
        span.len += MARGIN;
    }
    if (guest_has(span.addr, span.len + MARGIN))
        span.len += MARGIN;
    return span;
}

static void
fill(void *memory, u32 len, u32 seed)
{
    u8 *byte = memory;
    u32 i;
    for (i = 0; i < len; i++)
        byte[i] = (u8)((i + seed) * 2246822519U >> 23);
}

// References to pages of ops that the backend may use.
static u32
count_data_grants(const struct vbd_s *vbd)
{
    return xen_window_grants(vbd->op_grefs, vbd->pool.size);
}

// A page that stays granted is one that can be granted again, and writable.
static void
check_sticky_grant(u32 gref)
{
    u32 page = xen_grant_page(gref);
    assert_true(page < VBD_LOW_PAGES
                || page - Pages.bounce / GUEST_PAGE < PAGES_BOUNCE
                || page == Pages.scratch / XEN_PAGE_SIZE);
    assert_false(xen_grant_flags(gref) & GTF_readonly);
}

// Between ops the backend has the ring, the page of indirect segments, and
// what sticks.
static void
check_grants(struct vbd_s *vbd)
{
    u32 i, data = count_data_grants(vbd);
    assert_int_equal(xen_live_grants(), fixture_own_grants(vbd) + data);
    assert_int_equal(vbd->pool.nr_quarantined, 0);
    assert_int_equal(vbd->ring.busy, 0);
    if (!vbd->persistent)
        assert_int_equal(data, 0);
    for (i = 0; i < VBD_STICKY_GREFS && vbd->persistent; i++)
        if (xen_grant_flags(vbd->op_grefs + i))
            check_sticky_grant(vbd->op_grefs + i);
}

// An op that must succeed.
static void
check_op(struct vbd_s *vbd, u32 addr, u32 count, u64 lba, int write)
{
    static u8 expected[MAX_OP + 2 * MARGIN];
    u32 len = count * SECTOR;
    u16 done;
    struct span_s span = surroundings(addr, len);
    fill(guest_ptr(span.addr), span.len, addr + count);
    memcpy(expected, guest_ptr(span.addr), span.len);
    if (write)
        memcpy(&Disk[lba * SECTOR], guest_ptr(addr), len);
    else
        memcpy(&expected[addr - span.addr], &Disk[lba * SECTOR], len);
    int ret = fixture_op(vbd, addr, count, lba, write, &done);
    if (ret || done != count)
        fail_msg("%s of %u sectors at %#x: status %d, count %u"
                 , write ? "write" : "read", count, addr, ret, done);
    if (memcmp(expected, guest_ptr(span.addr), span.len))
        fail_msg("%s of %u sectors at %#x: memory differs"
                 , write ? "write" : "read", count, addr);
    if (memcmp(Disk, Backend.disk, sizeof(Disk)))
        fail_msg("%s of %u sectors at %#x: disk differs"
                 , write ? "write" : "read", count, addr);
    check_grants(vbd);
    assert_int_equal(vbd->state, VBD_CONNECTED);
}

// An op that must fail, with so many sectors done.
static void
check_failure(struct vbd_s *vbd, u32 addr, u32 count, int write
              , int expected, u32 expected_count)
{
    u16 done;
    assert_int_equal(fixture_op(vbd, addr, count, 100, write, &done)
                     , expected);
    assert_int_equal(done, expected_count);
}


/****************************************************************
 * All is well
 ****************************************************************/

static const u16 Counts[] = {
    1, 2, 3, 7, 8, 9, 15, 16, 17, 63, 64, 79, 80, 81, 87, 88, 89, 90, 95, 96
    , 97, 119, 120, 121, 126, 127, 128,
};
static const u16 Offsets[] = {
    0, 512, 1024, 1536, 2048, 2560, 3072, 3584, // Aligned
    1, 2, 4, 16, 255, 256, 511, 513, 1023, 2049, 3583, 3585, 4080, 4095,
};

static void
test_all_shapes(void **state)
{
    u32 c, o;
    for (c = 0; c < ARRAY_SIZE(Counts); c++)
        for (o = 0; o < ARRAY_SIZE(Offsets); o++) {
            u64 lba = world_random(BACKEND_SECTORS - Counts[c] + 1U);
            check_op(*state, BUFFER + Offsets[o], Counts[c], lba, 0);
            check_op(*state, BUFFER + Offsets[o], Counts[c], lba, 1);
            check_op(*state, HIGH_BUFFER + Offsets[o], Counts[c], lba, 0);
            check_op(*state, HIGH_BUFFER + Offsets[o], Counts[c], lba, 1);
        }
}

// Aligned buffers are used where they are; nothing is copied.
static void
test_aligned_is_zero_copy(void **state)
{
    struct vbd_s *vbd = *state;
    u32 count;
    for (count = 1; count <= INDIRECT_PLAN_SECTORS; count++) {
        check_op(vbd, BUFFER + 0x600, count, 7, 0);
        check_op(vbd, BUFFER + 0x600, count, 7, 1);
    }
    assert_int_equal(vbd->stats.bounced, 0);
    assert_int_equal(vbd->stats.moved, 0);
    assert_int_equal(vbd->stats.errors, 0);
}

// An unaligned read is moved, an unaligned write goes through the bounce.
static void
test_unaligned(void **state)
{
    struct vbd_s *vbd = *state;
    check_op(vbd, BUFFER + 16, 63, 7, 0);
    assert_int_equal(vbd->stats.moved, 63);
    assert_int_equal(vbd->stats.bounced, 0);
    check_op(vbd, BUFFER + 16, 63, 7, 1);
    assert_int_equal(vbd->stats.moved, 63);
    assert_int_equal(vbd->stats.bounced, 63);
}

// An unaligned read that fails: nothing of the scratch page, where another op's
// sector may be, comes into the buffer.
static void
test_unaligned_read_fails(void **state)
{
    struct vbd_s *vbd = *state;
    u8 *last = guest_ptr(BUFFER + 16 + 7 * SECTOR);
    u32 i;
    u16 done;
    memset(guest_ptr(Pages.scratch), 0x33, GUEST_PAGE);
    memset(guest_ptr(BUFFER), 0x5a, 2 * GUEST_PAGE);
    Backend.manner.fail_mask = ~0U;
    assert_int_not_equal(fixture_op(vbd, BUFFER + 16, 8, 100, 0, &done), 0);
    for (i = 0; i < SECTOR; i++)
        assert_int_not_equal(last[i], 0x33);
    assert_int_equal(vbd->stats.moved, 0);
}

static void
test_requests_of_a_large_op(void **state)
{
    struct vbd_s *vbd = *state;
    int indirect = vbd->limits.indirect != 0;
    check_op(vbd, BUFFER, 128, 0, 0);
    assert_int_equal(Backend.requests, indirect ? 1 : 2);
    assert_int_equal(Backend.indirect_requests, indirect);
    assert_int_equal(Backend.segments, 16);
    assert_int_equal(Backend.events, 1);
    assert_int_equal(vbd->stats.notifies, 1);
    check_op(vbd, BUFFER, 88, 0, 0); // 11 pages are one direct request
    assert_int_equal(Backend.requests, indirect ? 2 : 3);
    assert_int_equal(Backend.indirect_requests, indirect);
}

static void
test_indirect_limits(void **state)
{
    static const struct {
        const char *limit;
        u32 requests;
    } cases[] = {
        { "0", 2 }, { "11", 2 }, { "12", 2 }, { "15", 2 }, { "16", 1 },
        { "17", 1 }, { "4096", 1 }, { NULL, 2 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_restart(Backend.kind);
        struct vbd_s *vbd = fixture_vbd();
        memcpy(Disk, Backend.disk, sizeof(Disk));
        Backend.indirect = cases[i].limit;
        assert_int_equal(vbd_connect(vbd), 0);
        check_op(vbd, BUFFER, 128, 0, 0);
        check_op(vbd, BUFFER, 128, 0, 1);
        assert_int_equal(Backend.requests, 2 * cases[i].requests);
    }
}

static void
test_ends_of_the_disk(void **state)
{
    check_op(*state, BUFFER, 1, 0, 0);
    check_op(*state, BUFFER, 1, BACKEND_SECTORS - 1, 0);
    check_op(*state, BUFFER, 128, BACKEND_SECTORS - 128, 1);
}

// Thousands of ops: the ring goes round, and every answer has its request.
static void
test_many_ops(void **state)
{
    u32 i;
    for (i = 0; i < 2000; i++) {
        u32 count = 1 + world_random(INDIRECT_PLAN_SECTORS);
        check_op(*state, BUFFER + world_random(4096), count
                 , world_random(BACKEND_SECTORS - count), world_random(2));
    }
}

// The backend at work at any moment, quick or slow: no event is lost.
static void
test_races(void **state)
{
    u32 seed;
    world_set_seams(SEAMS_ALL);
    for (seed = 0; seed < 3000; seed++) {
        world_seed(seed);
        world_set_chance(1 + seed % 9);
        // Within a spin, and beyond it
        Backend.manner.slow = world_random(seed % 2 ? 40 : 600);
        Backend.manner.reversed = (int)world_random(2);
        u32 count = 1 + world_random(INDIRECT_PLAN_SECTORS);
        u64 start = world_now();
        check_op(*state, BUFFER + 512 * world_random(8), count, seed, 0);
        if (world_now() - start > NS_PER_S / 2)
            fail_msg("seed %u: an event was lost", seed);
    }
}

// Waits spin as long as answers come while they do, and no longer.
static void
test_spins_while_it_pays(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < 20; i++)
        check_op(vbd, BUFFER, 8, 0, 0);
    assert_int_equal(vbd->stats.spins, 20);
    assert_int_equal(vbd->stats.sleeps, 0);
    Backend.manner.slow = 1000;
    for (i = 0; i < 10; i++)
        check_op(vbd, BUFFER, 8, 0, 0);
    assert_in_range(vbd->stats.spins, 21, 25);
    assert_in_range(vbd->stats.sleeps, 10, 20);
}

// An answer just before the port is cleared: its event is gone then, and who has
// asked for one and not looked since sleeps until he looks for the backend.
static void
test_answer_before_the_clear(void **state)
{
    world_set_seams(1U << SEAM_ATOMIC | 1U << SEAM_POLL);
    u64 start = world_now();
    check_op(*state, BUFFER, 1, 7, 0);
    assert_in_range(world_now() - start, 1, NS_PER_S / 10);
}

// A wait is one sleep, or two: the event of the op before must not end it.
static void
test_sleep_is_sleep(void **state)
{
    u32 i;
    Backend.manner.slow = 1000;
    for (i = 0; i < 5; i++) {
        u32 before = XenCounters.polls;
        check_op(*state, BUFFER, 128, 0, 0);
        assert_in_range(XenCounters.polls - before, 1, 2);
    }
}

static void
test_backend_that_polls(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    Backend.manner.polls = 1;
    world_set_seams(SEAMS_ALL);
    for (i = 0; i < 10; i++)
        check_op(vbd, BUFFER, 128, 0, 0);
    assert_true(vbd->stats.suppressed >= 9);
}

static void
test_backends_that_are_odd_and_right(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.outer_operation = 1;
    check_op(vbd, BUFFER, 128, 5, 0);
    Backend.manner.reversed = 1;
    check_op(vbd, BUFFER, 128, 5, 1);
    Backend.manner.slow = 1000;
    check_op(vbd, BUFFER, 128, 5, 0);
    assert_true(vbd->stats.sleeps > 0);
}


/****************************************************************
 * Memory that is not granted
 ****************************************************************/

static void
test_where_a_buffer_may_be(void **state)
{
    static const struct {
        u32 addr, count;
        int bounced;
    } cases[] = {
        { 0, 1, 1 }, { 0x400, 1, 1 },           // Vectors, BIOS data
        { 0xe00, 1, 1 }, { 0xe00, 2, 1 }, { 0x1000, 1, 0 },
        { 0x7c00, 1, 0 }, { 0x7c00, 128, 0 }, { 0x10000, 128, 0 },
        { 0x9ee00, 1, 0 }, { 0x9ee00, 2, 1 },   // The page of the EBDA
        { 0x9f000, 1, 1 }, { 0x9f400, 1, 1 },
        { 0x90000, 127, 1 }, { 0x90000, 120, 0 },
        { 0x9fe00, 2, 1 }, { 0xa0000, 128, 1 }, // Video memory
        { 0xb8000, 8, 1 }, { 0xc0000, 128, 1 },
        { 0xf0000, 8, 1 }, { 0xffe00, 2, 1 },   // The BIOS, and over 1 MiB
        { 0x100000, 1, 0 }, { 0x100000, 128, 0 },
        { 0x11e000, 16, 0 }, { 0x11e000, 17, 1 }, // The end of memory
        { 0x11fe00, 1, 0 }, { 0x120000, 1, 1 },
        { GUEST_ROM, 8, 1 }, { 0xfffff000, 8, 1 }, { 0xfffffe00, 1, 1 },
    };
    struct vbd_s *vbd = *state;
    u32 i;
    GuestRamEnd = 0x120000;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        u32 before = vbd->stats.bounced;
        int bounced = cases[i].bounced
                      || (vbd->persistent && cases[i].addr >= GUEST_PROGRAM);
        check_op(vbd, cases[i].addr, cases[i].count, i, 0);
        check_op(vbd, cases[i].addr, cases[i].count, i, 1);
        if (vbd->stats.bounced - before != (bounced ? 2 * cases[i].count : 0))
            fail_msg("case %u is %sbounced", i, bounced ? "not " : "");
    }
}

// The firmware may have no extended BIOS data area, or a large one.
static void
test_end_of_conventional_memory(void **state)
{
    static const struct {
        u32 end, addr;
        int bounced;
    } cases[] = {
        { 0xa0000, 0x9fe00, 0 }, { 0xb0000, 0xa0000, 1 },
        { 0x9fc00, 0x9ee00, 0 }, { 0x9fc00, 0x9f000, 1 },
        { 0x80000, 0x7fe00, 0 }, { 0x80000, 0x80000, 1 },
        { 0x80001, 0x80000, 1 },
    };
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        u32 before = vbd->stats.bounced;
        GuestConventionalEnd = cases[i].end;
        pages_note_low_end();
        check_op(vbd, cases[i].addr, 1, 3, 0);
        assert_int_equal(vbd->stats.bounced - before, cases[i].bounced);
    }
}

// A program has moved the area, as DOS does with some drivers: what is not in it,
// nor was the firmware's before, is the caller's.
static void
test_moved_ebda(void **state)
{
    static const struct {
        u32 ebda, addr, count;
        int bounced;
    } cases[] = {
        { 0x8000, 0x20000, 128, 0 }, { 0x8000, 0x7e00, 1, 0 },
        { 0x8000, 0x7e00, 2, 1 }, { 0x8000, 0x8400, 1, 1 },
        { 0x8000, 0x9fff, 1, 1 }, { 0x8000, 0xa000, 1, 0 },
        { 0x8ff0, 0x9200, 1, 1 },               // Across two pages
        { 0x8000, 0x9ee00, 1, 0 }, { 0x8000, 0x9ee00, 2, 1 },
        { 0x9f800, 0x9f000, 1, 1 },             // Upwards
    };
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        u32 before = vbd->stats.bounced;
        GuestConventionalEnd = cases[i].ebda;
        check_op(vbd, cases[i].addr, cases[i].count, 3, 1);
        if (!!(vbd->stats.bounced - before) != cases[i].bounced)
            fail_msg("case %u is %sbounced", i, cases[i].bounced ? "not " : "");
    }
}

// What the backend got of a page beyond 'from' is nothing.
static void
check_rest_of_page(u32 from)
{
    u32 i;
    for (i = from; i < GUEST_PAGE; i++)
        assert_int_equal(Backend.last_page[i], 0);
}

static void
check_untrusted(enum backend_kind kind)
{
    fixture_restart(kind);
    memcpy(Disk, Backend.disk, sizeof(Disk));
    backend_set_frontend_key(&Backend, "trusted", "0");
    struct vbd_s *vbd = vbd_create("51712", 1);
    assert_int_equal(vbd_connect(vbd), 0);
    assert_false(vbd->persistent);
    check_op(vbd, BUFFER, 128, 0, 1);
    check_op(vbd, BUFFER, 128, 0, 0);
    assert_int_equal(vbd->stats.bounced, 256);
    check_op(vbd, BUFFER, 1, 0, 1);
    check_rest_of_page(SECTOR);
    check_op(vbd, BUFFER + 3, 3, 0, 0);
    check_rest_of_page(3 * SECTOR);
    // Of what comes last on the bounce pages, too
    check_op(vbd, BUFFER, 128, 0, 1);
    check_op(vbd, BUFFER, 121, 0, 0);
    check_rest_of_page(SECTOR);
}

// A backend that is not trusted sees what it must, while it must, and
// nothing else.
static void
test_untrusted_backend(void **state)
{
    (void)state;
    check_untrusted(BLKBACK);
    check_untrusted(PERSISTENT);
    check_untrusted(QDISK);
}


/****************************************************************
 * Sticky grants
 ****************************************************************/

// Ops on the buffer make no grant, and the backend maps nothing.
static void
check_no_new_grant(struct vbd_s *vbd, u32 addr, u32 count)
{
    u32 live = xen_live_grants(), mappings = Backend.mappings;
    check_op(vbd, addr, count, 1, 0);
    check_op(vbd, addr, count, 2, 1);
    assert_int_equal(xen_live_grants(), live);
    assert_int_equal(Backend.mappings, mappings);
}

static void
test_buffer_is_used_again(void **state)
{
    struct vbd_s *vbd = *state;
    check_op(vbd, BUFFER, 128, 0, 0);
    assert_int_equal(count_data_grants(vbd), 16);
    assert_int_equal(Backend.mappings, 17); // And that of the segments
    check_no_new_grant(vbd, BUFFER, 128);
    check_no_new_grant(vbd, BUFFER + 0x3200, 63); // A part of it
    check_op(vbd, BUFFER + 0x8000, 128, 0, 0); // The half of it, and more
    assert_int_equal(count_data_grants(vbd), 24);
    check_no_new_grant(vbd, BUFFER, 128);
}

// First written to the disk, then read into.
static void
test_write_first(void **state)
{
    check_op(*state, BUFFER, 128, 0, 1);
    check_no_new_grant(*state, BUFFER, 128);
}

// An unaligned read needs one page more, an unaligned write all of ours.
static void
test_unaligned_buffer_is_used_again(void **state)
{
    struct vbd_s *vbd = *state;
    check_op(vbd, BUFFER + 16, 120, 0, 0);
    assert_int_equal(count_data_grants(vbd), 15 + 1);
    check_op(vbd, BUFFER + 16, 128, 0, 1);
    assert_int_equal(count_data_grants(vbd)
                     , 15 + 1 + PAGES_BOUNCE);
    check_no_new_grant(vbd, BUFFER + 16, 120);
}

// Memory above 1 MiB goes through our own pages, and they stick.
static void
test_high_buffer_bounces(void **state)
{
    struct vbd_s *vbd = *state;
    check_op(vbd, HIGH_BUFFER, 128, 0, 0);
    assert_int_equal(vbd->stats.bounced, 128);
    assert_int_equal(count_data_grants(vbd), PAGES_BOUNCE);
    check_no_new_grant(vbd, HIGH_BUFFER, 128);
    check_no_new_grant(vbd, HIGH_BUFFER + 0x100000, 128);
    check_no_new_grant(vbd, GUEST_PROGRAM, 1);
    assert_int_equal(vbd->stats.bounced, 128 + 2 * (128 + 128 + 1));
    assert_int_equal(vbd->stats.retries, 0);
}

// All pages that there are: the window has room for them.
static void
test_all_low_memory(void **state)
{
    struct vbd_s *vbd = *state;
    u32 addr, end = ALIGN_DOWN(GUEST_EBDA, GUEST_PAGE);
    check_op(vbd, HIGH_BUFFER, 128, 0, 0);
    for (addr = GUEST_PAGE; addr < end; addr += GUEST_PAGE)
        check_op(vbd, addr, 8, addr / GUEST_PAGE, addr / GUEST_PAGE % 2);
    assert_int_equal(count_data_grants(vbd)
                     , end / GUEST_PAGE - 1 + PAGES_BOUNCE);
    for (addr = GUEST_PAGE; addr < end; addr += 32 * GUEST_PAGE)
        check_no_new_grant(vbd, addr, 64);
    assert_int_equal(vbd->stats.errors, 0);
}

// A backend may let go of what it keeps, and map it again.
static void
test_backend_forgets(void **state)
{
    u32 i;
    Backend.manner.forgets = 1;
    for (i = 0; i < 500; i++) {
        u32 count = 1 + world_random(INDIRECT_PLAN_SECTORS);
        check_op(*state, BUFFER + SECTOR * world_random(800), count
                 , world_random(BACKEND_SECTORS - count), world_random(2));
    }
}

// Who connects, what both ends say, and what comes of it.
static void
test_policy(void **state)
{
    static const struct {
        const char *trusted, *backend, *offer;
        int config, persistent;
    } cases[] = {
        { NULL, "1", "1", 1, 1 }, { "1", "1", "1", 1, 1 },
        { NULL, "0", "1", 1, 0 }, { NULL, NULL, "1", 1, 0 },
        { "0", "1", "0", 1, 0 }, { "0", NULL, "0", 1, 0 },
        { NULL, "1", "0", 0, 0 }, { NULL, NULL, "0", 0, 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_restart(BLKBACK);
        memcpy(Disk, Backend.disk, sizeof(Disk));
        ConfigSticky = cases[i].config;
        Backend.persistent = cases[i].backend;
        backend_set_frontend_key(&Backend, "trusted", cases[i].trusted);
        struct vbd_s *vbd = vbd_create("51712", 1);
        assert_int_equal(vbd_connect(vbd), 0);
        assert_string_equal(cases[i].offer, backend_get_frontend_key(
                                &Backend, "feature-persistent"));
        assert_int_equal(vbd->persistent, cases[i].persistent);
        assert_int_equal(Backend.is_persistent, cases[i].persistent);
        check_op(vbd, BUFFER, 128, 0, 0);
        check_op(vbd, BUFFER, 128, 0, 1);
        assert_int_equal(count_data_grants(vbd)
                         , cases[i].persistent ? 16 : 0);
    }
}

// Without a window for them the disk does without.
static void
test_no_sticky_window(void **state)
{
    struct vbd_s *vbd;
    fixture_restart(PERSISTENT);
    memcpy(Disk, Backend.disk, sizeof(Disk));
    vbd = *state = fixture_vbd();
    vbd->can_stick = 0;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_string_equal(backend_get_frontend_key(&Backend
                                                 , "feature-persistent"), "0");
    assert_false(vbd->persistent);
    check_op(vbd, BUFFER, 128, 0, 0);
    check_op(vbd, HIGH_BUFFER, 128, 0, 1);
    assert_int_equal(vbd->stats.bounced, 0);
}

// As many references as one op may need: 17 pages, and the one of the last sector.
static void
test_no_sticky_references(void **state)
{
    struct vbd_s *vbd;
    fixture_restart(BLKBACK);
    ConfigSticky = 0;
    memcpy(Disk, Backend.disk, sizeof(Disk));
    vbd = *state = fixture_vbd();
    assert_int_equal(vbd_connect(vbd), 0);
    assert_in_range(vbd->nr_op_grefs, INDIRECT_PLAN_SEGMENTS, 40);
    check_op(vbd, BUFFER + 2 * SECTOR + 4, 128, 0, 0);
    assert_int_equal(vbd->stats.bounced, 0);
}

// An earlier owner's backend keeps most of the window.
static void
test_sticky_window_in_use(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    handover_disconnect(vbd);
    for (i = 5; i < VBD_STICKY_GREFS; i++)
        fixture_grant(vbd->op_grefs + i)->flags
            = GTF_permit_access | GTF_reading;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(vbd->pool.nr_free, 5);
    check_failure(vbd, BUFFER, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(Backend.requests, 0);
    assert_int_equal(xen_live_grants(), VBD_STICKY_GREFS - 5);
    assert_int_equal(vbd->state, VBD_BROKEN);
}


/****************************************************************
 * Ops that cannot be
 ****************************************************************/

static void
test_bad_ops(void **state)
{
    static const struct {
        u64 lba;
        u32 count;
        int ret;
    } cases[] = {
        { 0, 0, DISK_RET_SUCCESS },
        { BACKEND_SECTORS, 1, DISK_RET_EPARAM },
        { BACKEND_SECTORS - 1, 2, DISK_RET_EPARAM },
        { BACKEND_SECTORS - 127, 128, DISK_RET_EPARAM },
        { ~0ULL, 1, DISK_RET_EPARAM }, { ~0ULL, 128, DISK_RET_EPARAM },
        { ~0ULL - 127, 128, DISK_RET_EPARAM },
        { 1ULL << 32, 1, DISK_RET_EPARAM }, { 1ULL << 63, 1, DISK_RET_EPARAM },
        { 0, 4097, DISK_RET_EPARAM }, { 0, 65535, DISK_RET_EPARAM },
    };
    struct vbd_s *vbd = *state;
    u32 i, write;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        for (write = 0; write <= 1; write++) {
            u16 done;
            assert_int_equal(fixture_op(vbd, BUFFER, cases[i].count
                                        , cases[i].lba, (int)write, &done)
                             , cases[i].ret);
            assert_int_equal(done, 0);
        }
    assert_int_equal(Backend.requests, 0);
    assert_int_equal(vbd->stats.errors, 2 * (ARRAY_SIZE(cases) - 1));
}

static void
test_write_protect(void **state)
{
    struct vbd_s *vbd;
    fixture_disk(state);
    vbd = *state;
    memcpy(Disk, Backend.disk, sizeof(Disk));
    Backend.info = "4";
    assert_int_equal(vbd_connect(vbd), 0);
    check_failure(vbd, BUFFER, 8, 1, DISK_RET_EWRITEPROTECT, 0);
    assert_int_equal(Backend.requests, 0);
    check_op(vbd, BUFFER, 8, 100, 0);
}

static void
test_not_connected(void **state)
{
    struct vbd_s *vbd = *state;
    handover_disconnect(vbd);
    check_failure(vbd, BUFFER, 8, 0, DISK_RET_ENOTREADY, 0);
    assert_rewound(vbd);
    assert_int_equal(vbd_connect(vbd), 0);
    check_op(vbd, BUFFER, 8, 100, 0);
}


/****************************************************************
 * Errors
 ****************************************************************/

// One error: the op is done again, through the bounce.
static void
test_one_error_does_not_show(void **state)
{
    static const s16 status[] = {
        BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP, 1, 77, -32768,
    };
    struct vbd_s *vbd = *state;
    u32 i, write, offset;
    for (i = 0; i < ARRAY_SIZE(status); i++)
        for (write = 0; write <= 1; write++)
            for (offset = 0; offset <= 16; offset += 16) {
                if (write && offset)
                    continue; // That one is bounced at once
                vbd->stats.retries = 0;
                Backend.manner.fail_mask = 1;
                Backend.manner.status = status[i];
                check_op(vbd, BUFFER + offset, 128, 9, (int)write);
                assert_int_equal(vbd->stats.retries, 1);
            }
    assert_int_equal(vbd->stats.errors, 0);
}

// Two errors are one: what was done before the first request that failed
// counts, and no more.
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
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        Backend.manner.fail_mask = cases[i].fail_mask;
        check_failure(vbd, BUFFER, cases[i].count, 0, DISK_RET_EBADTRACK
                      , cases[i].done);
        assert_int_equal(Backend.manner.fail_mask, 0);
        check_grants(vbd);
    }
    assert_int_equal(vbd->stats.errors, ARRAY_SIZE(cases));
    assert_int_equal(vbd->stats.retries, ARRAY_SIZE(cases));
    check_op(vbd, BUFFER, 128, 0, 0);
}

// What goes through the bounce in the first place is done again, too: once.
static void
test_bounce_is_retried(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.fail_mask = 1;
    check_op(vbd, BUFFER + 16, 8, 0, 1);
    assert_int_equal(vbd->stats.retries, 1);
    Backend.requests = 0;
    Backend.manner.fail_mask = 7;
    check_failure(vbd, BUFFER + 16, 8, 1, DISK_RET_EBADTRACK, 0);
    assert_int_equal(vbd->stats.retries, 2);
    assert_int_equal(Backend.requests, 2);
}

// A failed read through the bounce leaves in the buffer only what is of
// the disk, or what was there.
static void
test_failed_read_shows_no_other_data(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    check_op(vbd, 0xa0000, 8, 0, 0); // Something else in the bounce
    fill(guest_ptr(0xa0000), 8 * SECTOR, 1);
    u8 before[8 * SECTOR];
    memcpy(before, guest_ptr(0xa0000), sizeof(before));
    Backend.manner.fail_mask = 3;
    check_failure(vbd, 0xa0000, 8, 0, DISK_RET_EBADTRACK, 0);
    const u8 *now = guest_ptr(0xa0000);
    for (i = 0; i < sizeof(before); i++)
        if (now[i] != before[i] && now[i] != Disk[100 * SECTOR + i])
            fail_msg("byte %u is of another op", i);
    assert_int_equal(vbd->stats.bounced, 8); // Those that were copied
}

// Linux's backend cannot use some pages (those of other domains, say).
static void
test_backend_cannot_use_the_pages(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.refuses_program = 1;
    check_op(vbd, BUFFER, 128, 0, 0);
    check_op(vbd, BUFFER, 128, 0, 1);
    check_op(vbd, BUFFER + 100, 128, 0, 0);
    check_op(vbd, 0x7c00, 1, 0, 0);
    assert_int_equal(vbd->stats.retries, 4);
}


/****************************************************************
 * Backends that misbehave
 ****************************************************************/

// The disk is stopped, and ops on it fail at once.
static void
assert_stopped(struct vbd_s *vbd)
{
    assert_int_equal(vbd->state, VBD_BROKEN);
    assert_int_equal(xen_open_ports(), 0);
    assert_true(firmware_said("disk stopped"));
    u64 start = world_now();
    check_failure(vbd, BUFFER, 8, 0, DISK_RET_ENOTREADY, 0);
    check_failure(vbd, BUFFER, 8, 1, DISK_RET_ENOTREADY, 0);
    assert_true(world_now() - start < NS_PER_MS);
}

// An op of this size fails, the backend is forced closed within the bound,
// and nothing stays shared.
static void
check_stops(struct vbd_s *vbd, u32 addr, u32 count, int write)
{
    u64 start = world_now();
    check_failure(vbd, addr, count, write, DISK_RET_ETIMEOUT, 0);
    assert_true(world_now() - start <= 45 * NS_PER_S);
    assert_rewound(vbd);
    assert_int_equal(vbd->pool.nr_quarantined, 0);
    assert_stopped(vbd);
}

static const struct backend_manner_s BadManners[] = {
    { .silent = 1 }, { .takes_nothing = 1 }, { .wrong_id = 1 },
    { .extra_answers = 1 },
};

static void
test_bad_manners(void **state)
{
    static const u32 addrs[] = { BUFFER, BUFFER + 16, 0xa0000 };
    static const enum backend_kind kinds[] = {
        BLKBACK, PERSISTENT, QDISK,
    };
    u32 m, a, k, write;
    for (m = 0; m < ARRAY_SIZE(BadManners); m++)
        for (a = 0; a < ARRAY_SIZE(addrs); a++)
            for (k = 0; k < ARRAY_SIZE(kinds); k++)
                for (write = 0; write <= 1; write++) {
                    setup_kind(state, kinds[k]);
                    Backend.manner = BadManners[m];
                    check_stops(*state, addrs[a], 128, (int)write);
                    // The log tells nonsense from silence.
                    assert_int_equal(firmware_said("broken response")
                                     , BadManners[m].wrong_id
                                       || BadManners[m].extra_answers);
                }
}

// Neither an answer nor an end: what is mapped stays in quarantine.
static void
test_silent_and_not_closing(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.silent = Backend.manner.ignores_closing = 1;
    Backend.manner.keeps_pages = 1;
    u64 start = world_now();
    check_failure(vbd, BUFFER, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_true(world_now() - start <= 45 * NS_PER_S);
    assert_int_equal(vbd->pool.nr_quarantined, 16);
    assert_int_equal(vbd->ring_pool.nr_quarantined
                     , vbd->persistent ? 2 : 1); // The segments, the ring
    assert_int_equal(xen_live_grants()
                     , vbd->pool.nr_quarantined
                       + vbd->ring_pool.nr_quarantined);
    assert_stopped(vbd);
}

// Pages stick that the backend has not mapped: these grants end.
static void
test_stuck_and_not_closing(void **state)
{
    struct vbd_s *vbd = *state;
    check_op(vbd, BUFFER, 1, 0, 0);
    Backend.manner.takes_nothing = Backend.manner.ignores_closing = 1;
    check_failure(vbd, BUFFER, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(vbd->pool.nr_quarantined, 1);
    assert_int_equal(xen_live_grants(), 2); // With the ring
    assert_stopped(vbd);
}

// All is answered, but the pages are not let go of.
static void
test_backend_keeps_pages(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.keeps_pages = 1;
    check_failure(vbd, BUFFER, 16, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(vbd->pool.nr_quarantined, 2);
    assert_int_equal(xen_live_grants(), 2);
    assert_true(firmware_said("keeps pages"));
    assert_stopped(vbd);
}

static void
test_events_fail(void **state)
{
    xen_fail_op(__HYPERVISOR_event_channel_op, EVTCHNOP_send);
    u64 start = world_now();
    check_failure(*state, BUFFER, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_true(world_now() - start <= 45 * NS_PER_S);
    // xenstore could not be told either; the data is safe all the same.
    assert_in_range(xen_live_grants(), 0, 1);
    assert_int_equal(((struct vbd_s *)*state)->state, VBD_BROKEN);
}

// Sleep that does not sleep costs time, not correctness.
static void
test_sleep_fails(void **state)
{
    xen_fail_op(__HYPERVISOR_sched_op, SCHEDOP_poll);
    world_set_seams(SEAMS_ALL);
    Backend.manner.slow = 500;
    check_op(*state, BUFFER, 128, 0, 0);
}

// More pages than references: others are in use.
static void
test_out_of_references(void **state)
{
    struct vbd_s *vbd = *state;
    while (vbd->pool.nr_free > 5)
        gref_pool_get(&vbd->pool, GUEST_HEAP / GUEST_PAGE, 1);
    check_failure(vbd, BUFFER, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(Backend.requests, 0);
    assert_rewound(vbd);
    assert_stopped(vbd);
}

static void
test_ring_full(void **state)
{
    struct vbd_s *vbd = *state;
    vbd->ring.slot[1].busy = 1; // The second request of the op
    check_failure(vbd, BUFFER, 128, 0, DISK_RET_ETIMEOUT, 0);
    assert_int_equal(Backend.requests, 0);
    assert_rewound(vbd);
    assert_stopped(vbd);
}

// Nor is there room to ask for a flush.
static void
test_ring_full_at_flush(void **state)
{
    struct vbd_s *vbd = *state;
    check_op(vbd, BUFFER, 8, 0, 1);
    vbd->ring.slot[vbd->ring.req_added % ring_slots(&vbd->ring)].busy = 1;
    assert_int_equal(handover_flush(vbd, 1000), 1);
    assert_true(firmware_said("cannot flush"));
    assert_int_equal(Backend.flushes, 0);
}

// Events without an answer: each wakes the driver up, and none keeps it
// longer than an op may last.
static struct vbd_s *Stormed;

static void
storm(void)
{
    if (Stormed->port)
        xen_signal(Stormed->port);
    world_sleep(NS_PER_MS);
}

static void
test_event_storm(void **state)
{
    struct vbd_s *vbd = Stormed = *state;
    world_add(storm);
    Backend.manner.slow = 500;
    check_op(vbd, BUFFER, 128, 0, 0);
    Backend.manner.silent = 1;
    u64 start = world_now();
    check_failure(vbd, BUFFER, 8, 0, DISK_RET_ETIMEOUT, 0);
    assert_true(world_now() - start <= 41 * NS_PER_S);
    assert_stopped(vbd);
}

static void
test_setup_without_memory(void **state)
{
    u32 nth, blocks = guest_allocations();
    (void)state;
    for (nth = 1; nth <= 2; nth++) {
        guest_fail_allocations(nth, 2); // The scratch page is tried for twice
        assert_int_equal(pages_setup(), -1);
        guest_fail_allocations(0, 0);
        assert_int_equal(guest_allocations(), blocks);
    }
    assert_int_equal(pages_setup(), 0);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        ALL_BACKENDS(test_all_shapes),
        ALL_BACKENDS(test_aligned_is_zero_copy),
        ALL_BACKENDS(test_unaligned),
        ALL_BACKENDS(test_unaligned_read_fails),
        ALL_BACKENDS(test_requests_of_a_large_op),
        ALL_BACKENDS(test_ends_of_the_disk),
        ALL_BACKENDS(test_many_ops),
        ALL_BACKENDS(test_races),
        ALL_BACKENDS(test_spins_while_it_pays),
        ALL_BACKENDS(test_answer_before_the_clear),
        ALL_BACKENDS(test_sleep_is_sleep),
        ALL_BACKENDS(test_backend_that_polls),
        ALL_BACKENDS(test_backends_that_are_odd_and_right),
        ALL_BACKENDS(test_where_a_buffer_may_be),
        ALL_BACKENDS(test_one_error_does_not_show),
        ALL_BACKENDS(test_backend_cannot_use_the_pages),
        ALL_BACKENDS(test_indirect_limits),
        ALL_BACKENDS(test_end_of_conventional_memory),
        ALL_BACKENDS(test_moved_ebda),
        cmocka_unit_test_setup(test_untrusted_backend, setup_blkback),
        PERSISTENT_BACKEND(test_buffer_is_used_again),
        PERSISTENT_BACKEND(test_write_first),
        PERSISTENT_BACKEND(test_unaligned_buffer_is_used_again),
        PERSISTENT_BACKEND(test_high_buffer_bounces),
        PERSISTENT_BACKEND(test_all_low_memory),
        PERSISTENT_BACKEND(test_backend_forgets),
        PERSISTENT_BACKEND(test_no_sticky_window),
        cmocka_unit_test(test_no_sticky_references),
        PERSISTENT_BACKEND(test_sticky_window_in_use),
        cmocka_unit_test_setup(test_policy, setup_blkback),
        ALL_BACKENDS(test_bad_ops),
        cmocka_unit_test_setup(test_write_protect, setup_blkback),
        ALL_BACKENDS(test_not_connected),
        cmocka_unit_test_setup(test_errors_and_counts, setup_qdisk),
        ALL_BACKENDS(test_bounce_is_retried),
        ALL_BACKENDS(test_failed_read_shows_no_other_data),
        cmocka_unit_test_setup(test_bad_manners, setup_blkback),
        cmocka_unit_test_setup(test_silent_and_not_closing, setup_blkback),
        PERSISTENT_BACKEND(test_silent_and_not_closing),
        PERSISTENT_BACKEND(test_stuck_and_not_closing),
        cmocka_unit_test_setup(test_backend_keeps_pages, setup_blkback),
        ALL_BACKENDS(test_events_fail),
        ALL_BACKENDS(test_sleep_fails),
        cmocka_unit_test_setup(test_out_of_references, setup_blkback),
        cmocka_unit_test_setup(test_ring_full, setup_qdisk),
        cmocka_unit_test_setup(test_ring_full_at_flush, setup_qdisk),
        cmocka_unit_test_setup(test_event_storm, setup_blkback),
        cmocka_unit_test_setup(test_setup_without_memory, setup_blkback),
    };
    return RUN_TESTS(tests);
}
