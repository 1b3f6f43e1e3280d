// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Connect a virtual block device to its backend, and disconnect it, by the
// state machine of xen/include/public/io/blkif.h and xenbus.h.  Every wait has
// a bound, and what the backend wrote is checked when it is read.  32-bit
// code.

#include "blkfront/internal.h" // pages_alloc_low
#include "blkfront/vbd.h" // struct vbd_s
#include "malloc.h" // free
#include "output.h" // dprintf
#include "stacks.h" // yield
#include "string.h" // memset
#include "xen/evtchn.h" // evtchn_alloc
#include "xen/xen_info.h" // xen_take_grefs
#include "xen/xen_time.h" // xen_time

// The toolstack's hotplug scripts run before a backend is ready.
#define VBD_CONNECT_MS 10000

// The first nap between two looks at a backend's state.  Naps get a little
// longer each time, up to 10 ms within the 10 s of a connect, because each
// look is work for xenstored.
#define VBD_NAP_NS                 200000

// The protocol counts sectors in 64 bits, but the size in bytes must fit, too.
#define VBD_MAX_SECTORS ((1ULL << 55) - 1)

// References for the ring, and for the page of indirect segments beside a short one.
#define VBD_RING_GREFS RING_PAGES

_Static_assert(VBD_STICKY_GREFS <= GREF_POOL_MAX, "they fit a pool");
_Static_assert(VBD_LOW_PAGES * XEN_PAGE_SIZE == 0xa0000
               , "see xfer_can_grant()");

#define VBD_STATE(state) (1U << XenbusState##state)

// The states of a backend that may have something of a frontend's.
#define VBD_OPEN (VBD_STATE(Initialised) | VBD_STATE(Connected) \
                  | VBD_STATE(Reconfiguring) | VBD_STATE(Reconfigured))


// Begin a line of the log that is about a device.
void
vbd_log_name(struct vbd_s *vbd)
{
    dprintf(1, "xen-blk: %s: ", vbd->name);
}

// Log a text about a device.
void
vbd_log(struct vbd_s *vbd, const char *text)
{
    vbd_log_name(vbd);
    dprintf(1, "%s\n", text);
}


/****************************************************************
 * The two states
 ****************************************************************/

// Write our state.  Queued: the backend sees it with our next question.
static void
vbd_set_state(struct vbd_s *vbd, u32 state)
{
    vbd->own_state = (u8)state;
    xenstore_write_number(vbd->dir, "state", state);
}

// Read the state of one end.  Returns XenbusStateUnknown for a missing or
// malformed node.
static u32
vbd_get_state(const char *dir)
{
    u64 state;
    if (xenstore_read_number(dir, "state", XenbusStateReconfigured, &state))
        return XenbusStateUnknown;
    return (u32)state;
}

// All waits from here on must end within 'ms'.
static void
vbd_set_deadline(struct vbd_s *vbd, u32 ms)
{
    vbd->deadline = xen_time() + ms * 1000000ULL;
    vbd->late = 0;
}

// Wait until the backend is in one of the states in the set 'wanted'.  Returns
// its state, or -1 if it is gone or late.  Other POST threads run meanwhile.
static int
vbd_wait_backend(struct vbd_s *vbd, u32 wanted)
{
    u32 nap = VBD_NAP_NS;
    for (;;) {
        u32 state = vbd_get_state(vbd->backend_dir);
        if (wanted & (1 << state))
            return state;
        u64 now = xen_time();
        if (state == XenbusStateUnknown || now >= vbd->deadline) {
            vbd_log_name(vbd);
            dprintf(1, "backend stays in state %d\n", state);
            vbd->late = state != XenbusStateUnknown;
            return -1;
        }
        yield();
        xenstore_nap(now + nap);
        nap += VBD_NAP_NS / 32;
    }
}

// Make the backend, which is in 'state', unmap whatever a frontend has shared with
// it.  Returns its state, or -1.
static int
vbd_close_backend(struct vbd_s *vbd, int state)
{
    if (VBD_OPEN & (1 << state)) {
        vbd_set_state(vbd, XenbusStateClosing);
        state = vbd_wait_backend(vbd, ~VBD_OPEN);
    }
    if (state == XenbusStateClosing) {
        vbd_set_state(vbd, XenbusStateClosed);
        state = vbd_wait_backend(vbd, ~(VBD_OPEN | VBD_STATE(Closing)));
    }
    return state;
}

// Is the toolstack taking the device away (xl block-detach)?  A backend that
// is closed then does not open again, and what we wrote to our own directory
// would stay forever.
static int
vbd_is_detached(struct vbd_s *vbd, int state)
{
    u64 online;
    if (state != XenbusStateUnknown
        && (state != XenbusStateClosed
            || xenstore_read_number(vbd->backend_dir, "online", 1, &online)
            || online))
        return 0;
    vbd_log(vbd, "detached");
    return 1;
}

// Nodes that a frontend may leave behind: first ours, then those in place of
// ring-ref for a ring of two pages, then those of other systems.  blkback believes
// whatever it finds, so the nodes of another OS would break our connection, and ours
// would break that of another OS.
#define VBD_OWN_KEYS 4
#define VBD_LONG_RING_KEYS 3
static const char *const VbdKeys[] = {
    "ring-ref", "event-channel", "protocol", "feature-persistent",
    "ring-page-order", "ring-ref0", "ring-ref1",
    "num-ring-pages", "multi-queue-num-queues", "feature-large-sector-size",
};

// Remove the nodes that another frontend has left behind.
static void
vbd_remove_stale_keys(struct vbd_s *vbd)
{
    u32 size, pos, i;
    const char *names = xenstore_directory(vbd->dir, &size);
    for (pos = 0; names && pos < size; pos += strlen(&names[pos]) + 1)
        for (i = 0; i < ARRAY_SIZE(VbdKeys); i++)
            if (!strcmp(&names[pos], VbdKeys[i]))
                xenstore_remove(vbd->dir, VbdKeys[i]);
}

static void
vbd_remove_own_keys(struct vbd_s *vbd)
{
    u32 i;
    for (i = 0; i < VBD_OWN_KEYS; i++)
        xenstore_remove(vbd->dir, VbdKeys[i]);
}

// The backend has read that the ring has two pages, and will not do so again.  Do not
// leave it in xenstore: a frontend with a ring of one page does not remove it.
static void
vbd_remove_long_ring_keys(struct vbd_s *vbd)
{
    u32 i;
    for (i = 0; i < VBD_LONG_RING_KEYS; i++)
        xenstore_remove(vbd->dir, VbdKeys[VBD_OWN_KEYS + i]);
}

// Is a backend connected without a frontend?  NetBSD's says Connected as soon
// as it has its device.  It does not follow one that closes, and an OS ignores
// a frontend that is Closing for ever: nothing is to be written then.
static int
vbd_is_nobodys(struct vbd_s *vbd, int state)
{
    char gref[12];
    if (state != XenbusStateConnected || vbd->stats.connects
        || vbd->own_state != XenbusStateInitialising
        || xenstore_read(vbd->dir, "ring-ref", gref, sizeof(gref))
           != XENSTORE_ENOENT)
        return 0;
    vbd_log(vbd, "skipped: connected to nobody");
    return 1;
}

// Bring both ends to the states from which any frontend can begin: ours
// Initialising, the backend's InitWait.  'state' is the backend's, or -1 if it is
// late.  Returns 0; or -1 if the device is gone or the backend does not follow,
// with our end as it was found.
static int
vbd_rewind_states(struct vbd_s *vbd, int state)
{
    if (state >= 0) {
        if (vbd_is_detached(vbd, state))
            return -1;
        if (state == XenbusStateClosed
            && vbd->own_state == XenbusStateInitialising) {
            // qemu looks at our state only when it changes.
            vbd_set_state(vbd, XenbusStateClosed);
            vbd_get_state(vbd->dir); // The backend sees it
        }
        if (vbd->own_state != XenbusStateInitialising)
            vbd_set_state(vbd, XenbusStateInitialising);
        if (vbd_wait_backend(vbd, VBD_STATE(InitWait)) >= 0)
            return 0;
    }
    // If the toolstack has removed the device, our state must not come back.
    if (vbd_get_state(vbd->dir) != XenbusStateUnknown)
        vbd_set_state(vbd, vbd->found_state);
    return -1;
}


/****************************************************************
 * Connect
 ****************************************************************/

// Read where the backend is.  Returns 0 if that is where it was, 1 if not, or -1
// if there is none.
static int
vbd_read_backend_dir(struct vbd_s *vbd, char dir[XENSTORE_PATH_MAX])
{
    if (xenstore_read(vbd->dir, "backend", dir, XENSTORE_PATH_MAX) <= 0)
        return -1;
    return !!strcmp(dir, vbd->backend_dir);
}

// Find the backend, which is another one after the guest was saved and
// restored.  Returns 0, or -1 if there is none.
static int
vbd_read_backend(struct vbd_s *vbd)
{
    char dir[XENSTORE_PATH_MAX];
    u64 domid;
    int ret = vbd_read_backend_dir(vbd, dir);
    if (ret <= 0)
        return ret;
    if (xenstore_read_number(vbd->dir, "backend-id", DOMID_FIRST_RESERVED - 1
                             , &domid))
        return -1;
    vbd->backend_domid = (u16)domid;
    vbd->long_ring = 0; // Its own offers are not known yet
    strtcpy(vbd->backend_dir, dir, sizeof(vbd->backend_dir));
    return 0;
}

// Xen's pages are not where they were.  If another program has moved them, the
// port is still ours; if the guest was restored its backend is another one, and
// the port may be anybody's.
void
vbd_check_port(struct vbd_s *vbd)
{
    char dir[XENSTORE_PATH_MAX];
    if (vbd_read_backend_dir(vbd, dir))
        vbd->port = 0;
}

// Has the ring two pages?
static int
vbd_has_long_ring(const struct vbd_s *vbd)
{
    return ring_slots(&vbd->ring) == RING_SLOTS;
}

// Share the ring and offer an event channel.  Returns 0 or -1.
static int
vbd_share_ring(struct vbd_s *vbd)
{
    if (evtchn_alloc(vbd->backend_domid, &vbd->port))
        return -1;
    gref_pool_open(&vbd->ring_pool, xen_grant_entry(vbd->ring_grefs)
                   , vbd->ring_grefs, VBD_RING_GREFS, vbd->backend_domid);
    vbd->ring_gref = gref_pool_get(&vbd->ring_pool
                                   , vbd->sring / XEN_PAGE_SIZE, 0);
    if (vbd->long_ring)
        vbd->second_gref = gref_pool_get(&vbd->ring_pool
                                         , vbd_second_page(vbd) / XEN_PAGE_SIZE
                                         , 0);
    ring_init(&vbd->ring, vbd->sring
              , vbd->second_gref == GREF_POOL_NONE ? 1 : RING_PAGES);
    return vbd->ring_gref == GREF_POOL_NONE ? -1 : 0;
}

// Tell the backend where the ring is.  The state is written last and makes the
// other nodes count.  With feature-persistent, a backend that supports it
// keeps each mapping, by the number of the reference.  So it is offered only
// if references can stick to their pages.
static int
vbd_publish_ring(struct vbd_s *vbd)
{
    xenstore_settle(); // Earlier failures do not matter here
    if (vbd_has_long_ring(vbd)) {
        xenstore_write_number(vbd->dir, "ring-page-order", 1);
        xenstore_write_number(vbd->dir, "ring-ref0", vbd->ring_gref);
        xenstore_write_number(vbd->dir, "ring-ref1", vbd->second_gref);
    } else {
        xenstore_write_number(vbd->dir, "ring-ref", vbd->ring_gref);
    }
    xenstore_write_number(vbd->dir, "event-channel", vbd->port);
    xenstore_write(vbd->dir, "protocol", XEN_IO_PROTO_ABI_NATIVE);
    xenstore_write_number(vbd->dir, "feature-persistent", vbd->can_stick);
    vbd_set_state(vbd, XenbusStateInitialised);
    return xenstore_settle();
}

// Read one of the backend's numbers, or 'missing' if it wrote none.  Returns
// 0, or -1 if it is not a number up to 'max'.
static int
vbd_read_property(struct vbd_s *vbd, const char *key, u64 max, u32 missing
                  , u64 *value)
{
    *value = missing;
    int ret = xenstore_read_number(vbd->backend_dir, key, max, value);
    if (!ret || ret == XENSTORE_ENOENT)
        return 0;
    vbd_log_name(vbd);
    dprintf(1, "bad %s\n", key);
    return -1;
}

// Returns 0, or -1 if this is a CD-ROM drive and its disc is not the one that it had
// in POST: the backend will go on to serve that one.
int
vbd_check_disc(struct vbd_s *vbd)
{
    if (!vbd->cdrom)
        return 0;
    vbd->disc_time = xen_time_coarse();
    if (disc_read(vbd->backend_dir) == vbd->disc)
        return 0;
    vbd_log(vbd, "disc changed");
    return -1;
}

// Read the size of the disk's own blocks, which callers are not told of: an emulated
// twin has sectors of 512 bytes, too.  Returns 0, or -1 if they cannot be used.
//
// All numbers of the protocol are in 512 bytes, whatever the size (blkif.h, since
// Xen's commit 221f2748e8da of 2024).  That is how Linux's blkback has always had it.
// QEMU's counts blocks, and so does FreeBSD's of that time; but of these three
// Linux's alone writes physical-sector-size.
static int
vbd_read_block_size(struct vbd_s *vbd)
{
    u64 size, physical = VBD_CDROM_BLOCK;
    if (vbd_read_property(vbd, "sector-size", 1 << 16, XEN_SECTOR_SIZE, &size)
        || (size > XEN_SECTOR_SIZE && !vbd->cdrom
            && vbd_read_property(vbd, "physical-sector-size", 1 << 24, 0
                                 , &physical)))
        return -1;
    if (size < XEN_SECTOR_SIZE || size & (size - 1) || size > VBD_MAX_BLOCK
        || (size > XEN_SECTOR_SIZE && size > physical)) {
        vbd_log_name(vbd);
        dprintf(1, "skipped: blocks of %u bytes\n", (u32)size);
        return -1;
    }
    vbd->block_mask = (u8)(size / XEN_SECTOR_SIZE - 1);
    return 0;
}

// Read what the backend writes before it switches to Connected.
static int
vbd_read_properties(struct vbd_s *vbd)
{
    u64 sectors, info, indirect, persistent, order = 0;
    if (vbd_read_block_size(vbd)
        || vbd_read_property(vbd, "sectors", VBD_MAX_SECTORS, 0, &sectors)
        || vbd_read_property(vbd, "info", 0xffff, 0, &info)
        || vbd_read_property(vbd, "feature-max-indirect-segments", 0xffffffff, 0
                             , &indirect)
        || vbd_read_property(vbd, "feature-persistent", 1, 0, &persistent))
        return -1;
    if (vbd->cdrom)
        info = VDISK_READONLY;
    if (!sectors || info & VDISK_CDROM) {
        vbd_log_name(vbd);
        dprintf(1, "skipped: %u sectors, info %u\n", (u32)sectors, (u32)info);
        return -1;
    }
    vbd->sectors = sectors;
    vbd->readonly = !!(info & VDISK_READONLY);
    vbd->persistent = persistent && vbd->can_stick;
    vbd->limits.direct = BLKIF_MAX_SEGMENTS_PER_REQUEST;
    vbd->limits.indirect = indirect < INDIRECT_MAX_SEGMENTS
                           ? (u16)indirect : INDIRECT_MAX_SEGMENTS;
    if (!indirect)
        // A ring of one page does as well, so nothing is wrong without a number.
        xenstore_read_number(vbd->backend_dir, "max-ring-page-order", 0xffffffff
                             , &order);
    vbd->long_ring = order > 0;
    return 0;
}

// Grant the page of indirect segments, if it is of use.  A backend that keeps
// its mappings makes all of them writable.
static void
vbd_share_indirect(struct vbd_s *vbd)
{
    u32 frame = vbd_second_page(vbd) / XEN_PAGE_SIZE;
    if (VBD_INDIRECT && vbd->limits.indirect && !vbd_has_long_ring(vbd))
        vbd->second_gref = gref_pool_get(&vbd->ring_pool, frame
                                         , !vbd->persistent);
    if (vbd_has_long_ring(vbd) || vbd->second_gref == GREF_POOL_NONE)
        vbd->limits.indirect = 0;
}

// Choose the policy for the pages of ops: sticky if the backend keeps its
// mappings.  If it does not, there is nothing to gain, and a page that is not
// granted cannot be harmed.
static void
vbd_open_pool(struct vbd_s *vbd)
{
    // All of them: those of an earlier connection may be in quarantine
    gref_pool_open(&vbd->pool, xen_grant_entry(vbd->op_grefs), vbd->op_grefs
                   , vbd->nr_op_grefs, vbd->backend_domid);
    if (vbd->persistent) {
        gref_pool_stick(&vbd->pool, 0, VBD_LOW_PAGES);
        gref_pool_stick(&vbd->pool, Pages.bounce / XEN_PAGE_SIZE
                        , PAGES_BOUNCE);
        gref_pool_stick(&vbd->pool, Pages.scratch / XEN_PAGE_SIZE, 1);
    }
    vbd->low = machine_is_low(vbd->sring, RING_PAGES * XEN_PAGE_SIZE)
               && machine_is_low(vbd->pool.entries
                                 , vbd->nr_op_grefs
                                   * sizeof(struct grant_entry_v1));
}

// Connect, whatever state the device is found in.  Returns 0, or -1 with
// nothing shared and the reason in the log, within about 10 s.
int
vbd_connect(struct vbd_s *vbd)
{
    vbd_set_deadline(vbd, VBD_CONNECT_MS);
    if (vbd_read_backend(vbd)) {
        vbd_log(vbd, "no backend");
        return -1;
    }
    if (vbd_check_disc(vbd)) {
        vbd->state = VBD_BROKEN;
        return -1;
    }
    vbd->own_state = vbd->found_state = (u8)vbd_get_state(vbd->dir);
    int state = vbd_get_state(vbd->backend_dir);
    // qemu gives up a drive of the host's that has no disc, and says nothing.
    if ((vbd->cdrom && state == XenbusStateInitialising)
        || (!vbd->stats.connects && vbd_read_block_size(vbd))
        || vbd_is_nobodys(vbd, state)
        || vbd_rewind_states(vbd, vbd_close_backend(vbd, state))) {
        xenstore_settle();
        return -1;
    }
    vbd_remove_stale_keys(vbd);
    int ret = vbd_share_ring(vbd) || vbd_publish_ring(vbd)
              || vbd_wait_backend(vbd, VBD_STATE(Connected)) < 0;
    if (vbd_has_long_ring(vbd))
        vbd_remove_long_ring_keys(vbd);
    if (ret || vbd_read_properties(vbd))
        goto fail;
    vbd_open_pool(vbd);
    vbd_share_indirect(vbd);
    vbd_set_state(vbd, XenbusStateConnected);
    if (xenstore_settle())
        goto fail;
    vbd->state = VBD_CONNECTED;
    vbd->stats.connects++;
    return 0;
fail:
    vbd_log_kept(vbd, vbd_disconnect(vbd, VBD_CLOSE_MS));
    vbd->long_ring = 0; // In case that was it
    return -1;
}

// Returns how many sectors a request for 'lba' and what follows should ask for
// at most.  Where dom0's page cache is in between, a request that begins within
// what another one has caused to be read, and ends beyond it, would wait for the
// disk twice.
u32
vbd_sectors_at_once(const struct vbd_s *vbd, u64 lba)
{
    if (vbd_is_indirect(vbd))
        return ~0U;
    return VBD_CACHE_SECTORS - (u32)lba % VBD_CACHE_SECTORS;
}


/****************************************************************
 * Disconnect
 ****************************************************************/

// Does the backend offer to flush its write cache?
int
vbd_can_flush(struct vbd_s *vbd)
{
    u64 can_flush = 0;
    xenstore_read_number(vbd->backend_dir, "feature-flush-cache", 1
                         , &can_flush);
    return (int)can_flush;
}

// Log how many pages a backend still uses that it should have unmapped.
void
vbd_log_kept(struct vbd_s *vbd, int count)
{
    if (!count)
        return;
    vbd_log_name(vbd);
    dprintf(1, "backend keeps %d pages\n", count);
}

// End the grants for ops and for the ring, wherever Xen's pages are by now.
// Returns how many pages the backend still uses.
int
vbd_close_pools(struct vbd_s *vbd)
{
    gref_pool_move(&vbd->pool, xen_grant_entry(vbd->op_grefs));
    gref_pool_move(&vbd->ring_pool, xen_grant_entry(vbd->ring_grefs));
    return gref_pool_close(&vbd->pool) + gref_pool_close(&vbd->ring_pool);
}

// Disconnect: first the backend unmaps everything, then the grants end, and
// xenstore looks as it did before.  Takes up to about 'ms'.  A backend that does
// not come back the first time never will (illumos's connects once): its disk is
// not asked for again.  Returns how many of the pages that were shared for the
// connection the backend still uses.
int
vbd_disconnect(struct vbd_s *vbd, u32 ms)
{
    vbd_set_deadline(vbd, ms);
    int state = vbd_close_backend(vbd, vbd_get_state(vbd->backend_dir));
    vbd_close_pools(vbd);
    vbd->ring_gref = vbd->second_gref = GREF_POOL_NONE;
    if (vbd->port)
        evtchn_close(vbd->port);
    vbd->port = 0;
    vbd->state = VBD_CLOSED;
    vbd_remove_own_keys(vbd);
    if (vbd_rewind_states(vbd, state) && vbd->late
        && vbd->stats.connects == 1) {
        vbd_log(vbd, "does not come back: not used");
        vbd->state = VBD_BROKEN;
        vbd->late = 0;
    }
    xenstore_settle();
    // By now a backend that was late has unmapped the pages.
    return vbd_close_pools(vbd);
}


/****************************************************************
 * Find
 ****************************************************************/

// Read what the toolstack wrote about the device into the frontend's
// directory.
static int
vbd_read_identity(struct vbd_s *vbd)
{
    char type[16];
    u64 device, trusted = 1;
    if (xenstore_read_number(vbd->dir, "virtual-device", 0xffffffff, &device)
        || vbd_read_backend(vbd)) {
        dprintf(1, "xen-blk: %s: skipped: incomplete\n"
                , vbd->dir);
        return -1;
    }
    vbd->device = (u32)device;
    vbd_name(vbd->name, sizeof(vbd->name), vbd->device);
    int len = xenstore_read(vbd->dir, "device-type", type, sizeof(type));
    vbd->cdrom = len > 0 && !strcmp(type, "cdrom");
    if (!vbd->cdrom && (len < 0 || strcmp(type, "disk"))) {
        vbd_log(vbd, "skipped: not a disk");
        return -1;
    }
    if (vbd->cdrom && !(vbd->disc = disc_read(vbd->backend_dir))) {
        vbd_log(vbd, "skipped: no disc");
        return -1;
    }
    // Absent if the toolstack does not know of it (xl.cfg: untrusted).
    int ret = xenstore_read_number(vbd->dir, "trusted", 1, &trusted);
    vbd->trusted = trusted && (!ret || ret == XENSTORE_ENOENT);
    return 0;
}

// The ring's pages.
static int
vbd_alloc_pages(struct vbd_s *vbd, int low)
{
    u32 size = RING_PAGES * XEN_PAGE_SIZE;
    void *sring = pages_alloc_low(XEN_PAGE_SIZE, size, low);
    if (!sring) {
        warn_noalloc();
        return -1;
    }
    // The backend must not see what the firmware had there before.
    memset(sring, 0, size);
    vbd->sring = machine_phys(sring);
    return 0;
}

// Reserve references for as long as the firmware runs: enough for sticky
// grants if they may be used, else enough for one op.
static int
vbd_take_grefs(struct vbd_s *vbd)
{
    vbd->ring_grefs = xen_take_grefs(VBD_RING_GREFS);
    vbd->nr_op_grefs = VBD_STICKY_GREFS;
    if (VBD_STICKY && vbd->trusted)
        vbd->op_grefs = xen_take_grefs(vbd->nr_op_grefs);
    vbd->can_stick = !!vbd->op_grefs;
    if (!vbd->op_grefs) {
        vbd->nr_op_grefs = VBD_OP_GREFS;
        vbd->op_grefs = xen_take_grefs(vbd->nr_op_grefs);
    }
    if (vbd->ring_grefs && vbd->op_grefs)
        return 0;
    vbd_log(vbd, "skipped: too many disks");
    return -1;
}

// Describe the device that xenstore lists as device/vbd/<id>, itself within reach of
// 16-bit code if 'low' is set.  POST only.  Returns NULL, with the reason in
// the log, if it is not a disk that can be used.
struct vbd_s *
vbd_create(const char *id, int low)
{
    struct vbd_s *vbd = pages_alloc_low(MALLOC_MIN_ALIGN, sizeof(*vbd), low);
    if (!vbd) {
        warn_noalloc();
        return NULL;
    }
    memset(vbd, 0, sizeof(*vbd));
    vbd->streams.owner = machine_phys(vbd);
    snprintf(vbd->dir, sizeof(vbd->dir), "device/vbd/%s", id);
    if (vbd_read_identity(vbd) || vbd_alloc_pages(vbd, 0)) {
        free(vbd);
        return NULL;
    }
    if (vbd_take_grefs(vbd)) {
        free(machine_ptr(vbd->sring));
        free(vbd);
        return NULL;
    }
    return vbd;
}

// Have the pages of a closed disk within reach of 16-bit code, as far as that
// reaches the disk itself and there is memory.  POST only.
void
vbd_move_low(struct vbd_s *vbd)
{
    u32 sring = vbd->sring;
    if (!machine_is_low(machine_phys(vbd), sizeof(*vbd))
        || vbd_alloc_pages(vbd, 1))
        return;
    free(machine_ptr(sring));
}
