// SPDX-License-Identifier: LGPL-3.0-or-later
// Replays a script's writes on the model, with the payload's own stream, and
// compares the whole image with the result.

#define _GNU_SOURCE // SEEK_DATA
#include <errno.h> // ENXIO
#include <fcntl.h> // open
#include <stdio.h> // printf
#include <string.h> // memcmp
#include <unistd.h> // pread

#include "image.h"
#include "job.h" // job_spec_parse
#include "model.h" // model_open
#include "pattern.h" // pattern_identify
#include "spec.h" // random_spec_parse
#include "stream.h" // stream_next

#define CHUNK_SECTORS 2048

static int
script_error(const struct script_line *line)
{
    const char *bad = script_bad_word(line);
    fprintf(stderr, "script: %s: %s\n", line->name
            , bad ? bad : "overlaps an earlier range, or too many sectors");
    return -1;
}

static int
replay_random(const struct image *image, struct script_line *line)
{
    struct random_spec spec;
    if (random_spec_parse(line, image->boot_drive, image->sectors, &spec))
        return script_error(line);
    struct model_range *range = model_open(spec.drive, spec.from, spec.sectors
                                           , spec.label);
    if (!range)
        return script_error(line);
    struct stream stream;
    struct stream_op op;
    stream_start(&stream, &spec, ARENA_END);
    while (stream_next(&stream, &op))
        if (op.write)
            model_written(range, op.lba, op.count);
    return 0;
}

static int
replay_job(const struct image *image, struct script_line *line)
{
    struct job_spec spec;
    if (job_spec_parse(line, image->boot_drive, image->sectors, &spec))
        return script_error(line);
    if (!(spec.rw & JOB_WRITE))
        return 0;
    struct model_range *range = model_open(spec.drive, spec.from, spec.sectors
                                           , spec.label);
    if (!range)
        return script_error(line);
    struct job_stream stream;
    struct job_op op;
    u32 i;
    job_start(&stream, &spec);
    for (i = 0; i < spec.warm + spec.ops; i++) {
        if (i == spec.warm)
            job_start(&stream, &spec);
        job_next(&stream, &op);
        if (op.write)
            model_written(range, op.lba, op.count);
    }
    return 0;
}

static int
replay_write(const struct image *image, struct script_line *line)
{
    struct transfer_spec spec;
    if (transfer_spec_parse(line, image->boot_drive, image->sectors, &spec))
        return script_error(line);
    if (spec.expect == EXPECT_FAIL)
        return 0;
    struct model_range *range = model_open(spec.drive, spec.lba, spec.count
                                           , spec.label);
    if (!range)
        return script_error(line);
    model_written(range, spec.lba, spec.count);
    return 0;
}

// Note in the model what the script wrote to this image's drive.
static int
replay_script(struct image *image)
{
    static const struct {
        const char *name;
        int (*replay)(const struct image *image, struct script_line *line);
    } writers[] = {
        { "job", replay_job }, { "random", replay_random },
        { "write", replay_write },
    };
    char *cursor = image->script;
    struct script_line line;
    u32 i;
    while (script_next(&cursor, &line))
        for (i = 0; i < ARRAY_SIZE(writers); i++)
            if (!strcmp(line.name, writers[i].name)
                && script_drive(&line, image->boot_drive) == image->drive
                && writers[i].replay(image, &line))
                return -1;
    return 0;
}

static void
print_difference(const struct image *image, u64 lba, const u8 *got
                 , const u8 *expected)
{
    u32 at = 0;
    while (got[at] == expected[at])
        at++;
    printf("%s: sector %llu generation %u byte %u: got %02x expected %02x; "
           , image->path, lba, model_generation(image->drive, lba), at
           , got[at], expected[at]);
    struct pattern_header found;
    if (pattern_identify(got, &found))
        printf("found label=%u lba=%llu generation=%u\n", found.label
               , (u64)found.lba_high << 32 | found.lba_low, found.generation);
    else
        printf("found no pattern\n");
}

static int
verify_sectors(int fd, const struct image *image, u64 from, u64 to)
{
    static u8 chunk[CHUNK_SECTORS][SECTOR_SIZE];
    u32 expected[PATTERN_WORDS];
    while (from < to) {
        u64 i, count = to - from;
        if (count > CHUNK_SECTORS)
            count = CHUNK_SECTORS;
        ssize_t length = (ssize_t)(count * SECTOR_SIZE);
        if (pread(fd, chunk, (size_t)length, (off_t)(from * SECTOR_SIZE))
            != length)
            return RESULT_ERROR;
        for (i = 0; i < count; i++) {
            image_sector(image, from + i, expected);
            if (memcmp(chunk[i], expected, SECTOR_SIZE)) {
                print_difference(image, from + i, chunk[i]
                                 , (const u8 *)expected);
                return RESULT_DIFFERS;
            }
        }
        from += count;
    }
    return RESULT_OK;
}

// All sectors that are not holes of the file.
static int
verify_data(int fd, const struct image *image)
{
    off_t end = (off_t)(image->sectors * SECTOR_SIZE), data = 0, hole;
    for (; data < end; data = hole) {
        data = lseek(fd, data, SEEK_DATA);
        if (data < 0)
            return errno == ENXIO ? RESULT_OK : RESULT_ERROR;
        hole = lseek(fd, data, SEEK_HOLE);
        if (hole < 0)
            return RESULT_ERROR;
        int result = verify_sectors(fd, image, (u64)data / SECTOR_SIZE
                                    , ((u64)hole + SECTOR_SIZE - 1)
                                      / SECTOR_SIZE);
        if (result)
            return result;
    }
    return RESULT_OK;
}

// A hole reads as zeros, so there may be one only where nothing was written:
// check the written places first, then all data.
static int
verify_sparse(int fd, const struct image *image)
{
    u64 end = image->sectors;
    u32 i, count;
    const struct model_range *ranges = model_ranges(&count);
    int result = verify_sectors(fd, image, 0, PAYLOAD_SECTORS);
    for (i = 0; !result && i < count; i++)
        result = verify_sectors(fd, image, ranges[i].from
                                , ranges[i].from + ranges[i].sectors);
    if (!result)
        result = verify_sectors(fd, image, end - SPARSE_SECTORS, end);
    return result ? result : verify_data(fd, image);
}

static int
open_image(struct image *image)
{
    int fd = open(image->path, O_RDONLY);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    if (size < 0) {
        perror(image->path);
        return -1;
    }
    image->sectors = (u64)size / SECTOR_SIZE;
    if (size % SECTOR_SIZE || image->sectors < PAYLOAD_SECTORS + SPARSE_SECTORS)
    {
        fprintf(stderr, "%s: not the size of a test disk\n", image->path);
        return -1;
    }
    return fd;
}

// Compare the image at image->path, whose size counts, with what the script
// must have left. Prints the first difference.
int
image_verify(struct image *image)
{
    int fd = open_image(image);
    if (fd < 0 || replay_script(image))
        return RESULT_ERROR;
    int result = image->sparse ? verify_sparse(fd, image)
        : verify_sectors(fd, image, 0, image->sectors);
    if (result == RESULT_ERROR)
        perror(image->path);
    close(fd);
    return result;
}
