// SPDX-License-Identifier: LGPL-3.0-or-later
// The memory of a transfer: canaries around it, what it holds before the call,
// and what it must hold after it.
#ifndef PAYLOAD_BUFFER_H
#define PAYLOAD_BUFFER_H

#include "disk.h" // struct transfer

void buffer_prepare(const struct transfer *transfer);
void buffer_fill_pattern(const struct disk *disk
                         , const struct transfer *transfer, u32 label);

// All checks return 1 if they hold, 0 after reporting a failure.
int buffer_canaries(const struct disk *disk, const struct transfer *transfer);
int buffer_untouched(const struct disk *disk, const struct transfer *transfer
                     , u32 first_sector);
int buffer_pattern(const struct disk *disk, const struct transfer *transfer
                   , u32 label);
int buffer_zero(const struct disk *disk, const struct transfer *transfer);

#endif
