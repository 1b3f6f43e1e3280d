// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A guest on Xen with one disk, before and after the driver has it.

#include "block.h" // struct disk_op_s
#include "blkfront/drive.h" // DriveList
#include "blkfront/handover.h" // Handover
#include "blkfront/op.h" // op_translate
#include "blkfront/internal.h" // op32_run
#include "blkfront/stream.h" // StreamMemory
#include "xen/xen_info.h" // xen_info_setup
#include "xen/xen_time.h" // XenTimeTick
#include "fixture.h" // fixture_disk
#include "string.h" // memcpy

struct backend_s Backend;

// What flat.c has for all disks: unit.mk makes it visible.
extern struct vbd_s *FlatOwner;
extern struct flat_part_s *FlatParts;

// A guest that nobody has touched, on a Xen with a xenstored.
int
fixture_machine(void **state)
{
    (void)state;
    memset(&XenInfo, 0, sizeof(XenInfo));
    memset(&Handover, 0, sizeof(Handover));
    XenTimeTick = 0;
    FlatOwner = NULL;
    FlatParts = NULL;
    DriveList = NULL;
    memset(&StreamMemory, 0, sizeof(StreamMemory));
    world_reset();
    guest_reset();
    firmware_reset();
    xen_reset();
    store_reset();
    store_reset_ring(0);
    backend_reset_all();
    world_add(store_run);
    world_add(backend_run_all);
    return 0;
}

// Whatever has happened to a disk, an OS finds our end of it as it was.
int
after_each_test(void **state)
{
    (void)state;
    return backend_all_are_as_found() ? 0 : -1;
}

// Xen's pages are mapped, where they are after POST.
void
fixture_map_xen(void)
{
    assert_int_equal(xen_info_setup(), 0);
    assert_int_equal(xen_info_take_low(), 0);
    assert_int_equal(xen_info_enter(), 0);
}

// So they are, xenstore and ops are set up.
int
fixture_xen(void **state)
{
    fixture_machine(state);
    fixture_map_xen();
    assert_int_equal(xenstore_setup(), 0);
    assert_int_equal(pages_setup(), 0);
    assert_int_equal(pages_move_low(), 0);
    return 0;
}

// There is a disk as well.
int
fixture_disk(void **state)
{
    fixture_xen(state);
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    *state = fixture_vbd();
    return 0;
}

// It is connected.
int
fixture_connected(void **state)
{
    fixture_disk(state);
    assert_int_equal(vbd_connect(*state), 0);
    return 0;
}

// A new guest and a new disk in the middle of a test.
void
fixture_restart(enum backend_kind kind)
{
    void *state = NULL;
    fixture_xen(&state);
    backend_create(&Backend, kind, FIXTURE_DEVICE);
}

// What vbd_create() makes of the disk, and the end of POST.
struct vbd_s *
fixture_vbd(void)
{
    struct vbd_s *vbd = vbd_create("51712", 1);
    assert_non_null(vbd);
    vbd_move_low(vbd);
    return vbd;
}

// Where the entry of a grant reference is at the moment.
struct grant_entry_v1 *
fixture_grant(u32 gref)
{
    return guest_ptr(xen_grant_entry(gref));
}

// Read or write the disk.  Returns DISK_RET_*.
int
fixture_op(struct vbd_s *vbd, u32 addr, u32 count, u64 lba, int write
           , u16 *count_done)
{
    static struct drive_s drive = { .blksize = DISK_SECTOR_SIZE };
    struct disk_op_s op = {
        .drive_fl = &drive,
        .buf_fl = guest_ptr(addr), .command = write ? CMD_WRITE : CMD_READ,
        .count = (u16)count, .lba = lba,
    };
    struct op_s translated;
    assert_int_equal(op_translate(&translated, &op), 0);
    int ret = op32_run(vbd, &translated);
    *count_done = (u16)translated.done;
    return ret;
}

// How many pages are granted as long as the disk is connected: the ring, and
// that of indirect segments.
u32
fixture_own_grants(const struct vbd_s *vbd)
{
    return vbd->second_gref != GREF_POOL_NONE ? 2 : 1;
}

// The backend has no way into the guest's memory.
void
assert_nothing_shared(void)
{
    assert_int_equal(xen_live_grants(), 0);
    assert_int_equal(xen_open_ports(), 0);
}

// Any frontend can begin: nothing is shared, the keys are gone, the states
// are Initialising and InitWait.
void
assert_rewound(struct vbd_s *vbd)
{
    static const char *const keys[] = {
        "ring-ref", "event-channel", "protocol", "feature-persistent",
        "ring-page-order", "ring-ref0", "ring-ref1",
    };
    u32 i;
    assert_nothing_shared();
    for (i = 0; i < ARRAY_SIZE(keys); i++)
        assert_null(backend_get_frontend_key(&Backend, keys[i]));
    assert_int_equal(backend_frontend_state(&Backend)
                     , XenbusStateInitialising);
    assert_int_equal(backend_state(&Backend), XenbusStateInitWait);
    assert_int_equal(vbd->port, 0);
    assert_int_not_equal(vbd->state, VBD_CONNECTED);
    assert_true(store_ring_is_quiet());
}
