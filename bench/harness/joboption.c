// SPDX-License-Identifier: LGPL-3.0-or-later
// What each option of a job file means for int13.

#include <stdio.h> // sscanf
#include <stdlib.h> // strtoull
#include <string.h> // strcmp

#include "jobfile.h"
#include "layout.h" // SECTOR_SIZE

typedef const char *option_fn(struct fio_job *job, const char *value);

static const char not_sectors[] = "not a number of bytes in whole sectors of"
    " 512, such as 4096, 32256 or 1m";

// Read bytes with fio's suffixes, all of which are binary, "k" like "KiB".
// Returns the text behind them, NULL if there are none.
static const char *
parse_bytes(const char *text, u64 *bytes)
{
    static const char suffixes[] = "kmgt";
    char *rest;
    if (*text < '0' || *text > '9')
        return NULL;
    *bytes = strtoull(text, &rest, 0);
    const char *suffix = *rest ? strchr(suffixes, *rest | 0x20) : NULL;
    if (!suffix)
        return rest;
    *bytes <<= 10 * (suffix - suffixes + 1);
    rest++;
    if (!strncasecmp(rest, "ib", 2))
        rest += 2;
    else if ((*rest | 0x20) == 'b')
        rest++;
    return rest;
}

// Returns 0, or -1 if the text is no such number of bytes.
static int
parse_sectors(const char *text, u64 limit, u64 *sectors)
{
    u64 bytes;
    const char *rest = parse_bytes(text, &bytes);
    if (!rest || *rest || bytes % SECTOR_SIZE || bytes / SECTOR_SIZE > limit)
        return -1;
    *sectors = bytes / SECTOR_SIZE;
    return 0;
}

static const char *
parse_number(const char *text, u32 limit, u32 *number)
{
    char *rest;
    unsigned long long value = strtoull(text, &rest, 10);
    if (*text < '0' || *text > '9' || *rest || value > limit)
        return "not a number in the allowed range";
    *number = (u32)value;
    return NULL;
}

static const char *
option_rw(struct fio_job *job, const char *value)
{
    int kind = job_parse_rw(value);
    if (kind < 0)
        return "must be read, write, rw, randread, randwrite or randrw";
    job->spec.rw = (u8)kind;
    return NULL;
}

static const char *
option_bs(struct fio_job *job, const char *value)
{
    u64 sectors;
    if (parse_sectors(value, MAX_CALL_SECTORS, &sectors) || !sectors)
        return "a call moves 1 to 128 whole sectors of 512 bytes: 512 to 64k";
    job->spec.sizes[0] = (struct job_size) { (u32)sectors, 100 };
    job->spec.size_count = 1;
    return NULL;
}

// "512/25:32256/75"
static const char *
option_bssplit(struct fio_job *job, const char *value)
{
    static const char wrong[] = "must be SIZE/PERCENT:SIZE/PERCENT..., with up"
        " to eight sizes of 512 to 64k and percentages that add up to 100";
    struct job_spec *spec = &job->spec;
    u32 percents = 0;
    spec->size_count = 0;
    for (; *value; value += *value == ':') {
        u64 bytes = 0;
        int length = 0;
        u32 percent;
        const char *rest = parse_bytes(value, &bytes);
        if (!rest || sscanf(rest, "/%u%n", &percent, &length) != 1 || !length
            || !bytes || bytes % SECTOR_SIZE || percent > 100
            || bytes / SECTOR_SIZE > MAX_CALL_SECTORS
            || spec->size_count == JOB_SIZES)
            return wrong;
        spec->sizes[spec->size_count++]
            = (struct job_size) { (u32)(bytes / SECTOR_SIZE), percent };
        percents += percent;
        value = rest + length;
        if (*value && *value != ':')
            return wrong;
    }
    return percents == 100 ? NULL : wrong;
}

static const char *
option_blockalign(struct fio_job *job, const char *value)
{
    u64 sectors;
    if (parse_sectors(value, ~0U, &sectors) || !sectors)
        return not_sectors;
    job->spec.align = (u32)sectors;
    return NULL;
}

static const char *
option_offset(struct fio_job *job, const char *value)
{
    return parse_sectors(value, ~0U, &job->spec.from) ? not_sectors : NULL;
}

static const char *
option_size(struct fio_job *job, const char *value)
{
    u64 sectors;
    if (parse_sectors(value, ~0U, &sectors))
        return not_sectors;
    job->spec.sectors = (u32)sectors;
    return NULL;
}

static const char *
option_io_size(struct fio_job *job, const char *value)
{
    return parse_sectors(value, ~0U, &job->io_size) ? not_sectors : NULL;
}

static const char *
option_number_ios(struct fio_job *job, const char *value)
{
    return parse_number(value, JOB_MAX_OPS, &job->number_ios);
}

static const char *
option_randseed(struct fio_job *job, const char *value)
{
    return parse_number(value, ~0U, &job->spec.seed);
}

static const char *
option_rwmixread(struct fio_job *job, const char *value)
{
    return parse_number(value, 100, &job->spec.mixread);
}

static const char *
option_rwmixwrite(struct fio_job *job, const char *value)
{
    u32 writes = 0;
    const char *wrong = parse_number(value, 100, &writes);
    job->spec.mixread = 100 - writes;
    return wrong;
}

static const char *
option_thinktime(struct fio_job *job, const char *value)
{
    return parse_number(value, 1000000, &job->spec.think);
}

// fio verifies data that fio has written; the payload compares every byte with
// what the sector must hold, unless it is told not to.
static const char *
option_verify(struct fio_job *job, const char *value)
{
    job->spec.verify = strcmp(value, "0") != 0;
    return NULL;
}

static const char *
option_stonewall(struct fio_job *job, const char *value)
{
    (void)value;
    job->stonewall = 1;
    return NULL;
}

// How fio gets at the file, which is the transport's business here.
static const char *
option_ignored(struct fio_job *job, const char *value)
{
    (void)job;
    (void)value;
    return NULL;
}

static const char *
option_one(struct fio_job *job, const char *value)
{
    (void)job;
    return strcmp(value, "1") ? "int13 does one call at a time: only 1 is"
        " possible" : NULL;
}

static const char *
option_time(struct fio_job *job, const char *value)
{
    (void)job;
    (void)value;
    return "a job ends after number_ios or io_size here, not after a time";
}

static const char *
option_buffer(struct fio_job *job, const char *value)
{
    u32 segment, offset;
    int length = 0;
    if (sscanf(value, "%4x:%4x%n", &segment, &offset, &length) != 2
        || value[length])
        return "not SEGMENT:OFFSET in hexadecimal, such as 1000:0001";
    u32 start = (segment << 4) + offset;
    if (start < ARENA_START || start > ARENA_END)
        return "must lie in 1000:0000..9f00:0000";
    job->spec.buffer = (struct far_pointer) { (u16)offset, (u16)segment };
    return NULL;
}

static const char *
option_read_iolog(struct fio_job *job, const char *value)
{
    return iolog_read(value, job);
}

static const char *
option_addressing(struct fio_job *job, const char *value)
{
    if (strcmp(value, "edd") && strcmp(value, "chs"))
        return "must be edd or chs";
    job->spec.chs = *value == 'c';
    return NULL;
}

static const char *
option_warmup(struct fio_job *job, const char *value)
{
    return parse_number(value, JOB_MAX_OPS, &job->spec.warm);
}

static const struct {
    const char *name;
    option_fn *take;
} options[] = {
    { "rw", option_rw }, { "readwrite", option_rw },
    { "bs", option_bs }, { "blocksize", option_bs },
    { "bssplit", option_bssplit },
    { "blockalign", option_blockalign }, { "ba", option_blockalign },
    { "offset", option_offset },
    { "size", option_size }, { "io_size", option_io_size },
    { "number_ios", option_number_ios },
    { "randseed", option_randseed },
    { "rwmixread", option_rwmixread }, { "rwmixwrite", option_rwmixwrite },
    { "thinktime", option_thinktime },
    { "verify", option_verify },
    { "stonewall", option_stonewall },
    { "wait_for_previous", option_stonewall },
    { "iodepth", option_one }, { "numjobs", option_one },
    { "loops", option_one },
    { "runtime", option_time }, { "timeout", option_time },
    { "time_based", option_time }, { "ramp_time", option_time },
    { "ioengine", option_ignored }, { "filename", option_ignored },
    { "direct", option_ignored }, { "buffered", option_ignored },
    { "invalidate", option_ignored }, { "group_reporting", option_ignored },
    { "randrepeat", option_ignored }, { "norandommap", option_ignored },
    { "description", option_ignored },
    { "read_iolog", option_read_iolog },
    { "replay_redirect", option_ignored },
    { "replay_no_stall", option_ignored },
    { "int13_buffer", option_buffer },
    { "int13_addressing", option_addressing },
    { "int13_warmup", option_warmup },
};

const char *
job_option(struct fio_job *job, const char *option, const char *value)
{
    size_t i;
    for (i = 0; i < ARRAY_SIZE(options); i++)
        if (!strcmp(options[i].name, option))
            return options[i].take(job, value ? value : "1");
    return "no such option, or int13 cannot do it; see bench/jobs/README.md";
}
