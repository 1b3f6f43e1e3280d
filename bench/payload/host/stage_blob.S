// SPDX-License-Identifier: LGPL-3.0-or-later
// The payload as the build made it, embedded in the host tool. STAGE_FILE is
// given by the build.

        .section .rodata
        .globl stage_blob, stage_blob_size
stage_blob:
        .incbin STAGE_FILE
1:
        .balign 8
stage_blob_size:
        .quad   1b - stage_blob

        .section .note.GNU-stack, "", @progbits
