// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Find, connect and disconnect a disk: backends of either kind, in any
// state, with anything in xenstore, on a Xen where anything fails.

#include <stdio.h> // snprintf
#include "blkfront/internal.h" // pages_setup
#include "xen/xen_info.h" // XenInfo
#include "blkfront/handover.h" // handover_disconnect
#include "fixture.h" // fixture_disk

// vbd_connect() may take so long, and its clean-up as long again.
#define CONNECT_LIMIT (21 * NS_PER_S)

static const enum backend_kind Kinds[] = { BLKBACK, PERSISTENT, QDISK };

#define BUFFER 0x20000U // A page that sticks

static void
assert_connected(struct vbd_s *vbd)
{
    assert_int_equal(vbd->state, VBD_CONNECTED);
    assert_true(Backend.connected);
    assert_int_equal(backend_state(&Backend), XenbusStateConnected);
    assert_int_equal(backend_frontend_state(&Backend), XenbusStateConnected);
    assert_int_equal(xen_live_grants(), fixture_own_grants(vbd));
    assert_int_equal(xen_open_ports(), 1);
    assert_true(store_ring_is_quiet());
}


/****************************************************************
 * Connect and disconnect
 ****************************************************************/

static void
test_connect_and_disconnect(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Kinds); i++) {
        fixture_restart(Kinds[i]);
        struct vbd_s *vbd = fixture_vbd();
        assert_int_equal(vbd_connect(vbd), 0);
        assert_connected(vbd);
        assert_int_equal(vbd->sectors, BACKEND_SECTORS);
        assert_int_equal(vbd->readonly, 0);
        assert_int_equal(vbd->limits.direct, 11);
        assert_int_equal(vbd->limits.indirect, Kinds[i] == QDISK ? 0 : INDIRECT_MAX_SEGMENTS);
        assert_int_equal(vbd->persistent, Kinds[i] == PERSISTENT);
        handover_disconnect(vbd);
        assert_int_equal(vbd->state, VBD_CLOSED);
        assert_rewound(vbd);
    }
}

static void
test_connect_again_and_again(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < 50; i++) {
        assert_int_equal(vbd_connect(vbd), 0);
        assert_connected(vbd);
        handover_disconnect(vbd);
        assert_rewound(vbd);
    }
    assert_int_equal(Backend.connects, 50);
}

// A persistent backend could not use a page that is read-only.
static void
test_permissions_of_own_pages(void **state)
{
    u32 persistent;
    (void)state;
    for (persistent = 0; persistent <= 1; persistent++) {
        fixture_restart(persistent ? PERSISTENT : BLKBACK);
        struct vbd_s *vbd = fixture_vbd();
        assert_int_equal(vbd_connect(vbd), 0);
        assert_false(xen_grant_flags(vbd->ring_gref) & GTF_readonly);
        assert_int_equal(!(xen_grant_flags(vbd->second_gref) & GTF_readonly)
                         , persistent);
        assert_int_equal(xen_grant_page(vbd->ring_gref)
                         , vbd->sring / GUEST_PAGE);
        assert_int_equal(xen_grant_page(vbd->second_gref)
                         , vbd->sring / GUEST_PAGE + 1);
    }
}

// At any moment the other side may be at work.
static void
test_connect_races(void **state)
{
    u32 seed;
    (void)state;
    for (seed = 0; seed < 200; seed++) {
        fixture_restart(Kinds[seed % ARRAY_SIZE(Kinds)]);
        struct vbd_s *vbd = fixture_vbd();
        world_set_seams(SEAMS_ALL);
        world_set_chance(1 + seed % 7);
        world_seed(seed);
        StoreManner.chunk = seed % 5;
        u64 start = world_now();
        assert_int_equal(vbd_connect(vbd), 0);
        assert_connected(vbd);
        handover_disconnect(vbd);
        assert_rewound(vbd);
        assert_true(world_now() - start < NS_PER_S);
    }
}

static void
test_stop(void **state)
{
    struct vbd_s *vbd = *state;
    handover_stop(vbd, "a reason");
    assert_rewound(vbd);
    assert_int_equal(vbd->state, VBD_BROKEN);
    assert_true(firmware_said("xvda: a reason"));
}

static void
test_disconnect_twice(void **state)
{
    struct vbd_s *vbd = *state;
    handover_disconnect(vbd);
    handover_disconnect(vbd);
    assert_rewound(vbd);
}


/****************************************************************
 * Sticky grants
 ****************************************************************/

static int
setup_persistent(void **state)
{
    fixture_restart(PERSISTENT);
    *state = fixture_vbd();
    return vbd_connect(*state);
}

// Have so many pages stick, beside the driver's own.
static void
stick_pages(struct vbd_s *vbd, u32 pages)
{
    u32 i;
    u16 done;
    for (i = 0; i < pages; i++)
        assert_int_equal(fixture_op(vbd, BUFFER + i * GUEST_PAGE, 8, i, 0
                                    , &done), 0);
    assert_int_equal(xen_window_grants(vbd->op_grefs, VBD_STICKY_GREFS)
                     , pages);
    assert_int_equal(xen_live_grants(), fixture_own_grants(vbd) + pages);
}

static u32 StickyBase, StickyWatched;

// As long as the backend is connected nothing is taken back: not what it
// uses, nor what it does not.
static void
watch_sticky_grants(void)
{
    if (Backend.connected)
        assert_int_equal(xen_window_grants(StickyBase, VBD_STICKY_GREFS)
                         , StickyWatched);
}

static void
test_disconnect_ends_sticky_grants(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.forgets = 1; // Some are mapped, some are not
    stick_pages(vbd, 40);
    StickyBase = vbd->op_grefs;
    StickyWatched = 40;
    world_add(watch_sticky_grants);
    world_set_seams(SEAMS_ALL);
    handover_disconnect(vbd);
    assert_rewound(vbd);
    assert_int_equal(vbd->pool.nr_quarantined, 0);
    assert_int_equal(vbd->pool.nr_free, VBD_STICKY_GREFS);
    assert_false(firmware_said("keeps"));
}

// Each connection has the windows of the one before, and takes no other.
static void
test_windows_are_used_again(void **state)
{
    u32 k, i;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        fixture_restart(Kinds[k]);
        struct vbd_s *vbd = fixture_vbd();
        assert_int_equal(vbd_connect(vbd), 0);
        struct vbd_s first = *vbd;
        u32 next = xen_take_grefs(0); // Takes none
        for (i = 0; i < 20; i++) {
            handover_disconnect(vbd);
            assert_rewound(vbd);
            assert_int_equal(vbd_connect(vbd), 0);
            assert_int_equal(vbd->ring_gref, first.ring_gref);
            assert_int_equal(vbd->pool.base, first.pool.base);
            assert_int_equal(vbd->pool.size, first.pool.size);
            assert_int_equal(vbd->pool.nr_free, first.pool.size);
            if (Kinds[k] == PERSISTENT)
                stick_pages(vbd, i);
        }
        assert_int_equal(xen_take_grefs(0), next);
    }
}

// The other policy after a new connection: no grant of the old one is left.
static void
test_policy_changes(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    u16 done;
    for (i = 0; i < 6; i++) {
        int persistent = !(i % 2);
        assert_int_equal(vbd->persistent, persistent);
        if (persistent)
            stick_pages(vbd, 20);
        assert_int_equal(fixture_op(vbd, BUFFER, 128, 0, 0, &done), 0);
        handover_disconnect(vbd);
        assert_rewound(vbd);
        Backend.persistent = persistent ? "0" : "1";
        assert_int_equal(vbd_connect(vbd), 0);
    }
}

static void
test_stop_ends_sticky_grants(void **state)
{
    struct vbd_s *vbd = *state;
    stick_pages(vbd, 40);
    handover_stop(vbd, "a reason");
    assert_rewound(vbd);
    assert_int_equal(vbd->state, VBD_BROKEN);
}

// A backend that never lets go keeps what it has mapped.
static void
test_sticky_grants_of_backend_that_does_not_close(void **state)
{
    struct vbd_s *vbd = *state;
    stick_pages(vbd, 40);
    Backend.manner.ignores_closing = 1;
    handover_disconnect(vbd);
    assert_int_equal(vbd->pool.nr_quarantined, 40);
    assert_int_equal(xen_live_grants(), 41);
    assert_true(firmware_said("keeps 41 pages"));
}


/****************************************************************
 * States
 ****************************************************************/

// Whether a backend that was left in 'be' comes back to InitWait: one that
// still initialises does not, and QEMU does not look at a state that is
// written again.
static int
can_come_back(enum backend_kind kind, u32 fe, u32 be)
{
    int is_open = be == XenbusStateInitialised || be == XenbusStateConnected
                  || be == XenbusStateReconfiguring
                  || be == XenbusStateReconfigured;
    if (be < XenbusStateInitWait || be > XenbusStateReconfigured)
        return 0;
    if (fe == XenbusStateInitialising && be == XenbusStateConnected)
        return 0; // Without a frontend
    if (kind == QDISK && fe == XenbusStateClosing)
        return !is_open;
    if (kind == QDISK && fe == XenbusStateClosed)
        return be != XenbusStateClosing;
    return 1;
}

// A ring-ref says that there was a frontend after all: it is cleaned up behind it.
static void
test_frontend_left_its_ring(void **state)
{
    struct vbd_s *vbd = *state;
    backend_set_states(&Backend, XenbusStateInitialising, XenbusStateConnected);
    backend_set_frontend_key(&Backend, "ring-ref", "8");
    assert_int_equal(vbd_connect(vbd), 0);
    assert_connected(vbd);
    handover_disconnect(vbd);
    assert_rewound(vbd);
}

static void
check_initial_states(enum backend_kind kind, u32 fe, u32 be)
{
    fixture_restart(kind);
    struct vbd_s *vbd = fixture_vbd();
    backend_set_states(&Backend, fe, be);
    u64 start = world_now();
    int ret = vbd_connect(vbd);
    assert_true(world_now() - start <= CONNECT_LIMIT);
    if (ret != (can_come_back(kind, fe, be) ? 0 : -1))
        fail_msg("backend kind %d, states %u and %u: %d", kind, fe, be, ret);
    if (ret) {
        assert_nothing_shared();
        assert_int_not_equal(vbd->state, VBD_CONNECTED);
        return;
    }
    assert_connected(vbd);
    handover_disconnect(vbd);
    assert_rewound(vbd);
}

static void
test_all_initial_states(void **state)
{
    u32 k, fe, be;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++)
        for (fe = XenbusStateUnknown; fe <= XenbusStateReconfigured; fe++)
            for (be = XenbusStateUnknown; be <= XenbusStateReconfigured + 1
                 ; be++)
                check_initial_states(Kinds[k], fe, be);
}

// The toolstack has closed the device for good: nothing is written for it.
static void
test_closed_and_offline(void **state)
{
    struct vbd_s *vbd = *state;
    char path[128];
    Backend.manner.ignores_states = 1;
    snprintf(path, sizeof(path), "%s/online", Backend.backend_dir);
    store_set(path, "0");
    snprintf(path, sizeof(path), "%s/state", Backend.backend_dir);
    store_set(path, "6");
    u64 start = world_now();
    assert_int_equal(vbd_connect(vbd), -1);
    assert_true(world_now() - start < NS_PER_S);
    assert_true(firmware_said("detached"));
    assert_int_equal(backend_frontend_state(&Backend)
                     , XenbusStateInitialising);
    assert_nothing_shared();
}

static void
test_states_that_are_no_numbers(void **state)
{
    static const char *const garbage[] = { "", "four", "-1", "4\n", "99" };
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < ARRAY_SIZE(garbage); i++) {
        backend_set_frontend_key(&Backend, "state", garbage[i]);
        assert_int_equal(vbd_connect(vbd), 0);
        handover_disconnect(vbd);
        assert_rewound(vbd);
    }
}

// What another frontend left would make the backend misread ours.
static void
test_keys_of_others_are_removed(void **state)
{
    static const char *const keys[] = {
        "ring-page-order", "num-ring-pages", "multi-queue-num-queues",
        "feature-large-sector-size", "feature-persistent", "protocol",
        "ring-ref", "event-channel",
    };
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < ARRAY_SIZE(keys); i++)
        backend_set_frontend_key(&Backend, keys[i], "1");
    assert_int_equal(vbd_connect(vbd), 0);
    for (i = 0; i < 4; i++)
        assert_null(backend_get_frontend_key(&Backend, keys[i]));
    assert_string_equal(backend_get_frontend_key(&Backend, keys[4]), "1");
    handover_disconnect(vbd);
    assert_rewound(vbd);
}

// Connect for the second time, by what was learnt the first time.
static struct vbd_s *
connect_again(enum backend_kind kind)
{
    fixture_restart(kind);
    struct vbd_s *vbd = fixture_vbd();
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS / RING_PAGES);
    handover_disconnect(vbd);
    assert_rewound(vbd);
    return vbd;
}

// Where there are no indirect requests, the page for their segments makes the ring
// longer.  A ring of one page would do for all else, and an OS that finds the disk
// connected must not find in xenstore that ours has two.
static void
test_long_ring(void **state)
{
    static const char *const keys[] = {
        "ring-page-order", "ring-ref0", "ring-ref1", "ring-ref",
    };
    u32 k, i;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        struct vbd_s *vbd = connect_again(Kinds[k]);
        int is_long = Backend.ring_order && !Backend.indirect;
        assert_int_equal(vbd_connect(vbd), 0);
        assert_int_equal(ring_slots(&vbd->ring) == RING_SLOTS, is_long);
        assert_int_equal(Backend.second_gref, is_long ? vbd->second_gref : 0);
        for (i = 0; is_long && i < ARRAY_SIZE(keys); i++)
            assert_null(backend_get_frontend_key(&Backend, keys[i]));
        if (is_long)
            assert_int_equal(xen_grant_page(vbd->second_gref)
                             , vbd->sring / GUEST_PAGE + 1);
        assert_connected(vbd);
        handover_disconnect(vbd);
        assert_rewound(vbd);
    }
}

// A backend that does not take what it offers gets a ring of one page the next time.
static void
test_long_ring_is_refused(void **state)
{
    u16 done;
    (void)state;
    struct vbd_s *vbd = connect_again(QDISK);
    Backend.ring_order = NULL;
    assert_int_equal(vbd_connect(vbd), -1);
    assert_rewound(vbd);
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS / RING_PAGES);
    assert_int_equal(fixture_op(vbd, BUFFER, 128, 0, 0, &done), 0);
    handover_disconnect(vbd);
}

// What is no number offers nothing, and the disk is used all the same.
static void
test_long_ring_is_no_number(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.indirect = NULL;
    backend_set_key(&Backend, "max-ring-page-order", "many");
    assert_int_equal(vbd_connect(vbd), 0);
    handover_disconnect(vbd);
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS / RING_PAGES);
    handover_disconnect(vbd);
}

// Where the guest is restored, nothing is known of the backend.
static void
test_long_ring_is_forgotten(void **state)
{
    (void)state;
    struct vbd_s *vbd = connect_again(QDISK);
    backend_restore(&Backend);
    Backend.ring_order = NULL;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS / RING_PAGES);
    handover_disconnect(vbd);
}

// A backend that is another one behind its back takes indirect requests all at once:
// the page for their segments is the ring's.
static void
test_long_ring_and_indirect_requests(void **state)
{
    u16 done;
    (void)state;
    struct vbd_s *vbd = connect_again(QDISK);
    Backend.indirect = "256";
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS);
    assert_int_equal(vbd->second_gref, Backend.second_gref);
    assert_int_equal(vbd->limits.indirect, 0);
    assert_int_equal(fixture_op(vbd, BUFFER, 128, 0, 0, &done), 0);
    assert_int_equal(Backend.indirect_requests, 0);
    handover_disconnect(vbd);
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS / RING_PAGES);
    assert_int_equal(fixture_op(vbd, BUFFER, 128, 0, 0, &done), 0);
    assert_int_equal(Backend.indirect_requests, 1);
    handover_disconnect(vbd);
}

// With one reference left there is a ring of one page.
static void
test_long_ring_without_references(void **state)
{
    (void)state;
    struct vbd_s *vbd = connect_again(QDISK);
    fixture_grant(vbd->ring_grefs)->flags = GTF_permit_access | GTF_reading;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(ring_slots(&vbd->ring), RING_SLOTS / RING_PAGES);
    assert_int_equal(vbd->second_gref, GREF_POOL_NONE);
    handover_disconnect(vbd);
}

// A xenstore that refuses a part of it leaves nothing behind.
static void
test_xenstore_refuses_a_long_ring(void **state)
{
    static const char *const keys[] = {
        "ring-page-order", "ring-ref0", "ring-ref1",
    };
    u32 i;
    char path[128];
    (void)state;
    for (i = 0; i < ARRAY_SIZE(keys); i++) {
        struct vbd_s *vbd = connect_again(QDISK);
        snprintf(path, sizeof(path), "%s/%s", Backend.frontend_dir, keys[i]);
        store_forbid(path, "EACCES");
        assert_int_equal(vbd_connect(vbd), -1);
        assert_rewound(vbd);
        assert_int_equal(vbd_connect(vbd), 0);
        assert_connected(vbd);
        handover_disconnect(vbd);
    }
}

// A backend that does not care for the frontend's state.
static void
test_backend_does_not_follow(void **state)
{
    u32 be;
    (void)state;
    for (be = XenbusStateUnknown; be <= XenbusStateClosed; be++) {
        fixture_restart(BLKBACK);
        struct vbd_s *vbd = fixture_vbd();
        backend_set_states(&Backend, XenbusStateInitialising, be);
        Backend.manner.ignores_states = 1;
        u64 start = world_now();
        assert_int_equal(vbd_connect(vbd), -1);
        assert_true(world_now() - start
                    <= (be == XenbusStateConnected ? NS_PER_MS : CONNECT_LIMIT));
        assert_nothing_shared();
        assert_true(store_ring_is_quiet());
        assert_int_equal(backend_frontend_state(&Backend)
                         , XenbusStateInitialising);
    }
}

static u32 TurnsLeft;

static void
remove_backend(void)
{
    char path[96];
    if (!TurnsLeft || --TurnsLeft)
        return;
    snprintf(path, sizeof(path), "%s/state", Backend.backend_dir);
    store_remove(path);
}

// A backend that is taken away while it is waited for.
static void
test_backend_goes_away(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.manner.ignores_states = 1;
    backend_set_states(&Backend, XenbusStateInitialising, XenbusStateInitWait);
    TurnsLeft = 100;
    world_add(remove_backend);
    u64 start = world_now();
    assert_int_equal(vbd_connect(vbd), -1);
    assert_true(!TurnsLeft && world_now() - start < NS_PER_S);
    assert_nothing_shared();
}

// It goes while it is waited for to come back: that is neither late nor for good.
static void
test_backend_goes_away_closing(void **state)
{
    struct vbd_s *vbd = *state;
    Backend.kind = ILLUMOS;
    TurnsLeft = 100;
    world_add(remove_backend);
    u64 start = world_now();
    handover_disconnect(vbd);
    assert_true(!TurnsLeft && world_now() - start < NS_PER_S);
    assert_int_equal(vbd->late, 0);
    assert_int_equal(vbd->state, VBD_CLOSED);
}

// A backend that never lets go: the ring page stays its own, and nothing
// else does.
static void
test_backend_does_not_close(void **state)
{
    struct vbd_s *vbd = *state;
    grant_ref_t ring = vbd->ring_gref;
    Backend.manner.ignores_closing = 1;
    u64 start = world_now();
    handover_disconnect(vbd);
    assert_true(world_now() - start <= 3 * NS_PER_S);
    assert_int_equal(xen_live_grants(), 1);
    assert_int_not_equal(xen_grant_flags(ring), 0);
    assert_int_equal(vbd->ring_pool.nr_quarantined, 1);
    assert_int_equal(xen_open_ports(), 0);
    assert_int_equal(vbd->state, VBD_BROKEN);
    assert_true(firmware_said("keeps 1 pages"));
    assert_true(firmware_said("does not come back"));
    assert_int_equal(backend_frontend_state(&Backend)
                     , XenbusStateInitialising);
}

static void
close_after_2_s(void)
{
    if (world_now() > 3 * NS_PER_S)
        Backend.manner.ignores_closing = 0;
}

// One that takes its time.
static void
test_backend_closes_late(void **state)
{
    struct vbd_s *vbd = *state;
    if (vbd->persistent)
        stick_pages(vbd, 40);
    Backend.manner.ignores_closing = 1;
    world_add(close_after_2_s);
    handover_disconnect(vbd);
    assert_rewound(vbd);
    assert_int_equal(vbd->pool.nr_quarantined, 0);
    assert_int_equal(vbd->ring_pool.nr_quarantined, 0);
}

// Too late even for that.  The next connection has no sticky pages; it ends the
// grants of the one before all the same.
static void
test_backend_closes_too_late(void **state)
{
    struct vbd_s *vbd = *state;
    handover_disconnect(vbd);
    assert_int_equal(vbd_connect(vbd), 0);
    stick_pages(vbd, 40);
    Backend.manner.ignores_closing = 1;
    handover_disconnect(vbd);
    assert_true(firmware_said("keeps 4"));
    Backend.manner.ignores_closing = 0;
    vbd->can_stick = 0;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_false(vbd->persistent);
    handover_disconnect(vbd);
    assert_rewound(vbd);
}


/****************************************************************
 * Properties
 ****************************************************************/

static void
test_properties(void **state)
{
    static const struct {
        const char *sectors, *sector_size, *info, *indirect, *persistent;
        int ret;
        u64 count;
        u32 readonly, max_indirect;
    } cases[] = {
        { "4096", "512", "0", "256", "0", 0, 4096, 0, INDIRECT_MAX_SEGMENTS },
        { "4096", "512", "0", "256", "1", 0, 4096, 0, INDIRECT_MAX_SEGMENTS },
        { "1", NULL, NULL, NULL, NULL, 0, 1, 0, 0 },
        { "4294967296", "512", "4", "12", "0", 0, 1ULL << 32, 1, 12 },
        { "36028797018963967", "512", "2", "4294967295", "0", 0
          , (1ULL << 55) - 1, 0, INDIRECT_MAX_SEGMENTS },
        { "9", "512", "5", "0", "0", -1, 0, 0, 0 },          // A CD-ROM
        { "9", "512", "1", "0", "0", -1, 0, 0, 0 },
        { "0", "512", "0", "0", "0", -1, 0, 0, 0 },
        { NULL, "512", "0", "0", "0", -1, 0, 0, 0 },
        { "", "512", "0", "0", "0", -1, 0, 0, 0 },
        { "many", "512", "0", "0", "0", -1, 0, 0, 0 },
        { "-1", "512", "0", "0", "0", -1, 0, 0, 0 },
        { "36028797018963968", "512", "0", "0", "0", -1, 0, 0, 0 },
        { "18446744073709551617", "512", "0", "0", "0", -1, 0, 0, 0 },
        { "9", "4096", "0", "0", "0", -1, 0, 0, 0 },
        { "9", "0", "0", "0", "0", -1, 0, 0, 0 },
        { "9", "511", "0", "0", "0", -1, 0, 0, 0 },
        { "9", "x", "0", "0", "0", -1, 0, 0, 0 },
        { "9", "512", "x", "0", "0", -1, 0, 0, 0 },
        { "9", "512", "65536", "0", "0", -1, 0, 0, 0 },
        { "9", "512", "0", "x", "0", -1, 0, 0, 0 },
        { "9", "512", "0", "4294967296", "0", -1, 0, 0, 0 },
        { "9", "512", "0", "0", "2", -1, 0, 0, 0 },
        { "9", "512", "0", "0", "x", -1, 0, 0, 0 },
        { "9", "512", "0", "0", "", -1, 0, 0, 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_restart(BLKBACK);
        struct vbd_s *vbd = fixture_vbd();
        Backend.sectors = cases[i].sectors;
        Backend.sector_size = cases[i].sector_size;
        Backend.info = cases[i].info;
        Backend.indirect = cases[i].indirect;
        Backend.persistent = cases[i].persistent;
        assert_int_equal(vbd_connect(vbd), cases[i].ret);
        if (cases[i].ret) {
            assert_rewound(vbd);
            continue;
        }
        assert_connected(vbd);
        assert_int_equal(vbd->sectors, cases[i].count);
        assert_int_equal(vbd->readonly, cases[i].readonly);
        assert_int_equal(vbd->limits.indirect, cases[i].max_indirect);
    }
}

static void
test_xenstore_refuses_a_write(void **state)
{
    static const char *const keys[] = {
        "ring-ref", "event-channel", "protocol", "feature-persistent",
        "state",
    };
    u32 i;
    char path[128];
    (void)state;
    for (i = 0; i < ARRAY_SIZE(keys); i++) {
        fixture_restart(BLKBACK);
        struct vbd_s *vbd = fixture_vbd();
        snprintf(path, sizeof(path), "%s/%s", Backend.frontend_dir, keys[i]);
        store_forbid(path, "EACCES");
        u64 start = world_now();
        assert_int_equal(vbd_connect(vbd), -1);
        assert_true(world_now() - start <= CONNECT_LIMIT);
        assert_nothing_shared();
        assert_true(store_ring_is_quiet());
    }
}

static void
forbid_state_once_connected(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/state", Backend.frontend_dir);
    if (Backend.connected)
        store_forbid(path, "EACCES");
}

// The last write of all fails: the ring is there, and the backend cannot be
// asked to let go of it.
static void
test_xenstore_refuses_the_last_state(void **state)
{
    struct vbd_s *vbd = *state;
    world_add(forbid_state_once_connected);
    assert_int_equal(vbd_connect(vbd), -1);
    assert_int_not_equal(vbd->state, VBD_CONNECTED);
    assert_int_equal(xen_live_grants(), vbd->ring_pool.nr_quarantined);
    assert_int_equal(xen_open_ports(), 0);
    assert_true(firmware_said("keeps 1 pages"));
}


/****************************************************************
 * Identity
 ****************************************************************/

static void
test_incomplete_identity(void **state)
{
    static const char long_path[] =
        "/local/domain/0/backend/vbd/7/51712/and/on/and/on/and/on/and/on"
        "/and/on/and/on/and/on/and/on/and/on";
    static const struct {
        const char *key, *value;
    } cases[] = {
        { "virtual-device", NULL }, { "virtual-device", "" },
        { "virtual-device", "xvda" }, { "virtual-device", "4294967296" },
        { "backend-id", NULL }, { "backend-id", "-1" },
        { "backend-id", "32752" }, { "backend-id", "0x0" },
        { "backend", NULL }, { "backend", "" }, { "backend", long_path },
        { "device-type", NULL }, { "device-type", "" },
        { "device-type", "cdrom" }, { "device-type", "floppy" },
        { "device-type", "disk " }, { "device-type", "a-very-long-type" },
    };
    u32 i;
    assert_true(sizeof(long_path) > XENSTORE_PATH_MAX);
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        fixture_xen(state);
        backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
        u32 blocks = guest_allocations();
        backend_set_frontend_key(&Backend, cases[i].key, cases[i].value);
        assert_null(vbd_create("51712", 1));
        assert_int_equal(guest_allocations(), blocks);
        assert_true(firmware_said("skipped"));
        assert_nothing_shared();
        assert_true(store_ring_is_quiet());
    }
}

static void
test_trusted(void **state)
{
    static const struct {
        const char *value;
        int trusted;
    } cases[] = {
        { NULL, 1 }, { "1", 1 }, { "0", 0 }, { "2", 0 }, { "", 0 },
        { "yes", 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        backend_set_frontend_key(&Backend, "trusted", cases[i].value);
        struct vbd_s *vbd = vbd_create("51712", 1);
        assert_non_null(vbd);
        assert_int_equal(vbd->trusted, cases[i].trusted);
        assert_int_equal(vbd->can_stick, cases[i].trusted);
        assert_int_equal(vbd->device, FIXTURE_DEVICE);
        assert_int_equal(vbd->backend_domid, BACKEND_DOMID);
        assert_string_equal(vbd->name, "xvda");
        assert_string_equal(vbd->backend_dir, Backend.backend_dir);
        assert_string_equal(vbd->dir, "device/vbd/51712");
    }
}

// What the firmware's memory held before is no business of the backend's.
static void
test_nothing_old_is_shared(void **state)
{
    static const u8 zero[GUEST_PAGE];
    struct vbd_s *vbd = *state;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(fixture_own_grants(vbd), 2);
    assert_memory_equal(guest_ptr(vbd_second_page(vbd)), zero, GUEST_PAGE);
    // Behind the ring's indices.
    assert_memory_equal(guest_ptr(vbd->sring + 64), zero, GUEST_PAGE - 64);
    assert_memory_equal(guest_ptr(Pages.scratch), zero, GUEST_PAGE);
    u32 i;
    for (i = 0; i < PAGES_BOUNCE; i++)
        assert_memory_equal(guest_ptr(Pages.bounce + i * GUEST_PAGE), zero
                            , GUEST_PAGE);
    handover_disconnect(vbd);
}

static void
test_create_without_memory(void **state)
{
    u32 n, low;
    for (n = 1; n <= 2; n++)
        for (low = 0; low <= 1; low++) {
            fixture_xen(state);
            backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
            u32 blocks = guest_allocations(), next = xen_take_grefs(0);
            guest_fail_allocations(n, 1 + low); // The high one, too
            assert_null(vbd_create("51712", (int)low));
            assert_int_equal(guest_allocations(), blocks);
            assert_int_equal(xen_take_grefs(0), next);
            assert_true(firmware_said("out of memory"));
        }
}

static int
is_low(u32 addr, u32 len)
{
    return machine_is_low(addr, len);
}

// Where low memory ends, high memory serves, and 16-bit code is told.
static void
test_low_memory(void **state)
{
    u32 n;
    u16 done;
    for (n = 0; n <= 3; n++) { // The nth allocation fails; at last none is low
        fixture_xen(state);
        backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
        u32 blocks = guest_allocations();
        guest_fail_allocations(n == 1, n == 1);
        struct vbd_s *vbd = vbd_create("51712", n < 3);
        assert_non_null(vbd);
        assert_int_equal(is_low(guest_phys(vbd), sizeof(*vbd))
                         , n != 1 && n < 3);
        assert_false(is_low(vbd->sring, GUEST_PAGE)); // Option ROMs come first
        guest_fail_allocations(n == 2, n == 2);
        vbd_move_low(vbd);
        assert_int_equal(guest_allocations(), blocks + 2);
        assert_int_equal(is_low(vbd->sring, RING_PAGES * GUEST_PAGE), n == 0);
        assert_int_equal(vbd_connect(vbd), 0);
        assert_connected(vbd);
        assert_int_equal(vbd->low, n == 0); // Whoever looks knows where it is
        assert_int_equal(fixture_op(vbd, BUFFER, 128, 0, 0, &done), 0);
        handover_disconnect(vbd);
        assert_rewound(vbd);
    }
}

// Without any memory a disk keeps what it has.
static void
test_no_memory_to_move(void **state)
{
    struct vbd_s *vbd = *state;
    u32 sring = vbd->sring, blocks = guest_allocations();
    guest_fail_allocations(1, 2);
    vbd_move_low(vbd);
    assert_int_equal(vbd->sring, sring);
    assert_int_equal(guest_allocations(), blocks);
}

// Nor does 16-bit code reach Xen's pages where they do not move.
static void
test_no_low_pages_of_xen(void **state)
{
    fixture_machine(state);
    assert_int_equal(xen_info_setup(), 0);
    guest_fail_allocations(1, 1);
    assert_int_equal(xen_info_take_low(), -1);
    assert_int_equal(XenInfo.low, 0);
    assert_int_equal(xenstore_setup(), 0);
    assert_int_equal(pages_setup(), 0);
    backend_create(&Backend, BLKBACK, FIXTURE_DEVICE);
    struct vbd_s *vbd = fixture_vbd();
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(vbd->low, 0);
}

// A name from xenstore's directory that is longer than any device's.
static void
test_long_id(void **state)
{
    (void)state;
    assert_null(vbd_create("123456789012345678901234567890123456789", 1));
}


/****************************************************************
 * Failing hypercalls
 ****************************************************************/

// Connect and disconnect while 'count' hypercalls fail from the nth on.
// Returns whether none was left to fail.
static int
check_failing(enum backend_kind kind, u32 nth, u32 count)
{
    fixture_restart(kind);
    struct vbd_s *vbd = fixture_vbd();
    u32 before = XenCounters.hypercalls;
    u64 start = world_now();
    xen_fail_hypercall(nth, count);
    vbd_connect(vbd);
    u32 used = XenCounters.hypercalls - before;
    assert_true(world_now() - start <= CONNECT_LIMIT);
    if (count == 1)
        xen_fail_hypercall(0, 0);
    handover_disconnect(vbd);
    // A backend that could not be told may keep the ring.
    assert_in_range(xen_live_grants(), 0, 1);
    if (count == 1) {
        assert_int_equal(xen_live_grants(), Backend.connected);
        assert_int_equal(xen_open_ports(), 0);
    }
    return used < nth;
}

static void
test_each_hypercall_fails_once(void **state)
{
    u32 k, nth;
    (void)state;
    for (k = 0; k < ARRAY_SIZE(Kinds); k++) {
        for (nth = 1; !check_failing(Kinds[k], nth, 1); nth++)
            ;
        assert_true(nth > 10);
    }
}

static void
test_all_hypercalls_fail_from_the_nth_on(void **state)
{
    u32 nth;
    (void)state;
    for (nth = 1; nth < 100; nth += 9)
        check_failing(BLKBACK, nth, ~0U);
}

static void
test_no_event_channel(void **state)
{
    struct vbd_s *vbd = *state;
    xen_fail_op(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound);
    assert_int_equal(vbd_connect(vbd), -1);
    assert_rewound(vbd);
    assert_true(firmware_said("no event channel"));
}

// An earlier owner's grants fill the ring's window, and are in use.
static void
test_no_free_reference(void **state)
{
    struct vbd_s *vbd = *state;
    u32 i;
    for (i = 0; i < 2; i++)
        fixture_grant(vbd->ring_grefs + i)->flags
            = GTF_permit_access | GTF_reading;
    u32 connects = Backend.connects;
    u64 start = world_now();
    assert_int_equal(vbd_connect(vbd), -1);
    assert_true(world_now() - start < NS_PER_S); // It was not offered
    assert_int_equal(Backend.connects, connects);
    assert_int_equal(xen_open_ports(), 0);
    assert_int_equal(vbd->state, VBD_CLOSED);
    // With one left there is a ring, and no indirect requests.
    fixture_grant(vbd->ring_grefs)->flags = 0;
    assert_int_equal(vbd_connect(vbd), 0);
    assert_int_equal(vbd->limits.indirect, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_connect_and_disconnect, fixture_disk),
        cmocka_unit_test_setup(test_connect_again_and_again, fixture_disk),
        cmocka_unit_test_setup(test_permissions_of_own_pages, fixture_disk),
        cmocka_unit_test_setup(test_connect_races, fixture_disk),
        cmocka_unit_test_setup(test_stop, fixture_connected),
        cmocka_unit_test_setup(test_disconnect_twice, fixture_connected),
        cmocka_unit_test_setup(test_disconnect_ends_sticky_grants
                               , setup_persistent),
        cmocka_unit_test_setup(test_windows_are_used_again, fixture_disk),
        cmocka_unit_test_setup(test_policy_changes, setup_persistent),
        cmocka_unit_test_setup(test_stop_ends_sticky_grants
                               , setup_persistent),
        cmocka_unit_test_setup(
            test_sticky_grants_of_backend_that_does_not_close
                               , setup_persistent),
        cmocka_unit_test_setup(test_all_initial_states, fixture_disk),
        cmocka_unit_test_setup(test_closed_and_offline, fixture_disk),
        cmocka_unit_test_setup(test_states_that_are_no_numbers, fixture_disk),
        cmocka_unit_test_setup(test_keys_of_others_are_removed, fixture_disk),
        cmocka_unit_test_setup(test_long_ring, fixture_disk),
        cmocka_unit_test_setup(test_long_ring_is_refused, fixture_disk),
        cmocka_unit_test_setup(test_long_ring_is_no_number, fixture_disk),
        cmocka_unit_test_setup(test_long_ring_is_forgotten, fixture_disk),
        cmocka_unit_test_setup(test_long_ring_and_indirect_requests, fixture_disk),
        cmocka_unit_test_setup(test_long_ring_without_references, fixture_disk),
        cmocka_unit_test_setup(test_xenstore_refuses_a_long_ring, fixture_disk),
        cmocka_unit_test_setup(test_frontend_left_its_ring, fixture_disk),
        cmocka_unit_test_setup(test_backend_goes_away, fixture_disk),
        cmocka_unit_test_setup(test_backend_does_not_follow, fixture_disk),
        cmocka_unit_test_setup(test_backend_does_not_close
                               , fixture_connected),
        cmocka_unit_test_setup(test_backend_goes_away_closing
                               , fixture_connected),
        cmocka_unit_test_setup(test_backend_closes_late, fixture_connected),
        cmocka_unit_test_setup(test_backend_closes_too_late
                               , setup_persistent),
        { "test_backend_closes_late/persistent", test_backend_closes_late
          , setup_persistent, NULL, NULL },
        cmocka_unit_test_setup(test_properties, fixture_disk),
        cmocka_unit_test_setup(test_xenstore_refuses_a_write, fixture_disk),
        cmocka_unit_test_setup(test_xenstore_refuses_the_last_state
                               , fixture_disk),
        cmocka_unit_test_setup(test_incomplete_identity, fixture_disk),
        cmocka_unit_test_setup(test_trusted, fixture_disk),
        cmocka_unit_test_setup(test_nothing_old_is_shared, fixture_disk),
        cmocka_unit_test_setup(test_create_without_memory, fixture_disk),
        cmocka_unit_test_setup(test_low_memory, fixture_disk),
        cmocka_unit_test_setup(test_no_memory_to_move, fixture_disk),
        cmocka_unit_test_setup(test_no_low_pages_of_xen, fixture_disk),
        cmocka_unit_test_setup(test_long_id, fixture_disk),
        cmocka_unit_test_setup(test_each_hypercall_fails_once, fixture_disk),
        cmocka_unit_test_setup(test_all_hypercalls_fail_from_the_nth_on
                               , fixture_disk),
        cmocka_unit_test_setup(test_no_event_channel, fixture_disk),
        cmocka_unit_test_setup(test_no_free_reference, fixture_disk),
    };
    return RUN_TESTS(tests);
}
