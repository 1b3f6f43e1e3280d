// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The xenstore client and its parsers: calls whose replies are what a fuzzer
// has thought of.  A reply that is well formed must be understood as it is,
// any other be refused, within the bound and within the caller's buffer.

#include "fixture.h" // fixture_xen
#include "input.h" // choose
#include "string.h" // memset

#define MAX_CALLS   40
#define MAX_QUEUED  12 // xenstore_write(): a dozen
#define MAX_PAYLOAD 100
#define CALL_LIMIT  (6 * NS_PER_S)
#define CANARY      0x5c

// What xenstored sends, and how much of it at a time.
static u8 Stream[8192];
static u32 StreamLen, StreamPos, Chunk;

// The reply to the question in hand.
static struct {
    u8 bytes[MAX_PAYLOAD + 1];
    u32 len;
} Reply;

// Something came that was not asked for: what follows may be misunderstood.
static int Odd;

// Requests since the start, and those of them, the last ones, that are
// changes not answered yet; whether one was refused.
static u32 NrCalls, NrQueued;
static int Refused;

static volatile struct xenstore_domain_interface *
store(void)
{
    return guest_ptr(XEN_STORE_PFN * GUEST_PAGE);
}

// A turn of xenstored's: it takes all, and sends a piece.
static void
feed(void)
{
    u32 i;
    store()->req_cons = store()->req_prod;
    for (i = 0; i < Chunk && StreamPos < StreamLen
                && store()->rsp_prod - store()->rsp_cons < XENSTORE_RING_SIZE
         ; i++) {
        u32 prod = store()->rsp_prod;
        store()->rsp[MASK_XENSTORE_IDX(prod)] = (char)Stream[StreamPos++];
        store()->rsp_prod = prod + 1;
    }
    if (i)
        xen_signal(XEN_STORE_PORT);
}


/****************************************************************
 * Replies
 ****************************************************************/

static void
put(const void *data, u32 len)
{
    if (StreamLen + len > sizeof(Stream))
        return;
    memcpy(&Stream[StreamLen], data, len);
    StreamLen += len;
}

static void
put_head(u32 type, u32 req_id, u32 len)
{
    struct xsd_sockmsg msg = { .type = type, .req_id = req_id, .len = len };
    put(&msg, sizeof(msg));
}

static void
choose_payload(void)
{
    static const char *const texts[] = {
        "0", "1", "4096", "4294967295", "4294967296", "36028797018963967"
        , "36028797018963968", "18446744073709551616", "ENOENT", "EIO", "",
    };
    u32 i;
    Reply.len = choose(MAX_PAYLOAD);
    for (i = 0; i < Reply.len; i++)
        Reply.bytes[i] = (u8)choose(256);
    if (choose(2))
        return;
    const char *text = texts[choose(ARRAY_SIZE(texts))];
    Reply.len = (u32)strlen(text);
    memcpy(Reply.bytes, text, Reply.len);
}

// One message that is not what the client waits for, or only nearly.
static void
choose_odd_message(u32 type, u32 req_id)
{
    Odd = 1;
    choose_payload();
    switch (choose(5)) {
    case 0: // Of its own accord
        put_head(XS_WATCH_EVENT, choose(2) * req_id, Reply.len);
        break;
    case 1: // Late
        put_head(type, req_id - 1 - choose(4), Reply.len);
        break;
    case 2: // Anything
        put_head(choose(32), choose(2) ? req_id : choose(~0U)
                 , choose(2) ? Reply.len : choose(~0U));
        break;
    case 3: // Cut short, or with too much behind it
        put_head(type, req_id, Reply.len + choose(16) - 8);
        break;
    default:
        put_head(XS_ERROR, req_id, Reply.len);
        break;
    }
    put(Reply.bytes, Reply.len);
}

// The answers to the changes that wait for one: done, not there, refused.
static void
answer_changes(u32 last)
{
    static const char *const texts[] = { "OK", "ENOENT", "EACCES" };
    u32 req_id;
    for (req_id = last - NrQueued + 1; NrQueued; NrQueued--, req_id++) {
        u32 what = choose(ARRAY_SIZE(texts));
        if (!choose(8))
            choose_odd_message(XS_WRITE, req_id);
        put_head(what ? XS_ERROR : XS_WRITE, req_id
                 , (u32)strlen(texts[what]) + 1);
        put(texts[what], (u32)strlen(texts[what]) + 1);
        Refused |= what == 2;
    }
}

static void
start_stream(void)
{
    StreamLen = StreamPos = 0;
    Chunk = choose(2) ? sizeof(Stream) : 1 + choose(20);
}

// What xenstored answers to a question of this sort.
static void
choose_reply(u32 type)
{
    u32 i, odd = choose(4) ? 0 : choose(3);
    start_stream();
    answer_changes(NrCalls++);
    for (i = 0; i < odd; i++)
        choose_odd_message(type, NrCalls);
    choose_payload();
    put_head(type, NrCalls, Reply.len);
    put(Reply.bytes, Reply.len);
}


/****************************************************************
 * Calls
 ****************************************************************/

static int
has_nul(void)
{
    return memchr(Reply.bytes, 0, Reply.len) != NULL;
}

static void
check_read(void)
{
    u8 value[XENSTORE_VALUE_MAX + 8];
    u32 i, size = 1 + choose(XENSTORE_VALUE_MAX);
    choose_reply(XS_READ);
    memset(value, CANARY, sizeof(value));
    int ret = xenstore_read("dir", "key", (char *)value, size);
    for (i = size; i < sizeof(value); i++)
        assert_int_equal(value[i], CANARY);
    if (ret >= 0)
        assert_int_equal(strlen((char *)value), ret);
    if (Odd)
        return;
    int fits = Reply.len < size && !has_nul();
    assert_int_equal(ret, fits ? (int)Reply.len : XENSTORE_EIO);
    if (fits)
        assert_memory_equal(value, Reply.bytes, Reply.len);
}

// What the reply says, or -1 where that is no number or more than 'max'.
static s64
model_number(u64 max)
{
    unsigned __int128 sum = 0;
    u32 i;
    if (!Reply.len)
        return -1;
    for (i = 0; i < Reply.len; i++) {
        if (Reply.bytes[i] < '0' || Reply.bytes[i] > '9')
            return -1;
        sum = sum * 10 + (Reply.bytes[i] - '0');
        if (sum > max)
            return -1;
    }
    return (s64)sum;
}

static void
check_number(void)
{
    static const u64 limits[] = {
        0, 1, 8, 1 << 16, 0xffffffff, (1ULL << 55) - 1, (1ULL << 59) - 1,
    };
    u64 max = limits[choose(ARRAY_SIZE(limits))], value = 4711;
    choose_reply(XS_READ);
    int ret = xenstore_read_number("dir", "key", max, &value);
    if (ret)
        assert_int_equal(value, 4711);
    else
        assert_true(value <= max);
    if (Odd)
        return;
    s64 number = model_number(max);
    assert_int_equal(ret, number < 0 ? XENSTORE_EIO : 0);
    if (number >= 0)
        assert_int_equal(value, number);
}

static void
check_directory(void)
{
    u32 size = 0;
    choose_reply(XS_DIRECTORY);
    const char *names = xenstore_directory("dir", &size);
    if (!Odd) {
        assert_int_equal(names != NULL, Reply.len != 0);
        assert_int_equal(size, Reply.len);
    }
    if (!names)
        return;
    assert_int_equal(names[size], 0); // So that the last name has an end
    if (!Odd)
        assert_memory_equal(names, Reply.bytes, size);
}

static void
check_read_start(void)
{
    char value[XENSTORE_VALUE_MAX + 8];
    u32 size = 1 + choose(XENSTORE_VALUE_MAX);
    choose_reply(XS_READ);
    memset(value, CANARY, sizeof(value));
    int ret = xenstore_read_start("dir", "key", value, size);
    assert_int_equal(value[size], CANARY);
    if (ret >= 0)
        assert_int_equal(strlen(value), ret);
    if (Odd)
        return;
    Reply.bytes[Reply.len] = '\0';
    assert_int_equal(ret, strnlen((char *)Reply.bytes, size - 1));
    assert_memory_equal(value, Reply.bytes, ret);
}

static void
queue_change(void)
{
    if (NrQueued == MAX_QUEUED)
        return;
    if (choose(2))
        xenstore_write_number("dir", "key", choose(~0U));
    else
        xenstore_remove("dir", "key");
    NrQueued++;
    NrCalls++;
}

static void
check_settle(void)
{
    start_stream();
    answer_changes(NrCalls);
    int ret = xenstore_settle();
    if (!Odd)
        assert_int_equal(ret, Refused ? XENSTORE_EIO : 0);
    Refused = 0;
}

int
LLVMFuzzerTestOneInput(const u8 *data, unsigned long size)
{
    static void (*const calls[])(void) = {
        check_read, check_read_start, check_number, check_directory
        , queue_change, queue_change, check_settle,
    };
    void *state = NULL;
    input_start(data, size);
    fixture_xen(&state);
    StoreManner.deaf = 1;
    world_add(feed);
    NrCalls = NrQueued = 0;
    Odd = Refused = 0;
    while (NrCalls < MAX_CALLS && input_more()) {
        u64 start = world_now();
        calls[choose(ARRAY_SIZE(calls))]();
        assert_true(world_now() - start <= CALL_LIMIT);
        // Until a call finds xenstored out of its mind.
        if (firmware_said("xenstore does not answer"))
            break;
        // What it did not want is for nobody.
        store()->rsp_cons = store()->rsp_prod;
    }
    return 0;
}
