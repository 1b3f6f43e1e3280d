// SPDX-License-Identifier: LGPL-3.0-or-later
//
// One read or write, translated once from SeaBIOS's struct disk_op_s.
#ifndef __BLKFRONT_OP_H
#define __BLKFRONT_OP_H

#include "biosvar.h" // GET_FLATPTR
#include "block.h" // struct disk_op_s
#include "types.h" // u32
#include "xen/machine.h" // machine_flat

// Added to a command by 16-bit code that has tried the transfer and failed:
// 32-bit code has to finish the op.
#define OP_BEGUN 0x80

// From blocks of a CD-ROM to sectors.
#define OP_CDROM_SHIFT 2

// Sectors are of 512 bytes.
struct op_s {
    u64 lba;
    u32 addr, addr_high;    // Guest-physical address of the buffer
    u32 count;              // Sectors wanted
    u32 done;               // Sectors transferred before the first failure
    u8 write;
    u8 high;                // The buffer ends above 4 GiB
    u8 begun;               // See OP_BEGUN
    u8 shift;               // From blocks of the caller's to sectors
};

// Translate a command.  Returns 0, or -1 if it is neither a read nor a write.
static inline int
op_translate(struct op_s *op, const struct disk_op_s *disk_op)
{
    u8 command = disk_op->command & ~(CMD_FLAT | OP_BEGUN);
    if (command != CMD_READ && command != CMD_WRITE)
        return -1;
    op->lba = disk_op->lba;
    op->addr = machine_flat(disk_op->buf_fl);
    op->addr_high = 0;
    op->count = disk_op->count;
    op->shift = 0;
    if (GET_FLATPTR(disk_op->drive_fl->blksize) != DISK_SECTOR_SIZE) {
        op->shift = OP_CDROM_SHIFT;
        // A block number of 64 bits would not fit
        op->lba = op->lba >> 32 ? ~0ULL : op->lba << OP_CDROM_SHIFT;
        op->count <<= OP_CDROM_SHIFT;
    }
    op->done = 0;
    op->write = command == CMD_WRITE;
    op->high = disk_op->command & CMD_FLAT;
    op->begun = disk_op->command & OP_BEGUN;
    if (op->high)
        op->addr_high = disk_op->buf_high;
    return 0;
}

#endif // op.h
