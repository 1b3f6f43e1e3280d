// SPDX-License-Identifier: LGPL-3.0-or-later
// Linker script of the payload (run through cpp): boot sector, script and
// stage in the order of layout.h; variables below the stack.

#include "layout.h"

OUTPUT_FORMAT(elf32-i386)
ENTRY(boot_start)

SECTIONS
{
    . = BOOT_ADDR;
    .boot : { KEEP(*(.boot)) }
    ASSERT(. == SCRIPT_ADDR, "the boot sector is not one sector")
    .script : { KEEP(*(.script)) }
    ASSERT(. == STAGE_ADDR, "the script block has moved")
    .stage : {
        *(.entry)
        *(.text .text.*)
        *(.rodata .rodata.*)
        *(.data .data.*)
    }
    ASSERT(. <= STAGE_END, "the stage is longer than its sectors")

    . = BSS_ADDR;
    .bss (NOLOAD) : {
        __bss_start = .;
        *(.bss .bss.* COMMON)
        __bss_end = .;
    }
    ASSERT(. <= STACK_TOP - STACK_SIZE, "variables leave no room for the stack")

    /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) }
}
