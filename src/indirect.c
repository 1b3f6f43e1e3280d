// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Cut buffers into segments of one page each, and spread the segments over as
// few requests as the backend allows.  Pure arithmetic: nothing here touches
// the buffers, the ring or the grant table.  Compiled for 16-bit and 32-bit
// code.

#include "indirect.h" // struct plan_s

// Begin an empty plan.
void
indirect_plan_start(struct plan_s *plan)
{
    plan->nr_segments = plan->nr_requests = 0;
}

// Continue the op with 'nr_sectors' sectors of 512 bytes at the
// guest-physical address 'addr', a multiple of 512.  Returns 0, or -1 if the
// plan is full, or the address unaligned or beyond 4 GiB.
//
// A segment is a run of whole sectors in one page; runs that follow each
// other on disk need not do so in memory (xen/include/public/io/blkif.h,
// struct blkif_request_segment).
int
indirect_plan_add(struct plan_s *plan, u32 addr, u32 nr_sectors)
{
    if (addr % XEN_SECTOR_SIZE)
        return -1;
    u32 sector = addr / XEN_SECTOR_SIZE;
    if (nr_sectors > (1U << 23) - sector)
        return -1;
    while (nr_sectors) {
        if (plan->nr_segments == INDIRECT_PLAN_SEGMENTS)
            return -1;
        u32 first = sector % XEN_SECTORS_PER_PAGE;
        u32 len = XEN_SECTORS_PER_PAGE - first;
        if (len > nr_sectors)
            len = nr_sectors;
        plan->frame[plan->nr_segments] = sector / XEN_SECTORS_PER_PAGE;
        struct blkif_request_segment *segment
            = &plan->segment[plan->nr_segments++];
        segment->gref = 0;
        segment->first_sect = (u8)first;
        segment->last_sect = (u8)(first + len - 1);
        sector += len;
        nr_sectors -= len;
    }
    return 0;
}

// Begin a request at the given segment.  The caller derives its first sector
// from the segments before it, whose sizes differ.
static struct plan_request_s *
indirect_plan_request(struct plan_s *plan, u32 first_segment, u32 first_sector)
{
    struct plan_request_s *request = &plan->request[plan->nr_requests++];
    request->first_sector = (u16)first_sector;
    request->nr_sectors = 0;
    request->first_segment = (u8)first_segment;
    request->nr_segments = 0;
    request->indirect = 0;
    return request;
}

// Spread the plan's segments over requests: one direct request if they fit,
// else one indirect request if the backend takes that many, else direct
// requests, all of them full except the last.
void
indirect_plan_split(struct plan_s *plan, const struct plan_limits_s *limits)
{
    u8 indirect = plan->nr_segments > limits->direct
                  && plan->nr_segments <= limits->indirect;
    u32 max = indirect ? limits->indirect : limits->direct;
    struct plan_request_s *request = NULL;
    u32 i, sector = 0;
    plan->nr_requests = 0;
    for (i = 0; i < plan->nr_segments; i++) {
        if (!request || request->nr_segments == max) {
            request = indirect_plan_request(plan, i, sector);
            request->indirect = indirect;
        }
        const struct blkif_request_segment *segment = &plan->segment[i];
        u32 len = segment->last_sect - segment->first_sect + 1;
        request->nr_segments++;
        request->nr_sectors = (u16)(request->nr_sectors + len);
        sector += len;
    }
}
