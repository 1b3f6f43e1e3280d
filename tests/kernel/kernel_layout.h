// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the kernel is in memory. Shared with assembly, hence only #defines.
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#define KERNEL_ADDR 0x400000
#define KERNEL_STACK_SIZE 16384

// Below 1 MiB, for the firmware to jump to after S3.
#define WAKE_ADDR 0x80000

#endif
