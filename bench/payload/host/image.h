// SPDX-License-Identifier: LGPL-3.0-or-later
// A test disk's image: what it is made of, and what each sector must hold
// after a script has run.
#ifndef PAYLOAD_IMAGE_H
#define PAYLOAD_IMAGE_H

#include "layout.h" // SCRIPT_SIZE
#include "types.h" // u32

#define SPARSE_SECTORS 256 // at the end of a sparse disk, the only ones written

struct image {
    const char *path;
    u64 sectors;
    u32 label;
    u8 drive; // the number that it has, or had, in the guest
    u8 boot_drive; // what drive=boot means
    int boots; // carries the payload
    int sparse;
    u8 payload[PAYLOAD_SECTORS * SECTOR_SIZE];
    char script[SCRIPT_SIZE];
};

// Exit codes.
enum { RESULT_OK = 0, RESULT_DIFFERS = 1, RESULT_ERROR = 2 };

void image_sector(const struct image *image, u64 lba, void *sector);
int image_make(const struct image *image);
int image_verify(struct image *image);

#endif
