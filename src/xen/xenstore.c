// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xenstore client (xen/include/public/io/xs_wire.h,
// docs/misc/xenstore.txt).  It never yields between a request and its
// reply, so threads of POST need no lock.  What changes a node is queued and
// answered with the next question: each wait for xenstored is two changes of
// domain.  All that comes from the ring is checked.

#include "xen/evtchn.h" // evtchn_sleep
#include "xen/xen_info.h" // XenInfo
#include "xen/xen_time.h" // xen_time
#include "xen/xenstore.h" // xs_read
#include "malloc.h" // malloc_high
#include "output.h" // snprintf
#include "string.h" // memcpy

// xenstored answers in well under a millisecond; after this long it is gone.
#define XS_TIMEOUT_NS 5000000000ULL

struct xs_client_s {
    u32 req_id;                         // Of the last request
    u32 req_prod;                       // The ring's index that was seen last
    u32 queued;                         // Changes not answered yet
    u8 failed;                          // One of them was refused
    u8 silent;                          // xenstored was late once: go on later
    u8 broken;                          // A message stopped half way
    u64 deadline;                       // Of the question under way
    char reply[XENSTORE_PAYLOAD_MAX + 1]; // With a NUL behind it
};

static struct xs_client_s *XsClient;


/****************************************************************
 * The two byte rings
 ****************************************************************/

// Sleep until xenstored has moved a ring index, for the caller to look.
static int
xs_wait(void)
{
    if (xen_time() >= XsClient->deadline)
        return XS_EIO;
    evtchn_sleep(XenInfo.store_port, XsClient->deadline);
    evtchn_clear(XenInfo.store_port);
    return 0;
}

// Queue 'len' bytes for xenstored, waiting for room where there is none.
static int
xs_put(const void *data, u32 len)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    const char *src = data;
    while (len) {
        u32 prod = store->req_prod, used = prod - store->req_cons;
        if (used > XENSTORE_RING_SIZE)
            return XS_EIO;
        if (used == XENSTORE_RING_SIZE) {
            evtchn_notify(XenInfo.store_port);
            if (xs_wait())
                return XS_EIO;
            continue;
        }
        machine_mb(); // req_cons is read before its bytes are overwritten
        for (; len && used < XENSTORE_RING_SIZE; len--, used++)
            store->req[MASK_XENSTORE_IDX(prod++)] = *src++;
        smp_wmb(); // The bytes are there before the index says so
        store->req_prod = prod;
    }
    return 0;
}

// Take 'len' bytes of xenstored's, waiting for them.
static int
xs_get(void *data, u32 len)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    char *dest = data;
    while (len) {
        u32 start = store->rsp_cons, cons = start;
        u32 ready = store->rsp_prod - start;
        if (ready > XENSTORE_RING_SIZE)
            return XS_EIO;
        if (!ready) {
            if (xs_wait())
                return XS_EIO;
            continue;
        }
        smp_rmb(); // rsp_prod is read before the bytes that it announces
        for (; len && ready; len--, ready--)
            *dest++ = store->rsp[MASK_XENSTORE_IDX(cons++)];
        machine_mb(); // The bytes are read before xenstored may reuse them
        store->rsp_cons = cons;
        machine_mb(); // It sees the room before we see what it has filled
        if (store->rsp_prod - start >= XENSTORE_RING_SIZE)
            // The ring was full, and xenstored may wait for room.
            evtchn_notify(XenInfo.store_port);
    }
    return 0;
}


/****************************************************************
 * Messages
 ****************************************************************/

// Whether xenstored has nothing for us to take.
static int
is_quiet(void)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    return store->rsp_prod == store->rsp_cons;
}

// Say that there will be no answer.
static int
give_up(void)
{
    dprintf(1, "xen-blk: xenstore does not answer\n");
    return XS_EIO;
}

// Receive one message into *msg and XsClient->reply.  Returns 0 or XS_EIO:
// no more requests then, for each would wait as long again.
static int
receive(struct xsd_sockmsg *msg)
{
    struct xs_client_s *xs = XsClient;
    if (xs->silent || xs->broken)
        return XS_EIO;
    // Between two messages the client can go on later.
    int late = xen_time() >= xs->deadline;
    while (!late && is_quiet())
        late = xs_wait();
    if (late) {
        xs->silent = 1;
        return give_up();
    }
    xs->broken = 1;
    if (xs_get(msg, sizeof(*msg)) || msg->len > XENSTORE_PAYLOAD_MAX
        || xs_get(xs->reply, msg->len))
        return give_up();
    xs->broken = 0;
    xs->reply[msg->len] = '\0';
    return 0;
}

// What an answer comes to: its length in bytes, or XS_*.
static int
result_of(const struct xsd_sockmsg *msg, u32 type)
{
    if (msg->type == type)
        return msg->len;
    if (msg->type == XS_ERROR && !strcmp(XsClient->reply, "ENOENT"))
        return XS_ENOENT;
    return XS_EIO;
}

// Receive answers until that of the last request, or of the last change
// where 'type' is 0, is there.  Watch events and answers to requests that
// were given up are dropped.  Returns the length of the reply, or XS_*.
static int
receive_until(u32 type)
{
    struct xs_client_s *xs = XsClient;
    u32 last = xs->req_id;
    while (type || xs->queued) {
        struct xsd_sockmsg msg;
        if (receive(&msg))
            return XS_EIO;
        if (msg.type == XS_WATCH_EVENT)
            continue;
        if (type && msg.req_id == last)
            return result_of(&msg, type);
        // The changes are those before the last request, or up to it.
        if (last - msg.req_id - !!type >= xs->queued)
            continue;
        xs->queued--;
        if (msg.type == XS_ERROR ? strcmp(xs->reply, "ENOENT")
            : msg.type != XS_WRITE && msg.type != XS_RM)
            xs->failed = 1;
    }
    return 0;
}

static int
receive_and_clear(u32 type)
{
    evtchn_notify(XenInfo.store_port);
    int ret = receive_until(type);
    evtchn_clear(XenInfo.store_port); // Pending where we did not sleep
    XsClient->req_prod = XenInfo.store->req_prod;
    return ret;
}

// Put the request 'type' for 'dir/key' ('dir' where key is NULL), with a
// value where there is one, into the ring.  Returns 0 or XS_EIO.
static int
send(u32 type, const char *dir, const char *key, const char *value)
{
    struct xs_client_s *xs = XsClient;
    if (!xs || xs->silent || xs->broken)
        return XS_EIO;
    // Only a path's end is a NUL; the value goes without.
    u32 dir_len = strlen(dir), key_len = key ? strlen(key) + 1 : 0;
    u32 value_len = value ? strlen(value) : 0;
    struct xsd_sockmsg msg = {
        .type = type, .req_id = xs->req_id + 1,
        .len = dir_len + key_len + 1 + value_len,
    };
    if (msg.len > XENSTORE_PAYLOAD_MAX)
        return XS_EIO;
    xs->req_id++;
    xs->deadline = xen_time() + XS_TIMEOUT_NS;
    if (xs_put(&msg, sizeof(msg)) || xs_put(dir, dir_len)
        || (key && (xs_put("/", 1) || xs_put(key, key_len - 1)))
        || xs_put("", 1) || xs_put(value, value_len)) {
        xs->broken = 1;
        return give_up();
    }
    return 0;
}

// Ask, and receive the answer into XsClient->reply.  Returns its length in
// bytes, or XS_*.
static int
ask(u32 type, const char *dir, const char *key)
{
    if (send(type, dir, key, NULL))
        return XS_EIO;
    int ret = receive_and_clear(type);
    XsClient->queued = 0;
    return ret;
}

// Change a node; xs_settle() tells how that went.
static void
change(u32 type, const char *dir, const char *key, const char *value)
{
    if (!send(type, dir, key, value))
        XsClient->queued++;
    else if (XsClient)
        XsClient->failed = 1;
}


/****************************************************************
 * Interface.  Paths are relative to the domain's own directory unless
 * they begin with a slash.
 ****************************************************************/

// Prepare the client.  Returns 0, or -1 without memory.
int
xs_setup(void)
{
    XsClient = malloc_high(sizeof(*XsClient));
    if (!XsClient) {
        warn_noalloc();
        return -1;
    }
    memset(XsClient, 0, sizeof(*XsClient));
    return 0;
}

// After a while: a xenstored that did not answer may do so now.
void
xs_resume(void)
{
    XsClient->silent = XsClient->failed = 0;
    XsClient->queued = 0;
}

// Whether another program may be waiting for xenstored: something is on its
// way, or was sent since our last question or the last call here, a tick of
// the clock ago at least.  By then it has its answer, or the answer shows.
int
xs_is_in_use(void)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    u32 last = XsClient->req_prod, prod = store->req_prod;
    XsClient->req_prod = prod;
    return prod != last || prod != store->req_cons || !is_quiet();
}

// Read a text into value[size].  Returns its length, or XS_*; a value that
// holds a NUL or does not fit is XS_EIO.
int
xs_read(const char *dir, const char *key, char *value, u32 size)
{
    int len = ask(XS_READ, dir, key);
    if (len < 0)
        return len;
    if (len >= size || strlen(XsClient->reply) != len)
        return XS_EIO;
    memcpy(value, XsClient->reply, len + 1);
    return len;
}

// Read the beginning of a text, size - 1 bytes at most, into value[size].
// Returns its length, or XS_*.
int
xs_read_start(const char *dir, const char *key, char *value, u32 size)
{
    int len = ask(XS_READ, dir, key);
    if (len < 0)
        return len;
    strtcpy(value, XsClient->reply, size);
    return strlen(value);
}

// Read a decimal number of at most 'max' (less than 2^59).  Returns 0 or
// XS_*; whatever is not just digits is XS_EIO.
int
xs_read_number(const char *dir, const char *key, u64 max, u64 *value)
{
    int len = ask(XS_READ, dir, key), i;
    if (len < 0)
        return len;
    u64 sum = 0;
    for (i = 0; i < len; i++) {
        u32 digit = XsClient->reply[i] - '0';
        if (digit > 9)
            return XS_EIO;
        sum = sum * 10 + digit;
        if (sum > max)
            return XS_EIO;
    }
    if (!len)
        return XS_EIO;
    *value = sum;
    return 0;
}

// List a directory: names that each end with a NUL, *size bytes in all; the
// last one's may be missing there, so that another follows.
// Good until the next call that waits for xenstored.  NULL where there is
// none.
const char *
xs_directory(const char *dir, u32 *size)
{
    int len = ask(XS_DIRECTORY, dir, NULL);
    if (len <= 0)
        return NULL;
    *size = len;
    return XsClient->reply;
}

// Queue a change: write a text or a decimal number, or remove a node (none
// there is fine).  xenstored sees it at the next question or xs_settle();
// a dozen at most may be on their way.
void
xs_write(const char *dir, const char *key, const char *value)
{
    change(XS_WRITE, dir, key, value);
}

void
xs_write_number(const char *dir, const char *key, u32 value)
{
    char text[12];
    snprintf(text, sizeof(text), "%u", value);
    change(XS_WRITE, dir, key, text);
}

void
xs_remove(const char *dir, const char *key)
{
    change(XS_RM, dir, key, NULL);
}

// Wait until all changes are made.  Returns 0, or XS_EIO where one of them
// since the last xs_settle() failed.
int
xs_settle(void)
{
    struct xs_client_s *xs = XsClient;
    if (!xs)
        return XS_EIO;
    int ret = 0;
    xs->deadline = xen_time() + XS_TIMEOUT_NS;
    if (xs->queued)
        ret = receive_and_clear(0);
    if (xs->failed)
        ret = XS_EIO;
    xs->queued = xs->failed = 0;
    return ret;
}

// Sleep until xenstored has something for us, or until a time of xen_time()'s
// (ns).  May return early.
void
xs_nap(u64 until)
{
    evtchn_clear(XenInfo.store_port); // Signalled twice for an answer
    evtchn_sleep(XenInfo.store_port, until);
}
