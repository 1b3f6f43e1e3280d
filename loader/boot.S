// SPDX-License-Identifier: LGPL-3.0-or-later
// Boot sector of the loader, of a disk (its first 440 bytes) or a partition:
// reads map and stage, which lie anywhere on the disk, in one call by EDD,
// compares their sum with the one that was installed, and jumps to the stage.

#include "layout.h"

        .section .boot, "ax"
        .code16
        .globl boot_start
boot_start:
        ljmp    $0, $1f
1:      cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $STACK_TOP, %sp
        sti
        cld
        movb    %dl, boot_drive

        movb    $0x41, %ah              // EDD installation check
        movw    $0x55aa, %bx
        int     $0x13
        movw    $no_edd_text, %di
        jc      fail
        cmpw    $0xaa55, %bx
        jne     fail
        testb   $1, %cl                 // packets
        jz      fail

        movb    boot_drive, %dl
        movw    $fields + 8, %si
        movb    $0x42, %ah
        int     $0x13
        movw    $read_text, %di
        jc      fail

        movzwl  fields + 10, %ecx       // map_sum()
        shll    $7, %ecx
        xorl    %ebx, %ebx
        movw    $MAP_ADDR, %si
1:      lodsl
        roll    $1, %ebx
        addl    %eax, %ebx
        decl    %ecx
        jnz     1b
        movw    $sum_text, %di
        cmpl    %ebx, fields + 4
        jne     fail
        movb    boot_drive, %dl
        jmp     stage_start

        // Say what is wrong, with int13's status in ah, wait for a key and
        // have the BIOS boot something else.
fail:   movb    %ah, %al
        movb    $16, %cl
        xorb    %ah, %ah
        divb    %cl
        addw    $0x3030, %ax
        cmpb    $'9', %al
        jbe     1f
        addb    $'a' - '9' - 1, %al
1:      cmpb    $'9', %ah
        jbe     1f
        addb    $'a' - '9' - 1, %ah
1:      movw    %ax, status_text
        movw    $name_text, %si
        call    say
        movw    %di, %si
        call    say
        movw    $end_text, %si
        call    say
        xorb    %ah, %ah
        int     $0x16
        int     $0x18

        // Prints the text at si on the screen and on COM1 as it is.
say:    lodsb
        testb   %al, %al
        jz      1f
        movb    $0x0e, %ah
        movw    $7, %bx
        pushw   %di
        int     $0x10
        popw    %di
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     say
1:      ret

name_text:
        .asciz  "\r\nblkload: "
no_edd_text:
        .asciz  "this BIOS has no EDD\r\n"
read_text:
        .ascii  "int13 status "
status_text:
        .asciz  "00 at the first read: check the disk\r\n"
sum_text:
        .asciz  "installation damaged: run blkload again\r\n"
end_text:
        .asciz  "Press a key to boot something else\r\n"
boot_drive:
        .byte   0

        // struct boot_fields; what is 0 the install command fills in.
        .org    boot_start + FIELDS_OFFSET
fields:
        .ascii  "LOAD"
        .long   0
        .byte   16, 0
        .word   MAP_SECTORS + STAGE_SECTORS
        .word   MAP_ADDR, 0
        .quad   0
        .org    boot_start + DISK_OFFSET

        .org    boot_start + 510
        .word   0xaa55

        // The map's place.
        .section .script, "aw"
        .globl script_text
script_text:
        .fill   SCRIPT_SIZE

        .section .note.GNU-stack, "", @progbits
