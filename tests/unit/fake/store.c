// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A fake xenstored.  It looks at its ring only when it is sent an event, as
// the real one does, so that a forgotten event shows.

#include <stdio.h> // snprintf
#include "xen/xen_abi.h" // struct xsd_sockmsg
#include "fake/check.h" // assert_true
#include "fake/guest.h" // guest_ptr
#include "fake/store.h" // store_run
#include "fake/xen.h" // xen_signal
#include "string.h" // memcpy

#define MAX_NODES 512
#define MAX_PATH  128
#define MAX_VALUE 512

struct node_s {
    char path[MAX_PATH];    // Empty for a free one
    char value[MAX_VALUE + 1];
    u32 len;
    const char *error;      // What the guest is told
};

struct store_manner_s StoreManner;
u32 StoreRequests;

static struct node_s Nodes[MAX_NODES];
static void (*Changed)(const char *path);

// What is read and not yet a whole request, and what is to be written.
static char Input[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
static char Output[1 << 16];
static u32 InputLen, OutputLen, OutputPos, Sent;
static int Busy;            // Not yet back asleep


/****************************************************************
 * The tree
 ****************************************************************/

static struct node_s *
find_node(const char *path)
{
    u32 i;
    for (i = 0; i < MAX_NODES; i++)
        if (!strcmp(Nodes[i].path, path))
            return &Nodes[i];
    return NULL;
}

static struct node_s *
make_node(const char *path)
{
    struct node_s *node = find_node(path);
    if (node)
        return node;
    node = find_node("");
    assert_true(node && strlen(path) < MAX_PATH);
    memset(node, 0, sizeof(*node));
    snprintf(node->path, sizeof(node->path), "%s", path);
    return node;
}

void
store_set_bytes(const char *path, const void *value, u32 len)
{
    struct node_s *node = make_node(path);
    assert_true(len <= MAX_VALUE);
    memcpy(node->value, value, len);
    node->value[len] = '\0';
    node->len = len;
    if (Changed)
        Changed(path);
}

void
store_set(const char *path, const char *value)
{
    store_set_bytes(path, value, (u32)strlen(value));
}

// The value of a node, or NULL where there is none.
const char *
store_get(const char *path)
{
    struct node_s *node = find_node(path);
    return node && !node->error ? node->value : NULL;
}

static int
is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return !strncmp(path, dir, len) && path[len] == '/';
}

// Remove a node with all below it.
void
store_remove(const char *path)
{
    u32 i;
    for (i = 0; i < MAX_NODES; i++)
        if (!strcmp(Nodes[i].path, path) || is_below(Nodes[i].path, path))
            Nodes[i].path[0] = '\0';
    if (Changed)
        Changed(path);
}

// Answer the guest with an error, such as "EACCES", at this node; NULL ends
// that.
void
store_forbid(const char *path, const char *error)
{
    make_node(path)->error = error;
}

// Call 'changed' whenever a node is written or removed.
void
store_watch(void (*changed)(const char *path))
{
    Changed = changed;
}

// The names of what is directly below 'dir', each with a NUL.
static u32
list_names(const char *dir, char *names)
{
    u32 i, len = 0;
    size_t skip = strlen(dir) + 1;
    for (i = 0; i < MAX_NODES; i++) {
        if (!is_below(Nodes[i].path, dir))
            continue;
        char name[MAX_PATH];
        snprintf(name, sizeof(name), "%s", Nodes[i].path + skip);
        name[strcspn(name, "/")] = '\0';
        u32 pos = 0;
        while (pos < len && strcmp(&names[pos], name))
            pos += (u32)strlen(&names[pos]) + 1;
        if (pos < len)
            continue;
        assert_true(len + strlen(name) < XENSTORE_PAYLOAD_MAX);
        memcpy(&names[len], name, strlen(name) + 1);
        len += (u32)strlen(name) + 1;
    }
    return len;
}


/****************************************************************
 * Messages
 ****************************************************************/

static void
put_output(const void *data, u32 len)
{
    assert_true(OutputLen + len <= sizeof(Output));
    memcpy(&Output[OutputLen], data, len);
    OutputLen += len;
}

static void
put_message(u32 type, u32 req_id, const void *payload, u32 len)
{
    struct xsd_sockmsg msg = { .type = type, .req_id = req_id, .len = len };
    put_output(&msg, sizeof(msg));
    put_output(payload, len);
}

static void
put_text(u32 type, u32 req_id, const char *text)
{
    put_message(type, req_id, text, (u32)strlen(text) + 1);
}

static void
put_forged(u32 req_id)
{
    struct store_manner_s *m = &StoreManner;
    struct xsd_sockmsg msg = { .type = m->type, .req_id = req_id
                               , .len = m->len };
    put_output(&msg, sizeof(msg));
    put_output(m->payload, m->payload_len);
}

// Requests name nodes from the guest's home or from the root.
static void
make_absolute(char *path, const char *text)
{
    int len = snprintf(path, MAX_PATH, "%s%s", *text == '/' ? "" : STORE_HOME
                       , text);
    assert_true(len < MAX_PATH);
}

static void
serve_write(const struct xsd_sockmsg *msg, const char *path, const char *value
            , u32 len)
{
    struct node_s *node = find_node(path);
    if (node && node->error) {
        put_text(XS_ERROR, msg->req_id, node->error);
        return;
    }
    put_text(XS_WRITE, msg->req_id, "OK");
    store_set_bytes(path, value, len);
}

static void
serve_directory(const struct xsd_sockmsg *msg, const char *path)
{
    char names[XENSTORE_PAYLOAD_MAX];
    u32 len = list_names(path, names);
    if (!len && !find_node(path))
        put_text(XS_ERROR, msg->req_id, "ENOENT");
    else
        put_message(XS_DIRECTORY, msg->req_id, names, len);
}

static void
serve(const struct xsd_sockmsg *msg, const char *payload)
{
    char path[MAX_PATH];
    make_absolute(path, payload);
    u32 path_len = (u32)strlen(payload) + 1;
    assert_true(path_len <= msg->len); // A path has its NUL
    assert_int_equal(msg->tx_id, 0);
    struct node_s *node = find_node(path);
    if (msg->type == XS_WRITE) {
        serve_write(msg, path, payload + path_len, msg->len - path_len);
        return;
    }
    assert_int_equal(path_len, msg->len);
    if (node && node->error)
        put_text(XS_ERROR, msg->req_id, node->error);
    else if (msg->type == XS_DIRECTORY)
        serve_directory(msg, path);
    else if (!node)
        put_text(XS_ERROR, msg->req_id, "ENOENT");
    else if (msg->type == XS_READ)
        put_message(XS_READ, msg->req_id, node->value, node->len);
    else if (msg->type == XS_RM) {
        put_text(XS_RM, msg->req_id, "OK");
        store_remove(path);
    } else
        fail_msg("unknown request %u", msg->type);
}

static void
answer(const struct xsd_sockmsg *msg, const char *payload)
{
    u32 i;
    StoreRequests++;
    for (i = 0; i < StoreManner.watch_events; i++)
        put_message(XS_WATCH_EVENT, msg->req_id, "device/vbd\0token", 17);
    for (i = StoreManner.late_replies; i; i--)
        put_text(XS_READ, msg->req_id - i, "late");
    if (StoreManner.mute)
        return;
    if (!StoreManner.forged || --StoreManner.forged) {
        serve(msg, payload);
        return;
    }
    u32 true_start = OutputLen;
    if (StoreManner.forged_acts)
        serve(msg, payload);
    OutputLen = true_start;
    put_forged(msg->req_id);
}


/****************************************************************
 * The ring
 ****************************************************************/

static volatile struct xenstore_domain_interface *
ring(void)
{
    return guest_ptr(XEN_STORE_PFN * GUEST_PAGE);
}

// Read what is in the ring; returns how many bytes.
static u32
read_requests(void)
{
    u32 len = 0, limit = StoreManner.slow_reader;
    if (!limit)
        limit = XENSTORE_RING_SIZE;
    assert_true(ring()->req_prod - ring()->req_cons <= XENSTORE_RING_SIZE);
    while (ring()->req_cons != ring()->req_prod && len < limit) {
        Input[InputLen++] = ring()->req[MASK_XENSTORE_IDX(ring()->req_cons)];
        ring()->req_cons++;
        len++;
        struct xsd_sockmsg *msg = (void *)Input;
        if (InputLen < sizeof(*msg))
            continue;
        assert_true(msg->len <= XENSTORE_PAYLOAD_MAX);
        if (InputLen == sizeof(*msg) + msg->len) {
            InputLen = 0;
            answer(msg, Input + sizeof(*msg));
        }
    }
    return len;
}

// Write what has room in the ring; returns how many bytes.
static u32
write_replies(void)
{
    u32 len = 0, limit = StoreManner.chunk;
    if (!limit)
        limit = XENSTORE_RING_SIZE;
    while (OutputPos < OutputLen && len < limit
           && ring()->rsp_prod - ring()->rsp_cons < XENSTORE_RING_SIZE
           && (!StoreManner.stop_after || Sent < StoreManner.stop_after)) {
        ring()->rsp[MASK_XENSTORE_IDX(ring()->rsp_prod)] = Output[OutputPos++];
        ring()->rsp_prod++;
        len++;
        Sent++;
    }
    if (OutputPos == OutputLen)
        OutputPos = OutputLen = 0;
    return len;
}

// Whether it has something to do of which it knows: a full ring that gets
// room again it hears about by an event.
static int
is_busy(void)
{
    return ring()->req_cons != ring()->req_prod
           || (OutputPos < OutputLen
               && ring()->rsp_prod - ring()->rsp_cons < XENSTORE_RING_SIZE);
}

// A turn of xenstored's.
void
store_run(void)
{
    if (StoreManner.deaf)
        return;
    Busy |= xen_take_event((u32)XenConfig.store_port);
    if (!Busy)
        return;
    if (read_requests() + write_replies())
        xen_signal((u32)XenConfig.store_port);
    Busy = is_busy();
}

// Empty tree, good manners.  The ring is emptied with store_reset_ring().
void
store_reset(void)
{
    memset(Nodes, 0, sizeof(Nodes));
    memset(&StoreManner, 0, sizeof(StoreManner));
    Changed = NULL;
    StoreRequests = 0;
}

// Empty the ring and let all its indices start at 'index'.
void
store_reset_ring(u32 index)
{
    ring()->req_cons = ring()->req_prod = index;
    ring()->rsp_cons = ring()->rsp_prod = index;
    InputLen = OutputLen = OutputPos = Sent = 0;
    Busy = 0;
}

// Whether the next owner of the ring finds nothing in it.
int
store_ring_is_quiet(void)
{
    return ring()->req_cons == ring()->req_prod
           && ring()->rsp_cons == ring()->rsp_prod && !InputLen
           && OutputPos == OutputLen;
}
