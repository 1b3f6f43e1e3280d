// SPDX-License-Identifier: LGPL-3.0-or-later
// Boot sector of the int13 payload: loads script and stage, which follow it on
// the boot drive, by EDD or, if that fails, by CHS, and jumps to the stage.

#include "layout.h"

#define LOAD_SECTORS (PAYLOAD_SECTORS - 1)

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
        jc      load_chs
        cmpw    $0xaa55, %bx
        jne     load_chs
        movb    boot_drive, %dl
        movw    $edd_packet, %si
        movb    $0x42, %ah
        int     $0x13
        jnc     loaded

        // One sector a call: no track or 64 KiB rule can be broken.
load_chs:
        movb    $0x08, %ah
        movb    boot_drive, %dl
        xorw    %di, %di
        int     $0x13
        jc      load_error
        andb    $0x3f, %cl
        jz      load_error
        movb    %cl, track_sectors
        xorw    %ax, %ax
        movw    %ax, %es
        movw    $1, %bp                 // LBA
        movw    $SCRIPT_ADDR, %bx
next_sector:
        movw    %bp, %ax
        divb    track_sectors           // al = head, ah = sector - 1
        movb    %al, %dh
        movb    %ah, %cl
        incb    %cl
        movb    $0, %ch                 // LBA 63 is in cylinder 0 of any disk
        movb    boot_drive, %dl
        movw    $0x0201, %ax
        int     $0x13
        jc      load_error
        addw    $SECTOR_SIZE, %bx
        incw    %bp
        cmpw    $LOAD_SECTORS, %bp
        jbe     next_sector

loaded:
        movb    boot_drive, %dl
        jmp     stage_start

load_error:
        movw    $load_error_text, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     1b
2:      cli
        hlt
        jmp     2b

load_error_text:
        .asciz  "PAYLOAD NOT LOADED: read error\r\n"
boot_drive:
        .byte   0
track_sectors:
        .byte   0
        .balign 4
edd_packet:
        .byte   16, 0
        .word   LOAD_SECTORS
        .word   SCRIPT_ADDR, 0
        .quad   1

        .org    boot_start + 510
        .word   0xaa55

        .section .script, "aw"
        .globl script_text
script_text:
        .fill   SCRIPT_SIZE

        .section .note.GNU-stack, "", @progbits
