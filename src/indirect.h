// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The plan of a disk op: which pages it touches, and how they are spread over
// direct or indirect requests.
#ifndef __INDIRECT_H
#define __INDIRECT_H

#include "types.h" // u32
#include "xen/xen_abi.h" // struct blkif_request_segment

// SeaBIOS hands down at most 64 KiB an op: 17 pages if the buffer does not
// start on a page boundary.  A read into an unaligned buffer has one more
// sector, on a page of its own.
#define INDIRECT_PLAN_SECTORS  128
#define INDIRECT_PLAN_SEGMENTS 18

// Of an indirect request, even if the backend takes more: see flat.c.
#define INDIRECT_MAX_SEGMENTS 127

struct plan_request_s {
    u16 first_sector;   // Relative to the start of the op
    u16 nr_sectors;
    u8 first_segment;
    u8 nr_segments;
    u8 indirect;        // BLKIF_OP_INDIRECT, else a direct request
};

struct plan_s {
    u8 nr_segments, nr_requests;
    u32 frame[INDIRECT_PLAN_SEGMENTS];  // Guest frame number of each segment
    // As the backend gets them; the owner of the plan fills in gref.
    struct blkif_request_segment segment[INDIRECT_PLAN_SEGMENTS];
    struct plan_request_s request[INDIRECT_PLAN_SEGMENTS];
};

// What a backend takes.
struct plan_limits_s {
    u8 direct;          // Segments of a direct request, at least 1
    u16 indirect;       // Segments of an indirect request, 0 for none
};

void indirect_plan_start(struct plan_s *plan);
int indirect_plan_add(struct plan_s *plan, u32 addr, u32 nr_sectors);
void indirect_plan_split(struct plan_s *plan
                         , const struct plan_limits_s *limits);

#endif // indirect.h
