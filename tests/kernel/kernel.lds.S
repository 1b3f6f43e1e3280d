// SPDX-License-Identifier: LGPL-3.0-or-later
// Linker script of the kernel (run through cpp).

#include "kernel_layout.h"

OUTPUT_FORMAT(elf32-i386)
ENTRY(kernel_start)

SECTIONS
{
    . = KERNEL_ADDR;
    .text : {
        *(.entry)
        *(.text .text.*)
        *(.rodata .rodata.*)
        *(.data .data.*)
    }
    .bss (NOLOAD) : ALIGN(4096) {
        __bss_start = .;
        *(.bss .bss.* COMMON)
        __bss_end = .;
    }
    /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) }
}
