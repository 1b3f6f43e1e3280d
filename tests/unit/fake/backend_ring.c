// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The backend's half of the blkif ring.  Every access goes through a grant,
// and what a frontend must not ask for fails the test.
//
// A persistent backend does as Linux's drivers/block/xen-blkback/blkback.c:
// it maps each page for writing, keeps the mapping until it closes, and finds
// it again by the number of the reference, whatever that has become.

#include "xen/xen_abi.h" // struct blkif_back_ring
#include "fake/backend.h" // struct backend_s
#include "string.h" // memcpy
#include "config.h" // ConfigReadahead
#include "fake/backend_ring.h" // backend_serve
#include "fake/check.h" // assert_true
#include "fake/guest.h" // GUEST_PROGRAM
#include "fake/world.h" // world_random
#include "fake/xen.h" // xen_map_grant

#define MAX_SEGMENTS 256
#define MAX_BATCH    64

// One request, of either sort.
struct job_s {
    u64 id, sector;
    u8 operation, sent_as;
    u32 nr_segments;
    int refused;                // Its segments could not be read
    struct blkif_request_segment segment[MAX_SEGMENTS];
};

// The answers that wait for storage to have them, for backends of the manner
// 'latency'.
static struct {
    const struct backend_s *backend;
    struct job_s job;
    s16 status;
    u64 due;
} Delayed[4 * MAX_BATCH];

void
backend_attach(struct backend_s *backend, void *page)
{
    u32 i;
    for (i = 0; i < ARRAY_SIZE(Delayed); i++)
        if (Delayed[i].backend == backend)
            Delayed[i].backend = NULL;
    BACK_RING_INIT(&backend->ring, (struct blkif_sring *)page
                   , (backend->second_gref ? 2 : 1) * XEN_PAGE_SIZE);
    backend->waited = 0;
}


/****************************************************************
 * Pages
 ****************************************************************/

// A page that the backend has, NULL where it is refused.
static void *
map_page(struct backend_s *backend, u32 gref, int write)
{
    assert_true(gref < XEN_GRANTS);
    void *page = backend->kept[gref];
    if (page)
        return page;
    backend->mappings++;
    page = xen_map_grant(backend->domid, gref
                         , write || backend->is_persistent);
    if (backend->is_persistent)
        backend->kept[gref] = page;
    return page;
}

static void
unmap_page(const struct backend_s *backend, u32 gref)
{
    if (!backend->is_persistent)
        xen_unmap_grant(gref);
}

static void
forget_page(struct backend_s *backend, u32 gref)
{
    if (backend->kept[gref])
        xen_unmap_grant(gref);
    backend->kept[gref] = NULL;
}

// Let go of all pages but the ring's.
void
backend_detach(struct backend_s *backend)
{
    u32 gref, i;
    for (gref = 0; gref < XEN_GRANTS; gref++)
        forget_page(backend, gref);
    for (i = 0; i < ARRAY_SIZE(Delayed); i++)
        backend->interrupted += Delayed[i].backend == backend;
}


/****************************************************************
 * Requests
 ****************************************************************/

// What a backend need not change it must not be able to change, unless it
// maps all pages alike.
static void
check_permission(const struct backend_s *backend, u32 gref, int readonly)
{
    if (!backend->is_persistent)
        assert_int_equal(!!(xen_grant_flags(gref) & GTF_readonly), readonly);
}

static void
parse_indirect(struct backend_s *backend
               , const struct blkif_request_indirect *request
               , struct job_s *job)
{
    u32 gref = request->indirect_grefs[0];
    job->operation = request->indirect_op;
    job->id = request->id;
    job->sector = request->sector_number;
    job->nr_segments = request->nr_segments;
    assert_int_equal(request->handle, (u16)backend->device);
    assert_in_range(job->nr_segments, 1, backend->max_indirect);
    assert_in_range(job->nr_segments, 1, MAX_SEGMENTS);
    if (!ConfigReadahead) // Those of windows are for backends of both kinds
        check_permission(backend, gref, 1);
    void *page = map_page(backend, gref, 0);
    job->refused = !page;
    if (!page)
        return;
    memcpy(job->segment, page, job->nr_segments * sizeof(job->segment[0]));
    unmap_page(backend, gref);
    backend->indirect_requests++;
}

static void
parse_direct(struct backend_s *backend, const struct blkif_request *request
             , struct job_s *job)
{
    job->operation = request->operation;
    job->id = request->id;
    job->sector = request->sector_number;
    job->nr_segments = request->nr_segments;
    assert_int_equal(request->handle, (u16)backend->device);
    if (job->operation == BLKIF_OP_FLUSH_DISKCACHE)
        assert_int_equal(job->nr_segments, 0);
    else
        assert_in_range(job->nr_segments, 1, BLKIF_MAX_SEGMENTS_PER_REQUEST);
    memcpy(job->segment, request->seg
           , job->nr_segments * sizeof(job->segment[0]));
}

static void
parse(struct backend_s *backend, const struct blkif_request *request
      , struct job_s *job)
{
    job->sent_as = request->operation;
    job->refused = 0;
    if (request->operation == BLKIF_OP_INDIRECT)
        parse_indirect(backend, (const void *)request, job);
    else
        parse_direct(backend, request, job);
    backend->requests++;
    backend->segments += job->nr_segments;
}

// Copy one segment between its page and the disk.  Returns how many sectors
// it is, or 0 where the page is refused.
static u32
copy_segment(struct backend_s *backend, const struct job_s *job, u64 sector
             , const struct blkif_request_segment *segment)
{
    int read = job->operation == BLKIF_OP_READ;
    assert_true(segment->first_sect <= segment->last_sect);
    assert_true(segment->last_sect < XEN_SECTORS_PER_PAGE);
    u32 count = segment->last_sect - segment->first_sect + 1U;
    assert_true(sector + count <= BACKEND_SECTORS);
    check_permission(backend, segment->gref, !read);
    u8 *page = map_page(backend, segment->gref, read);
    assert_true(page || backend->is_persistent);
    if (!page)
        return 0;
    backend->last_page = page;
    u32 addr = guest_is_high(page) ? 0 : guest_phys(page);
    u8 *memory = page + segment->first_sect * XEN_SECTOR_SIZE;
    u8 *disk = &backend->disk[sector * XEN_SECTOR_SIZE];
    int refused = backend->manner.refuses_program
                  && (guest_is_high(page) || addr < GUEST_VGA
                      || (addr >= GUEST_PROGRAM && addr < GUEST_HEAP));
    if (!refused)
        memcpy(read ? memory : disk, read ? disk : memory
               , (size_t)count * XEN_SECTOR_SIZE);
    if (!backend->manner.keeps_pages)
        unmap_page(backend, segment->gref);
    return refused ? 0 : count;
}

static s16
flush(struct backend_s *backend)
{
    assert_non_null(backend->flush); // It was offered
    backend->flushes++;
    if (!backend->manner.flush_status)
        backend->unflushed = 0;
    return backend->manner.flush_status;
}

// Linux's blkback refuses a segment with part of a block.
static int
is_misaligned(struct backend_s *backend, const struct job_s *job)
{
    u32 i, ends = (u32)job->sector;
    for (i = 0; i < job->nr_segments; i++)
        ends |= job->segment[i].last_sect - job->segment[i].first_sect + 1U;
    backend->misaligned += !!(ends & backend->block_mask);
    return !!(ends & backend->block_mask);
}

// Returns BLKIF_RSP_*.
static s16
transfer(struct backend_s *backend, const struct job_s *job)
{
    struct backend_manner_s *m = &backend->manner;
    u64 sector = job->sector;
    u32 i, count;
    if (job->operation == BLKIF_OP_FLUSH_DISKCACHE)
        return flush(backend);
    u32 fails = m->fail_mask & 1;
    m->fail_mask >>= 1;
    if (job->refused || is_misaligned(backend, job))
        return BLKIF_RSP_ERROR;
    if (m->lie.id || m->lie.operation)
        return BLKIF_RSP_OKAY; // Without having done anything
    if (fails)
        return m->status ? m->status : BLKIF_RSP_ERROR;
    for (i = 0; i < job->nr_segments; i++) {
        count = copy_segment(backend, job, sector, &job->segment[i]);
        if (!count)
            return BLKIF_RSP_ERROR;
        sector += count;
    }
    backend->unflushed |= job->operation == BLKIF_OP_WRITE;
    return BLKIF_RSP_OKAY;
}


/****************************************************************
 * Responses
 ****************************************************************/

static void
respond(struct backend_s *backend, const struct job_s *job, s16 status)
{
    struct blkif_back_ring *ring = &backend->ring;
    struct blkif_response *response
        = RING_GET_RESPONSE(ring, ring->rsp_prod_pvt);
    response->id = job->id + (backend->manner.wrong_id ? 32 : 0)
                   + backend->manner.lie.id;
    response->operation = backend->manner.outer_operation ? job->sent_as
                                                          : job->operation;
    response->operation ^= backend->manner.lie.operation;
    response->status = status;
    ring->rsp_prod_pvt++;
}

// The frontend's half is no longer to be believed either.
static void
scribble(struct backend_s *backend)
{
    u8 *page = (u8 *)backend->ring.sring;
    u32 i;
    for (i = 0; i < XEN_PAGE_SIZE; i++)
        page[i] = (u8)world_random(256);
    backend->manner.takes_nothing = 1;
}

static void
push_responses(struct backend_s *backend)
{
    struct backend_lie_s *lie = &backend->manner.lie;
    int notify;
    backend->ring.rsp_prod_pvt += !!backend->manner.extra_answers;
    RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&backend->ring, notify);
    backend->ring.sring->rsp_prod += lie->prod;
    if (lie->scribbles)
        scribble(backend);
    if (notify || lie->prod)
        xen_signal(backend->port);
}

// Linux's backend does so where there are too many.
static void
forget_some(struct backend_s *backend)
{
    u32 gref;
    for (gref = 0; gref < XEN_GRANTS; gref++)
        if (!world_random(4))
            forget_page(backend, gref);
}

// The answer that a backend of the manner 'late' holds back.
static struct {
    const struct backend_s *backend;
    struct job_s job;
    s16 status;
    u32 turns;
} Late;

// Whether it holds back this answer.
static int
hold_back(struct backend_s *backend, const struct job_s *job, s16 status)
{
    struct backend_manner_s *m = &backend->manner;
    if (!m->late || --m->late)
        return 0;
    Late.backend = backend;
    Late.job = *job;
    Late.status = status;
    Late.turns = m->late_turns;
    return 1;
}

// Let storage take its time for a request, if it does.
static int
delay(struct backend_s *backend, const struct job_s *job, s16 status)
{
    u32 i = 0;
    if (!backend->manner.latency)
        return 0;
    while (Delayed[i].backend)
        assert_true(++i < ARRAY_SIZE(Delayed));
    Delayed[i].backend = backend;
    Delayed[i].job = *job;
    Delayed[i].status = status;
    Delayed[i].due = world_now() + backend->manner.latency;
    return 1;
}

static void
answer_what_is_due(struct backend_s *backend)
{
    u32 i, count = 0;
    for (i = 0; i < ARRAY_SIZE(Delayed); i++) {
        if (Delayed[i].backend != backend || Delayed[i].due > world_now())
            continue;
        Delayed[i].backend = NULL;
        respond(backend, &Delayed[i].job, Delayed[i].status);
        count++;
    }
    if (count)
        push_responses(backend);
}



/****************************************************************
 * After the end
 ****************************************************************/

#define MAX_PARKED 1024

// A ring that its frontend has closed, with requests under way: tapdisk parks it,
// says Closed, and ends the requests when storage has them (drivers/td-blkif.c,
// tapdisk_xenblkif_disconnect).  It copies nothing to the guest any more then
// (drivers/td-req.c, blkif->dead), while here data comes late, too, as it could from
// a backend that maps pages.
static struct {
    u64 due;                    // 0: none
    u32 ring_gref, second_gref, nr_pages;
    struct {
        u8 *page;
        u32 gref;
        int read;
    } page[MAX_PARKED];
} Parked;

static void
park_job(const struct backend_s *backend, const struct job_s *job)
{
    int read = job->operation == BLKIF_OP_READ;
    u32 i;
    for (i = 0; i < job->nr_segments; i++) {
        assert_true(Parked.nr_pages < MAX_PARKED);
        u32 gref = Parked.page[Parked.nr_pages].gref = job->segment[i].gref;
        Parked.page[Parked.nr_pages].page = xen_map_grant(backend->domid, gref
                                                          , read);
        assert_non_null(Parked.page[Parked.nr_pages].page);
        Parked.page[Parked.nr_pages++].read = read;
    }
}

// Returns true if the ring stays mapped, because requests are under way.
int
backend_park(struct backend_s *backend)
{
    u32 i;
    if (!backend->manner.lingers || Parked.due)
        return 0;
    Parked.nr_pages = 0;
    for (i = 0; i < ARRAY_SIZE(Delayed); i++)
        if (Delayed[i].backend == backend)
            park_job(backend, &Delayed[i].job);
    if (!Parked.nr_pages)
        return 0;
    Parked.ring_gref = backend->ring_gref;
    Parked.second_gref = backend->second_gref;
    Parked.due = world_now() + backend->manner.lingers;
    return 1;
}

// What was read comes, and no answer.
void
backend_end_parked(void)
{
    u32 i;
    if (!Parked.due || world_now() < Parked.due)
        return;
    for (i = 0; i < Parked.nr_pages; i++) {
        if (Parked.page[i].read)
            memset(Parked.page[i].page, 0xdd, XEN_PAGE_SIZE);
        xen_unmap_grant(Parked.page[i].gref);
    }
    xen_unmap_grant(Parked.ring_gref);
    if (Parked.second_gref)
        xen_unmap_grant(Parked.second_gref);
    Parked.due = 0;
}

// A new machine.
void
backend_forget_parked(void)
{
    Parked.due = 0;
}


/****************************************************************
 * Turns
 ****************************************************************/

// Take the requests that are there, do them in order, answer.
static void
serve_batch(struct backend_s *backend)
{
    static struct job_s jobs[MAX_BATCH];
    s16 status[MAX_BATCH];
    struct blkif_back_ring *ring = &backend->ring;
    u32 i, count = 0;
    while (count < MAX_BATCH && RING_HAS_UNCONSUMED_REQUESTS(ring)) {
        struct blkif_request request;
        RING_COPY_REQUEST(ring, ring->req_cons, &request);
        ring->req_cons++;
        parse(backend, &request, &jobs[count]);
        status[count] = transfer(backend, &jobs[count]);
        count++;
    }
    if (backend->manner.forgets)
        forget_some(backend);
    if (backend->manner.silent)
        return;
    for (i = 0; i < count; i++) {
        u32 job = backend->manner.reversed ? count - 1 - i : i;
        if (!hold_back(backend, &jobs[job], status[job])
            && !delay(backend, &jobs[job], status[job]))
            respond(backend, &jobs[job], status[job]);
    }
    push_responses(backend);
}

// Work until the ring is empty, and ask for an event for what comes next.
static void
serve_all(struct backend_s *backend)
{
    int more;
    do {
        serve_batch(backend);
        if (backend->manner.takes_nothing)
            return;
        RING_FINAL_CHECK_FOR_REQUESTS(&backend->ring, more);
    } while (more);
}

int
backend_has_request(struct backend_s *backend)
{
    return RING_HAS_UNCONSUMED_REQUESTS(&backend->ring);
}

// A turn of a connected backend's: it wakes up for an event.
void
backend_serve(struct backend_s *backend)
{
    if (backend->manner.takes_nothing)
        return;
    if (backend->manner.polls) {
        backend->ring.sring->req_event = backend->ring.req_cons;
        serve_batch(backend);
        return;
    }
    if (xen_take_event(backend->port)) {
        backend->events++;
        backend->waited = backend->manner.slow + 1;
    }
    if (backend->waited && !--backend->waited)
        serve_all(backend);
    answer_what_is_due(backend);
    if (Late.backend == backend && Late.turns && !--Late.turns) {
        respond(backend, &Late.job, Late.status);
        push_responses(backend);
    }
}
