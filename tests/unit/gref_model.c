// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A pool of grant references against a model of what each of them is: its
// state, its page, and the flags that Xen sees.

#include "fake/check.h" // assert_int_equal
#include "fake/guest.h" // guest_ptr
#include "gref_model.h" // Pool
#include "string.h" // memset

struct grant_entry_v1 *Table;
struct gref_pool_s Pool;

// Open the pool, with so many references in use by the other domain.
void
gref_model_open(int policy, u32 busy)
{
    u32 size = policy == GREF_POOL_STICKY ? GREF_POOL_MAX : PER_OP_SIZE;
    assert_int_equal(gref_pool_open(&Pool, TABLE + BASE * sizeof(*Table)
                                    , BASE, size, DOMID), size - busy);
    if (policy == GREF_POOL_STICKY) {
        gref_pool_stick(&Pool, 0, LOW_PAGES);
        gref_pool_stick(&Pool, OWN_FRAME, OWN_PAGES);
        gref_pool_stick(&Pool, SCRATCH_FRAME, 1);
    }
    assert_int_equal(Pool.nr_quarantined, busy);
}

// The page at place 'i' of all pages that can stick.
u32
sticky_page(u32 i)
{
    if (i == LOW_PAGES + OWN_PAGES)
        return SCRATCH_FRAME;
    return i < LOW_PAGES ? i : i - LOW_PAGES + OWN_FRAME;
}

int
can_stick(u32 frame)
{
    return frame < LOW_PAGES
           || (frame >= OWN_FRAME && frame < OWN_FRAME + OWN_PAGES)
           || frame == SCRATCH_FRAME;
}

// Nothing outside the pool's window may change.
void
gref_model_check_neighbours(void)
{
    static const struct grant_entry_v1 empty;
    u32 i;
    for (i = 0; i < ENTRIES; i++)
        if (i - BASE >= Pool.size)
            assert_memory_equal(&Table[i], &empty, sizeof(empty));
}


/****************************************************************
 * The model
 ****************************************************************/

static struct {
    enum gref_pool_state state;
    u32 frame;
    u16 flags;          // As in the entry
} Model[GREF_POOL_MAX];

static int
model_is_mapped(u32 i)
{
    return Model[i].flags & (GTF_reading | GTF_writing);
}

static u32
model_count(enum gref_pool_state state)
{
    u32 i, count = 0;
    for (i = 0; i < Pool.size; i++)
        count += Model[i].state == state;
    return count;
}

// The live reference of a page that sticks, GREF_POOL_NONE where it has none.
static grant_ref_t
model_find(u32 frame)
{
    u32 i;
    for (i = 0; i < Pool.size; i++)
        if (Model[i].state == GREF_POOL_LIVE && Model[i].frame == frame)
            return BASE + i;
    return GREF_POOL_NONE;
}

static u32
history_frame(u32 (*choose)(u32 limit))
{
    if (Pool.policy == GREF_POOL_PER_OP || !choose(8))
        return choose(1 << 20);
    return sticky_page(choose(GREF_POOL_MAX));
}

static void
history_grant(u32 frame, int readonly)
{
    u32 free = model_count(GREF_POOL_FREE);
    grant_ref_t gref = gref_pool_get(&Pool, frame, readonly);
    if (!free) {
        assert_int_equal(gref, GREF_POOL_NONE);
        return;
    }
    u32 i = gref - BASE;
    assert_true(i < Pool.size);
    assert_int_equal(Model[i].state, GREF_POOL_FREE);
    Model[i].state = GREF_POOL_LIVE;
    Model[i].frame = frame;
    Model[i].flags = GTF_permit_access;
    if (readonly && Pool.policy == GREF_POOL_PER_OP)
        Model[i].flags |= GTF_readonly;
}

static void
history_get(u32 (*choose)(u32 limit))
{
    u32 frame = history_frame(choose);
    int readonly = (int)choose(2);
    int can_grant = Pool.policy == GREF_POOL_PER_OP || can_stick(frame);
    if (can_grant && (Pool.policy == GREF_POOL_PER_OP || !model_find(frame)))
        history_grant(frame, readonly);
    else
        assert_int_equal(gref_pool_get(&Pool, frame, readonly)
                         , can_grant ? model_find(frame) : GREF_POOL_NONE);
}

static void
history_end(u32 i)
{
    Model[i].state = model_is_mapped(i) ? GREF_POOL_QUARANTINED : GREF_POOL_FREE;
    if (Model[i].state == GREF_POOL_FREE)
        Model[i].flags = 0;
}

static void
history_put(u32 i)
{
    int live = Model[i].state == GREF_POOL_LIVE;
    if (live && Pool.policy == GREF_POOL_PER_OP)
        history_end(i);
    int ok = live && Model[i].state != GREF_POOL_QUARANTINED;
    assert_int_equal(gref_pool_put(&Pool, BASE + i), ok ? 0 : -1);
}

static void
history_map(u32 i)
{
    if (model_is_mapped(i))
        Model[i].flags &= (u16)~(GTF_reading | GTF_writing);
    else if (Model[i].flags & GTF_permit_access)
        Model[i].flags |= Model[i].flags & GTF_readonly
                          ? GTF_reading : GTF_reading | GTF_writing;
    Table[BASE + i].flags = Model[i].flags;
}

static void
history_close(int reopen)
{
    u32 i;
    for (i = 0; i < Pool.size; i++)
        history_end(i);
    assert_int_equal(gref_pool_close(&Pool), model_count(GREF_POOL_QUARANTINED));
    if (reopen)
        gref_model_open(Pool.policy, model_count(GREF_POOL_QUARANTINED));
}

// Each entry is as the model has it, so that none has changed its page or
// its permission since it was granted.
static void
history_check(void)
{
    u32 i;
    assert_int_equal(Pool.nr_free, model_count(GREF_POOL_FREE));
    assert_int_equal(Pool.nr_quarantined, model_count(GREF_POOL_QUARANTINED));
    for (i = 0; i < Pool.size; i++) {
        struct grant_entry_v1 *entry = &Table[BASE + i];
        if (entry->flags != Model[i].flags || entry->domid != DOMID
            || (entry->flags && entry->frame != Model[i].frame))
            fail_msg("entry %u: flags %#x, domid %u, frame %#x, and not %#x"
                     ", %u, %#x", i, entry->flags, entry->domid, entry->frame
                     , Model[i].flags, DOMID, Model[i].frame);
    }
}

// Begin with a pool of which nothing is in use.
void
gref_model_start(int policy)
{
    memset(Model, 0, sizeof(Model));
    Table = guest_ptr(TABLE);
    memset(Table, 0, ENTRIES * sizeof(*Table));
    gref_model_open(policy, 0);
}

// One thing that the driver or the other domain does.
void
gref_model_step(u32 (*choose)(u32 limit))
{
    u32 what = choose(1000), i = choose(Pool.size);
    if (what < 400)
        history_get(choose);
    else if (what < 750)
        history_put(i);
    else if (what < 995)
        history_map(i);
    else
        history_close(what % 2);
    history_check();
    gref_model_check_neighbours();
}
