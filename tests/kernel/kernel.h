// SPDX-License-Identifier: LGPL-3.0-or-later
// A kernel that is as small as can be, to take a guest over from its firmware:
// it believes nothing that it is not told by Xen, and calls no BIOS.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h> // uint32_t, for Xen's headers
#include "string.h" // memset
#include "types.h" // u32

#define __XEN_INTERFACE_VERSION__ 0x00040e00
#define xen_mb()  asm volatile("lock; addl $0, (%%esp)" : : : "memory", "cc")
#define xen_rmb() asm volatile("" : : : "memory")
#define xen_wmb() asm volatile("" : : : "memory")

#include "xen/xen.h" // DOMID_SELF
#include "xen/event_channel.h" // EVTCHNOP_send
#include "xen/grant_table.h" // struct grant_entry_v1
#include "xen/hvm/hvm_op.h" // HVMOP_get_param
#include "xen/hvm/params.h" // HVM_PARAM_STORE_PFN
#include "xen/io/blkif.h" // struct blkif_request
#include "xen/io/xenbus.h" // XenbusStateConnected
#include "xen/io/xs_wire.h" // struct xsd_sockmsg
#include "xen/memory.h" // XENMEM_add_to_physmap
#include "xen/sched.h" // SCHEDOP_yield

#define PAGE_SIZE 4096

// xen.c: Returns 0, or -1 without Xen. Guest frame numbers are of pages of
// ours, where Xen's pages now are.
int xen_setup(void);
void xen_yield(void);
u64 xen_param(u32 index);
u32 xen_open_ports(void);
u32 xen_grants(void);
u32 xen_grant(const void *page, u16 domid);
u32 xen_alloc_port(u16 domid);
void xen_notify(u32 port);

// store.c: values are text, cut to the size of the caller's buffer.
int store_setup(void);
int store_read(const char *dir, const char *key, char *value, u32 size);
u32 store_read_number(const char *dir, const char *key);
int store_list(const char *dir, char *names, u32 size);
void store_write(const char *dir, const char *key, const char *value);
void store_write_number(const char *dir, const char *key, u32 value);

// disk.c: the frontend.
struct disk {
    char dir[64], backend[128];
    struct blkif_front_ring ring;
    u32 port;
    u16 domid; // of the backend
};

int disk_connect(struct disk *disk);
int disk_read(struct disk *disk, u64 sector, void *page);

// sleep.c: S3 and back; what runs between is the firmware.
int sleep_and_wake(void);

#endif
