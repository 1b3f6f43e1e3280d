// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The xenstore client, against a xenstored that is well, slow, talkative,
// wrong, or dead.

#include <stdio.h> // snprintf
#include "xen/xen_info.h" // XenInfo
#include "xen/xen_time.h" // xen_time
#include "fixture.h" // fixture_xen
#include "string.h" // memcpy

#define DIR STORE_HOME "dir"

static char Value[XENSTORE_VALUE_MAX];

static int
read_value(void)
{
    return xenstore_read("dir", "key", Value, sizeof(Value));
}

static void
assert_reads(const char *expected)
{
    assert_int_equal(read_value(), strlen(expected));
    assert_string_equal(Value, expected);
    assert_true(store_ring_is_quiet());
}

// Queue a change and wait for it.
static int
write_now(const char *dir, const char *key, const char *value)
{
    xenstore_write(dir, key, value);
    return xenstore_settle();
}

static int
remove_now(const char *dir, const char *key)
{
    xenstore_remove(dir, key);
    return xenstore_settle();
}

// The client has given up, within its bound, and does not try again.
static void
assert_dead(u64 start, u64 limit)
{
    assert_true(world_now() - start <= limit);
    start = world_now();
    u32 hypercalls = XenCounters.hypercalls;
    u64 number;
    u32 size;
    assert_int_equal(read_value(), XENSTORE_EIO);
    assert_int_equal(xenstore_read_number("dir", "key", 1, &number), XENSTORE_EIO);
    assert_int_equal(write_now("dir", "key", "x"), XENSTORE_EIO);
    assert_int_equal(remove_now("dir", "key"), XENSTORE_EIO);
    assert_null(xenstore_directory("dir", &size));
    assert_true(world_now() - start < NS_PER_MS);
    assert_int_equal(XenCounters.hypercalls, hypercalls);
}


/****************************************************************
 * All is well
 ****************************************************************/

static void
test_read(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    store_set("/absolute/key", "other");
    assert_reads("value");
    assert_int_equal(xenstore_read("/absolute", "key", Value, sizeof(Value)), 5);
    assert_string_equal(Value, "other");
}

static void
test_read_empty(void **state)
{
    (void)state;
    store_set(DIR "/key", "");
    assert_reads("");
}

static void
test_write(void **state)
{
    (void)state;
    assert_int_equal(write_now("dir", "key", "new"), 0);
    assert_string_equal(store_get(DIR "/key"), "new");
    assert_int_equal(write_now("dir", "key", ""), 0);
    assert_string_equal(store_get(DIR "/key"), "");
    assert_true(store_ring_is_quiet());
}

static void
test_write_number(void **state)
{
    static const struct {
        u32 number;
        const char *text;
    } cases[] = {
        { 0, "0" }, { 4, "4" }, { 2147483648U, "2147483648" },
        { 4294967295U, "4294967295" },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        xenstore_write_number("dir", "key", cases[i].number);
        assert_int_equal(xenstore_settle(), 0);
        assert_string_equal(store_get(DIR "/key"), cases[i].text);
    }
}

static void
test_remove(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    assert_int_equal(remove_now("dir", "key"), 0);
    assert_null(store_get(DIR "/key"));
    assert_int_equal(remove_now("dir", "key"), 0); // It is gone: fine
    assert_true(store_ring_is_quiet());
}

static void
test_directory(void **state)
{
    (void)state;
    u32 size;
    store_set(DIR "/51712/state", "1");
    store_set(DIR "/51712/backend", "x");
    store_set(DIR "/768/state", "1");
    const char *names = xenstore_directory("dir", &size);
    assert_non_null(names);
    assert_int_equal(size, 10);
    assert_memory_equal(names, "51712\000768\0", 11);
    assert_null(xenstore_directory("none", &size));
    store_set(STORE_HOME "empty", "");
    assert_null(xenstore_directory("empty", &size));
    assert_true(store_ring_is_quiet());
}

// The beginning of a value that need not fit.
static void
test_read_start(void **state)
{
    char value[5];
    (void)state;
    store_set(DIR "/key", "aio:/path");
    assert_int_equal(xenstore_read_start("dir", "key", value, sizeof(value)), 4);
    assert_string_equal(value, "aio:");
    store_set(DIR "/key", "/d");
    assert_int_equal(xenstore_read_start("dir", "key", value, sizeof(value)), 2);
    assert_string_equal(value, "/d");
    store_set_bytes(DIR "/key", "a\0b", 3);
    assert_int_equal(xenstore_read_start("dir", "key", value, sizeof(value)), 1);
    assert_int_equal(xenstore_read_start("dir", "none", value, sizeof(value))
                     , XENSTORE_ENOENT);
}

// Changes wait for a question, or for xenstore_settle(), and go in one event.
static void
test_queued_changes(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    store_set(DIR "/old", "x");
    xenstore_write("dir", "a", "1");
    xenstore_write_number("dir", "b", 2);
    xenstore_remove("dir", "old");
    xenstore_remove("dir", "none");
    u32 sends = XenCounters.events;
    assert_reads("value");
    assert_int_equal(XenCounters.events, sends + 1);
    assert_string_equal(store_get(DIR "/a"), "1");
    assert_string_equal(store_get(DIR "/b"), "2");
    assert_null(store_get(DIR "/old"));
    u32 hypercalls = XenCounters.hypercalls;
    assert_int_equal(xenstore_settle(), 0); // All is settled
    assert_int_equal(XenCounters.hypercalls, hypercalls);
}

// A change that is refused shows once, with whatever is asked meanwhile.
static void
test_refused_change(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    store_forbid(DIR "/a", "EACCES");
    xenstore_write("dir", "b", "1");
    xenstore_write("dir", "a", "1");
    xenstore_write("dir", "c", "1");
    assert_reads("value");
    assert_int_equal(xenstore_settle(), XENSTORE_EIO);
    assert_int_equal(xenstore_settle(), 0);
    assert_string_equal(store_get(DIR "/c"), "1");
    xenstore_write("dir", "a", "1");
    xenstore_write("dir", "c", "2");
    assert_int_equal(xenstore_settle(), XENSTORE_EIO);
    assert_int_equal(xenstore_settle(), 0);
}

// An answer of another sort is not one to a change.
static void
test_odd_answer_to_change(void **state)
{
    (void)state;
    StoreManner.forged = 1;
    StoreManner.type = XS_READ;
    StoreManner.len = StoreManner.payload_len = 1;
    StoreManner.payload = "1";
    xenstore_write("dir", "a", "1");
    assert_int_equal(xenstore_settle(), XENSTORE_EIO);
    assert_null(store_get(DIR "/a"));
    xenstore_write("dir", "a", "1");
    assert_int_equal(xenstore_settle(), 0);
}

// Request and reply at all places in the rings, over the ends of both and
// over 2^32.
static void
test_wrapped_rings(void **state)
{
    u32 index;
    (void)state;
    store_set(DIR "/key", "a value that is long enough to wrap somewhere");
    for (index = 0xfffffc00; index != 0x400; index++) {
        store_reset_ring(index);
        assert_reads("a value that is long enough to wrap somewhere");
    }
}

static void
test_reply_in_pieces(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    for (StoreManner.chunk = 1; StoreManner.chunk < 32; StoreManner.chunk++)
        assert_reads("value");
}

// Everything at once, the other side at work at any moment.
static void
test_races(void **state)
{
    u32 seed;
    (void)state;
    store_set(DIR "/key", "a value");
    world_set_seams(SEAMS_ALL);
    for (seed = 0; seed < 2000; seed++) {
        world_seed(seed);
        world_set_chance(1 + seed % 5);
        StoreManner.chunk = seed % 9;
        StoreManner.slow_reader = seed % 7;
        u64 start = world_now();
        assert_reads("a value");
        assert_true(world_now() - start < NS_PER_S);
    }
}

// A value longer than the ring; xenstored stops until it hears of the room.
static void
test_reply_longer_than_the_ring(void **state)
{
    (void)state;
    u32 size, i;
    char path[64];
    for (i = 0; i < 145; i++) {
        snprintf(path, sizeof(path), DIR "/a-name-of-some-length-%u", i);
        store_set(path, "");
    }
    u64 start = world_now();
    const char *names = xenstore_directory("dir", &size);
    assert_non_null(names);
    assert_true(size > 3 * XENSTORE_RING_SIZE);
    assert_string_equal(names, "a-name-of-some-length-0");
    assert_int_equal(names[size - 1], 0);
    assert_true(world_now() - start < NS_PER_S);
    assert_true(store_ring_is_quiet());
}

// The ring fills up while the client reads from it: xenstored then waits for
// an event that the client, to whom it never was full, must send all the same.
static void
test_ring_fills_while_it_is_read(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    world_set_seams(1U << SEAM_POLL | 1U << SEAM_RMB);
    StoreManner.late_replies = 60;
    for (StoreManner.chunk = 500; StoreManner.chunk < 1030; StoreManner.chunk++) {
        u64 start = world_now();
        assert_reads("value");
        assert_true(world_now() - start < NS_PER_S);
    }
}

static u32 Turns, Start;

static void
look_before_the_index(void)
{
    if (Turns++)
        return;
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    assert_int_equal(store->req_prod, Start);
    assert_int_equal(store->req[MASK_XENSTORE_IDX(Start)], XS_READ);
}

// The first part of a request is there before the index says so.
static void
test_index_of_a_request_comes_last(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    world_add(look_before_the_index);
    world_set_seams(1U << SEAM_POLL | 1U << SEAM_WMB);
    Turns = 0;
    Start = XenInfo.store->req_prod;
    assert_reads("value");
    assert_true(Turns > 0);
}

// Use all the room that there is.
static void
overwrite_room(void)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    u32 index = store->rsp_prod;
    for (; index - store->rsp_cons < XENSTORE_RING_SIZE; index++)
        store->rsp[MASK_XENSTORE_IDX(index)] = (char)0xee;
}

// A reply is read before there is room in its place.
static void
test_room_is_made_last(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    world_add(overwrite_room);
    world_set_seams(1U << SEAM_POLL | 1U << SEAM_MB);
    assert_reads("value");
    assert_reads("value");
}

static void
fill_up(void)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    if (store->rsp_cons == Start || Turns++)
        return;
    store->rsp_prod = Start + XENSTORE_RING_SIZE;
}

// xenstored has filled the ring before it sees the room that was just made.
static void
test_ring_fills_when_room_is_made(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    world_add(fill_up);
    world_set_seams(1U << SEAM_POLL | 1U << SEAM_MB);
    Turns = 0;
    Start = XenInfo.store->rsp_cons;
    u32 events = XenCounters.events;
    assert_int_equal(read_value(), 5);
    assert_true(Turns > 0);
    assert_int_equal(XenCounters.events - events, 2); // One is for the request
}

// A request longer than what xenstored reads at a time, and than the ring.
static void
test_request_longer_than_the_ring(void **state)
{
    char value[400];
    u32 i;
    (void)state;
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    StoreManner.slow_reader = 100;
    for (i = 0; i < 10; i++) {
        assert_int_equal(write_now("dir", "key", value), 0);
        assert_string_equal(store_get(DIR "/key"), value);
    }
    assert_true(store_ring_is_quiet());
}

// The ring is full of the first part of a request before xenstored is told.
static void
test_full_ring(void **state)
{
    static char value[480], dir[1024];
    (void)state;
    memset(value, 'v', sizeof(value) - 1);
    memset(dir, '/', sizeof(dir) - 1);
    // Not a real path, but a request of the size: xenstored refuses it.
    StoreManner.forged = 1;
    StoreManner.type = XS_ERROR;
    StoreManner.payload = "EINVAL";
    StoreManner.len = StoreManner.payload_len = 7;
    assert_int_equal(write_now(dir, "key", value), XENSTORE_EIO);
    assert_true(store_ring_is_quiet());
    store_set(DIR "/key", "fine");
    assert_reads("fine");
}

static void
test_too_long_request(void **state)
{
    static char dir[XENSTORE_PAYLOAD_MAX + 1];
    (void)state;
    memset(dir, 'd', sizeof(dir) - 1);
    assert_int_equal(write_now(dir, "key", "x"), XENSTORE_EIO);
    assert_int_equal(StoreRequests, 0);
    assert_true(store_ring_is_quiet());
    store_set(DIR "/key", "fine");
    assert_reads("fine");
}


/****************************************************************
 * Others' messages
 ****************************************************************/

static void
test_watch_events_are_dropped(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    for (StoreManner.watch_events = 1; StoreManner.watch_events < 100
         ; StoreManner.watch_events += 7)
        assert_reads("value");
}

static void
test_late_replies_are_dropped(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    StoreManner.late_replies = 3;
    assert_reads("value");
    assert_reads("value");
    // Nor are they the answers to changes
    assert_int_equal(write_now("dir", "other", "new"), 0);
    assert_string_equal(store_get(DIR "/other"), "new");
    assert_true(store_ring_is_quiet());
}

// The signal that Xen gives a second time for a reply does not end a nap.
static void
test_nap(void **state)
{
    (void)state;
    xen_signal(XEN_STORE_PORT);
    u64 begin = world_now();
    xenstore_nap(xen_time() + 5 * NS_PER_MS);
    assert_true(world_now() - begin >= 5 * NS_PER_MS);
}

// xenstored that never stops to talk must not keep us for ever.
static void
test_endless_chatter(void **state)
{
    (void)state;
    StoreManner.mute = 1;
    StoreManner.watch_events = 1000;
    u64 start = world_now();
    assert_int_equal(read_value(), XENSTORE_EIO);
    assert_dead(start, 6 * NS_PER_S);
}

// One that always has a message more, as fast as the client takes them.
static void
fill_with_events(void)
{
    static const struct xsd_sockmsg event = { .type = XS_WATCH_EVENT };
    struct xenstore_domain_interface *ring
        = guest_ptr(XEN_STORE_PFN * GUEST_PAGE);
    while (ring->rsp_prod - ring->rsp_cons
           <= XENSTORE_RING_SIZE - sizeof(event)) {
        u32 at = MASK_XENSTORE_IDX(ring->rsp_prod);
        memcpy(&ring->rsp[at], &event, sizeof(event));
        ring->rsp_prod += sizeof(event);
    }
    world_sleep(NS_PER_MS);
}

static void
test_chatter_without_a_pause(void **state)
{
    (void)state;
    StoreManner.deaf = 1;
    world_add(fill_with_events);
    world_set_seams(SEAMS_ALL);
    u64 start = world_now();
    assert_int_equal(read_value(), XENSTORE_EIO);
    assert_true(world_now() - start <= 6 * NS_PER_S);
}


/****************************************************************
 * Refusals
 ****************************************************************/

static void
test_errors(void **state)
{
    static const struct {
        const char *error;
        int ret;
    } cases[] = {
        { "ENOENT", XENSTORE_ENOENT }, { "EACCES", XENSTORE_EIO }, { "EINVAL", XENSTORE_EIO },
        { "EAGAIN", XENSTORE_EIO }, { "EPERM", XENSTORE_EIO }, { "EIO", XENSTORE_EIO },
        { "", XENSTORE_EIO }, { "ENOENTRY", XENSTORE_EIO }, { "ENOEN", XENSTORE_EIO },
    };
    u64 number;
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        store_forbid(DIR "/key", cases[i].error);
        assert_int_equal(read_value(), cases[i].ret);
        assert_int_equal(xenstore_read_number("dir", "key", 9, &number)
                         , cases[i].ret);
        int ret = cases[i].ret == XENSTORE_ENOENT ? 0 : XENSTORE_EIO;
        assert_int_equal(write_now("dir", "key", "x"), ret);
        assert_int_equal(remove_now("dir", "key"), ret);
        assert_true(store_ring_is_quiet());
    }
}

static void
test_missing_node(void **state)
{
    (void)state;
    u64 number = 55;
    assert_int_equal(read_value(), XENSTORE_ENOENT);
    assert_int_equal(xenstore_read_number("dir", "key", 9, &number), XENSTORE_ENOENT);
    assert_int_equal(number, 55);
}

// Replies that are well formed, and wrong.
static void
test_forged_replies(void **state)
{
    static const struct {
        u32 type, len;
        const char *payload;
        int ret;
    } cases[] = {
        { XS_READ, 3, "abc", 3 },
        { XS_WRITE, 3, "OK", XENSTORE_EIO },          // To another question
        { XS_DIRECTORY, 3, "abc", XENSTORE_EIO },
        { XS_TYPE_COUNT, 3, "abc", XENSTORE_EIO },
        { XS_INVALID, 3, "abc", XENSTORE_EIO },
        { 0xffffffff, 3, "abc", XENSTORE_EIO },
        { XS_ERROR, 6, "ENOENT", XENSTORE_ENOENT },   // Without its NUL
        { XS_ERROR, 0, "", XENSTORE_EIO },
        { XS_READ, 3, "a\0c", XENSTORE_EIO },         // NUL inside
        { XS_READ, 4, "abc\0", XENSTORE_EIO },        // NUL at the end
        { XS_READ, 1, "\0", XENSTORE_EIO },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        StoreManner.forged = 1;
        StoreManner.type = cases[i].type;
        StoreManner.len = StoreManner.payload_len = cases[i].len;
        StoreManner.payload = cases[i].payload;
        assert_int_equal(read_value(), cases[i].ret);
        assert_true(store_ring_is_quiet());
    }
    store_set(DIR "/key", "value");
    assert_reads("value");
}


/****************************************************************
 * Values
 ****************************************************************/

static void
test_numbers(void **state)
{
    static const struct {
        const char *text;
        u64 max, value;
        int ret;
    } cases[] = {
        { "0", 0, 0, 0 }, { "1", 1, 1, 0 }, { "2", 1, 0, XENSTORE_EIO },
        { "007", 9, 7, 0 }, { "51712", 0xffffffff, 51712, 0 },
        { "4294967295", 0xffffffff, 0xffffffff, 0 },
        { "4294967296", 0xffffffff, 0, XENSTORE_EIO },
        { "36028797018963967", (1ULL << 55) - 1, (1ULL << 55) - 1, 0 },
        { "36028797018963968", (1ULL << 55) - 1, 0, XENSTORE_EIO },
        { "18446744073709551615", (1ULL << 55) - 1, 0, XENSTORE_EIO },
        { "18446744073709551616", (1ULL << 55) - 1, 0, XENSTORE_EIO },
        { "18446744073709551617", (1ULL << 55) - 1, 0, XENSTORE_EIO },
        { "99999999999999999999999999999999", 100, 0, XENSTORE_EIO },
        { "00000000000000000000000000000001", 100, 1, 0 },
        { "", 9, 0, XENSTORE_EIO }, { "-1", 9, 0, XENSTORE_EIO }, { "+1", 9, 0, XENSTORE_EIO },
        { " 1", 9, 0, XENSTORE_EIO }, { "1 ", 9, 0, XENSTORE_EIO },
        { "1\n", 9, 0, XENSTORE_EIO }, { "0x1", 99, 0, XENSTORE_EIO },
        { "1e1", 99, 0, XENSTORE_EIO }, { "one", 99, 0, XENSTORE_EIO },
        { "/", 99, 0, XENSTORE_EIO }, { ":", 99, 0, XENSTORE_EIO },
        { "\xff", 99, 0, XENSTORE_EIO },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        u64 value = 4711;
        store_set(DIR "/key", cases[i].text);
        assert_int_equal(xenstore_read_number("dir", "key", cases[i].max, &value)
                         , cases[i].ret);
        assert_int_equal(value, cases[i].ret ? 4711 : cases[i].value);
    }
}

static void
test_number_with_nul(void **state)
{
    (void)state;
    u64 value;
    store_set_bytes(DIR "/key", "1\0002", 3);
    assert_int_equal(xenstore_read_number("dir", "key", 99, &value), XENSTORE_EIO);
    store_set_bytes(DIR "/key", "1\0", 2);
    assert_int_equal(xenstore_read_number("dir", "key", 99, &value), XENSTORE_EIO);
}

// Nothing is written behind the caller's buffer, nor cut off.
static void
test_value_longer_than_the_buffer(void **state)
{
    (void)state;
    char value[8];
    u32 size;
    store_set(DIR "/key", "sixsix");
    for (size = 0; size <= 8; size++) {
        memset(value, '#', sizeof(value));
        int fits = size > 6;
        assert_int_equal(xenstore_read("dir", "key", value, size)
                         , fits ? 6 : XENSTORE_EIO);
        assert_string_equal(fits ? value : "sixsix", "sixsix");
        assert_int_equal(value[fits ? 7 : 0], '#');
    }
}


/****************************************************************
 * The end of xenstored
 ****************************************************************/

static void
test_no_answer(void **state)
{
    (void)state;
    StoreManner.mute = 1;
    u64 start = world_now();
    assert_int_equal(read_value(), XENSTORE_EIO);
    assert_dead(start, 6 * NS_PER_S);
}

static void
test_nobody_reads(void **state)
{
    static char value[1500];
    (void)state;
    memset(value, 'v', sizeof(value) - 1);
    StoreManner.deaf = 1;
    u64 start = world_now();
    assert_int_equal(write_now("dir", "key", value), XENSTORE_EIO);
    assert_dead(start, 6 * NS_PER_S);
}

// The ring fills up at any part of a change behind another one: which is not
// waited for, then.
static void
test_nobody_reads_more(void **state)
{
    static char value[XENSTORE_RING_SIZE];
    u32 len, last = XENSTORE_RING_SIZE - sizeof(struct xsd_sockmsg)
                    - sizeof("dir/a");
    for (len = last; len > last - 40; len--) {
        fixture_xen(state);
        memset(value, 'v', len);
        value[len] = '\0';
        StoreManner.deaf = 1;
        u64 start = world_now();
        xenstore_write("dir", "a", value);
        xenstore_write("dir", "key", "a value");
        assert_int_equal(xenstore_settle(), XENSTORE_EIO);
        assert_dead(start, 6 * NS_PER_S);
    }
}

// Between two messages it can go on, when it is asked to: with what is late
// dropped.
static void
test_answers_again(void **state)
{
    (void)state;
    store_set(DIR "/key", "value");
    StoreManner.mute = 1;
    u64 start = world_now();
    xenstore_write("dir", "a", "1");
    assert_int_equal(read_value(), XENSTORE_EIO);
    assert_dead(start, 6 * NS_PER_S);
    StoreManner.mute = 0;
    xenstore_resume();
    assert_reads("value");
    assert_int_equal(xenstore_settle(), 0);
}

// A reply that stops after each of its bytes.
static void
test_truncated_reply(void **state)
{
    u32 stop;
    for (stop = 1; stop < sizeof(struct xsd_sockmsg) + 5; stop++) {
        fixture_xen(state);
        store_set(DIR "/key", "value");
        StoreManner.stop_after = stop;
        u64 start = world_now();
        assert_int_equal(read_value(), XENSTORE_EIO);
        assert_dead(start, 6 * NS_PER_S);
    }
}

static void
test_oversized_reply(void **state)
{
    static const u32 lengths[] = {
        XENSTORE_PAYLOAD_MAX + 1, 0x10000, 0x7fffffff, 0x80000000,
        0xfffffff0, 0xffffffff,
    };
    static char text[2 * XENSTORE_PAYLOAD_MAX];
    u32 i;
    memset(text, 'x', sizeof(text));
    for (i = 0; i < ARRAY_SIZE(lengths); i++) {
        fixture_xen(state);
        StoreManner.forged = 1;
        StoreManner.type = XS_READ;
        StoreManner.len = lengths[i];
        StoreManner.payload = text;
        StoreManner.payload_len = sizeof(text);
        u64 start = world_now();
        assert_int_equal(read_value(), XENSTORE_EIO);
        assert_dead(start, 6 * NS_PER_S);
    }
}

static void
test_longest_reply(void **state)
{
    static char text[XENSTORE_PAYLOAD_MAX];
    (void)state;
    memset(text, 'x', sizeof(text));
    StoreManner.forged = 1;
    StoreManner.type = XS_READ;
    StoreManner.len = StoreManner.payload_len = sizeof(text);
    StoreManner.payload = text;
    assert_int_equal(read_value(), XENSTORE_EIO); // Not for this buffer
    assert_true(store_ring_is_quiet());
    store_set(DIR "/key", "fine");
    assert_reads("fine");
}

// Indices that cannot be: more in a ring than it holds.
static void
test_wrong_indices(void **state)
{
    static const u32 wrong[] = { 1025, 0x10000, 0x80000000, 0xfffffbff };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(wrong); i++) {
        fixture_xen(state);
        StoreManner.deaf = 1;
        XenInfo.store->rsp_prod = wrong[i];
        u64 start = world_now();
        assert_int_equal(read_value(), XENSTORE_EIO);
        assert_dead(start, NS_PER_S);
        fixture_xen(state);
        StoreManner.deaf = 1;
        XenInfo.store->req_cons = wrong[i];
        start = world_now();
        assert_int_equal(read_value(), XENSTORE_EIO);
        assert_dead(start, NS_PER_S);
    }
}

// Without events all ends in time; without sleep as well.
static void
test_failing_hypercalls(void **state)
{
    static const struct {
        u32 number;
        u64 op;
    } cases[] = {
        { __HYPERVISOR_event_channel_op, EVTCHNOP_send },
        { __HYPERVISOR_sched_op, SCHEDOP_poll },
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_xen(state);
        xen_fail_op(cases[i].number, cases[i].op);
        StoreManner.mute = 1;
        u64 start = world_now();
        assert_int_equal(read_value(), XENSTORE_EIO);
        assert_dead(start, 6 * NS_PER_S);
    }
}

static void
test_setup_without_memory(void **state)
{
    (void)state;
    guest_fail_allocations(1, 1);
    assert_int_equal(xenstore_setup(), -1);
    assert_int_equal(read_value(), XENSTORE_EIO);
    xenstore_write("dir", "key", "x");
    assert_int_equal(xenstore_settle(), XENSTORE_EIO);
    assert_int_equal(xenstore_setup(), 0);
    store_set(DIR "/key", "value");
    assert_reads("value");
}

// The next owner of the port must be able to get its first event: Xen
// signals nothing for a port that is still pending.
static void
test_port_is_left_quiet(void **state)
{
    u32 seams;
    (void)state;
    store_set(DIR "/key", "value");
    for (seams = 0; seams <= 1; seams++) {
        // The reply is there at once, or only after a sleep.
        world_set_seams(1U << SEAM_POLL | seams << SEAM_EVENT);
        assert_reads("value");
        assert_int_equal(xen_pending(XEN_STORE_PORT), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read, fixture_xen),
        cmocka_unit_test_setup(test_read_empty, fixture_xen),
        cmocka_unit_test_setup(test_nap, fixture_xen),
        cmocka_unit_test_setup(test_write, fixture_xen),
        cmocka_unit_test_setup(test_write_number, fixture_xen),
        cmocka_unit_test_setup(test_remove, fixture_xen),
        cmocka_unit_test_setup(test_directory, fixture_xen),
        cmocka_unit_test_setup(test_read_start, fixture_xen),
        cmocka_unit_test_setup(test_queued_changes, fixture_xen),
        cmocka_unit_test_setup(test_refused_change, fixture_xen),
        cmocka_unit_test_setup(test_odd_answer_to_change, fixture_xen),
        cmocka_unit_test_setup(test_wrapped_rings, fixture_xen),
        cmocka_unit_test_setup(test_reply_in_pieces, fixture_xen),
        cmocka_unit_test_setup(test_races, fixture_xen),
        cmocka_unit_test_setup(test_reply_longer_than_the_ring, fixture_xen),
        cmocka_unit_test_setup(test_ring_fills_while_it_is_read, fixture_xen),
        cmocka_unit_test_setup(test_index_of_a_request_comes_last, fixture_xen),
        cmocka_unit_test_setup(test_room_is_made_last, fixture_xen),
        cmocka_unit_test_setup(test_ring_fills_when_room_is_made, fixture_xen),
        cmocka_unit_test_setup(test_request_longer_than_the_ring
                               , fixture_xen),
        cmocka_unit_test_setup(test_full_ring, fixture_xen),
        cmocka_unit_test_setup(test_too_long_request, fixture_xen),
        cmocka_unit_test_setup(test_watch_events_are_dropped, fixture_xen),
        cmocka_unit_test_setup(test_late_replies_are_dropped, fixture_xen),
        cmocka_unit_test_setup(test_endless_chatter, fixture_xen),
        cmocka_unit_test_setup(test_chatter_without_a_pause, fixture_xen),
        cmocka_unit_test_setup(test_errors, fixture_xen),
        cmocka_unit_test_setup(test_missing_node, fixture_xen),
        cmocka_unit_test_setup(test_forged_replies, fixture_xen),
        cmocka_unit_test_setup(test_numbers, fixture_xen),
        cmocka_unit_test_setup(test_number_with_nul, fixture_xen),
        cmocka_unit_test_setup(test_value_longer_than_the_buffer
                               , fixture_xen),
        cmocka_unit_test_setup(test_no_answer, fixture_xen),
        cmocka_unit_test_setup(test_nobody_reads, fixture_xen),
        cmocka_unit_test_setup(test_nobody_reads_more, fixture_xen),
        cmocka_unit_test_setup(test_answers_again, fixture_xen),
        cmocka_unit_test_setup(test_truncated_reply, fixture_xen),
        cmocka_unit_test_setup(test_oversized_reply, fixture_xen),
        cmocka_unit_test_setup(test_longest_reply, fixture_xen),
        cmocka_unit_test_setup(test_wrong_indices, fixture_xen),
        cmocka_unit_test_setup(test_failing_hypercalls, fixture_xen),
        cmocka_unit_test_setup(test_setup_without_memory, fixture_xen),
        cmocka_unit_test_setup(test_port_is_left_quiet, fixture_xen),
    };
    return RUN_TESTS(tests);
}
