// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A fake block backend: its half of the state machine, and a disk that it
// copies to and from the pages it is granted.
#ifndef __FAKE_BACKEND_H
#define __FAKE_BACKEND_H

#include "xen/xen_abi.h" // struct blkif_back_ring
#include "fake/xen.h" // XEN_GRANTS
#include "types.h" // u32

#define BACKEND_SECTORS 4096U       // What is really there of each disk
#define BACKEND_DOMID   3

// Whose source it is written after: Linux's drivers/block/xen-blkback, with and
// without persistent grants; QEMU's hw/block/xen-block.c, and its xen_disk.c up to
// 3.0; FreeBSD's sys/dev/xen/blkback, and as it was before hotplug scripts were
// done once; NetBSD's sys/arch/xen/xen/xbdback_xenbus.c; illumos's
// usr/src/uts/common/xen/io/xdb.c; XAPI's tapback.
enum backend_kind {
    BLKBACK, PERSISTENT, QDISK, QDISK_OLD, FREEBSD, FREEBSD_OLD, NETBSD, ILLUMOS,
    TAPBACK,
};

// What is false in its answers; all zero is nothing.
struct backend_lie_s {
    u64 id;                 // Added to the id
    u8 operation;           // Bits of the operation that are wrong
    u32 prod;               // Added to rsp_prod
    int scribbles;          // Fills the ring with rubbish, and works no more
};

// How it behaves; all zero is well.
struct backend_manner_s {
    int ignores_states;     // Does not follow the frontend's state
    int ignores_closing;    // Nor lets go of a frontend
    u32 slow;               // Turns between a request and its answer
    u64 latency;            // ns between them, for each request on its own
    u32 late, late_turns;   // Holds back the answer to this request from now on
    int silent;             // Takes requests, and answers nothing
    int takes_nothing;
    int dies;               // At the next request
    int reversed;           // Answers the last request first
    int keeps_pages;        // Leaves grants mapped when it answers
    int forgets;            // Lets go of what it may keep, now and then
    u32 fail_mask;          // Bit n: refuses the nth request from now
    s16 status;             // How it refuses; 0 for BLKIF_RSP_ERROR
    s16 flush_status;       // What it answers to a flush
    int refuses_program;    // Refuses pages of the guest's program
    int outer_operation;    // Answers BLKIF_OP_INDIRECT as such
    int wrong_id;           // Answers what was not asked
    int extra_answers;      // More answers than questions
    u64 lingers;            // ns for which requests under way outlive Closed
    int polls;              // Looks for requests without an event
    struct backend_lie_s lie;
};

struct backend_s {
    enum backend_kind kind;
    u16 domid;
    u32 device;
    char frontend_dir[64], backend_dir[64];
    struct backend_manner_s manner;
    u8 disk[BACKEND_SECTORS * 512];
    // Written to xenstore before Connected, NULL for not at all.
    const char *sectors, *sector_size, *info, *indirect, *persistent, *flush;
    const char *physical_sector_size;
    const char *ring_order; // "max-ring-page-order", before InitWait
    // What it saw.
    u32 requests, indirect_requests, segments, events, connects, mappings;
    u32 flushes;
    u32 misaligned;         // Requests for part of a block
    u32 interrupted;        // Requests under way when it was closed
    int unflushed;          // Writes that a crash would lose
    const u8 *last_page;    // That of the last segment
    // Inside.
    int watch_fired, connected, detached;
    u32 seen;               // State of the frontend
    u32 found;              // The one that it was found in
    int meddled;            // Somebody else writes it, or nobody can
    u32 port, ring_gref, waited;
    u32 second_gref;        // Of a ring of two pages, else 0
    int is_persistent;      // Both ends have said so
    u64 max_indirect;       // As it was said when they connected
    u32 block_mask;         // So was this: sectors of a block, less 1
    u8 *kept[XEN_GRANTS];   // Mappings that it keeps, by reference
    struct blkif_back_ring ring;
};

void backend_create(struct backend_s *backend, enum backend_kind kind
                    , u32 device);
void backend_set_blocks(struct backend_s *backend, const char *size);
void backend_set_states(struct backend_s *backend, u32 frontend, u32 state);
u32 backend_state(const struct backend_s *backend);
u32 backend_frontend_state(const struct backend_s *backend);
int backend_all_are_as_found(void);
void backend_forget_found(struct backend_s *backend);
void backend_detach_device(struct backend_s *backend);
void backend_die(struct backend_s *backend);
void backend_restore(struct backend_s *backend);
void backend_run_all(void);
void backend_reset_all(void);

// Nodes of the frontend's and of the backend's directory.
void backend_set_frontend_key(struct backend_s *backend, const char *key
                              , const char *value);
void backend_set_key(struct backend_s *backend, const char *key
                     , const char *value);
const char *backend_get_frontend_key(const struct backend_s *backend
                                     , const char *key);

#endif // backend.h
