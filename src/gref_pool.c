// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A fixed range of grant references for each use.  Granting is two stores,
// revoking one compare-and-exchange: no hypercall, and O(1).  Compiled for
// 16-bit and 32-bit code.
//
// Two policies.  Per op: a page is granted from get to put.  Sticky: the
// first get binds a reference to the page, and there it stays until the pool
// is closed, so that a buffer that is used again costs nothing.  A backend
// that keeps its mappings ("feature-persistent") finds them by the number of
// the reference; therefore a sticky reference is never bound to another page
// while connected: it would do I/O to the old one.
//
// A reference that the backend still uses when it should be free goes to
// quarantine: Xen answers a second mapping of it with the frame of the first
// (xen/common/grant_table.c, map_grant_ref), so handing it out again would
// expose, or overwrite, the wrong page.

#include "gref_pool.h" // struct gref_pool_s
#include "string.h" // memset
#include "xen/machine.h" // machine_cmpxchg16

// Xen sets and clears the bits of use as the backend maps and unmaps.  A
// backend that causes this many changes in a row wants to keep us busy.
#define GREF_POOL_REVOKE_TRIES 16

_Static_assert(GREF_POOL_MAX < 255, "an offset + 1 fits a byte");


/****************************************************************
 * One entry
 ****************************************************************/

static volatile struct grant_entry_v1 *
gref_pool_entry(struct gref_pool_s *pool, u32 offset)
{
    volatile struct grant_entry_v1 *entries = machine_ptr(pool->entries);
    return &entries[offset];
}

// Take the permission back, by the rule of xen/include/public/grant_table.h
// ("Invalidating an unused GTF_permit_access entry").  Returns 0, or -1
// while the page is in use.
static int
gref_pool_revoke_entry(volatile struct grant_entry_v1 *entry)
{
    int tries;
    for (tries = 0; tries < GREF_POOL_REVOKE_TRIES; tries++) {
        u16 flags = entry->flags;
        if (flags & (GTF_reading | GTF_writing))
            return -1;
        if (machine_cmpxchg16(&entry->flags, flags, 0) == flags)
            return 0;
    }
    return -1;
}

// Grant a page.  Returns the offset of its reference, or -1 if all are in use.
static int
gref_pool_grant(struct gref_pool_s *pool, u32 frame, int readonly)
{
    if (!pool->nr_free)
        return -1;
    u32 offset = pool->free[--pool->nr_free];
    pool->state[offset] = GREF_POOL_LIVE;
    volatile struct grant_entry_v1 *entry = gref_pool_entry(pool, offset);
    entry->frame = frame;
    smp_wmb(); // Xen sees the frame before the permission to use it
    entry->flags = GTF_permit_access | (readonly ? GTF_readonly : 0);
    return offset;
}

// End the grant of a live reference: free it, or put it into quarantine.
static int
gref_pool_revoke(struct gref_pool_s *pool, u32 offset)
{
    if (gref_pool_revoke_entry(gref_pool_entry(pool, offset))) {
        pool->state[offset] = GREF_POOL_QUARANTINED;
        pool->nr_quarantined++;
        return -1;
    }
    pool->state[offset] = GREF_POOL_FREE;
    pool->free[pool->nr_free++] = (u8)offset;
    return 0;
}


/****************************************************************
 * The pool
 ****************************************************************/

// Own the references base to base + size - 1, and prepare them for the domain
// 'backend'.  Their entries, of version 1, are at the guest-physical address
// 'entries'.  References of an earlier owner that are still in use start in
// quarantine.  Returns how many are free.
int
gref_pool_open(struct gref_pool_s *pool, u32 entries, u32 base, u32 size
               , domid_t backend)
{
    u32 i;
    memset(pool, 0, sizeof(*pool));
    pool->entries = entries;
    pool->base = base;
    pool->size = size;
    pool->backend = backend;
    for (i = 0; i < size; i++)
        pool->state[i] = GREF_POOL_QUARANTINED;
    pool->nr_quarantined = size;
    gref_pool_close(pool);
    return pool->nr_free;
}

// Make a pool that was just opened sticky for 'count' pages, the first one at
// guest frame number 'first'.  Called once for each range.  All ranges
// together may have as many pages as the pool has references.
void
gref_pool_stick(struct gref_pool_s *pool, u32 first, u32 count)
{
    pool->policy = GREF_POOL_STICKY;
    pool->range[pool->nr_ranges++]
        = (struct gref_pool_range_s){ .first = first, .count = count };
}

// The entries are at the guest-physical address 'entries' now.
void
gref_pool_move(struct gref_pool_s *pool, u32 entries)
{
    pool->entries = entries;
}

// End all grants, including those in quarantine.  Called when the backend has
// unmapped them.  Returns how many it still uses.
int
gref_pool_close(struct gref_pool_s *pool)
{
    u32 i;
    for (i = 0; i < pool->size; i++) {
        if (pool->state[i] == GREF_POOL_FREE)
            continue;
        if (pool->state[i] == GREF_POOL_QUARANTINED)
            pool->nr_quarantined--;
        if (!gref_pool_revoke(pool, i))
            // For all later grants
            gref_pool_entry(pool, i)->domid = pool->backend;
    }
    memset(pool->bound, 0, sizeof(pool->bound));
    return pool->nr_quarantined;
}

// Index of a page in pool->bound, or -1 if it cannot stick.
static int
gref_pool_find_page(const struct gref_pool_s *pool, u32 frame)
{
    const struct gref_pool_range_s *range = pool->range;
    u32 page = 0;
    for (; range < &pool->range[pool->nr_ranges]; range++) {
        if (frame - range->first < range->count)
            return page + frame - range->first;
        page += range->count;
    }
    return -1;
}

// Allow the backend to use the page at guest frame number 'frame'.  Returns
// the reference, or GREF_POOL_NONE if there is none left, or if the pool is
// sticky and the page in none of its ranges.  A sticky grant is for writing,
// whatever the first op needs: a backend maps it only once.
grant_ref_t
gref_pool_get(struct gref_pool_s *pool, u32 frame, int readonly)
{
    int page = 0, offset;
    if (pool->policy == GREF_POOL_STICKY) {
        page = gref_pool_find_page(pool, frame);
        if (page < 0)
            return GREF_POOL_NONE;
        if (pool->bound[page])
            return pool->base + pool->bound[page] - 1;
        readonly = 0;
    }
    offset = gref_pool_grant(pool, frame, readonly);
    if (offset < 0)
        return GREF_POOL_NONE;
    if (pool->policy == GREF_POOL_STICKY)
        pool->bound[page] = (u8)(offset + 1);
    return pool->base + offset;
}

// The op that got the reference is over.  Returns 0, or -1 if the backend
// still uses a page that it must not keep (the reference is then in
// quarantine, and the page must not be reused), or if the pool has no such
// live reference.
int
gref_pool_put(struct gref_pool_s *pool, grant_ref_t gref)
{
    u32 offset = gref - pool->base;
    if (offset >= pool->size || pool->state[offset] != GREF_POOL_LIVE)
        return -1;
    return pool->policy == GREF_POOL_STICKY
           ? 0 : gref_pool_revoke(pool, offset);
}


/****************************************************************
 * A range of pages that is granted as a whole
 ****************************************************************/

// End the grants of 'count' consecutive references, whose entries begin at the
// guest-physical address 'entries'.  Returns how many pages are still in use;
// their grants are left as they are.
u32
gref_pool_revoke_range(u32 entries, u32 count)
{
    volatile struct grant_entry_v1 *entry = machine_ptr(entries);
    u32 busy = 0;
    for (; count; count--, entry++)
        busy += !!gref_pool_revoke_entry(entry);
    return busy;
}

// Allow the domain 'backend' to read and write 'count' pages, the first one at
// guest frame number 'frame', by as many references.  Returns 0, or -1 with
// nothing granted if some of the references are still in use.
int
gref_pool_grant_range(u32 entries, u32 frame, u32 count, domid_t backend)
{
    volatile struct grant_entry_v1 *entry = machine_ptr(entries);
    if (gref_pool_revoke_range(entries, count))
        return -1;
    for (; count; count--, entry++) {
        entry->domid = backend;
        entry->frame = frame++;
        smp_wmb(); // Xen sees whom and what before the permission
        entry->flags = GTF_permit_access;
    }
    return 0;
}
