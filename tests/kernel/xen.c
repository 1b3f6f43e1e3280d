// SPDX-License-Identifier: LGPL-3.0-or-later
// Xen as the kernel finds it: all pages mapped to places of its own, as every
// operating system does.

#include "kernel.h"

static u8 hypercall_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u8 shared_info[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct grant_entry_v1 grants[PAGE_SIZE / sizeof(struct grant_entry_v1)]
    __attribute__((aligned(PAGE_SIZE)));

static u32 next_grant;

static u32
frame_of(const void *page)
{
    return (u32)page / PAGE_SIZE;
}

// A hypercall by its number in xen/xen.h.
static int
hypercall(u32 number, u32 a, const void *b, u32 c)
{
    int ret;
    asm volatile("call *%1" : "=a"(ret)
                 : "r"(&hypercall_page[number * 32]), "b"(a), "c"(b), "d"(c)
                 : "memory");
    return ret;
}

static void
cpuid(u32 leaf, u32 r[4])
{
    asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                 : "0"(leaf), "2"(0));
}

// Xen's leaves move up where it shows another hypervisor's as well.
static u32
find_leaves(void)
{
    u32 base, r[4];
    for (base = 0x40000000; base < 0x40010000; base += 0x100) {
        cpuid(base, r);
        if (!memcmp(&r[1], "XenVMMXenVMM", 12))
            return base;
    }
    return 0;
}

static int
map(u32 space, const void *page)
{
    struct xen_add_to_physmap add = {
        .domid = DOMID_SELF, .space = space, .gpfn = frame_of(page),
    };
    return hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add, 0);
}

int
xen_setup(void)
{
    u32 base = find_leaves(), r[4];
    if (!base)
        return -1;
    cpuid(base + 2, r);
    asm volatile("wrmsr" : : "c"(r[1]), "a"((u32)hypercall_page), "d"(0)
                 : "memory");
    if (map(XENMAPSPACE_shared_info, shared_info)
        || map(XENMAPSPACE_grant_table, grants))
        return -1;
    next_grant = GNTTAB_NR_RESERVED_ENTRIES;
    return 0;
}

void
xen_yield(void)
{
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL, 0);
}

u64
xen_param(u32 index)
{
    struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };
    return hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, &param, 0)
        ? 0 : param.value;
}

// How many event channels this guest has.
u32
xen_open_ports(void)
{
    u32 port, count = 0;
    for (port = 1; port < 64; port++) {
        struct evtchn_status status = { .dom = DOMID_SELF, .port = port };
        if (!hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &status
                       , 0))
            count += status.status != EVTCHNSTAT_closed;
    }
    return count;
}

// How many pages somebody has granted, the toolstack's two among them.
u32
xen_grants(void)
{
    u32 i, count = 0;
    for (i = 0; i < ARRAY_SIZE(grants); i++)
        count += grants[i].flags != 0;
    return count;
}

// Grant a page for reading and writing to a domain, forever.
u32
xen_grant(const void *page, u16 domid)
{
    volatile struct grant_entry_v1 *entry = &grants[next_grant];
    entry->domid = domid;
    entry->frame = frame_of(page);
    xen_wmb(); // The permission comes last
    entry->flags = GTF_permit_access;
    return next_grant++;
}

u32
xen_alloc_port(u16 domid)
{
    struct evtchn_alloc_unbound alloc = {
        .dom = DOMID_SELF, .remote_dom = domid,
    };
    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc
              , 0);
    return alloc.port;
}

void
xen_notify(u32 port)
{
    struct evtchn_send send = { .port = port };
    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send, 0);
}
