// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Another CPU rewrites the shared pages at full speed while the driver looks
// at them: what is read twice may be two things.  Nothing may crash, hang,
// touch what was not asked for, or believe what was never written.

#include <pthread.h> // pthread_create
#include <sched.h> // sched_yield
#include <stdatomic.h> // atomic_int
#include <stdio.h> // printf
#include "xen/xen_info.h" // XenInfo
#include "fixture.h" // fixture_disk
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memset

#define SECTOR 512U
#define BUFFER 0x20000U
#define MARGIN GUEST_PAGE
#define LIE_ONE_IN 4096
#define OPS    3000U
#define CALLS  4000U

// An op that times out, with a disconnect.
#define OP_LIMIT (100 * NS_PER_S)
#define CALL_LIMIT (6 * NS_PER_S)

static pthread_t Thread;
static atomic_int Stop;

// Chance of the other CPU's own.
static u32 Random;

static u32
chance(u32 limit)
{
    Random = Random * 1664525 + 1013904223;
    return (u32)(((u64)Random * limit) >> 32);
}

static void
start_thread(void *(*run)(void *), void *page)
{
    atomic_store(&Stop, 0);
    assert_int_equal(pthread_create(&Thread, NULL, run, page), 0);
}

static void
stop_thread(void)
{
    atomic_store(&Stop, 1);
    assert_int_equal(pthread_join(Thread, NULL), 0);
}


/****************************************************************
 * The ring
 ****************************************************************/

// What a slot was asked, noted before the first answer covers it.
struct asked_s {
    u64 id;
    u8 operation;
};

static struct asked_s
read_request(const volatile struct blkif_request *request)
{
    struct asked_s asked = { request->id, request->operation };
    return asked;
}

// Write something into the response of a slot; mostly what is awaited.
static void
write_response(volatile struct blkif_response *response
               , const struct asked_s *asked)
{
    static const u64 wrong[] = { 32, 1, 1ULL << 32, (u64)-32, 1ULL << 63 };
    response->id = asked->id + (chance(LIE_ONE_IN) ? 0 : wrong[chance(5)]);
    response->operation = chance(LIE_ONE_IN) ? asked->operation
                                             : (u8)chance(256);
    response->status = (s16)(chance(8) ? 0 : (int)chance(65536));
}

// A backend that answers whatever was asked for, again and again, in the
// middle of being read, and lies now and then.
static void *
rewrite_ring(void *page)
{
    volatile struct blkif_sring *sring = page;
    struct asked_s asked[32] = { { 0, 0 } };
    u32 seen = 0, i;
    while (!atomic_load_explicit(&Stop, memory_order_relaxed)) {
        u32 prod = sring->req_prod;
        for (; seen != prod && prod - seen <= 32; seen++)
            asked[seen % 32] = read_request(&sring->ring[seen % 32].req);
        seen = prod;
        for (i = prod - 2; i != prod; i++)
            write_response(&sring->ring[i % 32].rsp, &asked[i % 32]);
        sring->rsp_prod = chance(LIE_ONE_IN) ? prod - !chance(256)
                                             : chance(~0U);
        sring->req_event = chance(~0U);
    }
    return NULL;
}

static void
check_around(u32 addr, u32 len, u8 expected)
{
    const u8 *memory = guest_ptr(addr - MARGIN);
    u32 i;
    for (i = 0; i < len + 2 * MARGIN; i++)
        if ((i < MARGIN || i >= MARGIN + len) && memory[i] != expected)
            fail_msg("byte at %#x has changed", addr - MARGIN + i);
}

// This backend moves no data, so nothing may be in the buffer that was not
// there, or in one of the driver's own pages, which hold nothing but 0.
static void
check_buffer(u32 addr, u32 len, u8 before)
{
    const u8 *memory = guest_ptr(addr);
    u32 i;
    for (i = 0; i < len; i++)
        if (memory[i] != before && memory[i])
            fail_msg("byte at %#x comes from nowhere", addr + i);
}

// Returns whether the disk was not stopped.
static int
run_op(struct vbd_s *vbd)
{
    u32 count = world_random(2) ? INDIRECT_PLAN_SECTORS : 1 + world_random(16);
    u32 addr = BUFFER + world_random(16) * SECTOR + (world_random(4) ? 0 : 16);
    u32 len = count * SECTOR;
    int write = (int)world_random(2);
    u8 before = (u8)(1 + world_random(255));
    u16 done;
    if (write)
        before = 0; // For the bounce pages
    memset(guest_ptr(addr - MARGIN), before, len + 2 * MARGIN);
    u64 start = world_now();
    int ret = fixture_op(vbd, addr, count, world_random(1000), write, &done);
    assert_true(world_now() - start <= OP_LIMIT);
    assert_int_equal(ret == DISK_RET_SUCCESS, done == count);
    check_around(addr, len, before);
    check_buffer(addr, len, before);
    assert_int_equal(vbd->pool.nr_free + vbd->pool.nr_quarantined
                     , vbd->pool.size);
    assert_int_equal(xen_window_grants(vbd->op_grefs, vbd->pool.size), 0);
    return vbd->state == VBD_CONNECTED;
}

static void
test_ring_is_rewritten(void **state)
{
    u32 i, stops = 0;
    Random = 1;
    for (i = 0; i < OPS; stops++) {
        u32 kept = world_random(1 << 30);
        fixture_disk(state);
        world_seed(kept);
        struct vbd_s *vbd = *state;
        Backend.manner.takes_nothing = 1;
        assert_int_equal(vbd_connect(vbd), 0);
        start_thread(rewrite_ring, guest_ptr(vbd->sring));
        while (i++ < OPS && run_op(vbd))
            ;
        stop_thread();
        assert_true(vbd->state == VBD_CONNECTED || !xen_live_grants());
    }
    printf("# %u ops, of %u disks\n", OPS, stops);
}


/****************************************************************
 * xenstore
 ****************************************************************/

// Put a message into the ring, byte by byte, where it may be being read.
static void
put_message(volatile struct xenstore_domain_interface *store
            , const struct xsd_sockmsg *msg, const char *payload, u32 len)
{
    u32 prod = store->rsp_prod, i;
    for (i = 0; i < sizeof(*msg); i++)
        store->rsp[MASK_XENSTORE_IDX(prod++)] = ((const char *)msg)[i];
    for (i = 0; i < len; i++)
        store->rsp[MASK_XENSTORE_IDX(prod++)] = payload[i];
    store->rsp_prod = prod;
}

static struct xsd_sockmsg
read_head(volatile struct xenstore_domain_interface *store, u32 at)
{
    struct xsd_sockmsg msg = { .len = 0 };
    u32 i;
    for (i = 0; i < sizeof(msg); i++)
        ((char *)&msg)[i] = store->req[MASK_XENSTORE_IDX(at + i)];
    return msg;
}

// A xenstored that answers, and meanwhile rewrites what it has said, and the
// indices.
static void *
rewrite_store(void *page)
{
    volatile struct xenstore_domain_interface *store = page;
    u32 seen = store->req_cons;
    while (!atomic_load_explicit(&Stop, memory_order_relaxed)) {
        struct xsd_sockmsg msg = read_head(store, seen);
        u32 ready = store->req_prod - seen;
        if (ready >= sizeof(msg) && ready == sizeof(msg) + msg.len) {
            store->req_cons = seen += ready;
            msg.len = chance(64) ? 1 : chance(5000);
            put_message(store, &msg, "4", 1);
        }
        if (!chance(64))
            store->rsp[chance(XENSTORE_RING_SIZE)] = (char)chance(256);
        if (!chance(4096))
            store->rsp_prod = store->rsp_prod + chance(40);
        if (!chance(16384))
            store->rsp_prod = chance(~0U);
        if (!chance(16384))
            store->req_cons = chance(~0U);
    }
    return NULL;
}

// The event for what the other CPU has written, and time to write it in.
static void
signal_store(void)
{
    volatile struct xenstore_domain_interface *store
        = guest_ptr(XEN_STORE_PFN * GUEST_PAGE);
    if (store->rsp_prod == store->rsp_cons)
        sched_yield();
    else
        xen_signal(XEN_STORE_PORT);
}

static int
call(void)
{
    char value[XENSTORE_VALUE_MAX + 1];
    u64 number = 99;
    u32 size, limit = 1 + world_random(XENSTORE_VALUE_MAX);
    int ret;
    switch (world_random(4)) {
    case 0:
        ret = xenstore_read_number("dir", "key", 9, &number);
        assert_true(ret ? number == 99 : number <= 9);
        return ret;
    case 1:
        value[limit] = 0x5c;
        ret = xenstore_read("dir", "key", value, limit);
        assert_int_equal(value[limit], 0x5c);
        assert_true(ret < 0 || (u32)ret < limit);
        return ret < 0 ? ret : 0;
    case 2:
        xenstore_write("dir", "key", "value");
        return xenstore_settle();
    default:
        return xenstore_directory("dir", &size) ? 0 : -1;
    }
}

static void
test_store_is_rewritten(void **state)
{
    u32 i, starts = 0, good = 0;
    Random = 1;
    for (i = 0; i < CALLS; starts++) {
        u32 kept = world_random(1 << 30);
        fixture_xen(state);
        world_seed(kept);
        StoreManner.deaf = 1;
        world_add(signal_store);
        start_thread(rewrite_store, guest_ptr(XEN_STORE_PFN * GUEST_PAGE));
        while (i++ < CALLS) {
            u64 start = world_now();
            good += !call();
            assert_true(world_now() - start <= CALL_LIMIT);
            if (firmware_said("xenstore does") || firmware_said("xenstore takes"))
                break;
        }
        stop_thread();
    }
    printf("# %u calls, %u of them good, of %u clients\n", CALLS, good, starts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_is_rewritten),
        cmocka_unit_test(test_store_is_rewritten),
    };
    return RUN_TESTS(tests);
}
