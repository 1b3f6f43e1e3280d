// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A guest on Xen with one disk, before and after the driver has it.
#ifndef __FIXTURE_H
#define __FIXTURE_H

#include "blkfront/vbd.h" // struct vbd_s
#include "fake/backend.h" // struct backend_s
#include "fake/check.h" // assert_int_equal
#include "fake/firmware.h" // firmware_said
#include "fake/guest.h" // guest_ptr
#include "fake/run.h" // RUN_TESTS
#include "fake/store.h" // store_set
#include "fake/world.h" // world_now
#include "fake/xen.h" // xen_live_grants

// Device number of xvda.
#define FIXTURE_DEVICE 51712

extern struct backend_s Backend;

// setup functions of cmocka's
int fixture_machine(void **state);
int fixture_xen(void **state);
int fixture_disk(void **state);
int fixture_connected(void **state);

void fixture_map_xen(void);
void fixture_restart(enum backend_kind kind);
struct vbd_s *fixture_vbd(void);
struct grant_entry_v1 *fixture_grant(u32 gref);
int fixture_op(struct vbd_s *vbd, u32 addr, u32 count, u64 lba, int write
               , u16 *count_done);
u32 fixture_own_grants(const struct vbd_s *vbd);
void assert_rewound(struct vbd_s *vbd);
void assert_nothing_shared(void);

#endif // fixture.h
