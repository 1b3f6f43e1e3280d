// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xenstore client (xen/include/public/io/xs_wire.h, docs/misc/xenstore.txt).
// It never yields between a request and its reply, so POST's threads need no
// lock.  Changes are queued, and their replies are taken with the next
// question: each wait for xenstored costs two domain switches.  Everything
// that comes from the ring is checked.  32-bit code.

#include "malloc.h" // malloc_high
#include "output.h" // snprintf
#include "string.h" // memcpy
#include "xen/evtchn.h" // evtchn_sleep
#include "xen/xen_info.h" // XenInfo
#include "xen/xen_time.h" // xen_time
#include "xen/xenstore.h" // xenstore_read

// xenstored answers in well under a millisecond.  After this long it is gone.
#define XENSTORE_TIMEOUT_NS 5000000000ULL

struct xenstore_client_s {
    u32 req_id;                         // Of the last request
    u32 req_prod;                       // Of the ring, when last looked at
    u32 queued;                         // Changes without a reply yet
    u8 failed;                          // One of them was refused
    u8 silent;                          // A reply was late: try again later
    u8 broken;                          // A message ended half way
    u64 deadline;                       // For the reply to the last request
    char reply[XENSTORE_PAYLOAD_MAX + 1]; // With a NUL behind it
};

static struct xenstore_client_s *XenstoreClient;


/****************************************************************
 * The two byte rings
 ****************************************************************/

// Sleep until xenstored may have moved a ring index.  Returns 0, or
// XENSTORE_EIO after the deadline.
static int
xenstore_wait(void)
{
    if (xen_time() >= XenstoreClient->deadline)
        return XENSTORE_EIO;
    evtchn_sleep(XenInfo.store_port, XenstoreClient->deadline);
    evtchn_clear(XenInfo.store_port);
    return 0;
}

// Queue 'len' bytes for xenstored, waiting for room if necessary.
static int
xenstore_put(const void *data, u32 len)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    const char *src = data;
    while (len) {
        u32 prod = store->req_prod, used = prod - store->req_cons;
        if (used > XENSTORE_RING_SIZE)
            return XENSTORE_EIO;
        if (used == XENSTORE_RING_SIZE) {
            evtchn_notify(XenInfo.store_port);
            if (xenstore_wait())
                return XENSTORE_EIO;
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

// Take 'len' bytes from xenstored, waiting for them if necessary.
static int
xenstore_get(void *data, u32 len)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    char *dest = data;
    while (len) {
        u32 start = store->rsp_cons, cons = start;
        u32 ready = store->rsp_prod - start;
        if (ready > XENSTORE_RING_SIZE)
            return XENSTORE_EIO;
        if (!ready) {
            if (xenstore_wait())
                return XENSTORE_EIO;
            continue;
        }
        smp_rmb(); // rsp_prod is read before the bytes that it announces
        for (; len && ready; len--, ready--)
            *dest++ = store->rsp[MASK_XENSTORE_IDX(cons++)];
        machine_mb(); // The bytes are read before xenstored may reuse them
        store->rsp_cons = cons;
        machine_mb(); // xenstored sees the room before we look at rsp_prod
        if (store->rsp_prod - start >= XENSTORE_RING_SIZE)
            // The ring was full, and xenstored may be waiting for room.
            evtchn_notify(XenInfo.store_port);
    }
    return 0;
}


/****************************************************************
 * Messages
 ****************************************************************/

// Is there nothing to take from xenstored?
static int
xenstore_is_quiet(void)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    return store->rsp_prod == store->rsp_cons;
}

// Log that xenstored does not answer.
static int
xenstore_give_up(void)
{
    dprintf(1, "xen-blk: xenstore does not answer\n");
    return XENSTORE_EIO;
}

// Receive one message into *msg and XenstoreClient->reply.  Returns 0, or
// XENSTORE_EIO.  After that no more requests are made: each would wait as
// long.
static int
xenstore_receive(struct xsd_sockmsg *msg)
{
    struct xenstore_client_s *xs = XenstoreClient;
    if (xs->silent || xs->broken)
        return XENSTORE_EIO;
    // A wait that ends between two messages can be resumed later.
    int late = xen_time() >= xs->deadline;
    while (!late && xenstore_is_quiet())
        late = xenstore_wait();
    if (late) {
        xs->silent = 1;
        return xenstore_give_up();
    }
    xs->broken = 1;
    if (xenstore_get(msg, sizeof(*msg)) || msg->len > XENSTORE_PAYLOAD_MAX
        || xenstore_get(xs->reply, msg->len))
        return xenstore_give_up();
    xs->broken = 0;
    xs->reply[msg->len] = '\0';
    return 0;
}

// The result of a request: the length of the reply in bytes, or XENSTORE_E*.
static int
xenstore_result(const struct xsd_sockmsg *msg, u32 type)
{
    if (msg->type == type)
        return msg->len;
    if (msg->type == XS_ERROR && !strcmp(XenstoreClient->reply, "ENOENT"))
        return XENSTORE_ENOENT;
    return XENSTORE_EIO;
}

// Receive replies up to that of the last request, or, if 'type' is 0, of the
// last change.  Watch events and replies to requests that were given up are
// dropped.  Returns the length of the reply in bytes, or XENSTORE_E*.
static int
xenstore_receive_until(u32 type)
{
    struct xenstore_client_s *xs = XenstoreClient;
    u32 last = xs->req_id;
    while (type || xs->queued) {
        struct xsd_sockmsg msg;
        if (xenstore_receive(&msg))
            return XENSTORE_EIO;
        if (msg.type == XS_WATCH_EVENT)
            continue;
        if (type && msg.req_id == last)
            return xenstore_result(&msg, type);
        // The changes precede the last request, or include it.
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
xenstore_receive_and_clear(u32 type)
{
    evtchn_notify(XenInfo.store_port);
    int ret = xenstore_receive_until(type);
    evtchn_clear(XenInfo.store_port); // Still pending if we did not sleep
    XenstoreClient->req_prod = XenInfo.store->req_prod;
    return ret;
}

// Put the request 'type' for 'dir/key', or for 'dir' if key is NULL, into the
// ring, with a value unless that is NULL.  Returns 0 or XENSTORE_EIO.
static int
xenstore_send(u32 type, const char *dir, const char *key, const char *value)
{
    struct xenstore_client_s *xs = XenstoreClient;
    if (!xs || xs->silent || xs->broken)
        return XENSTORE_EIO;
    // A path ends with a NUL; a value does not.
    u32 dir_len = strlen(dir), key_len = key ? strlen(key) + 1 : 0;
    u32 value_len = value ? strlen(value) : 0;
    struct xsd_sockmsg msg = {
        .type = type, .req_id = xs->req_id + 1,
        .len = dir_len + key_len + 1 + value_len,
    };
    if (msg.len > XENSTORE_PAYLOAD_MAX)
        return XENSTORE_EIO;
    xs->req_id++;
    xs->deadline = xen_time() + XENSTORE_TIMEOUT_NS;
    if (xenstore_put(&msg, sizeof(msg)) || xenstore_put(dir, dir_len)
        || (key && (xenstore_put("/", 1) || xenstore_put(key, key_len - 1)))
        || xenstore_put("", 1) || xenstore_put(value, value_len)) {
        xs->broken = 1;
        return xenstore_give_up();
    }
    return 0;
}

// Send a request and receive the reply into XenstoreClient->reply.  Returns
// its length in bytes, or XENSTORE_E*.
static int
xenstore_ask(u32 type, const char *dir, const char *key)
{
    if (xenstore_send(type, dir, key, NULL))
        return XENSTORE_EIO;
    int ret = xenstore_receive_and_clear(type);
    XenstoreClient->queued = 0;
    return ret;
}

// Change a node.  xenstore_settle() reports whether that failed.
static void
xenstore_change(u32 type, const char *dir, const char *key, const char *value)
{
    if (!xenstore_send(type, dir, key, value))
        XenstoreClient->queued++;
    else if (XenstoreClient)
        XenstoreClient->failed = 1;
}


/****************************************************************
 * Interface.  Paths are relative to the domain's own directory unless
 * they begin with a slash.
 ****************************************************************/

// Prepare the client.  Returns 0, or -1 without memory.
int
xenstore_setup(void)
{
    XenstoreClient = malloc_high(sizeof(*XenstoreClient));
    if (!XenstoreClient) {
        warn_noalloc();
        return -1;
    }
    memset(XenstoreClient, 0, sizeof(*XenstoreClient));
    return 0;
}

// Talk to xenstored again, even if it did not answer before.
void
xenstore_resume(void)
{
    XenstoreClient->silent = XenstoreClient->failed = 0;
    XenstoreClient->queued = 0;
}

// Is another program possibly waiting for xenstored?  Returns true if a
// message is on its way, or if one was sent since our last request or since
// the last call, at least one timer tick ago: by then a reply was taken, or is
// there.
int
xenstore_is_in_use(void)
{
    volatile struct xenstore_domain_interface *store = XenInfo.store;
    u32 last = XenstoreClient->req_prod, prod = store->req_prod;
    XenstoreClient->req_prod = prod;
    return prod != last || prod != store->req_cons || !xenstore_is_quiet();
}

// Read a text into value[size].  Returns its length in bytes, or XENSTORE_E*:
// a value that holds a NUL or does not fit is XENSTORE_EIO.
int
xenstore_read(const char *dir, const char *key, char *value, u32 size)
{
    int len = xenstore_ask(XS_READ, dir, key);
    if (len < 0)
        return len;
    if (len >= size || strlen(XenstoreClient->reply) != len)
        return XENSTORE_EIO;
    memcpy(value, XenstoreClient->reply, len + 1);
    return len;
}

// Read the beginning of a text, up to size - 1 bytes, into value[size].
// Returns its length in bytes, or XENSTORE_E*.
int
xenstore_read_start(const char *dir, const char *key, char *value, u32 size)
{
    int len = xenstore_ask(XS_READ, dir, key);
    if (len < 0)
        return len;
    strtcpy(value, XenstoreClient->reply, size);
    return strlen(value);
}

// Read a decimal number of at most 'max' (less than 2^59).  Returns 0 or
// XENSTORE_E*; whatever is not just digits is XENSTORE_EIO.
int
xenstore_read_number(const char *dir, const char *key, u64 max, u64 *value)
{
    int len = xenstore_ask(XS_READ, dir, key), i;
    if (len < 0)
        return len;
    u64 sum = 0;
    for (i = 0; i < len; i++) {
        u32 digit = XenstoreClient->reply[i] - '0';
        if (digit > 9)
            return XENSTORE_EIO;
        sum = sum * 10 + digit;
        if (sum > max)
            return XENSTORE_EIO;
    }
    if (!len)
        return XENSTORE_EIO;
    *value = sum;
    return 0;
}

// Read a value of any length, *size bytes and a NUL.  Valid until the next call
// that waits for xenstored.  Returns NULL if there is no such node.
const char *
xenstore_value(const char *dir, const char *key, u32 *size)
{
    int len = xenstore_ask(XS_READ, dir, key);
    if (len < 0)
        return NULL;
    *size = len;
    return XenstoreClient->reply;
}

// List a directory: names that each end with a NUL, *size bytes in total.  One
// more NUL follows, in case the last one is missing.  Valid until the next
// call that waits for xenstored.  Returns NULL if there is no such directory.
const char *
xenstore_directory(const char *dir, u32 *size)
{
    int len = xenstore_ask(XS_DIRECTORY, dir, NULL);
    if (len <= 0)
        return NULL;
    *size = len;
    return XenstoreClient->reply;
}

// Queue a change: write a text or a decimal number, or remove a node, which
// need not exist.  xenstored sees it with the next request or
// xenstore_settle().  At most a dozen changes may be queued.
void
xenstore_write(const char *dir, const char *key, const char *value)
{
    xenstore_change(XS_WRITE, dir, key, value);
}

void
xenstore_write_number(const char *dir, const char *key, u32 value)
{
    char text[12];
    snprintf(text, sizeof(text), "%u", value);
    xenstore_change(XS_WRITE, dir, key, text);
}

void
xenstore_remove(const char *dir, const char *key)
{
    xenstore_change(XS_RM, dir, key, NULL);
}

// Wait until all changes are made.  Returns 0, or XENSTORE_EIO if one of them
// since the last xenstore_settle() failed.
int
xenstore_settle(void)
{
    struct xenstore_client_s *xs = XenstoreClient;
    if (!xs)
        return XENSTORE_EIO;
    int ret = 0;
    xs->deadline = xen_time() + XENSTORE_TIMEOUT_NS;
    if (xs->queued)
        ret = xenstore_receive_and_clear(0);
    if (xs->failed)
        ret = XENSTORE_EIO;
    xs->queued = xs->failed = 0;
    return ret;
}

// Sleep until xenstored has something for us, or until xen_time() reaches
// 'until' (ns).  May return early.
void
xenstore_nap(u64 until)
{
    evtchn_clear(XenInfo.store_port); // Xen signals twice for a reply
    evtchn_sleep(XenInfo.store_port, until);
}
