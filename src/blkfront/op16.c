// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The way of most ops: int13 is 16-bit code, and whatever needs no bounce it
// can serve by itself.  The switch to 32-bit mode and back would cost three
// accesses to CR0, each an exit to Xen.  Compiled for 16-bit code.

#include "biosvar.h" // GET_FLATPTR, SET_SEG
#include "blkfront/blkfront.h" // blkfront_process_op_16
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // handover_note_op
#include "blkfront/op.h" // struct op_s
#include "blkfront/stream.h" // stream_wants
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_run
#include "config.h" // CONFIG_XEN_BLKFRONT_16BIT
#include "indirect.h" // INDIRECT_PLAN_SECTORS
#include "stacks.h" // call32
#include "std/disk.h" // DISK_RET_SUCCESS

// Returns the disk, or NULL if this code cannot reach all that it needs.
static struct vbd_s *
op16_reach_vbd(struct disk_op_s *op)
{
    struct blkfront_drive_s *drive_fl = container_of(
        op->drive_fl, struct blkfront_drive_s, drive);
    u32 addr = GET_FLATPTR(drive_fl->vbd);
    if (!CONFIG_XEN_BLKFRONT_16BIT || !on_extra_stack()
        || !machine_is_low(addr, sizeof(struct vbd_s)))
        return NULL;
    struct vbd_s *vbd = machine_ptr(addr);
    return vbd->low && !vbd_must_check_disc(vbd) ? vbd : NULL;
}

// Can this code serve an op?  It can if the op needs no copy, or one that
// 16-bit code can make, and if nothing is known to prevent success.
static int
op16_is_simple(struct vbd_s *vbd, const struct op_s *op)
{
    int aligned = !(op->addr % XEN_SECTOR_SIZE);
    return op->count - 1 < INDIRECT_PLAN_SECTORS
           && (aligned || (!op->write && op->addr < 0xa0000))
           && !xfer_check(vbd, op) && xfer_can_grant(vbd, op)
           && machine_in_real_mode();
}

// Transfer in place.  Returns 0, or -1 if 32-bit code has to deal with what
// went wrong.
static int
op16_transfer(struct vbd_s *vbd, struct op_s *op)
{
    if (op->write)
        stream_forget(&vbd->streams, op->lba, op->count);
    else
        stream_note(&vbd->streams, op->lba, op->count);
    return xfer_run(vbd, op, op->addr) == XFER_DONE && op->done == op->count
           ? 0 : -1;
}

// Serve a read from what was read ahead.  Returns 0, or -1 if 32-bit code has
// to serve it.
static int
op16_copy(struct vbd_s *vbd, struct op_s *op)
{
    if (stream_copy(&vbd->streams, op->lba, op->count, op->addr))
        return -1;
    vbd->stats.ahead += op->count;
    return 0;
}

// Serve an op here.  Returns 0, or -1 if 32-bit code has to serve it or to
// finish it.
static int
op16_try(struct disk_op_s *disk_op)
{
    struct op_s op;
    struct vbd_s *vbd = op16_reach_vbd(disk_op);
    if (!vbd || op_translate(&op, disk_op) || !op16_is_simple(vbd, &op))
        return -1;
    // The compiler's string instructions need it.
    SET_SEG(ES, GET_SEG(SS));
    barrier();
    if (!op.write && stream_wants(&vbd->streams, op.lba, op.count)) {
        if (op16_copy(vbd, &op))
            return -1;
    } else if (op16_transfer(vbd, &op)) {
        disk_op->command |= OP_BEGUN;
    }
    vbd->stats.calls++;
    handover_note_op();
    return disk_op->command & OP_BEGUN ? -1 : 0;
}

// Serve an op on the disk itself, here or in 32-bit code.
static int
op16_process_vbd(struct disk_op_s *op)
{
    if (!op16_try(op))
        return DISK_RET_SUCCESS;
    return call32(process_op_32, (u32)MAKE_FLATPTR(GET_SEG(SS), op)
                  , DISK_RET_EPARAM);
}

// Does the emulated twin serve an op?  In virtual-8086 mode neither Xen nor
// 32-bit code can be reached.
static int
op16_twin_serves(struct blkfront_drive_s *drive_fl, u8 command)
{
    if (drive_is_on_twin(drive_fl))
        return 1;
    if (machine_in_vm86() && drive_has_twin(drive_fl)) {
        drive_go_to_twin(drive_fl);
        return 1;
    }
    if (command == CMD_WRITE)
        drive_note_write(drive_fl);
    return 0;
}

// Serve a disk op in 16-bit code.  Returns DISK_RET_*.
int
blkfront_process_op_16(struct disk_op_s *op)
{
    ASSERT16();
    struct blkfront_drive_s *drive_fl = container_of(
        op->drive_fl, struct blkfront_drive_s, drive);
    if (!op16_twin_serves(drive_fl, op->command))
        return op16_process_vbd(op);
    op->drive_fl = GET_FLATPTR(drive_fl->twin);
    return process_op(op);
}
