// SPDX-License-Identifier: LGPL-3.0-or-later
// Entered by the payload's `jump` in flat 32-bit mode, interrupts off, with
// the address of a word that says how to behave in eax. And entered again in
// real mode by the firmware, after S3.

#include "kernel_layout.h"

#define CODE32 0x08
#define DATA32 0x10
#define CR0_PE 1

        .section .entry, "ax"
        .code32
        .globl kernel_start
kernel_start:
        movl    $kernel_stack_end, %esp
        movl    %eax, %ebx
        lgdt    gdt_descriptor
        ljmp    $CODE32, $1f
1:      call    load_segments
        xorl    %eax, %eax
        movl    $__bss_start, %edi
        movl    $__bss_end, %ecx
        subl    %edi, %ecx
        cld
        rep stosb
        movl    %ebx, %eax
        call    kernel_main
2:      cli
        hlt
        jmp     2b

load_segments:
        movw    $DATA32, %cx
        movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %fs
        movw    %cx, %gs
        movw    %cx, %ss
        ret

        // void sleep_enter(u32 value, u32 port): writes the value there and
        // comes back when the firmware has woken the kernel up.
        .text
        .globl sleep_enter
sleep_enter:
        pushal
        pushfl
        movl    %esp, sleep_esp
        outw    %ax, %dx
1:      hlt                             // asleep from here on
        jmp     1b
woken:
        call    load_segments
        movl    sleep_esp, %esp
        popfl
        popal
        ret

        // Copied to WAKE_ADDR, where the firmware jumps in real mode.
        .globl wake_start, wake_end
        .code16
wake_start:
        cli
        lgdtl   %cs:wake_gdt - wake_start
        movl    %cr0, %eax
        orb     $CR0_PE, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $woken
        .balign 4
wake_gdt:
        .word   gdt_end - gdt - 1
        .long   gdt
wake_end:

        .data
        .balign 8
gdt:
        .quad   0
        .quad   0x00cf9b000000ffff      // CODE32
        .quad   0x00cf93000000ffff      // DATA32
gdt_end:
gdt_descriptor:
        .word   gdt_end - gdt - 1
        .long   gdt

        .bss
        .balign 16
kernel_stack:
        .fill   KERNEL_STACK_SIZE
kernel_stack_end:
sleep_esp:
        .long   0

        .section .note.GNU-stack, "", @progbits
