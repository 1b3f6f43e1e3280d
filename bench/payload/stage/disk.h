// SPDX-License-Identifier: LGPL-3.0-or-later
// int13 as the commands use it: drive parameters, and transfers by EDD or CHS.
#ifndef PAYLOAD_DISK_H
#define PAYLOAD_DISK_H

#include "script.h" // struct far_pointer
#include "types.h" // u32

#define FIRST_DISK 0x80
#define DISK_SLOTS 16

struct disk {
    u8 drive;
    u8 edd_version; // 0: no EDD
    u32 cylinders, heads, track_sectors; // logical CHS, fn 08h
    u64 sectors; // fn 48h, or the CHS size without EDD
    u32 sector_size; // bytes
};

// Functions of struct transfer; the EDD number is 0x40 more.
enum { FN_READ = 2, FN_WRITE = 3, FN_VERIFY = 4 };

struct transfer {
    // The request.
    u8 function;
    u8 chs;
    u64 lba;
    u32 count; // sectors
    struct far_pointer buffer;
    u8 is_flat; // EDD 3.0, to the address in flat in place of buffer
    u64 flat;
    // The answer.
    u8 failed; // carry flag
    u8 ah;
    u32 moved; // sectors, as returned: AL of CHS, block count of EDD
    u64 ticks; // TSC ticks of the call
};

int disk_open(u8 drive, struct disk *disk);
int disk_chs_reaches(const struct disk *disk, u64 lba);
void disk_transfer(const struct disk *disk, struct transfer *transfer);
void disk_chs_call(u8 drive, u32 cylinder, u32 head, u32 sector
                   , struct transfer *transfer);
u8 disk_function(u8 drive, u8 function, u8 *failed);

#endif
