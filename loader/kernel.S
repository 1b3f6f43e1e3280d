// SPDX-License-Identifier: LGPL-3.0-or-later
// The last step: the state that Linux's 32-bit entry asks for.

#define KERNEL_CODE 0x10
#define KERNEL_DATA 0x18

        .text
        // void kernel_enter(u32 entry, const struct boot_params *params)
        .globl kernel_enter
kernel_enter:
        cli
        lgdtl   kernel_gdt_descriptor
        ljmpl   $KERNEL_CODE, $1f
1:      movl    $KERNEL_DATA, %ecx
        movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %fs
        movw    %cx, %gs
        movw    %cx, %ss
        movl    %edx, %esi
        xorl    %ebx, %ebx
        xorl    %ebp, %ebp
        xorl    %edi, %edi
        jmp     *%eax

        .data
        .balign 8
kernel_gdt:
        .quad   0
        .quad   0
        .quad   0x00cf9b000000ffff      // KERNEL_CODE
        .quad   0x00cf93000000ffff      // KERNEL_DATA
kernel_gdt_descriptor:
        .word   . - kernel_gdt - 1
        .long   kernel_gdt

        .section .note.GNU-stack, "", @progbits
