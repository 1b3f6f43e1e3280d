// SPDX-License-Identifier: LGPL-3.0-or-later
// Recorded streams: reads fio's iolog, version 2 ("Trace file format v2" in its
// HOWTO), and puts what it holds on the disk for the payload.

#include <err.h> // err
#include <fcntl.h> // open
#include <stdio.h> // fopen
#include <stdlib.h> // realloc
#include <string.h> // strcmp
#include <unistd.h> // pwrite

#include "jobfile.h"
#include "layout.h" // PAYLOAD_SECTORS
#include "replay.h" // replay_make
#include "spec.h" // MAX_CALL_SECTORS
#include "tree.h" // tree_path

#define HEADER "fio version 2 iolog"
#define PAGE 4096
#define PROBLEM_SIZE 512
#define LEAST_MIB 32
#define SECTORS_PER_MIB ((1 << 20) / SECTOR_SIZE)

struct line {
    char action[8];
    unsigned long long offset, length; // bytes
    unsigned address; // of the buffer
    int has_address, chs;
};

static u32
flat(struct far_pointer p)
{
    return ((u32)p.segment << 4) + p.offset;
}

// Returns the address for a call's data: as recorded, or, if that is outside of
// the arena, in the arena's first page at the same offset.
static u32
place_buffer(const struct line *line, u32 bytes, struct far_pointer missing)
{
    if (!line->has_address)
        return flat(missing);
    if (line->address >= ARENA_START && line->address + bytes <= ARENA_END)
        return line->address;
    return ARENA_START + line->address % PAGE;
}

// The program is in the first sectors: reads from there are moved right behind
// it, at the same offset in a page.
static u64
place_sectors(u64 lba)
{
    return lba < PAYLOAD_SECTORS ? lba + PAYLOAD_SECTORS : lba;
}

static const char *
add_call(struct fio_job *job, const struct line *line)
{
    u64 lba = place_sectors(line->offset / SECTOR_SIZE);
    u64 sectors = line->length / SECTOR_SIZE;
    struct job_spec *spec = &job->spec;
    if (line->offset % SECTOR_SIZE || line->length % SECTOR_SIZE || !sectors
        || sectors > MAX_CALL_SECTORS || lba >> 31)
        return "int13 reads 512 to 64k in whole sectors, and here only from the"
            " first TiB";
    if (job->spec.call_count == JOB_MAX_OPS)
        return "more than 65536 calls";
    struct replay_call *calls = reallocarray(
        (void *)spec->calls, job->spec.call_count + 1, sizeof(*calls));
    if (!calls)
        err(EXIT_USAGE, "no memory");
    spec->calls = calls;
    calls[job->spec.call_count++] = replay_make(
        (u32)lba, (u32)sectors, line->chs
        , place_buffer(line, (u32)line->length, spec->buffer));
    if (lba + sectors > spec->sectors)
        spec->sectors = (u32)(lba + sectors);
    return NULL;
}

static const char *
take_line(struct fio_job *job, const char *text)
{
    struct line line = { .has_address = 0 };
    char word[4] = "";
    int words = sscanf(text, "%*s %7s %llu %llu %x %3s", line.action
                       , &line.offset, &line.length, &line.address, word);
    if (words == 1 && (!strcmp(line.action, "add")
                       || !strcmp(line.action, "open")
                       || !strcmp(line.action, "close")))
        return NULL;
    if (words < 3 || strcmp(line.action, "read") != 0)
        return "must be FILE add, open, close or read OFFSET LENGTH";
    line.has_address = words > 3;
    line.chs = !strcmp(word, "chs");
    return add_call(job, &line);
}

static const char *
take_lines(FILE *file, struct fio_job *job, int *number)
{
    char text[256];
    const char *wrong = NULL;
    *number = 1;
    if (!fgets(text, sizeof(text), file)
        || strncmp(text, HEADER, strlen(HEADER)) != 0)
        return "the first line is not \"" HEADER "\"";
    while (!wrong && fgets(text, sizeof(text), file)) {
        ++*number;
        wrong = take_line(job, text);
    }
    return wrong ? wrong : job->spec.call_count ? NULL : "it has no reads";
}

const char *
iolog_read(const char *path, struct fio_job *job)
{
    static char problem[PROBLEM_SIZE];
    FILE *file = fopen(tree_path(path), "r");
    int number;
    if (!file)
        return "cannot be opened";
    // The stream of [global] or of an earlier line is not ours to change.
    job->spec.calls = NULL;
    job->spec.call_count = 0;
    job->spec.rw = JOB_READ;
    job->spec.size_count = 0;
    job->spec.from = job->spec.sectors = 0;
    const char *wrong = take_lines(file, job, &number);
    fclose(file);
    if (!wrong)
        return NULL;
    snprintf(problem, sizeof(problem), "%s:%d: %s", path, number, wrong);
    return problem;
}

static u64
stream_sectors(const struct fio_job *job)
{
    return (job->spec.call_count * sizeof(struct replay_call) + SECTOR_SIZE - 1)
        / SECTOR_SIZE;
}

u64
jobs_place_streams(struct job_list *list)
{
    u64 mib = LEAST_MIB, end;
    size_t i;
    for (i = 0; i < list->count; i++) {
        const struct job_spec *spec = &list->jobs[i].spec;
        u64 needed = (spec->from + spec->sectors) / SECTORS_PER_MIB + 1;
        if (needed > mib)
            mib = needed;
    }
    end = mib * SECTORS_PER_MIB;
    for (i = 0; i < list->count; i++) {
        if (!list->jobs[i].spec.calls)
            continue;
        list->jobs[i].spec.stream = end;
        end += stream_sectors(&list->jobs[i]);
    }
    return (end + SECTORS_PER_MIB - 1) / SECTORS_PER_MIB;
}

void
jobs_write_streams(const struct job_list *list, const char *image)
{
    int fd = open(image, O_WRONLY);
    size_t i;
    for (i = 0; fd >= 0 && i < list->count; i++) {
        const struct fio_job *job = &list->jobs[i];
        const char *bytes = (const char *)job->spec.calls;
        size_t left = job->spec.call_count * sizeof(*job->spec.calls);
        off_t place = (off_t)(job->spec.stream * SECTOR_SIZE);
        ssize_t done;
        // The last write to a full disk may be a short one; the next says why.
        for (; left; left -= (size_t)done, bytes += done, place += done) {
            done = pwrite(fd, bytes, left, place);
            if (done <= 0)
                err(EXIT_USAGE, "cannot write %s", image);
        }
    }
    if (fd < 0 || close(fd))
        err(EXIT_USAGE, "cannot write %s", image);
}
