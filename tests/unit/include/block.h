// SPDX-License-Identifier: LGPL-3.0-or-later
//
// SeaBIOS's own block.h, with the drive type that the firmware's patch adds,
// and what 16-bit code calls by name.
#ifndef __SHADOW_BLOCK_H
#define __SHADOW_BLOCK_H

#include "types.h" // u32, before SeaBIOS's own
#include <src/block.h>

#ifndef DTYPE_XEN_VBD
#define DTYPE_XEN_VBD 0x98
#endif

int process_op_32(struct disk_op_s *op);

#endif // block.h
