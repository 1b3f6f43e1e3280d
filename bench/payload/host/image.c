// SPDX-License-Identifier: LGPL-3.0-or-later
// The content of a test disk, and the making of its image.

#include <errno.h> // ENOSPC
#include <fcntl.h> // open
#include <stdio.h> // perror
#include <stdlib.h> // malloc
#include <string.h> // memcpy
#include <unistd.h> // pwrite

#include "image.h"
#include "model.h" // model_find
#include "pattern.h" // pattern_sector

#define CHUNK_SECTORS 2048

// What the sector must hold by now, after the writes that the model knows.
void
image_sector(const struct image *image, u64 lba, void *sector)
{
    const struct model_range *range = model_find(image->drive, lba);
    u32 generation = model_generation(image->drive, lba);
    if (generation)
        pattern_sector(sector, range->label, lba, generation);
    else if (image->boots && lba < PAYLOAD_SECTORS)
        memcpy(sector, image->payload + lba * SECTOR_SIZE, SECTOR_SIZE);
    else if (image->sparse && lba + SPARSE_SECTORS < image->sectors)
        memset(sector, 0, SECTOR_SIZE);
    else
        pattern_sector(sector, image->label, lba, 0);
}

static int
write_sectors(int fd, const struct image *image, u64 from, u64 to)
{
    static u8 chunk[CHUNK_SECTORS][SECTOR_SIZE] __attribute__((aligned(4)));
    while (from < to) {
        u64 i, count = to - from;
        if (count > CHUNK_SECTORS)
            count = CHUNK_SECTORS;
        for (i = 0; i < count; i++)
            image_sector(image, from + i, chunk[i]);
        // The last write to a full disk may be a short one; the next says why.
        ssize_t done = pwrite(fd, chunk, count * SECTOR_SIZE
                              , (off_t)(from * SECTOR_SIZE));
        if (done >= 0 && done < SECTOR_SIZE)
            errno = ENOSPC;
        if (done < SECTOR_SIZE)
            return -1;
        from += (u64)done / SECTOR_SIZE;
    }
    return 0;
}

static int
write_image(int fd, const struct image *image)
{
    u64 end = image->sectors;
    if (ftruncate(fd, (off_t)(end * SECTOR_SIZE)))
        return -1;
    if (!image->sparse)
        return write_sectors(fd, image, 0, end);
    if (image->boots && write_sectors(fd, image, 0, PAYLOAD_SECTORS))
        return -1;
    return write_sectors(fd, image, end - SPARSE_SECTORS, end);
}

int
image_make(const struct image *image)
{
    int fd = open(image->path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write_image(fd, image) || close(fd)) {
        perror(image->path);
        return RESULT_ERROR;
    }
    return RESULT_OK;
}
