// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Pooled grant references: get, put, quarantine, under one of two policies.
#ifndef __GREF_POOL_H
#define __GREF_POOL_H

#include "types.h" // u32
#include "xen/xen_abi.h" // domid_t

// How long a page stays granted.
enum gref_pool_policy {
    GREF_POOL_PER_OP,        // From get to put
    GREF_POOL_STICKY,        // From the first get until the pool is closed
};

// References of a pool at most.
#define GREF_POOL_MAX 177

// Ranges of pages that a sticky pool can grant, at most.
#define GREF_POOL_RANGES 3

enum gref_pool_state {
    GREF_POOL_FREE,
    GREF_POOL_LIVE,
    GREF_POOL_QUARANTINED,   // Revoked while the backend still used it
};

// Consecutive pages, by guest frame number.
struct gref_pool_range_s {
    u32 first, count;
};

struct gref_pool_s {
    u32 entries;                        // Guest-physical address
    u32 base, size;                     // Range of references
    u32 nr_free, nr_quarantined;
    domid_t backend;
    u8 policy;                          // enum gref_pool_policy
    u8 nr_ranges;
    struct gref_pool_range_s range[GREF_POOL_RANGES];
    u8 free[GREF_POOL_MAX];             // Stack of offsets from base
    u8 state[GREF_POOL_MAX];         // enum gref_pool_state
    u8 bound[GREF_POOL_MAX];         // By page: offset + 1, 0 for none
};

// Returned if there is no reference left.  Xen reserves 0.
#define GREF_POOL_NONE 0

int gref_pool_open(struct gref_pool_s *pool, u32 entries, u32 base, u32 size
                   , domid_t backend);
void gref_pool_stick(struct gref_pool_s *pool, u32 first, u32 count);
void gref_pool_move(struct gref_pool_s *pool, u32 entries);
int gref_pool_close(struct gref_pool_s *pool);
grant_ref_t gref_pool_get(struct gref_pool_s *pool, u32 frame, int readonly);
int gref_pool_put(struct gref_pool_s *pool, grant_ref_t gref);
u32 gref_pool_revoke_range(u32 entries, u32 count);
int gref_pool_grant_range(u32 entries, u32 frame, u32 count, domid_t backend);

#endif // gref_pool.h
