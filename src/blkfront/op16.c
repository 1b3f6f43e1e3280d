// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The way of most ops: int13 is 16-bit code, and what needs no bounce it can
// do all by itself.  To change to 32-bit mode and back would be three
// accesses to CR0, each an exit to Xen.

#include "biosvar.h" // GET_FLATPTR, SET_SEG
#include "blkfront/blkfront.h" // blkfront_process_op_16
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // handover_note_op
#include "blkfront/stream.h" // stream_wants
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_run
#include "config.h" // CONFIG_XEN_BLKFRONT_16BIT
#include "stacks.h" // call32
#include "std/disk.h" // DISK_RET_SUCCESS

// The disk, where this code reaches what it needs for it, else NULL.
static struct vbd_s *
reach_vbd(struct disk_op_s *op)
{
    struct blkfront_drive_s *drive_fl = container_of(
        op->drive_fl, struct blkfront_drive_s, drive);
    u32 addr = GET_FLATPTR(drive_fl->vbd);
    if (!CONFIG_XEN_BLKFRONT_16BIT || !on_extra_stack()
        || !machine_is_low(addr, sizeof(struct vbd_s)))
        return NULL;
    struct vbd_s *vbd = phys_to_ptr(addr);
    return vbd->low ? vbd : NULL;
}

// Whether an op is one for op_16(): it is without a copy, or with one that
// 16-bit code can make, and nothing speaks against success.
static int
is_simple(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    u32 addr = machine_flat(op->buf_fl);
    int aligned = !(addr % XEN_SECTOR_SIZE);
    return op->count - 1U < PLAN_MAX_SECTORS
           && (aligned || (!write && addr < 0xa0000))
           && !xfer_check(vbd, op->lba, op->count, write)
           && xfer_can_grant(vbd, addr, op->count * XEN_SECTOR_SIZE)
           && machine_in_real_mode();
}

// As op_run() does it in place; what goes wrong is for op_resume().
static int
op_16(struct vbd_s *vbd, struct disk_op_s *op, int write)
{
    if (!write)
        stream_note(&vbd->stream, op->lba, op->count);
    vbd->stats.calls++;
    Xfer.result = xfer_in_place(vbd, op->lba, op->count
                                , machine_flat(op->buf_fl), write);
    handover_note_op();
    if (Xfer.result == XFER_DONE && xfer_count_done(vbd) == op->count)
        return DISK_RET_SUCCESS;
    return call32(blkfront_resume_op, (u32)MAKE_FLATPTR(GET_SEG(SS), op)
                  , DISK_RET_EPARAM);
}

// Serve a read by what was read ahead.  Returns -1 where 32-bit code has to.
static int
copy_16(struct vbd_s *vbd, struct disk_op_s *op)
{
    if (stream_copy(vbd, op->lba, op->count, machine_flat(op->buf_fl)))
        return -1;
    vbd->stats.calls++;
    handover_note_op();
    return DISK_RET_SUCCESS;
}

// Serve an op here.  Returns DISK_RET_*, or -1 where 32-bit code has to.
static int
try_16(struct disk_op_s *op)
{
    int write = op->command == CMD_WRITE;
    if (op->command != CMD_READ && !write)
        return -1;
    struct vbd_s *vbd = reach_vbd(op);
    if (!vbd || !is_simple(vbd, op, write))
        return -1;
    // For the compiler's string instructions.
    SET_SEG(ES, GET_SEG(SS));
    barrier();
    if (!write && stream_wants(&vbd->stream, op->lba, op->count))
        return copy_16(vbd, op);
    return op_16(vbd, op, write);
}

// Serve an op by the disk itself, here or in 32-bit code.
static int
process_vbd_op(struct disk_op_s *op)
{
    int ret = try_16(op);
    if (ret >= 0)
        return ret;
    return call32(process_op_32, (u32)MAKE_FLATPTR(GET_SEG(SS), op)
                  , DISK_RET_EPARAM);
}

// Whether the emulated twin serves an op (see run_op() of blkfront.c).  In
// virtual-8086 mode neither Xen nor 32-bit code can be reached.
static int
twin_serves(struct blkfront_drive_s *drive_fl, u8 command)
{
    if (GET_FLATPTR(drive_fl->on_twin))
        return 1;
    if (machine_in_vm86() && drive_has_twin(drive_fl)) {
        SET_FLATPTR(drive_fl->on_twin, 1);
        return 1;
    }
    if (command == CMD_WRITE)
        SET_FLATPTR(drive_fl->written, 1);
    return 0;
}

// Serve a disk op from 16-bit code.  Returns DISK_RET_*.
int
blkfront_process_op_16(struct disk_op_s *op)
{
    ASSERT16();
    struct blkfront_drive_s *drive_fl = container_of(
        op->drive_fl, struct blkfront_drive_s, drive);
    if (!twin_serves(drive_fl, op->command))
        return process_vbd_op(op);
    op->drive_fl = GET_FLATPTR(drive_fl->twin);
    return process_op(op);
}
