// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Ops in 32-bit code, which can serve all of them: it connects a disk that is
// not connected, and deals with what went wrong.

#include "blkfront/blkfront.h" // blkfront_process_op
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // handover_reconnect
#include "blkfront/internal.h" // flat_run
#include "blkfront/op.h" // struct op_s
#include "blkfront/stream.h" // stream_forget
#include "blkfront/vbd.h" // struct vbd_s
#include "blkfront/xfer.h" // xfer_check
#include "config.h" // CONFIG_XEN_BLKFRONT
#include "hw/blockcmd.h" // CDB_CMD_TEST_UNIT_READY
#include "std/disk.h" // DISK_RET_SUCCESS
#include "string.h" // memset
#include "xen/evtchn.h" // evtchn_is_bound
#include "xen/xen_time.h" // xen_is_mapped

// Serve more than 64 KiB, or a buffer that ends above 4 GiB: by granting its
// own pages, or, if that is not possible or fails, 64 KiB at a time.  Only
// grants reach memory above 4 GiB.
static int
op32_long(struct vbd_s *vbd, struct op_s *op)
{
    int result = flat_run(vbd, op);
    if (result == XFER_DONE && op->done < op->count && !op->high) {
        vbd->stats.retries++;
        result = XFER_NOT_DONE;
    }
    if (result != XFER_NOT_DONE || op->high)
        return result;
    struct op_s piece = { .write = op->write };
    do {
        u32 left = op->count - op->done;
        piece.lba = op->lba + op->done;
        piece.addr = op->addr + op->done * XEN_SECTOR_SIZE;
        piece.count = left < INDIRECT_PLAN_SECTORS
                      ? left : INDIRECT_PLAN_SECTORS;
        piece.done = 0;
        result = readahead_read(vbd, &piece);
        if (result == XFER_NOT_DONE)
            result = core_run(vbd, &piece);
        op->done += piece.done;
    } while (result == XFER_DONE && piece.done == piece.count
             && op->done < op->count);
    return result;
}

// Turn the result of a transfer into DISK_RET_*.  No grant for the op outlives
// it: if a backend does not answer, or keeps a page that it must not keep, the
// connection is closed first, which ends the sticky grants, too.  A backend
// that is gone has no pages, and its disk may come back.
static int
op32_conclude(struct vbd_s *vbd, struct op_s *op, int result)
{
    static const char *const why[] = {
        [XFER_NO_GREFS] = "out of grants",
        [XFER_RING_FULL] = "ring full",
        [XFER_BAD_RESPONSE] = "broken response",
        [XFER_NO_RESPONSE] = "no response",
        [XFER_KEEPS_PAGES] = "keeps pages",
    };
    if (result == XFER_DONE)
        return op->done == op->count ? DISK_RET_SUCCESS : DISK_RET_EBADTRACK;
    if (result == XFER_NOT_DONE)
        return DISK_RET_EPARAM;
    // If this guest was restored, what we read from Xen's pages means nothing.
    if (!xen_is_mapped()
        || (result == XFER_NO_RESPONSE && !evtchn_is_bound(vbd->port)))
        handover_lost(vbd);
    else
        handover_stop(vbd, why[result]);
    return DISK_RET_ETIMEOUT;
}

// Serve an op on a disk that is connected.  Returns DISK_RET_* and leaves in
// op->done how many sectors were transferred.
int
op32_run(struct vbd_s *vbd, struct op_s *op)
{
    op->done = 0;
    vbd->stats.calls += !op->begun;
    int result = XFER_NOT_DONE, ret = xfer_check(vbd, op);
    if (!ret && op->count) {
        if (op->write)
            stream_forget(&vbd->streams, op->lba, op->count);
        if (op->high || op->count > INDIRECT_PLAN_SECTORS) {
            result = op32_long(vbd, op);
        } else {
            if (!op->begun)
                result = readahead_read(vbd, op);
            if (result == XFER_NOT_DONE)
                result = core_run(vbd, op);
        }
        ret = op32_conclude(vbd, op, result);
    }
    vbd->stats.errors += !!ret;
    return ret;
}

// May an op be the last call of the BIOS?  Linux's real-mode code asks about
// memory, then reads the first sector of each disk to tell which is which
// (arch/x86/boot/edd.c), and never calls again.  Others that have asked read on.
static int
op32_may_be_last(struct vbd_s *vbd, const struct op_s *op)
{
    return handover_was_announced(vbd) && !op->write && !op->lba
           && op->count == 1;
}

// Serve an op.  Connects the disk first if it is not connected, and once more
// if the connection is lost on the way.  Meanwhile timer ticks leave it alone.
static int
op32_run_vbd(struct vbd_s *vbd, struct op_s *op)
{
    int ret = DISK_RET_ENOTREADY, tries;
    handover_begin();
    if (vbd->state == VBD_CONNECTED && !xen_is_mapped()) {
        // What was granted since then is not where Xen looks.
        handover_lost(vbd);
        op->begun = 0;
    }
    if (vbd->state == VBD_CONNECTED && vbd_must_check_disc(vbd)
        && vbd_check_disc(vbd))
        handover_stop(vbd, "not used");
    if (vbd->can_stick && flat_can_share(vbd, op))
        handover_unstick(vbd);
    for (tries = 0; tries < 2; tries++) {
        if (vbd->state == VBD_CLOSED && handover_reconnect(vbd))
            break;
        ret = op32_run(vbd, op);
        if (vbd->state != VBD_CLOSED)
            break;
        op->begun = 0;
    }
    handover_end();
    return ret;
}

// Translate a command, and the question whether a drive is ready, which SeaBIOS asks
// before it reads a CD-ROM: it is ready if it could read nothing.  Returns 0, or -1
// if it is something else.
static int
op32_translate(struct op_s *op, const struct disk_op_s *disk_op)
{
    if (!op_translate(op, disk_op))
        return 0;
    memset(op, 0, sizeof(*op));
    return disk_op->command == CMD_SCSI
           && *(u8 *)disk_op->cdbcmd == CDB_CMD_TEST_UNIT_READY ? 0 : -1;
}

// Serve a disk op on the disk, or on its emulated twin.  Returns DISK_RET_*.
// Not inlined in process_op_32(), whose stack frame has room for all drivers.
int noinline
blkfront_process_op(struct disk_op_s *disk_op)
{
    struct op_s op;
    if (!CONFIG_XEN_BLKFRONT)
        return 0;
    struct blkfront_drive_s *drive = container_of(
        disk_op->drive_fl, struct blkfront_drive_s, drive);
    if (!drive_is_on_twin(drive)) {
        if (op32_translate(&op, disk_op))
            return default_process_op(disk_op);
        struct vbd_s *vbd = drive_vbd(drive);
        if (op.write)
            drive_note_write(drive);
        int may_be_last = op32_may_be_last(vbd, &op);
        int ret = op32_run_vbd(vbd, &op);
        if (vbd->state == VBD_CONNECTED || !drive_has_twin(drive)) {
            if (may_be_last)
                handover_leave(vbd);
            disk_op->count = (u16)(op.done >> op.shift);
            return ret;
        }
        vbd_log(vbd, "continues on its emulated twin");
        drive_go_to_twin(drive);
    }
    disk_op->drive_fl = drive->twin;
    disk_op->command &= ~OP_BEGUN;
    return process_op(disk_op);
}
