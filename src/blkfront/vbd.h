// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A virtual block device: its place in xenstore and its connection.
#ifndef __BLKFRONT_VBD_H
#define __BLKFRONT_VBD_H

#include "biosvar.h" // GET_GLOBAL
#include "blkfront/internal.h" // PAGES_BOUNCE
#include "blkfront/ring.h" // struct ring_s
#include "blkfront/stream.h" // struct streams_s
#include "gref_pool.h" // struct gref_pool_s
#include "indirect.h" // struct plan_limits_s
#include "xen/xen_time.h" // xen_time_coarse
#include "xen/xenstore.h" // XENSTORE_PATH_MAX

// To be set to 0 only for a build that shows what each of them gains.
#ifndef VBD_INDIRECT
#define VBD_INDIRECT 1  // Use indirect requests
#endif
#ifndef VBD_STICKY
#define VBD_STICKY 1    // Let grants stick
#endif

// Pages that can stick: those below 640 KiB, where programs for the BIOS have
// their buffers, and the driver's own.
#define VBD_LOW_PAGES 160
#define VBD_STICKY_GREFS (VBD_LOW_PAGES + PAGES_BOUNCE + 1)

// References for one op if grants do not stick: for 18 segments, and four
// spare ones for the quarantine.
#define VBD_OP_GREFS 22

enum vbd_state {
    VBD_CLOSED,         // Not connected
    VBD_CONNECTED,
    VBD_BROKEN,         // Not to be used again: the backend misbehaved
};

// Counters since the firmware started.  Sectors are of 512 bytes.
struct vbd_stats_s {
    u32 calls;          // Reads and writes
    u32 requests;       // Sent in the ring
    u32 indirect;       // Of these, indirect ones
    u32 segments;       // Segments of all requests
    u32 bounced;        // Sectors copied to or from bounce pages
    u32 moved;          // Sectors moved within the caller's buffer
    u32 ahead;          // Sectors copied out of windows
    u32 notifies;       // Events sent
    u32 suppressed;     // Pushes for which the backend wanted no event
    u32 spins;          // Waits that began with a spin
    u32 sleeps;
    u32 retries;        // Ops tried again through the bounce pages
    u32 errors;         // Ops that failed
    u32 connects;
};

// The members used most come first: within 128 bytes an access is 3 bytes
// shorter.
struct vbd_s {
    u8 state;                                   // enum vbd_state
    u8 readonly, trusted;
    u8 cdrom;                                   // Its blocks are of 2048 bytes
    u8 low;                                     // 16-bit code reaches it
    u8 can_stick;                               // Its references may stick
    u8 nr_op_grefs;                             // From op_grefs on
    u8 persistent;                              // Backend keeps its mappings
    u8 dirty;                                   // Written to, not flushed
    u8 own_state, found_state;                  // XenbusState*: now, at first
    u8 late;                                    // Backend was given up
    u8 block_mask;                              // Sectors of its own blocks, - 1
    u8 long_ring;                               // The next ring has two pages
    u16 announcements;                          // Of an OS, before its last op
    struct plan_limits_s limits;
    struct patience_s patience;
    u16 backend_domid;
    u32 port;                                   // 0 while closed
    u32 device;                                 // Virtual device number
    u32 sring;                                  // Guest-physical address
    grant_ref_t ring_gref, second_gref;         // GREF_POOL_NONE while unused
    u64 sectors;                                // Of 512 bytes
    struct vbd_stats_s stats;
    char dir[32];                               // Such as "device/vbd/51712"
    u32 ring_grefs, op_grefs;                   // First of each range
    u32 calls_reported;
    u64 deadline;                               // Of waits for the backend
    u64 retry_time;                             // Both in ns of xen_time()
    u32 disc, disc_time;                        // disc_read(); coarse clock
    char name[20];                              // Such as "xvda"
    struct ring_s ring;
    struct streams_s streams;
    char backend_dir[XENSTORE_PATH_MAX];
    struct gref_pool_s pool;                    // For the pages of ops
    struct gref_pool_s ring_pool;               // For the driver's own
};

// A backend without indirect requests is taken for qemu, which reads through
// dom0's page cache.  That reads ahead so many sectors, from one multiple to the
// next.  To other backends it is all the same.
#define VBD_CACHE_SECTORS 256

// The largest block of a disk's own, in bytes: one that fits a page.
#define VBD_MAX_BLOCK 4096

// Of a CD-ROM.
#define VBD_CDROM_BLOCK 2048

// How long it may take to disconnect a disk, which a backend does in a few ms.
#define VBD_CLOSE_MS 2500

void vbd_log_name(struct vbd_s *vbd);
void vbd_log(struct vbd_s *vbd, const char *text);
struct vbd_s *vbd_create(const char *id, int low);
int vbd_connect(struct vbd_s *vbd);
int vbd_check_disc(struct vbd_s *vbd);
void vbd_check_port(struct vbd_s *vbd);
u32 vbd_sectors_at_once(const struct vbd_s *vbd, u64 lba);
int vbd_can_flush(struct vbd_s *vbd);
void vbd_log_kept(struct vbd_s *vbd, int count);
int vbd_close_pools(struct vbd_s *vbd);
int vbd_disconnect(struct vbd_s *vbd, u32 ms);
void vbd_move_low(struct vbd_s *vbd);

// Do 'count' sectors from 'lba' on begin and end where blocks of the disk's do, and
// their memory, from a sector 'place' of it on, where blocks could lie in a page?
// blkback takes no segment with part of a block.
static inline int
vbd_has_whole_blocks(const struct vbd_s *vbd, u64 lba, u32 count, u32 place)
{
    return !(((u32)lba | count | place) & vbd->block_mask);
}

// Is it time to look whether a CD-ROM drive has another disc?  Once a tick: the
// toolstack takes longer to change it.
static inline int
vbd_must_check_disc(const struct vbd_s *vbd)
{
    return vbd->cdrom
           && xen_time_coarse() - vbd->disc_time > GET_GLOBAL(XenTimeTick);
}

// Can a request keep its segments in a page of their own?
static inline int
vbd_is_indirect(const struct vbd_s *vbd)
{
    return vbd->limits.indirect > vbd->limits.direct;
}

// Guest-physical address of the page behind the first one of the ring.  It is the
// ring's, or else has the segments of indirect requests: no backend needs both.
static inline u32
vbd_second_page(const struct vbd_s *vbd)
{
    return vbd->sring + XEN_PAGE_SIZE;
}

#endif // vbd.h
