// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the payload lies on the disk and in memory. Shared by the boot sector,
// the stage, its linker script and the host tool, hence only #defines.
#ifndef PAYLOAD_LAYOUT_H
#define PAYLOAD_LAYOUT_H

#define SECTOR_SIZE 512

// On disk: sector 0 boots, the script text follows, then the stage. Everything
// behind PAYLOAD_SECTORS is pattern.
#define PAYLOAD_SECTORS 64
#define SCRIPT_SECTORS 16
#define SCRIPT_SIZE (SCRIPT_SECTORS * SECTOR_SIZE)

// In memory: variables and the stack under the boot sector, script and stage
// right behind it. Nothing of ours reaches ARENA_START, and the 1 KiB between
// is room for the canary below a buffer at 1000:0000.
#define BSS_ADDR 0x0600
#define STACK_TOP 0x7c00
#define STACK_SIZE 0x1800
#define BOOT_ADDR 0x7c00
#define SCRIPT_ADDR 0x7e00
#define STAGE_ADDR (SCRIPT_ADDR + SCRIPT_SIZE)
#define STAGE_END (BOOT_ADDR + PAYLOAD_SECTORS * SECTOR_SIZE)

// Disk buffers lie in the arena; its end is lowered to what the BIOS reports.
#define ARENA_START 0x10000
#define ARENA_END 0x9f000

// Buffers with flat addresses lie in the arena or from here on.
#define FLAT_START 0x200000

#endif
