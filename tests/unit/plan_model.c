// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The planner of src/indirect.c against a model that knows only sectors.

#include "fake/check.h" // assert_int_equal
#include "plan_model.h" // plan_model_check

// Where the model has one sector of the op.
struct place_s {
    u32 frame, in_page;
    u32 request, first_in_request;
};


/****************************************************************
 * The model
 ****************************************************************/

// Where each sector lies, and in the nth of how many pages.
static u32
model_pages(const struct extent_s extent[2], struct place_s *place, u32 *page)
{
    u32 e, i, count = 0, pages = 0;
    for (e = 0; e < 2; e++)
        for (i = 0; i < extent[e].count; i++, count++) {
            u32 sector = extent[e].sector + i;
            place[count].frame = sector / 8;
            place[count].in_page = sector % 8;
            if (!i || sector % 8 == 0)
                pages++;
            page[count] = pages - 1;
        }
    return pages;
}

// In which request each sector is; returns how many requests there are.
static u32
model_requests(u32 count, u32 pages, const u32 *page
               , const struct plan_limits_s *limits, struct place_s *place)
{
    u32 i, size = limits->direct;
    if (pages > limits->direct && pages <= limits->indirect)
        size = pages;
    if (!size)
        return 0; // No limit is that
    for (i = 0; i < count; i++) {
        place[i].request = page[i] / size;
        place[i].first_in_request
            = i && place[i].request == place[i - 1].request
              ? place[i - 1].first_in_request : i;
    }
    return (pages + size - 1) / size;
}


/****************************************************************
 * Comparison
 ****************************************************************/

// Compare one request with the places of its sectors; returns how many.
static u32
check_request(const struct plan_s *plan, u32 r, const struct place_s *place)
{
    const struct plan_request_s *request = &plan->request[r];
    u32 s, i, done = 0;
    assert_int_equal(request->first_sector, place[0].first_in_request);
    for (s = 0; s < request->nr_segments; s++) {
        u32 nr = request->first_segment + s;
        const struct blkif_request_segment *segment = &plan->segment[nr];
        for (i = segment->first_sect; i <= segment->last_sect; i++, done++)
            if (place[done].request != r
                || place[done].frame != plan->frame[nr]
                || place[done].in_page != i)
                fail_msg("sector %u of request %u is elsewhere", done, r);
        assert_int_equal(segment->gref, 0);
    }
    assert_int_equal(request->nr_sectors, done);
    return done;
}

static void
check_sizes(const struct plan_s *plan, const struct plan_limits_s *limits)
{
    u32 r, segments = 0;
    int indirect = plan->nr_segments > limits->direct
                   && plan->nr_segments <= limits->indirect;
    for (r = 0; r < plan->nr_requests; r++) {
        const struct plan_request_s *request = &plan->request[r];
        assert_int_equal(request->indirect, indirect);
        u32 max = request->indirect ? limits->indirect : limits->direct;
        assert_in_range(request->nr_segments, 1, max);
        assert_int_equal(request->first_segment, segments);
        segments += request->nr_segments;
        if (request->indirect)
            assert_int_equal(plan->nr_requests, 1);
        else if (r + 1U < plan->nr_requests)
            assert_int_equal(request->nr_segments, limits->direct);
    }
    assert_int_equal(segments, plan->nr_segments);
}

// Plan the extents and compare every sector with the model.
void
plan_model_check(const struct extent_s extent[2], const struct plan_limits_s *limits)
{
    static struct plan_s plan;
    static struct place_s place[INDIRECT_PLAN_SECTORS];
    u32 page[INDIRECT_PLAN_SECTORS], e, r, done = 0;
    u32 count = extent[0].count + extent[1].count;
    u32 pages = model_pages(extent, place, page);
    u32 requests = model_requests(count, pages, page, limits, place);
    indirect_plan_start(&plan);
    for (e = 0; e < 2; e++)
        assert_int_equal(indirect_plan_add(&plan, extent[e].sector * XEN_SECTOR_SIZE
                                           , extent[e].count), 0);
    indirect_plan_split(&plan, limits);
    assert_int_equal(plan.nr_segments, pages);
    assert_int_equal(plan.nr_requests, requests);
    for (r = 0; r < plan.nr_requests; r++)
        done += check_request(&plan, r, &place[done]);
    assert_int_equal(done, count);
    check_sizes(&plan, limits);
}
