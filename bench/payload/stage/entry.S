// SPDX-License-Identifier: LGPL-3.0-or-later
// The stage's way into 32-bit flat mode, and back to real mode for one
// instruction (an int, or hlt) with all registers of struct real_regs; and its
// handler of the timer's interrupt.

#include "layout.h"

#define CODE32 0x08
#define DATA32 0x10
#define CODE16 0x18
#define DATA16 0x20
#define CR0_PE 1

        // Offsets in struct real_regs (bios.h asserts them).
#define REG_EAX 0
#define REG_EBX 4
#define REG_ECX 8
#define REG_EDX 12
#define REG_ESI 16
#define REG_EDI 20
#define REG_EBP 24
#define REG_DS 28
#define REG_ES 30
#define REG_FS 32
#define REG_GS 34
#define REG_ESP 36
#define REG_FLAGS 40
#define REG_TSC_BEFORE 44
#define REG_TSC_AFTER 52
#define REG_SIZE 60

        .section .entry, "ax"
        .code16
        .globl stage_start
stage_start:
        cli
        movzbl  %dl, %ebx
        lgdtl   gdt_descriptor
        movl    %cr0, %eax
        orb     $CR0_PE, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $1f
        .code32
1:      movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    $STACK_TOP, %esp
        xorl    %eax, %eax
        movl    $__bss_start, %edi
        movl    $__bss_end, %ecx
        subl    %edi, %ecx
        rep stosb
        movl    %ebx, %eax
        call    stage_main
2:      cli
        hlt
        jmp     2b

        .text
        // void real_switch(void): registers from and to real_frame. Stack and
        // code lie below 64 KiB, so their addresses serve as offsets too.
        .globl real_switch
real_switch:
        pushal
        movl    %esp, flat_esp
        lidt    real_idt_descriptor
        ljmp    $CODE16, $1f
        .code16
1:      movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $~CR0_PE, %al
        movl    %eax, %cr0
        ljmp    $0, $2f
2:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        cmpb    $0, real_interrupts
        je      3f
        sti
        nop                             // a pending interrupt is taken here,
3:                                      // not in the timed call
        movl    real_frame + REG_EBX, %ebx
        movl    real_frame + REG_ECX, %ecx
        movl    real_frame + REG_ESI, %esi
        movl    real_frame + REG_EDI, %edi
        movl    real_frame + REG_EBP, %ebp
        movw    real_frame + REG_ES, %es
        movw    real_frame + REG_FS, %fs
        movw    real_frame + REG_GS, %gs
        cmpb    $0, real_direction
        je      5f
        std                             // the BIOS must clear it where it needs it
5:      rdtsc
        movl    %eax, real_frame + REG_TSC_BEFORE
        movl    %edx, real_frame + REG_TSC_BEFORE + 4
        movl    real_frame + REG_EAX, %eax
        movl    real_frame + REG_EDX, %edx
        movw    real_frame + REG_DS, %ds
        .globl real_opcode
real_opcode:
        int     $0x13                   // two bytes, patched by real_exec()
        movl    %eax, %cs:real_frame + REG_EAX
        movl    %edx, %cs:real_frame + REG_EDX
        rdtsc
        movl    %eax, %cs:real_frame + REG_TSC_AFTER
        movl    %edx, %cs:real_frame + REG_TSC_AFTER + 4
        pushfl
        popl    %cs:real_frame + REG_FLAGS
        cli
        movw    %ds, %cs:real_frame + REG_DS
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    %ebx, real_frame + REG_EBX
        movl    %ecx, real_frame + REG_ECX
        movl    %esi, real_frame + REG_ESI
        movl    %edi, real_frame + REG_EDI
        movl    %ebp, real_frame + REG_EBP
        movw    %es, real_frame + REG_ES
        movw    %fs, real_frame + REG_FS
        movw    %gs, real_frame + REG_GS
        movl    %esp, real_frame + REG_ESP
        sidtl   real_idt_left
        lgdtl   gdt_descriptor
        movl    %cr0, %eax
        orb     $CR0_PE, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $4f
        .code32
4:      movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    flat_esp, %esp
        cld
        popal
        ret

        // In front of the BIOS's handler of int 8. QEMU's TCG may deliver an
        // interrupt injected by Xen a second time, while the first one is being
        // served with IF=0. SeaBIOS runs its handlers on one stack of their
        // own, and does not survive that; so the second one ends here.
        .code16
        .globl tick_handler
tick_handler:
        cmpb    $0, %cs:tick_is_served
        jne     1f
        incb    %cs:tick_is_served
        pushfw
        lcallw  *%cs:tick_bios_handler
        decb    %cs:tick_is_served
        iretw
1:      incl    %cs:ticks_repeated
        iretw

        .data
        .balign 8
gdt:
        .quad   0
        .quad   0x00cf9b000000ffff      // CODE32
        .quad   0x00cf93000000ffff      // DATA32
        .quad   0x00009b000000ffff      // CODE16
        .quad   0x000093000000ffff      // DATA16
gdt_descriptor:
        .word   . - gdt - 1
        .long   gdt
        .balign 4
        .globl real_idt_descriptor, real_idt_left
real_idt_descriptor:
        .word   0x3ff
        .long   0
        .balign 4
real_idt_left:
        .word   0
        .long   0
        .globl real_interrupts, real_direction
real_interrupts:
        .byte   1
real_direction:
        .byte   0
        .balign 4
        .globl flat_esp
flat_esp:
        .long   0
        .globl tick_bios_handler
tick_bios_handler:
        .long   0
        .globl ticks_repeated
ticks_repeated:
        .long   0
tick_is_served:
        .byte   0
        .balign 4
        .globl real_frame
real_frame:
        .fill   REG_SIZE

        .section .note.GNU-stack, "", @progbits
