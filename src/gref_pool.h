// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Pooled grant references: get, put, quarantine, under one of two policies.
#ifndef __GREF_POOL_H
#define __GREF_POOL_H

#include "types.h" // u32
#include "xen/xen_abi.h" // domid_t

// How long a page stays granted.
enum gref_policy {
    GREF_PER_OP,        // From get to put
    GREF_STICKY,        // From the first get until the pool is closed
};

// Pages that a sticky pool can grant: those below 640 KiB, where all buffers
// of programs for the BIOS are, and of the driver's own an extent and a page.
#define GREF_LOW_PAGES 160
#define GREF_OWN_PAGES 16
#define GREF_STICKY_SIZE (GREF_LOW_PAGES + GREF_OWN_PAGES + 1)

// References for what one op needs under the other policy: 18 segments, and
// four spare ones for the quarantine.
#define GREF_PER_OP_SIZE 22

enum gref_state {
    GREF_FREE,
    GREF_LIVE,
    GREF_QUARANTINED,   // Revoked while the backend still used it
};

struct gref_pool_s {
    u32 entries;                        // Guest-physical address
    u32 base, size;                     // Window of references
    u32 nr_free, nr_quarantined;
    domid_t backend;
    u8 policy;                          // enum gref_policy
    u32 own_frame;                      // First of GREF_OWN_PAGES
    u32 scratch_frame;                  // The page more
    u8 free[GREF_STICKY_SIZE];          // Stack of offsets into the window
    u8 state[GREF_STICKY_SIZE];         // enum gref_state
    u8 bound[GREF_STICKY_SIZE];         // By page: offset + 1, 0 for none
};

// Returned where there is no reference to be had; 0 is reserved by Xen.
#define GREF_NONE 0

int gref_pool_open(struct gref_pool_s *pool, u32 entries, u32 base, u32 size
                   , domid_t backend);
void gref_pool_stick(struct gref_pool_s *pool, u32 own_frame
                     , u32 scratch_frame);
int gref_pool_close(struct gref_pool_s *pool);
int gref_can_grant(const struct gref_pool_s *pool, u32 frame);
grant_ref_t gref_get(struct gref_pool_s *pool, u32 frame, int readonly);
int gref_put(struct gref_pool_s *pool, grant_ref_t gref);

#endif // gref_pool.h
