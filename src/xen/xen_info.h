// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen as this guest sees it: found by CPUID, with its shared pages mapped.
#ifndef __XEN_INFO_H
#define __XEN_INFO_H

#include "xen/machine.h" // machine_ptr
#include "xen/xen_abi.h" // struct shared_info

// Entries in one grant frame.
#define XEN_GRANT_ENTRIES (XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))

// Addresses are guest-physical.
struct xen_info_s {
    u32 shared;                 // Shared info; grant frame 0 follows it
    u32 further;                // What shared info would be for further frames
    u32 home, low;              // Their two places: reserved, and for I/O
    u32 frames;                 // Grant frames in use
    u32 next_gref, end_gref;    // What is left of the last of them
    struct xenstore_domain_interface *store;
    evtchn_port_t store_port;
};

extern struct xen_info_s XenInfo;

// Valid only until the call returns: the page may move.
static inline volatile struct shared_info *
xen_shared(void)
{
    return machine_ptr(XenInfo.shared);
}

int xen_info_setup(void);
int xen_info_take_low(void);
int xen_info_enter(void);
void xen_info_leave(void);
u32 xen_take_grefs(u32 count);
u32 xen_take_further_grefs(u32 count);
u32 xen_grant_entry(u32 gref);

#endif // xen_info.h
