// SPDX-License-Identifier: LGPL-3.0-or-later
// The style of report.html, as a string.

    .section .rodata
    .global report_style
report_style:
    .incbin STYLE_FILE
    .byte 0

    .section .note.GNU-stack, "", %progbits
