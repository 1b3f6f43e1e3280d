// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The backend's half of the state machine.

#include <stdio.h> // snprintf
#include <stdlib.h> // strtoul
#include "xen/xen_abi.h" // XenbusStateConnected
#include "fake/backend.h" // struct backend_s
#include "string.h" // memcpy
#include "fake/backend_ring.h" // backend_serve
#include "fake/check.h" // assert_true
#include "fake/store.h" // store_get
#include "fake/xen.h" // xen_map_grant

#define MAX_BACKENDS 32

static struct backend_s *Backends[MAX_BACKENDS];
static u32 NrBackends;


/****************************************************************
 * Nodes
 ****************************************************************/

static void
set_key(const char *dir, const char *key, const char *value)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, key);
    if (value)
        store_set(path, value);
    else
        store_remove(path);
}

static const char *
get_key(const char *dir, const char *key)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", dir, key);
    return store_get(path);
}

// A number, or ~0U where there is none.
static u32
get_number(const char *dir, const char *key)
{
    const char *value = get_key(dir, key);
    return value ? (u32)strtoul(value, NULL, 10) : ~0U;
}

static void
set_number(const char *dir, const char *key, u32 value)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", value);
    set_key(dir, key, text);
}

// NULL removes the node.
void
backend_set_frontend_key(struct backend_s *backend, const char *key
                         , const char *value)
{
    set_key(backend->frontend_dir, key, value);
}

void
backend_set_key(struct backend_s *backend, const char *key, const char *value)
{
    set_key(backend->backend_dir, key, value);
}

const char *
backend_get_frontend_key(const struct backend_s *backend, const char *key)
{
    return get_key(backend->frontend_dir, key);
}

static void
switch_state(struct backend_s *backend, u32 state)
{
    if (backend_state(backend) != state)
        set_number(backend->backend_dir, "state", state);
}

// The state of the backend, XenbusStateUnknown where there is none.
u32
backend_state(const struct backend_s *backend)
{
    u32 state = get_number(backend->backend_dir, "state");
    return state == ~0U ? XenbusStateUnknown : state;
}

u32
backend_frontend_state(const struct backend_s *backend)
{
    u32 state = get_number(backend->frontend_dir, "state");
    return state == ~0U ? XenbusStateUnknown : state;
}


/****************************************************************
 * States
 ****************************************************************/

static void
unmap_ring(struct backend_s *backend)
{
    xen_unmap_grant(backend->ring_gref);
    if (backend->second_gref)
        xen_unmap_grant(backend->second_gref);
}

static void
disconnect(struct backend_s *backend)
{
    if (!backend->connected)
        return;
    if (!backend_park(backend))
        unmap_ring(backend);
    backend_detach(backend);
    xen_unbind(backend->port);
    backend->connected = 0;
}

static int
is_one(const char *value)
{
    return value && !strcmp(value, "1");
}

// Map the ring, of one page or, where the frontend says so, of two.  All look for
// ring-page-order first.  Returns NULL where it is not as it should be.
static void *
map_ring(struct backend_s *backend)
{
    const char *dir = backend->frontend_dir;
    int is_long = !!get_key(dir, "ring-page-order");
    if (is_long && (!backend->ring_order || get_number(dir, "ring-page-order") != 1))
        return NULL;
    backend->ring_gref = get_number(dir, is_long ? "ring-ref0" : "ring-ref");
    backend->second_gref = is_long ? get_number(dir, "ring-ref1") : 0;
    u8 *page = xen_map_grant(backend->domid, backend->ring_gref, 1);
    if (!page || !is_long)
        return page;
    u8 *second = xen_map_grant(backend->domid, backend->second_gref, 1);
    if (!second) {
        xen_unmap_grant(backend->ring_gref);
        return NULL;
    }
    assert_ptr_equal(second, page + XEN_PAGE_SIZE);
    return page;
}

// Returns 0, or -1 where the frontend has left something out.
static int
connect_ring(struct backend_s *backend)
{
    const char *protocol = get_key(backend->frontend_dir, "protocol");
    u32 port = get_number(backend->frontend_dir, "event-channel");
    if (!protocol || strcmp(protocol, XEN_IO_PROTO_ABI_NATIVE)
        || get_key(backend->frontend_dir, "multi-queue-num-queues"))
        return -1;
    void *page = map_ring(backend);
    if (!page)
        return -1;
    if (xen_bind(backend->domid, port)) {
        unmap_ring(backend);
        return -1;
    }
    backend->port = port;
    backend->is_persistent = is_one(backend->persistent)
        && is_one(get_key(backend->frontend_dir, "feature-persistent"));
    backend->connected = 1;
    backend->connects++;
    backend_attach(backend, page);
    return 0;
}

static void
connect(struct backend_s *backend)
{
    if (backend_state(backend) == XenbusStateConnected
        || (backend->kind == FREEBSD_OLD && backend->connects))
        return;
    disconnect(backend);
    if (connect_ring(backend))
        return;
    set_key(backend->backend_dir, "sectors", backend->sectors);
    set_key(backend->backend_dir, "sector-size", backend->sector_size);
    set_key(backend->backend_dir, "physical-sector-size"
            , backend->physical_sector_size);
    set_key(backend->backend_dir, "info", backend->info);
    set_key(backend->backend_dir, "feature-max-indirect-segments"
            , backend->indirect);
    set_key(backend->backend_dir, "feature-persistent"
            , backend->persistent);
    set_key(backend->backend_dir, "feature-flush-cache", backend->flush);
    backend->block_mask = backend->sector_size
        ? strtoul(backend->sector_size, NULL, 10) / 512 - 1 : 0;
    backend->max_indirect = backend->indirect
                            ? strtoul(backend->indirect, NULL, 10) : 0;
    switch_state(backend, XenbusStateConnected);
}

// As libxl does when a device that it takes away has closed.
static void
remove_nodes(struct backend_s *backend)
{
    store_remove(backend->frontend_dir);
    store_remove(backend->backend_dir);
}

// The frontend's state was written.  QEMU acts only where it has changed.
static void
follow(struct backend_s *backend)
{
    u32 state = backend_frontend_state(backend);
    if (backend->kind == QDISK && state == backend->seen)
        return;
    backend->seen = state;
    switch (state) {
    case XenbusStateInitialising:
        if ((backend_state(backend) == XenbusStateClosed
             || backend->kind == TAPBACK)
            && !backend->detached && backend->kind != ILLUMOS)
            switch_state(backend, XenbusStateInitWait);
        break;
    case XenbusStateInitialised:
    case XenbusStateConnected:
        connect(backend);
        break;
    case XenbusStateClosing:
        if (backend->kind != NETBSD)
            switch_state(backend, XenbusStateClosing);
        break;
    case XenbusStateClosed:
        disconnect(backend);
        switch_state(backend, XenbusStateClosed);
        if (backend->detached)
            remove_nodes(backend);
        break;
    case XenbusStateUnknown:
        if (backend->kind == QDISK) {
            disconnect(backend);
            switch_state(backend, XenbusStateClosed);
        }
        break;
    default:
        break;
    }
}

// Whether it does not care for the frontend's state.
static int
ignores(const struct backend_s *backend)
{
    const struct backend_manner_s *m = &backend->manner;
    return m->ignores_states
           || (m->ignores_closing
               && backend_frontend_state(backend) >= XenbusStateClosing);
}

// A turn of all backends'.
void
backend_run_all(void)
{
    u32 i;
    backend_end_parked();
    for (i = 0; i < NrBackends; i++) {
        struct backend_s *backend = Backends[i];
        if (backend->watch_fired && !ignores(backend)) {
            backend->watch_fired = 0;
            follow(backend);
        }
        if (backend->connected && backend->manner.dies && backend_has_request(backend))
            backend_die(backend);
        if (backend->connected)
            backend_serve(backend);
    }
}

// A backend may be as quick as it likes: what it reads is written before the
// frontend's state says so.
static void
check_order(struct backend_s *backend, const char *key)
{
    static const char *const keys[] = {
        "ring-ref", "event-channel", "protocol", "feature-persistent",
        "ring-page-order", "ring-ref0", "ring-ref1",
    };
    u32 i, state = backend_frontend_state(backend);
    for (i = 0; i < ARRAY_SIZE(keys); i++)
        if (!strcmp(key, keys[i]) && !backend->meddled
            && get_key(backend->frontend_dir, key))
            assert_true(state != XenbusStateInitialised
                        && state != XenbusStateConnected);
}

static void
node_changed(const char *path)
{
    u32 i;
    for (i = 0; i < NrBackends; i++) {
        size_t len = strlen(Backends[i]->frontend_dir);
        if (strncmp(path, Backends[i]->frontend_dir, len) || path[len] != '/')
            continue;
        if (!strcmp(&path[len + 1], "state"))
            Backends[i]->watch_fired = 1;
        check_order(Backends[i], &path[len + 1]);
    }
}


/****************************************************************
 * As the toolstack makes it
 ****************************************************************/

void
backend_reset_all(void)
{
    NrBackends = 0;
    backend_forget_parked();
    store_watch(node_changed);
}

// Set both states without a word to the backend: what an earlier owner of
// the device has left.
void
backend_set_states(struct backend_s *backend, u32 frontend, u32 state)
{
    backend->meddled = 1;
    set_number(backend->frontend_dir, "state", frontend);
    set_number(backend->backend_dir, "state", state);
    backend->meddled = 0;
    backend->seen = backend->found = frontend;
    backend->watch_fired = 0;
}

// The driver cannot be held to the state from now on: it cannot write it, or
// somebody else does.
void
backend_forget_found(struct backend_s *backend)
{
    backend->found = ~0U;
    backend->meddled = 1;
}

// Whether a frontend that is not connected left its state as it was found, or
// ready for the next one.
static int
is_as_found(const struct backend_s *backend)
{
    u32 state = backend_frontend_state(backend);
    return backend->found == ~0U || state == backend->found
           || state == XenbusStateInitialising
           || state == XenbusStateUnknown || backend->connected
           || backend->detached
           || backend_state(backend) == XenbusStateUnknown;
}

int
backend_all_are_as_found(void)
{
    u32 i;
    for (i = 0; i < NrBackends; i++)
        if (!is_as_found(Backends[i])) {
            print_error("%s: found in state %u, left in %u\n"
                        , Backends[i]->frontend_dir, Backends[i]->found
                        , backend_frontend_state(Backends[i]));
            return 0;
        }
    return 1;
}

static void
create_nodes(struct backend_s *backend)
{
    snprintf(backend->frontend_dir, sizeof(backend->frontend_dir)
             , STORE_HOME "device/vbd/%u", backend->device);
    snprintf(backend->backend_dir, sizeof(backend->backend_dir)
             , "/local/domain/%d/backend/vbd/%d/%u", backend->domid
             , XEN_GUEST_DOMID, backend->device);
    set_key(backend->frontend_dir, "backend", backend->backend_dir);
    set_number(backend->frontend_dir, "backend-id", backend->domid);
    set_number(backend->frontend_dir, "virtual-device", backend->device);
    set_key(backend->frontend_dir, "device-type", "disk");
    set_key(backend->backend_dir, "online", "1");
    set_key(backend->backend_dir, "max-ring-page-order", backend->ring_order);
    backend_set_states(backend, XenbusStateInitialising, XenbusStateInitWait);
}

// xl block-detach: the backend is to close, and not to open again.
void
backend_detach_device(struct backend_s *backend)
{
    backend->detached = 1;
    backend_set_key(backend, "online", "0");
    switch_state(backend, XenbusStateClosing);
}

// Its domain is gone, and so is what it had of ours.
void
backend_die(struct backend_s *backend)
{
    disconnect(backend);
    backend->manner.ignores_states = 1;
    store_remove(backend->backend_dir);
}

// xl restore: the same disk has a new backend, in a new place.
void
backend_restore(struct backend_s *backend)
{
    backend->connected = backend->watch_fired = 0;
    memset(backend->kept, 0, sizeof(backend->kept));
    store_remove(backend->frontend_dir);
    store_remove(backend->backend_dir);
    backend->domid = BACKEND_DOMID + 1;
    create_nodes(backend);
}

// Random contents, the same for each disk.
static void
fill_disk(u8 *disk)
{
    static u8 contents[BACKEND_SECTORS * 512];
    static int filled;
    u32 i;
    for (i = 0; !filled && i < sizeof(contents); i++)
        contents[i] = (u8)(i * 2654435761U >> 24);
    filled = 1;
    memcpy(disk, contents, sizeof(contents));
}

// The disk has blocks of this size, in bytes, as Linux's blkback tells it.
void
backend_set_blocks(struct backend_s *backend, const char *size)
{
    backend->sector_size = backend->physical_sector_size = size;
}

void
backend_create(struct backend_s *backend, enum backend_kind kind, u32 device)
{
    memset(backend, 0, sizeof(*backend));
    backend->kind = kind;
    backend->domid = BACKEND_DOMID;
    backend->device = device;
    backend->sectors = "4096";
    backend->sector_size = "512";
    backend->info = "0";
    backend->flush = "1";
    backend->indirect = kind == BLKBACK || kind == PERSISTENT || kind == NETBSD
                        ? "256" : NULL;
    backend->persistent = kind == PERSISTENT || kind == QDISK_OLD ? "1" : NULL;
    if (kind == TAPBACK)
        backend->flush = NULL;
    if (kind != NETBSD && kind != ILLUMOS && kind != TAPBACK)
        backend->ring_order = "4";
    fill_disk(backend->disk);
    create_nodes(backend);
    if (kind == NETBSD)
        backend_set_states(backend, XenbusStateInitialising
                           , XenbusStateConnected);
    Backends[NrBackends++] = backend;
    assert_true(NrBackends < MAX_BACKENDS);
}
