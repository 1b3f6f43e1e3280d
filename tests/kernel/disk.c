// SPDX-License-Identifier: LGPL-3.0-or-later
// The smallest frontend: one disk at a time, one page a request, no features.

#include "kernel.h"

// Turns of the scheduler: dom0 gets the CPU in each that it has a use for.
#define PATIENCE 100000

static u8 ring_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct blkif_sring *const sring = (void *)ring_page;

static int
await_backend(struct disk *disk, u32 state)
{
    u32 patience = PATIENCE / 100; // each look is many turns
    while (store_read_number(disk->backend, "state") != state)
        if (!--patience)
            return -1;
    return 0;
}

// Connect, whatever state the disk is in: who cares has looked before.
// Returns 0, or -1 where the backend does not follow.
int
disk_connect(struct disk *disk)
{
    if (store_read(disk->dir, "backend", disk->backend
                   , sizeof(disk->backend)))
        return -1;
    disk->domid = (u16)store_read_number(disk->dir, "backend-id");
    SHARED_RING_INIT(sring);
    FRONT_RING_INIT(&disk->ring, sring, PAGE_SIZE);
    disk->port = xen_alloc_port(disk->domid);
    store_write_number(disk->dir, "ring-ref", xen_grant(sring, disk->domid));
    store_write_number(disk->dir, "event-channel", disk->port);
    store_write(disk->dir, "protocol", "x86_32-abi");
    store_write_number(disk->dir, "state", XenbusStateInitialised);
    if (await_backend(disk, XenbusStateConnected))
        return -1;
    store_write_number(disk->dir, "state", XenbusStateConnected);
    return 0;
}

// Read a page. Returns 0, or -1 on an error or without an answer.
int
disk_read(struct disk *disk, u64 sector, void *page)
{
    static u32 gref;
    u32 patience = PATIENCE;
    int notify;
    if (!gref)
        gref = xen_grant(page, disk->domid);
    struct blkif_request *request = RING_GET_REQUEST(
        &disk->ring, disk->ring.req_prod_pvt);
    memset(request, 0, sizeof(*request));
    request->operation = BLKIF_OP_READ;
    request->nr_segments = 1;
    request->id = sector;
    request->sector_number = sector;
    request->seg[0] = (struct blkif_request_segment) { gref, 0, 7 };
    disk->ring.req_prod_pvt++;
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&disk->ring, notify);
    if (notify)
        xen_notify(disk->port);
    while (*(volatile RING_IDX *)&sring->rsp_prod == disk->ring.rsp_cons)
        if (!--patience)
            return -1;
        else
            xen_yield();
    xen_rmb(); // The index before the answer
    struct blkif_response *response = RING_GET_RESPONSE(
        &disk->ring, disk->ring.rsp_cons++);
    return response->id == sector && response->status == BLKIF_RSP_OKAY
        ? 0 : -1;
}
