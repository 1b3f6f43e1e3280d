// SPDX-License-Identifier: LGPL-3.0-or-later
// A client of xenstore that trusts it.

#include "kernel.h"

static volatile struct xenstore_domain_interface *ring;
static u32 port;
static char reply[XENSTORE_PAYLOAD_MAX + 1];

// Returns 0, or -1 where the last owner has left something in the ring.
int
store_setup(void)
{
    ring = (void *)(u32)(xen_param(HVM_PARAM_STORE_PFN) * PAGE_SIZE);
    port = (u32)xen_param(HVM_PARAM_STORE_EVTCHN);
    return ring->req_prod == ring->req_cons && ring->rsp_prod == ring->rsp_cons
        ? 0 : -1;
}

static void
put(const void *data, u32 len)
{
    const char *from = data;
    for (; len; len--) {
        while (ring->req_prod - ring->req_cons == XENSTORE_RING_SIZE)
            xen_yield();
        ring->req[MASK_XENSTORE_IDX(ring->req_prod)] = *from++;
        xen_wmb(); // The byte before the index
        ring->req_prod++;
    }
}

static void
get(void *data, u32 len)
{
    char *to = data;
    for (; len; len--) {
        while (ring->rsp_prod == ring->rsp_cons)
            xen_yield();
        xen_rmb(); // The index before the byte
        *to++ = ring->rsp[MASK_XENSTORE_IDX(ring->rsp_cons)];
        ring->rsp_cons++;
    }
}

static u32
text_length(const char *text)
{
    u32 len = 0;
    while (text[len])
        len++;
    return len;
}

// Ask about dir/key; what is to be written follows. Returns the length of the
// answer in reply[], or -1.
static int
ask(u32 type, const char *dir, const char *key, const char *value)
{
    struct xsd_sockmsg message = { .type = type, .req_id = 1 };
    message.len = text_length(dir) + 1 + (*key ? text_length(key) + 1 : 0)
        + text_length(value);
    put(&message, sizeof(message));
    put(dir, text_length(dir));
    if (*key) {
        put("/", 1);
        put(key, text_length(key));
    }
    put("", 1);
    put(value, text_length(value));
    xen_notify(port);
    do {
        get(&message, sizeof(message));
        get(reply, message.len);
    } while (message.type == XS_WATCH_EVENT);
    xen_notify(port);
    reply[message.len] = 0;
    return message.type == type ? (int)message.len : -1;
}

int
store_read(const char *dir, const char *key, char *value, u32 size)
{
    int len = ask(XS_READ, dir, key, "");
    if (len < 0 || (u32)len >= size)
        return -1;
    memcpy(value, reply, (u32)len + 1);
    return 0;
}

// 0 where there is none.
u32
store_read_number(const char *dir, const char *key)
{
    const char *digit = reply;
    u32 value = 0;
    if (ask(XS_READ, dir, key, "") < 0)
        return 0;
    for (; *digit >= '0' && *digit <= '9'; digit++)
        value = value * 10 + (u32)(*digit - '0');
    return value;
}

// The names in a directory, each with its NUL. Returns their length, or -1.
int
store_list(const char *dir, char *names, u32 size)
{
    int len = ask(XS_DIRECTORY, dir, "", "");
    if (len < 0 || (u32)len > size)
        return -1;
    memcpy(names, reply, (u32)len);
    return len;
}

void
store_write(const char *dir, const char *key, const char *value)
{
    ask(XS_WRITE, dir, key, value);
}

void
store_write_number(const char *dir, const char *key, u32 value)
{
    char digits[11];
    u32 i = sizeof(digits) - 1;
    digits[i] = 0;
    do
        digits[--i] = (char)('0' + value % 10);
    while (value /= 10);
    store_write(dir, key, &digits[i]);
}
