// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A guest with one disk, and beside it a model of what disk and memory must
// hold.  Each op, each handover is compared with it.
#ifndef __MODEL_HISTORY_H
#define __MODEL_HISTORY_H

#include "blkfront/vbd.h" // struct vbd_s

struct history_op_s {
    u32 addr;           // Guest-physical address of the buffer
    u32 count;          // Sectors
    u64 lba;
    int write;
    int in_16bit;       // Comes from int13, else from POST
};

extern struct history_s {
    struct vbd_s *vbd;  // NULL where no disk was registered
    int faulty;         // Something was made to go wrong: ops may fail
    u64 ops, failed, handovers, restores, restarts;
} History;

void history_start(void);
void history_restart(void);
void history_restart_elsewhere(void);
int history_op(const struct history_op_s *op);
void history_let_go(u32 how);
void history_restore(void);
void history_check(void);

#endif // history.h
