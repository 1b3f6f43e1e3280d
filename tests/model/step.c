// SPDX-License-Identifier: LGPL-3.0-or-later
//
// One step of a history: a run of ops and handovers, with or without a fault.

#include "choose.h" // choose
#include "faults.h" // faults_choose
#include "fake/xen.h" // xen_live_grants
#include "fixture.h" // BACKEND_SECTORS
#include "history.h" // history_op
#include "step.h" // step_good

#define SECTOR 512U

// Mostly the small ones, which are many in a second.
static u32
choose_count(void)
{
    switch (choose(16)) {
    case 0: return 1 + choose(INDIRECT_PLAN_SECTORS);
    case 1: return 60 + choose(INDIRECT_PLAN_SECTORS - 59);
    default: return 1 + choose(8);
    }
}

// A place for 'len' bytes, aligned or not: in conventional memory, the
// page of the interrupt vectors and the extended BIOS data area included, or
// in a program's.
static u32
choose_addr(u32 len)
{
    u32 start = 0, size = GUEST_VGA, align = SECTOR;
    u32 where = choose(16);
    if (where == 0) {
        start = GUEST_PROGRAM;
        size = 0x40000;
    } else if (where == 1) {
        size = len + GUEST_PAGE;
    } else if (where == 2) {
        start = GUEST_VGA - len - GUEST_PAGE;
        size = len + GUEST_PAGE;
    } else {
        start = 0x10000;
        size = 0x30000;
    }
    if (!choose(8))
        align = choose(2) ? 4 : 16;
    return start + choose((size - len) / align + 1) * align;
}

// Half of the ops are reads that go on where one of the last ones ended.
static void
run_op(void)
{
    static u32 ends[4];
    struct history_op_s op = { .count = choose_count() };
    u32 *end = &ends[choose(ARRAY_SIZE(ends))];
    op.addr = choose_addr(op.count * SECTOR);
    op.lba = choose(BACKEND_SECTORS - op.count + 1);
    op.write = !choose(4);
    if (!op.write && choose(3) && *end + op.count <= BACKEND_SECTORS)
        op.lba = *end;
    *end = (u32)op.lba + op.count;
    op.in_16bit = !!choose(4);
    history_op(&op);
}

// A machine whose backend does not come back: ops may fail, and nothing is left
// behind.
static void
step_elsewhere(void)
{
    u32 i, steps = choose(6);
    history_restart_elsewhere();
    for (i = 0; i < steps && History.vbd; i++)
        if (choose(2))
            run_op();
        else
            history_let_go(choose(6));
    history_restart();
}

// As long as nothing goes wrong.
void
step_good(void)
{
    u32 what = choose(512);
    if (what < 2)
        history_let_go(choose(6));
    else if (what == 2)
        history_check();
    else if (what == 3)
        history_restore();
    else if (what == 4)
        step_elsewhere();
    else if (what < 8)
        // Storage that is fast, or has some latency
        Backend.manner.latency = choose(2) ? choose(3 * NS_PER_MS) : 0;
    else
        run_op();
}

// Some ops and handovers with a fault; then all must be well again, or the
// machine starts anew.
void
step_faulty(void)
{
    u32 i, steps = 1 + choose(6);
    History.faulty = 1;
    faults_choose();
    for (i = 0; i < steps; i++)
        if (choose(3))
            run_op();
        else
            history_let_go(choose(6));
    int lasting = faults_end();
    // What went wrong with reading ahead, or with a flush that a tick did not wait
    // for, may not have been seen yet.
    if (!lasting && (History.vbd->streams.shared
                     || History.vbd->ring.busy + History.vbd->ring.deferred))
        history_let_go(0);
    if (History.vbd->state != VBD_CONNECTED && xen_live_grants())
        lasting = 1;
    if (lasting || History.vbd->state == VBD_BROKEN
        || History.vbd->retry_time)
        history_restart();
    History.faulty = 0;
}
