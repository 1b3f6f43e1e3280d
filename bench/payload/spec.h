// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands that change a disk, in parsed form. The host tool replays them
// on its model, so it must read them exactly as the payload does.
#ifndef PAYLOAD_SPEC_H
#define PAYLOAD_SPEC_H

#include "script.h" // struct script_line

#define MAX_CALL_SECTORS 128 // 64 KiB, SeaBIOS's limit of one call
#define MAX_FLAT_SECTORS 65535 // by a flat address, if the drive takes it
#define NOT_FLAT ~0ULL

struct random_spec {
    u8 drive;
    u32 seed;
    u32 ops;
    u64 from; // first LBA of the range
    u32 sectors; // its length
    u32 writes; // percent of the operations
    u32 chs; // percent of the operations
    u32 label;
    u32 maxcount; // sectors per operation
};

enum expectation { EXPECT_PATTERN, EXPECT_ZERO, EXPECT_ANY, EXPECT_FAIL };

struct transfer_spec {
    u8 drive;
    u8 chs;
    u8 ah; // status demanded of a call that must fail, 0 for any error
    enum expectation expect;
    u64 lba;
    u32 count;
    u32 label;
    struct far_pointer buffer;
    u64 flat; // address of the buffer for EDD 3.0, or NOT_FLAT
};

int random_spec_parse(struct script_line *line, u8 boot_drive, u64 disk_end
                      , struct random_spec *spec);
int transfer_spec_parse(struct script_line *line, u8 boot_drive, u64 disk_end
                        , struct transfer_spec *spec);

#endif
