// SPDX-License-Identifier: LGPL-3.0-or-later
// A bzImage as small as can be. Its first sectors hold nothing but the header
// of Linux's boot protocol; behind them the kernel begins, which runs at 1 MiB.

#define KERNEL_ADDR 0x100000
#define PATTERN_WORDS 76800 // 300 KiB: where a BIOS may stray to is within

        .section .head, "a"
head:
        .org    head + 0x1f1
        .byte   1                       // setup_sects
        .word   0
        .long   witness_paragraphs      // syssize
        .word   0, 0, 0
        .word   0xaa55
        .byte   0xeb, header_end - 1f   // jump
1:      .ascii  "HdrS"
        .word   0x020f                  // version
        .long   0
        .word   0, 0
        .byte   0
        .byte   1                       // loadflags: LOADED_HIGH
        .word   0
        .long   KERNEL_ADDR             // code32_start
        .long   0, 0, 0                 // ramdisk_image, ramdisk_size
        .word   0
        .byte   0, 0
        .long   0                       // cmd_line_ptr
        .long   0x7fffffff              // initrd_addr_max
        .long   0x200000                // kernel_alignment
        .byte   0, 0
        .word   0
        .long   255                     // cmdline_size
        .long   0
        .quad   0
        .long   0, 0
        .quad   0
        .quad   KERNEL_ADDR             // pref_address
        .long   0x100000                // init_size
        .long   0
header_end:
        .org    head + 1024

        .section .entry, "ax"
        .globl witness_start
witness_start:
        movl    $witness_stack, %esp
        pushl   %ebx
        pushl   %ebp
        pushl   %edi
        pushfl
        movl    %esi, %eax
        movl    %esp, %edx
        call    witness_main
1:      hlt
        jmp     1b

        .section .pattern, "a"
        .set    i, 0
        .rept   PATTERN_WORDS
        .long   i * 0x9e3779b1 & 0xffffffff
        .set    i, i + 1
        .endr

        .section .note.GNU-stack, "", @progbits
