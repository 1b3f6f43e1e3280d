// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen's ABI, from Xen's own public headers (see std/xen/COPYING), with every
// size and offset asserted that the driver shares with another party.
#ifndef __XEN_ABI_H
#define __XEN_ABI_H

#include <stdint.h> // uint32_t, for Xen's headers

// The interface of std/xen/.  Only Xen's complete headers look at it, in host
// tests; if unset, they take the oldest.
#define __XEN_INTERFACE_VERSION__ 0x00040e00

// SeaBIOS compiles all files as one, and std/LegacyBios.h, which may have come
// first, leaves structures packed.
#pragma pack(push)
#pragma pack()

#include "std/xen/xen.h" // DOMID_SELF
#include "std/xen/event_channel.h" // EVTCHNOP_send
#include "std/xen/grant_table.h" // struct grant_entry_v1
#include "std/xen/hvm/hvm_op.h" // HVMOP_get_param
#include "std/xen/hvm/params.h" // HVM_PARAM_STORE_PFN
#include "std/xen/io/blkif.h" // struct blkif_request
#include "std/xen/io/protocols.h" // XEN_IO_PROTO_ABI_NATIVE
#include "std/xen/io/xenbus.h" // XenbusStateConnected
#include "std/xen/io/xs_wire.h" // struct xsd_sockmsg
#include "std/xen/memory.h" // XENMEM_add_to_physmap
#include "std/xen/sched.h" // SCHEDOP_poll

#pragma pack(pop)

// io/blkif.h speaks of "the guest's page size" and means this one.
#define XEN_PAGE_SIZE   4096
#define XEN_SECTOR_SIZE 512
#define XEN_SECTORS_PER_PAGE (XEN_PAGE_SIZE / XEN_SECTOR_SIZE)

#define XEN_ABI_SIZE(type, size)                                            \
    _Static_assert(sizeof(type) == (size), "size of " #type)
#define XEN_ABI_OFFSET(type, member, offset)                                \
    _Static_assert(__builtin_offsetof(type, member) == (offset)         \
                   , "offset of " #type "." #member)

// Structures with the same layout in 32-bit and 64-bit code.
XEN_ABI_SIZE(struct grant_entry_v1, 8);
XEN_ABI_OFFSET(struct grant_entry_v1, flags, 0);
XEN_ABI_OFFSET(struct grant_entry_v1, domid, 2);
XEN_ABI_OFFSET(struct grant_entry_v1, frame, 4);
XEN_ABI_SIZE(struct blkif_request_segment, 8);
XEN_ABI_OFFSET(struct blkif_request_segment, gref, 0);
XEN_ABI_OFFSET(struct blkif_request_segment, first_sect, 4);
XEN_ABI_OFFSET(struct blkif_request_segment, last_sect, 5);
XEN_ABI_SIZE(struct blkif_request_indirect, 64);
XEN_ABI_OFFSET(struct blkif_request_indirect, operation, 0);
XEN_ABI_OFFSET(struct blkif_request_indirect, indirect_op, 1);
XEN_ABI_OFFSET(struct blkif_request_indirect, nr_segments, 2);
XEN_ABI_OFFSET(struct blkif_sring, req_prod, 0);
XEN_ABI_OFFSET(struct blkif_sring, req_event, 4);
XEN_ABI_OFFSET(struct blkif_sring, rsp_prod, 8);
XEN_ABI_OFFSET(struct blkif_sring, rsp_event, 12);
XEN_ABI_OFFSET(struct blkif_sring, ring, 64);
XEN_ABI_OFFSET(struct blkif_response, id, 0);
XEN_ABI_OFFSET(struct blkif_response, operation, 8);
XEN_ABI_OFFSET(struct blkif_response, status, 10);
XEN_ABI_SIZE(struct vcpu_time_info, 32);
XEN_ABI_OFFSET(struct vcpu_time_info, tsc_timestamp, 8);
XEN_ABI_OFFSET(struct vcpu_time_info, system_time, 16);
XEN_ABI_OFFSET(struct vcpu_time_info, tsc_to_system_mul, 24);
XEN_ABI_OFFSET(struct vcpu_time_info, tsc_shift, 28);
XEN_ABI_SIZE(struct evtchn_alloc_unbound, 8);
XEN_ABI_SIZE(struct evtchn_close, 4);
XEN_ABI_SIZE(struct evtchn_send, 4);
XEN_ABI_SIZE(struct evtchn_status, 24);
XEN_ABI_OFFSET(struct evtchn_status, port, 4);
XEN_ABI_OFFSET(struct evtchn_status, status, 8);
XEN_ABI_SIZE(struct gnttab_get_version, 8);
XEN_ABI_SIZE(struct gnttab_set_version, 4);
XEN_ABI_SIZE(struct xen_hvm_param, 16);
XEN_ABI_OFFSET(struct xen_hvm_param, value, 8);
XEN_ABI_SIZE(struct xsd_sockmsg, 16);
XEN_ABI_OFFSET(struct xsd_sockmsg, req_id, 4);
XEN_ABI_OFFSET(struct xsd_sockmsg, len, 12);
XEN_ABI_OFFSET(struct xenstore_domain_interface, rsp, 1024);
XEN_ABI_OFFSET(struct xenstore_domain_interface, req_cons, 2048);
XEN_ABI_OFFSET(struct xenstore_domain_interface, req_prod, 2052);
XEN_ABI_OFFSET(struct xenstore_domain_interface, rsp_cons, 2056);
XEN_ABI_OFFSET(struct xenstore_domain_interface, rsp_prod, 2060);

// Structures that differ: the firmware is 32-bit and says "x86_32-abi".
#ifdef __i386__
XEN_ABI_SIZE(struct blkif_request, 108);
XEN_ABI_OFFSET(struct blkif_request, id, 4);
XEN_ABI_OFFSET(struct blkif_request, sector_number, 12);
XEN_ABI_OFFSET(struct blkif_request, seg, 20);
XEN_ABI_OFFSET(struct blkif_request_indirect, id, 4);
XEN_ABI_OFFSET(struct blkif_request_indirect, sector_number, 12);
XEN_ABI_OFFSET(struct blkif_request_indirect, handle, 20);
XEN_ABI_OFFSET(struct blkif_request_indirect, indirect_grefs, 24);
XEN_ABI_SIZE(struct blkif_response, 12);
XEN_ABI_SIZE(union blkif_sring_entry, 108);
XEN_ABI_SIZE(struct xen_add_to_physmap, 16);
XEN_ABI_OFFSET(struct xen_add_to_physmap, space, 4);
XEN_ABI_OFFSET(struct xen_add_to_physmap, gpfn, 12);
XEN_ABI_SIZE(struct xen_memory_reservation, 20);
XEN_ABI_OFFSET(struct xen_memory_reservation, domid, 16);
XEN_ABI_SIZE(struct gnttab_setup_table, 16);
XEN_ABI_SIZE(struct gnttab_copy, 24);
XEN_ABI_OFFSET(struct gnttab_copy, dest, 8);
XEN_ABI_OFFSET(struct gnttab_copy, len, 16);
XEN_ABI_OFFSET(struct gnttab_copy, status, 20);
XEN_ABI_SIZE(struct sched_poll, 16);
XEN_ABI_OFFSET(struct sched_poll, timeout, 8);
XEN_ABI_SIZE(struct vcpu_info, 64);
XEN_ABI_OFFSET(struct vcpu_info, time, 32);
XEN_ABI_OFFSET(struct shared_info, evtchn_pending, 2048);
XEN_ABI_OFFSET(struct shared_info, evtchn_mask, 2176);
#endif

#endif // xen_abi.h
