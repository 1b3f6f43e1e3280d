// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A pool of grant references, and a model of what each of them is.
#ifndef __GREF_MODEL_H
#define __GREF_MODEL_H

#include "gref_pool.h" // struct gref_pool_s

#define BASE      300U
#define DOMID     3
#define ENTRIES   512

// Ranges that can stick, in this order.
#define LOW_PAGES 160U
#define OWN_FRAME 0x700U
#define OWN_PAGES 16U
#define SCRATCH_FRAME 0xe8U

// References of a pool that is not sticky.
#define PER_OP_SIZE 22U

// Where the grant table is.
#define TABLE 0x20000U

extern struct grant_entry_v1 *Table;
extern struct gref_pool_s Pool;

void gref_model_open(int policy, u32 busy);
void gref_model_check_neighbours(void);
void gref_model_start(int policy);
void gref_model_step(u32 (*choose)(u32 limit));

// Pages.
u32 sticky_page(u32 i);
int can_stick(u32 frame);

#endif // gref_model.h
