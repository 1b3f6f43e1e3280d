// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A fake Xen: the hypercalls that the driver makes, event channels, and the
// grant table as the other domains use it.
#ifndef __FAKE_XEN_H
#define __FAKE_XEN_H

#include "types.h" // u32

#define XEN_GUEST_DOMID 7
#define XEN_STORE_PORT  1
#define XEN_RESTORED_PORT 2     // xenstore's after xen_restore()
#define XEN_STORE_PFN   (0xfeffc000U >> 12)
#define XEN_PORTS       64
#define XEN_VMCALL      0xc1
#define XEN_VMMCALL     0xd9
// Room for more grant frames than the driver may want.
#define XEN_FRAME_GRANTS 512U
#define XEN_GRANT_FRAMES 14U
#define XEN_GRANTS       (XEN_GRANT_FRAMES * XEN_FRAME_GRANTS)

// What the machine looks like; xen_reset() chooses Xen 4.17 under hvmloader.
struct xen_config_s {
    u32 cpuid_base;         // 0 for no Xen
    u32 cpuid_leaves;
    int on_xen;             // SeaBIOS knows that it runs on Xen
    u64 store_pfn, store_port;
    u32 grant_version;
    u32 max_grant_frames;
    u32 hypercall_pages;    // One, on every Xen so far
    u8 hypercall;           // Last byte of the instruction for hypercalls
    int refuses_copies;     // Says so of each one
    int refuses_table;      // Says so when it is asked where the frames are
};
extern struct xen_config_s XenConfig;

struct xen_counters_s {
    u32 hypercalls, polls, events, wrmsrs, copies;
};
extern struct xen_counters_s XenCounters;

void xen_reset(void);
int xen_hypercall(u32 number, u64 a1, const void *a2, u64 a3);
void xen_fail_hypercall(u32 nth, u32 count);
u32 xen_failures_left(void);
void xen_fail_op(u32 number, u64 op);

// Event channels, seen from the other end.
int xen_bind(u16 domid, u32 port);
void xen_unbind(u32 port);
int xen_take_event(u32 port);
void xen_map_elsewhere(u32 place, u32 step);
void xen_restore(void);
void xen_signal(u32 port);
u32 xen_open_ports(void);
int xen_pending(u32 port);

// Grants, seen from another domain.
void *xen_map_grant(u16 domid, u32 gref, int write);
void xen_unmap_grant(u32 gref);
int xen_grant_is_mapped(u32 gref);
u32 xen_live_grants(void);
u32 xen_window_grants(u32 base, u32 size);
u32 xen_grant_flags(u32 gref);
u32 xen_grant_page(u32 gref);
u32 xen_grant_frame(u32 index);

// Places of Xen's pages, by guest frame number; 0 where there is none.
u32 xen_shared_frame(void);
u32 xen_holes(void);

#endif // xen.h
