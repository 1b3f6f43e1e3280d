// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A fake Xen.  What the driver must never do fails the test at once; what
// may go wrong on a real host goes wrong where a test asks for it.

#include "xen/xen_abi.h" // struct grant_entry_v1
#include "fake/check.h" // fail_msg
#include "fake/guest.h" // guest_ptr
#include "fake/world.h" // world_sleep
#include "fake/xen.h" // xen_hypercall
#include "fw/paravirt.h" // runningOnXen
#include "fw/xen.h" // xen_hypercall_page
#include "x86.h" // cpuid
#include "string.h" // memcpy

#define NS_PER_HYPERCALL 2000
#define POLL_STEP_NS     (100 * 1000ULL)
// When nothing has come for so long, the steps become longer.
#define POLL_LONG_NS     (200 * NS_PER_MS)

// xen/include/public/errno.h, with the sign that hypercalls return.
#define ERR_EINVAL (-22)
#define ERR_ENOSPC (-28)
#define ERR_ENOSYS (-38)

// Frames that memory was taken from.
#define MAX_HOLES 16

struct port_s {
    enum { PORT_FREE, PORT_UNBOUND, PORT_BOUND } state;
    u16 remote;
    int event;                  // On its way to the other end
};

struct xen_config_s XenConfig;
struct xen_counters_s XenCounters;
unsigned long xen_hypercall_page;

static struct {
    u32 hypercall_page;         // The first one that was filled
    u32 shared_gpfn;            // Where the guest has Xen's pages, or 0
    u32 grants_gpfn[XEN_GRANT_FRAMES];
    u32 hole[MAX_HOLES];
    struct port_s port[XEN_PORTS];
    u32 maps[XEN_GRANTS];       // How often each grant is mapped
    u32 fail_nth, fail_count;
    u32 fail_number;
    u64 fail_op;
} Xen;

// What is on the page for hypercalls, for each of them.
static void
fill_hypercall_page(void *page)
{
    static const u8 entry[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, 0xc1, 0xc3 };
    memcpy(page, entry, sizeof(entry));
    ((u8 *)page)[7] = XenConfig.hypercall;
}

// A new machine.
void
xen_reset(void)
{
    memset(&Xen, 0, sizeof(Xen));
    memset(&XenCounters, 0, sizeof(XenCounters));
    Xen.fail_number = ~0U;
    XenConfig = (struct xen_config_s) {
        .cpuid_base = 0x40000000, .cpuid_leaves = 5, .on_xen = 1,
        .store_pfn = XEN_STORE_PFN, .store_port = XEN_STORE_PORT,
        .grant_version = 1, .max_grant_frames = XEN_GRANT_FRAMES,
        .hypercall_pages = 1, .hypercall = XEN_VMCALL,
    };
    Xen.port[XEN_STORE_PORT].state = PORT_BOUND;
    // As after SeaBIOS's fw/xen.c
    xen_hypercall_page = GUEST_BIOS;
    fill_hypercall_page(guest_ptr(GUEST_BIOS));
}


/****************************************************************
 * The CPU
 ****************************************************************/

void
cpuid(u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
    u32 leaf = index - XenConfig.cpuid_base;
    *eax = *ebx = *ecx = *edx = 0;
    if (!XenConfig.cpuid_base)
        return;
    if (leaf == 0) {
        *eax = XenConfig.cpuid_base + XenConfig.cpuid_leaves;
        memcpy(ebx, "XenV", 4);
        memcpy(ecx, "MMXe", 4);
        memcpy(edx, "nVMM", 4);
    } else if (leaf == 2) {
        *eax = XenConfig.hypercall_pages;
        *ebx = 0x40000000;
    }
}

void
wrmsr(u32 index, u64 value)
{
    u32 page = (u32)value & ~(GUEST_PAGE - 1);
    assert_int_equal(index, 0x40000000);
    assert_true(guest_has(page, GUEST_PAGE));
    // Which of them it is stands in the lower bits; they lie side by side.
    assert_int_equal(value & (GUEST_PAGE - 1), XenCounters.wrmsrs);
    if (!XenCounters.wrmsrs)
        Xen.hypercall_page = page;
    assert_int_equal(page, Xen.hypercall_page + XenCounters.wrmsrs * GUEST_PAGE);
    fill_hypercall_page(guest_ptr(page));
    XenCounters.wrmsrs++;
}

int
runningOnXen(void)
{
    return XenConfig.on_xen;
}


/****************************************************************
 * Pages of Xen's
 ****************************************************************/

static volatile struct shared_info *
shared_info(void)
{
    u32 gpfn = Xen.shared_gpfn;
    return gpfn ? guest_ptr(gpfn * GUEST_PAGE) : NULL;
}

static volatile struct grant_entry_v1 *
grant_entry(u32 gref)
{
    u32 gpfn = gref < XEN_GRANTS
               ? Xen.grants_gpfn[gref / XEN_FRAME_GRANTS] : 0;
    volatile struct grant_entry_v1 *frame
        = gpfn ? guest_ptr(gpfn * GUEST_PAGE) : NULL;
    return frame ? &frame[gref % XEN_FRAME_GRANTS] : NULL;
}

// The clock runs as world_tsc() has it: two ticks a nanosecond.
static void
start_clock(void)
{
    volatile struct vcpu_time_info *t = &shared_info()->vcpu_info[0].time;
    t->version = 2;
    t->tsc_to_system_mul = 0x80000000U;
}

// The record of where the guest has a page of Xen's, NULL where there is no
// such page.
static u32 *
find_page(u32 space, u64 index)
{
    if (space == XENMAPSPACE_shared_info && !index)
        return &Xen.shared_gpfn;
    if (space == XENMAPSPACE_grant_table && index < XenConfig.max_grant_frames)
        return &Xen.grants_gpfn[index];
    return NULL;
}

// The record of a frame that is a hole, or NULL; of 0, a free record.
static u32 *
find_hole(u32 gpfn)
{
    u32 i;
    for (i = 0; i < MAX_HOLES; i++)
        if (Xen.hole[i] == gpfn)
            return &Xen.hole[i];
    return NULL;
}

// A page of Xen's leaves its place: nothing is there now.
static void
leave_place(u32 gpfn)
{
    memset(guest_ptr(gpfn * GUEST_PAGE), 0xff, GUEST_PAGE);
    // Where no memory was before, or where it is only covered.
    if (gpfn >= GUEST_RESERVED / GUEST_PAGE || !XenConfig.on_xen)
        return;
    u32 *hole = find_hole(0);
    assert_non_null(hole);
    *hole = gpfn;
}

static int
add_to_physmap(const struct xen_add_to_physmap *add)
{
    u32 *gpfn = find_page(add->space, add->idx), to = (u32)add->gpfn;
    if (add->domid != DOMID_SELF || !gpfn
        || !guest_has(to * GUEST_PAGE, GUEST_PAGE))
        return ERR_EINVAL;
    u32 *hole = find_hole(to), from = *gpfn;
    if (hole)
        *hole = 0;
    if (!from) {
        memset(guest_ptr(to * GUEST_PAGE), 0, GUEST_PAGE);
    } else if (from != to) {
        // The page has one place only.
        memcpy(guest_ptr(to * GUEST_PAGE), guest_ptr(from * GUEST_PAGE)
               , GUEST_PAGE);
        leave_place(from);
    }
    *gpfn = to;
    if (add->space == XENMAPSPACE_shared_info && !from)
        start_clock();
    return 0;
}

// Returns how many pages were had.
static int
populate_physmap(const struct xen_memory_reservation *reservation)
{
    if (!XenConfig.on_xen)
        return ERR_ENOSYS;
    assert_int_equal(reservation->nr_extents, 1);
    assert_int_equal(reservation->extent_order, 0);
    assert_int_equal(reservation->domid, DOMID_SELF);
    u32 gpfn = (u32)*reservation->extent_start.p, *hole = find_hole(gpfn);
    assert_non_null(hole); // Memory that is there would be lost
    *hole = 0;
    memset(guest_ptr(gpfn * GUEST_PAGE), 0, GUEST_PAGE);
    return 1;
}

static int
memory_op(u64 op, const void *arg)
{
    if (op == XENMEM_add_to_physmap)
        return add_to_physmap(arg);
    return op == XENMEM_populate_physmap ? populate_physmap(arg) : ERR_EINVAL;
}

// Guest frame number at which the guest has shared info.
u32
xen_shared_frame(void)
{
    return Xen.shared_gpfn;
}

// How many frames were memory and are nothing.
u32
xen_holes(void)
{
    u32 i, count = 0;
    for (i = 0; i < MAX_HOLES; i++)
        count += !!Xen.hole[i];
    return count;
}


/****************************************************************
 * Event channels
 ****************************************************************/

static int
alloc_port(struct evtchn_alloc_unbound *alloc)
{
    u32 port;
    if (alloc->dom != DOMID_SELF)
        return ERR_EINVAL;
    for (port = 1; port < XEN_PORTS; port++) {
        if (Xen.port[port].state != PORT_FREE)
            continue;
        Xen.port[port].state = PORT_UNBOUND;
        Xen.port[port].remote = alloc->remote_dom;
        Xen.port[port].event = 0;
        alloc->port = port;
        return 0;
    }
    return ERR_ENOSPC;
}

static int
close_port(u32 port)
{
    assert_int_not_equal(port, XenConfig.store_port);
    if (port >= XEN_PORTS || Xen.port[port].state == PORT_FREE)
        return ERR_EINVAL;
    Xen.port[port].state = PORT_FREE;
    return 0;
}

static int
send_event(u32 port)
{
    if (port >= XEN_PORTS || Xen.port[port].state == PORT_FREE)
        return ERR_EINVAL;
    Xen.port[port].event = 1;
    XenCounters.events++;
    world_turn(SEAM_EVENT);
    return 0;
}

static int
port_status(struct evtchn_status *get)
{
    static const u32 status[] = {
        [PORT_FREE] = EVTCHNSTAT_closed, [PORT_UNBOUND] = EVTCHNSTAT_unbound,
        [PORT_BOUND] = EVTCHNSTAT_interdomain,
    };
    if (get->dom != DOMID_SELF || get->port >= XEN_PORTS)
        return ERR_EINVAL;
    get->status = status[Xen.port[get->port].state];
    return 0;
}

static int
event_channel_op(u64 op, void *arg)
{
    switch (op) {
    case EVTCHNOP_status:
        return port_status(arg);
    case EVTCHNOP_alloc_unbound:
        return alloc_port((struct evtchn_alloc_unbound *)arg);
    case EVTCHNOP_close:
        return close_port(((const struct evtchn_close *)arg)->port);
    case EVTCHNOP_send:
        return send_event(((const struct evtchn_send *)arg)->port);
    default:
        return ERR_EINVAL;
    }
}

// Take the other end of a port that was offered to the domain.
int
xen_bind(u16 domid, u32 port)
{
    if (port >= XEN_PORTS || Xen.port[port].state != PORT_UNBOUND
        || Xen.port[port].remote != domid)
        return -1;
    Xen.port[port].state = PORT_BOUND;
    return 0;
}

// Let go of the other end.
void
xen_unbind(u32 port)
{
    if (Xen.port[port].state == PORT_BOUND)
        Xen.port[port].state = PORT_UNBOUND;
}

// Another program maps shared info and the grant frames, each one 'step' pages
// behind the one before.
void
xen_map_elsewhere(u32 place, u32 step)
{
    u32 i;
    for (i = 0; !i || Xen.grants_gpfn[i - 1]; i++) {
        struct xen_add_to_physmap add = {
            .domid = DOMID_SELF, .idx = i ? i - 1 : 0,
            .space = i ? XENMAPSPACE_grant_table : XENMAPSPACE_shared_info,
            .gpfn = place / GUEST_PAGE + step * i,
        };
        xen_hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add, 0);
    }
}

// The guest is saved, and restored as another domain: memory is what it was,
// and nothing of Xen's is.
void
xen_restore(void)
{
    u32 i;
    if (Xen.shared_gpfn)
        leave_place(Xen.shared_gpfn);
    Xen.shared_gpfn = 0;
    for (i = 0; i < XEN_GRANT_FRAMES; i++) {
        if (Xen.grants_gpfn[i])
            leave_place(Xen.grants_gpfn[i]);
        Xen.grants_gpfn[i] = 0;
    }
    memset(Xen.port, 0, sizeof(Xen.port));
    memset(Xen.maps, 0, sizeof(Xen.maps));
    XenConfig.store_port = XEN_RESTORED_PORT;
    Xen.port[XEN_RESTORED_PORT].state = PORT_BOUND;
}

// Whether the guest has sent an event since the last time.
int
xen_take_event(u32 port)
{
    int event = Xen.port[port].event;
    Xen.port[port].event = 0;
    return event;
}

// Send an event to the guest.
void
xen_signal(u32 port)
{
    if (Xen.port[port].state == PORT_BOUND && shared_info())
        ((volatile u32 *)shared_info()->evtchn_pending)[port / 32]
            |= 1U << port % 32;
}

int
xen_pending(u32 port)
{
    return shared_info()
           && ((volatile u32 *)shared_info()->evtchn_pending)[port / 32]
           >> port % 32 & 1;
}

// How many ports are open beside xenstore's.
u32
xen_open_ports(void)
{
    u32 port, open = 0;
    for (port = 1; port < XEN_PORTS; port++)
        open += port != XenConfig.store_port && Xen.port[port].state != PORT_FREE;
    return open;
}

// The CPU is idle until the port is pending or the time has come.
static int
poll_port(const struct sched_poll *poll)
{
    u32 port = *(evtchn_port_t *)poll->ports.p;
    assert_int_equal(poll->nr_ports, 1);
    assert_int_not_equal(poll->timeout, 0); // It would sleep for ever
    XenCounters.polls++;
    if (port >= XEN_PORTS)
        return ERR_EINVAL;
    if (GuestTickPending && !GuestIrqMask)
        return 0; // What is to be delivered keeps the CPU awake
    u64 start = world_now();
    while (!xen_pending(port) && world_now() < poll->timeout) {
        world_turn(SEAM_POLL);
        u64 waited = world_now() - start;
        if (!xen_pending(port))
            world_sleep(waited < POLL_LONG_NS ? POLL_STEP_NS : waited / 16);
    }
    return 0;
}


/****************************************************************
 * Hypercalls
 ****************************************************************/

static int
hvm_op(u64 op, struct xen_hvm_param *param)
{
    if (op != HVMOP_get_param || param->domid != DOMID_SELF)
        return ERR_EINVAL;
    if (param->index == HVM_PARAM_STORE_PFN)
        param->value = XenConfig.store_pfn;
    else if (param->index == HVM_PARAM_STORE_EVTCHN)
        param->value = XenConfig.store_port;
    else
        return ERR_EINVAL;
    return 0;
}

// Says where the frames are, as a 32-bit guest hears it.
static int
setup_table(struct gnttab_setup_table *setup)
{
    u32 i;
    if (setup->dom != DOMID_SELF)
        return ERR_EINVAL;
    assert_true(setup->nr_frames <= XenConfig.max_grant_frames);
    setup->status = XenConfig.refuses_table ? GNTST_general_error : GNTST_okay;
    for (i = 0; i < setup->nr_frames; i++)
        setup->frame_list.p[i] = Xen.grants_gpfn[i] ? Xen.grants_gpfn[i]
                                 : (xen_pfn_t)~0ULL;
    return 0;
}

// Copy within one page at both ends, as xen/common/grant_table.c, gnttab_copy,
// between the guest's own frames.
static int
copy_pages(struct gnttab_copy *copy, u64 count)
{
    u64 i;
    XenCounters.copies += (u32)count;
    for (i = 0; i < count; i++, copy++) {
        u32 src = (u32)copy->source.u.gmfn * GUEST_PAGE;
        u32 dest = (u32)copy->dest.u.gmfn * GUEST_PAGE;
        assert_true(copy->source.domid == DOMID_SELF && !copy->flags
                    && copy->dest.domid == DOMID_SELF);
        assert_true(copy->source.offset + copy->len <= GUEST_PAGE
                    && copy->dest.offset + copy->len <= GUEST_PAGE);
        copy->status = GNTST_bad_page;
        if (XenConfig.refuses_copies || !guest_has(src, GUEST_PAGE)
            || !guest_has(dest, GUEST_PAGE))
            continue;
        memcpy(guest_ptr(dest + copy->dest.offset)
               , guest_ptr(src + copy->source.offset), copy->len);
        copy->status = GNTST_okay;
    }
    return 0;
}

static int
grant_table_op(u64 op, void *arg)
{
    struct gnttab_get_version *get = arg;
    struct gnttab_set_version *set = arg;
    if (op == GNTTABOP_get_version) {
        get->version = XenConfig.grant_version;
        return 0;
    }
    if (op == GNTTABOP_setup_table)
        return setup_table(arg);
    if (op != GNTTABOP_set_version || set->version != 1)
        return ERR_EINVAL;
    XenConfig.grant_version = 1;
    return 0;
}

// Let 'count' hypercalls fail, the first of them the nth from now.
void
xen_fail_hypercall(u32 nth, u32 count)
{
    Xen.fail_nth = nth;
    Xen.fail_count = count;
}

// How many of them are still to come.
u32
xen_failures_left(void)
{
    return Xen.fail_count;
}

// Let one operation of one hypercall fail always.
void
xen_fail_op(u32 number, u64 op)
{
    Xen.fail_number = number;
    Xen.fail_op = op;
}

static int
is_to_fail(u32 number, u64 op)
{
    if (number == Xen.fail_number && op == Xen.fail_op)
        return 1;
    if (Xen.fail_nth && --Xen.fail_nth)
        return 0;
    if (!Xen.fail_count)
        return 0;
    Xen.fail_count--;
    return 1;
}

int
xen_hypercall(u32 number, u64 a1, const void *a2, u64 a3)
{
    void *arg = (void *)a2;
    XenCounters.hypercalls++;
    world_sleep(NS_PER_HYPERCALL);
    if (is_to_fail(number, a1))
        return ERR_EINVAL;
    switch (number) {
    case __HYPERVISOR_event_channel_op:
        return event_channel_op(a1, arg);
    case __HYPERVISOR_sched_op:
        return a1 == SCHEDOP_poll ? poll_port(arg) : ERR_EINVAL;
    case __HYPERVISOR_memory_op:
        return memory_op(a1, arg);
    case __HYPERVISOR_hvm_op:
        return hvm_op(a1, arg);
    case __HYPERVISOR_grant_table_op:
        if (a1 == GNTTABOP_copy)
            return copy_pages(arg, a3);
        return a3 == 1 ? grant_table_op(a1, arg) : ERR_EINVAL;
    default:
        fail_msg("unknown hypercall %u", number);
        return ERR_EINVAL;
    }
}


/****************************************************************
 * Grants, after xen/common/grant_table.c, map_grant_ref
 ****************************************************************/

// Map a page that the guest has granted.  NULL where it has not, or not
// for this domain, or not for writing.
void *
xen_map_grant(u16 domid, u32 gref, int write)
{
    volatile struct grant_entry_v1 *entry = grant_entry(gref);
    if (!entry || (entry->flags & GTF_type_mask) != GTF_permit_access
        || entry->domid != domid || (write && entry->flags & GTF_readonly)
        || !guest_frame(entry->frame))
        return NULL;
    entry->flags |= write ? GTF_reading | GTF_writing : GTF_reading;
    Xen.maps[gref]++;
    return guest_frame(entry->frame);
}

void
xen_unmap_grant(u32 gref)
{
    assert_true(gref < XEN_GRANTS && Xen.maps[gref]);
    if (!--Xen.maps[gref])
        grant_entry(gref)->flags &= (u16)~(GTF_reading | GTF_writing);
}

// Whether another domain has the page of a reference at this moment.
int
xen_grant_is_mapped(u32 gref)
{
    return Xen.maps[gref] != 0;
}

// How many references let another domain into a page, of all and of some.
u32
xen_live_grants(void)
{
    u32 i, live = 0;
    for (i = 0; i < XEN_GRANT_FRAMES; i++)
        if (Xen.grants_gpfn[i])
            live += xen_window_grants(i * XEN_FRAME_GRANTS, XEN_FRAME_GRANTS);
    return live;
}

u32
xen_window_grants(u32 base, u32 size)
{
    u32 gref, live = 0;
    for (gref = base; gref < base + size; gref++)
        live += !!xen_grant_flags(gref);
    return live;
}

u32
xen_grant_flags(u32 gref)
{
    volatile struct grant_entry_v1 *entry = grant_entry(gref);
    return entry ? entry->flags : 0;
}

// Guest frame number of the page that a reference is for.
u32
xen_grant_page(u32 gref)
{
    volatile struct grant_entry_v1 *entry = grant_entry(gref);
    return entry ? entry->frame : 0;
}

// Guest frame number at which the guest has a frame of the grant table, or 0.
u32
xen_grant_frame(u32 index)
{
    return Xen.grants_gpfn[index];
}
