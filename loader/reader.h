// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads sectors straight to any address below 4 GiB if the BIOS can (flat
// addresses, EDD 3.0), else by way of low memory.
#ifndef LOADER_READER_H
#define LOADER_READER_H

#include "types.h" // u32

struct reader {
    u8 drive;
    u8 status; // int13's, of the last call that failed
    u32 flat_sectors; // at most in a flat call; 0: the BIOS has none
};

void reader_setup(struct reader *reader, u8 drive);
void reader_probe(struct reader *reader, u64 lba, const void *sector
                  , u32 scratch);
u32 reader_read(struct reader *reader, u64 lba, u32 sectors, u32 address);

#endif
