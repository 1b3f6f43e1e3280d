// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Typed hypercalls, one for each operation that the driver uses.  Unless they
// say otherwise, they return 0 or one of Xen's errno values, negative.
#ifndef __XEN_HYPERCALL_H
#define __XEN_HYPERCALL_H

#include "xen/machine.h" // machine_hypercall
#include "xen/xen_abi.h" // struct evtchn_send

// Is Xen called by AMD's instruction, vmmcall?
extern u8 HypercallVmmcall;

int hypercall_setup(u32 cpuid_base);

// 'name' is what follows __HYPERVISOR_ in Xen's headers.
#define hypercall2(name, cmd, arg) hypercall3(name, cmd, arg, 0)
#define hypercall3(name, cmd, arg, count)                               \
    machine_hypercall(HypercallVmmcall, __HYPERVISOR_##name, cmd, arg, count)

// Offer an event channel to 'remote_domid'; its port goes to *port.
static inline int
hypercall_evtchn_alloc_unbound(domid_t remote_domid, evtchn_port_t *port)
{
    struct evtchn_alloc_unbound alloc = {
        .dom = DOMID_SELF, .remote_dom = remote_domid,
    };
    int ret = hypercall2(event_channel_op, EVTCHNOP_alloc_unbound, &alloc);
    *port = alloc.port;
    return ret;
}

static inline int
hypercall_evtchn_close(evtchn_port_t port)
{
    struct evtchn_close close = { .port = port };
    return hypercall2(event_channel_op, EVTCHNOP_close, &close);
}

// What a port is bound to: EVTCHNSTAT_*.
static inline int
hypercall_evtchn_status(evtchn_port_t port, u32 *status)
{
    struct evtchn_status get = { .dom = DOMID_SELF, .port = port };
    int ret = hypercall2(event_channel_op, EVTCHNOP_status, &get);
    *status = get.status;
    return ret;
}

static inline int
hypercall_evtchn_send(evtchn_port_t port)
{
    struct evtchn_send send = { .port = port };
    return hypercall2(event_channel_op, EVTCHNOP_send, &send);
}

// Block the CPU until 'port' is pending, an interrupt is due, or Xen's system
// time reaches 'until' (ns).  May return early without a reason.
static inline int
hypercall_sched_poll(evtchn_port_t port, u64 until)
{
    struct sched_poll poll = { .nr_ports = 1, .timeout = until };
    set_xen_guest_handle(poll.ports, machine_linear(&port));
    return hypercall2(sched_op, SCHEDOP_poll, &poll);
}

// Map page 'idx' of 'space' (XENMAPSPACE_*) at guest frame number 'gpfn'.
// Ordinary memory that was there is given back to Xen.
static inline int
hypercall_add_to_physmap(u32 space, u32 idx, u32 gpfn)
{
    struct xen_add_to_physmap add = {
        .domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gpfn,
    };
    return hypercall2(memory_op, XENMEM_add_to_physmap, &add);
}

// Put new memory at guest frame number 'gpfn'.  Returns the number of pages
// that Xen had to give, 0 or 1.
static inline int
hypercall_populate_physmap(u32 gpfn)
{
    xen_pfn_t pfn = gpfn;
    struct xen_memory_reservation reservation = {
        .nr_extents = 1, .domid = DOMID_SELF,
    };
    set_xen_guest_handle(reservation.extent_start, machine_linear(&pfn));
    return hypercall2(memory_op, XENMEM_populate_physmap, &reservation);
}

static inline int
hypercall_hvm_get_param(u32 index, u64 *value)
{
    struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };
    int ret = hypercall2(hvm_op, HVMOP_get_param, &param);
    *value = param.value;
    return ret;
}

// Grant table operations take the number of structures as a third argument.
static inline int
hypercall_gnttab_get_version(u32 *version)
{
    struct gnttab_get_version get = { .dom = DOMID_SELF };
    int ret = hypercall3(grant_table_op, GNTTABOP_get_version, &get, 1);
    *version = get.version;
    return ret;
}

static inline int
hypercall_gnttab_set_version(u32 version)
{
    struct gnttab_set_version set = { .version = version };
    return hypercall3(grant_table_op, GNTTABOP_set_version, &set, 1);
}

// Copy within this guest or between grants; copies[i].status tells of each.
static inline int
hypercall_gnttab_copy(struct gnttab_copy *copies, u32 count)
{
    return hypercall3(grant_table_op, GNTTABOP_copy, copies, count);
}

// Store the guest frame numbers of the first 'count' grant frames in 'frames':
// ~0 for a frame that is not mapped.
static inline int
hypercall_gnttab_setup_table(u32 count, xen_pfn_t *frames)
{
    struct gnttab_setup_table setup = {
        .dom = DOMID_SELF, .nr_frames = count,
    };
    set_xen_guest_handle(setup.frame_list, machine_linear(frames));
    int ret = hypercall3(grant_table_op, GNTTABOP_setup_table, &setup, 1);
    return ret ? ret : setup.status;
}

#endif // hypercall.h
