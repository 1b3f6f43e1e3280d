// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the loader lies on the disk and in memory. It takes the place of the
// payload's layout.h for the files that both are built from, hence the names of
// some; the map lies where the payload has its script.
#ifndef LOADER_LAYOUT_H
#define LOADER_LAYOUT_H

#define SECTOR_SIZE 512

// On disk: the map, the stage, kernel and initrd. In memory the first two lie
// behind the boot sector, which reads them in one call.
#define MAP_SECTORS 8
#define STAGE_SECTORS 16
#define SCRIPT_SIZE (MAP_SECTORS * SECTOR_SIZE)
#define STAGE_SIZE (STAGE_SECTORS * SECTOR_SIZE)

#define BSS_ADDR 0x0600
#define STACK_TOP 0x7c00
#define STACK_SIZE 0x1800
#define BOOT_ADDR 0x7c00
#define SCRIPT_ADDR 0x7e00
#define MAP_ADDR SCRIPT_ADDR
#define STAGE_ADDR (SCRIPT_ADDR + SCRIPT_SIZE)
#define STAGE_END (STAGE_ADDR + STAGE_SIZE)

// A BIOS without flat addresses takes FFFF:FFFF as segment and offset: some then
// write to 10FFEFh, some to FFEFh. Both must be free while the loader tries
// flat addresses.
#define STRAY_LOW 0xffef
#define STRAY_HIGH 0x10ffef

// Where ordinary calls read to: 60 KiB, whole pages, and less than 127 sectors,
// the most that some BIOSes take.
#define BOUNCE_ADDR 0x20000
#define BOUNCE_SECTORS 120

#define ARENA_END 0x9f000 // the BIOS's own low memory follows

#define KERNEL_ADDR 0x100000

// The boot sector: code, then these fields, then what belongs to the disk, a
// number and the partition table.
#define FIELDS_OFFSET 412
#define DISK_OFFSET 440

#endif
