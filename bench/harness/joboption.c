// SPDX-License-Identifier: LGPL-3.0-or-later
// The options that int13 can follow, and what each means for it.

#include <stdarg.h> // va_list
#include <stdio.h> // sscanf
#include <stdlib.h> // strtoul
#include <string.h> // strcmp

#include "fionumber.h"
#include "jobfile.h"
#include "layout.h" // SECTOR_SIZE

#define SEPARATORS ",:-"
#define MOST_THINKTIME 1000000
#define MOST_SECTORS (~0U - 1024) // of a region: what is rounded up must fit

// Returns a text that is valid until the next call.
static const char *
reason(const char *format, ...)
{
    static char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return text;
}

// A number without a list behind it.
static const char *
read_one(const struct fio_job *job, const char *value, long long most
         , long long *number)
{
    struct fio_number read;
    if (fio_read_bytes(value, job->kb_base, &read))
        return "not a number";
    if (value[strcspn(value + 1, SEPARATORS) + 1])
        return "one number is wanted, without , : and -";
    if (read.overflow)
        return "too large: fio would take it for another number";
    if (read.percent)
        return "a share in percent, but the file's size is not known here: write"
            " a number";
    if (read.value < 0 || read.value > most)
        return reason("fio reads %lld, and 0 to %lld is possible", read.value
                      , most);
    *number = read.value;
    return NULL;
}

static const char *
not_sectors(const struct fio_job *job, const char *value, long long bytes)
{
    return reason("fio reads %lld bytes, which are not whole sectors of 512%s"
                  , bytes, job->kb_base == 1024 && strpbrk(value, "iI")
                  ? ": 4k is 4096, but 4KiB is 4000 with kb_base=1024" : "");
}

static const char *
read_sectors(const struct fio_job *job, const char *value, u64 most
             , u64 *sectors)
{
    long long bytes;
    const char *wrong = read_one(job, value, (long long)(most * SECTOR_SIZE)
                                 , &bytes);
    if (wrong)
        return wrong;
    if (bytes % SECTOR_SIZE)
        return not_sectors(job, value, bytes);
    *sectors = (u64)bytes / SECTOR_SIZE;
    return NULL;
}

static const char *
option_rw(struct fio_job *job, const char *value)
{
    int kind = job_parse_rw(value);
    if (kind < 0)
        return strstr(value, "trim") ? "int13 cannot trim: must be read, write,"
            " rw, randread, randwrite or randrw"
            : "must be read, write, rw, randread, randwrite or randrw";
    job->spec.rw = (u8)kind;
    return NULL;
}

// Reads "SIZE", or "READS,WRITES" with any of fio's separators, into sectors.
static const char *
read_pair(const struct fio_job *job, const char *value, u64 most, u32 pair[2])
{
    const char *part = value;
    struct fio_number number;
    int i;
    for (i = 0; part; i++, part = fio_next_part(part)) {
        if (fio_read_bytes(part, job->kb_base, &number))
            return "not a size, nor one of reads and one of writes, such as"
                " 4k,8k";
        if (number.overflow || number.percent || number.value <= 0
            || (u64)number.value > most * SECTOR_SIZE)
            return reason("fio reads %lld%s; 512 to %llu bytes are possible"
                          , number.percent || number.overflow ? 0 : number.value
                          , number.percent || number.overflow
                          ? " or nothing of use" : "", most * SECTOR_SIZE);
        if (number.value % SECTOR_SIZE)
            return not_sectors(job, value, number.value);
        if (i < 2)
            pair[i] = (u32)(number.value / SECTOR_SIZE);
    }
    if (i == 1)
        pair[1] = pair[0];
    return NULL;
}

static const char *
option_bs(struct fio_job *job, const char *value)
{
    return read_pair(job, value, MAX_CALL_SECTORS, job->bs);
}

// fio gives those that have no percentage, or 0, equal shares of what is left.
static int
share_rest(struct job_spec *spec)
{
    u32 i, missing = 0, percents = 0;
    for (i = 0; i < spec->size_count; i++) {
        percents += spec->sizes[i].percent;
        missing += !spec->sizes[i].percent;
    }
    for (i = 0; i < spec->size_count && percents <= 100; i++)
        if (!spec->sizes[i].percent)
            spec->sizes[i].percent = (100 - percents) / missing;
    for (i = percents = 0; i < spec->size_count; i++)
        percents += spec->sizes[i].percent;
    return percents == 100;
}

// "512/25:32256/75"
static const char *
option_bssplit(struct fio_job *job, const char *value)
{
    static const char wrong[] = "must be SIZE/PERCENT:SIZE/PERCENT..., with up"
        " to eight sizes of 512 to 64k and percentages that add up to 100";
    struct job_spec *spec = &job->spec;
    const char *text = value;
    spec->size_count = 0;
    while (*text) {
        size_t length = strcspn(text, ":"), digits = strcspn(text, "/:");
        struct fio_number number;
        char size[32], *rest;
        u32 percent = 0;
        snprintf(size, sizeof(size), "%.*s", (int)digits, text);
        if (fio_read_bytes(size, job->kb_base, &number) || number.percent
            || number.overflow || number.value <= 0
            || number.value > MAX_CALL_SECTORS * SECTOR_SIZE
            || spec->size_count == JOB_SIZES)
            return wrong;
        if (number.value % SECTOR_SIZE)
            return not_sectors(job, value, number.value);
        if (text[digits] == '/') {
            percent = (u32)strtoul(text + digits + 1, &rest, 10);
            if (rest != text + length || percent > 100)
                return wrong;
        }
        spec->sizes[spec->size_count++] = (struct job_size) {
            (u32)(number.value / SECTOR_SIZE), percent,
        };
        text += length + (text[length] == ':');
    }
    return share_rest(spec) ? NULL : wrong;
}

static const char *
option_blockalign(struct fio_job *job, const char *value)
{
    return read_pair(job, value, ~0U, job->align);
}

static const char *
option_offset(struct fio_job *job, const char *value)
{
    return read_sectors(job, value, MOST_SECTORS, &job->spec.from);
}

static const char *
option_size(struct fio_job *job, const char *value)
{
    u64 sectors = 0;
    const char *wrong = read_sectors(job, value, MOST_SECTORS, &sectors);
    job->spec.sectors = (u32)sectors;
    return wrong;
}

static const char *
option_io_size(struct fio_job *job, const char *value)
{
    return read_sectors(job, value, ~0U, &job->io_size);
}

// More than there are to make is no limit.
static const char *
option_loops(struct fio_job *job, const char *value)
{
    long long number = 1;
    const char *wrong = read_one(job, value, JOB_MAX_OPS, &number);
    if (!wrong && !number)
        wrong = "write 1 or more";
    job->loops = (u32)number;
    return wrong;
}

static const char *
option_number_ios(struct fio_job *job, const char *value)
{
    long long number = 0;
    const char *wrong = read_one(job, value, 1LL << 62, &number);
    job->number_ios = (u64)number;
    return wrong;
}

static const char *
option_randseed(struct fio_job *job, const char *value)
{
    long long number = 0;
    const char *wrong = read_one(job, value, ~0U, &number);
    job->spec.seed = (u32)number;
    return wrong;
}

static const char *
option_rwmixread(struct fio_job *job, const char *value)
{
    long long number = 0;
    const char *wrong = read_one(job, value, 100, &number);
    job->spec.mixread = (u32)number;
    return wrong;
}

static const char *
option_rwmixwrite(struct fio_job *job, const char *value)
{
    const char *wrong = option_rwmixread(job, value);
    job->spec.mixread = 100 - job->spec.mixread;
    return wrong;
}

static const char *
option_thinktime(struct fio_job *job, const char *value)
{
    struct fio_number number;
    if (fio_read_time(value, &number))
        return "not a time in us, nor one such as 10ms";
    if (number.overflow || number.value < 0 || number.value > MOST_THINKTIME
        || value[strcspn(value, SEPARATORS)])
        return "0 to 1s are possible";
    job->spec.think = (u32)number.value;
    return NULL;
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
    fio_read_int(value, &job->stonewall);
    return NULL;
}

static const char *
option_norandommap(struct fio_job *job, const char *value)
{
    fio_read_int(value, &job->no_map);
    return NULL;
}

static const char *
option_wait_for(struct fio_job *job, const char *value)
{
    job->wait_for = value;
    return NULL;
}

static const char *const synchronous[] = {
    "sync", "psync", "vsync", "pvsync", "pvsync2", "mmap", "splice",
};
static const char *const asynchronous[] = {
    "libaio", "io_uring", "posixaio", "sg", "libiscsi",
};

static int
is_one_of(const char *const *words, size_t count, const char *word)
{
    size_t i;
    for (i = 0; i < count; i++)
        if (!strcmp(words[i], word))
            return 1;
    return 0;
}

int
job_engine_is_synchronous(const struct fio_job *job)
{
    // An engine that was refused is not the reason of another problem.
    return !job->engine
           || is_one_of(synchronous, ARRAY_SIZE(synchronous), job->engine);
}

static const char *
option_ioengine(struct fio_job *job, const char *value)
{
    job->engine = NULL;
    if (!is_one_of(synchronous, ARRAY_SIZE(synchronous), value)
        && !is_one_of(asynchronous, ARRAY_SIZE(asynchronous), value))
        return "what this engine does is not reading and writing a disk's"
            " sectors: name one of psync, libaio and the like, or none";
    job->engine = value;
    return NULL;
}

static const char *
option_filename(struct fio_job *job, const char *value)
{
    const char *colon = strchr(value, ':');
    (void)job;
    while (colon && colon > value && colon[-1] == '\\')
        colon = strchr(colon + 1, ':');
    return colon ? "several files, and int13 has one disk: name one, or none"
           : NULL;
}

static const char *
option_kb_base(struct fio_job *job, const char *value)
{
    (void)job;
    (void)value; // The section's: jobfile.c
    return NULL;
}

// Only fio's report would show it.
static const char *
option_label(struct fio_job *job, const char *value)
{
    (void)job;
    (void)value;
    return NULL;
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
    job->stream = value;
    return NULL;
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
    long long number = 0;
    const char *wrong = read_one(job, value, JOB_MAX_OPS, &number);
    job->spec.warm = (u32)number;
    return wrong;
}

#define TAKEN(function) .effect = EFFECT_TAKEN, .take = function
#define ACCESS .why = "how fio gets at the file, which is the transport's" \
    " business here"

const struct option_rule job_options[] = {
    { "rw", "readwrite", VALUE_CHOICE, TAKEN(option_rw),
      .choices = " read write trim randread randwrite randtrim rw readwrite"
          " randrw trimwrite randtrimwrite " },
    { "bs", "blocksize", VALUE_SIZES, TAKEN(option_bs), .least = 1 },
    { "bssplit", NULL, VALUE_SPLIT, TAKEN(option_bssplit) },
    { "ba", "blockalign", VALUE_SIZES, TAKEN(option_blockalign), .least = 1 },
    { "offset", "fileoffset", VALUE_SIZES, TAKEN(option_offset) },
    { "size", NULL, VALUE_SIZES, TAKEN(option_size) },
    { "io_size", "io_limit", VALUE_SIZES, TAKEN(option_io_size) },
    { "number_ios", NULL, VALUE_SIZES, TAKEN(option_number_ios) },
    { "loops", NULL, VALUE_SIZES, TAKEN(option_loops) },
    { "randseed", NULL, VALUE_SIZES, TAKEN(option_randseed) },
    { "rwmixread", NULL, VALUE_INT, TAKEN(option_rwmixread), .most = 100 },
    { "rwmixwrite", NULL, VALUE_INT, TAKEN(option_rwmixwrite), .most = 100 },
    { "thinktime", NULL, VALUE_TIME, TAKEN(option_thinktime) },
    { "verify", NULL, VALUE_CHOICE, TAKEN(option_verify),
      .choices = " 0 md5 crc64 crc32 crc32c-intel crc32c crc16 crc7 sha1 sha256"
          " sha512 sha3-224 sha3-256 sha3-384 sha3-512 xxhash meta pattern null "
    },
    { "stonewall", "wait_for_previous", VALUE_FLAG, TAKEN(option_stonewall) },
    { "wait_for", NULL, VALUE_TEXT, TAKEN(option_wait_for) },
    { "norandommap", NULL, VALUE_FLAG, TAKEN(option_norandommap) },
    { "ioengine", NULL, VALUE_TEXT, TAKEN(option_ioengine), ACCESS },
    { "filename", NULL, VALUE_TEXT, TAKEN(option_filename), ACCESS },
    { "kb_base", NULL, VALUE_CHOICE, TAKEN(option_kb_base),
      .choices = " 1024 1000 " },
    { "description", NULL, VALUE_TEXT, TAKEN(option_label) },
    { "name", NULL, VALUE_TEXT, TAKEN(option_label) },
    { "read_iolog", NULL, VALUE_TEXT, TAKEN(option_read_iolog) },
    { "int13_buffer", NULL, VALUE_TEXT, TAKEN(option_buffer) },
    { "int13_addressing", NULL, VALUE_TEXT, TAKEN(option_addressing) },
    { "int13_warmup", NULL, VALUE_SIZES, TAKEN(option_warmup) },
};
const unsigned job_option_count = ARRAY_SIZE(job_options);


/****************************************************************
 * A job as a whole
 ****************************************************************/

// fio's defaults, if it has any.
void
job_set_defaults(struct fio_job *job)
{
    job->spec = (struct job_spec) {
        .drive = 0x80, .rw = JOB_READ, .mixread = 50, .warm = JOB_WARM_ALL, .seed = 1,
        .label = 1, .verify = 1, .buffer = { 0, ARENA_START >> 4 },
    };
    job->bs[0] = job->bs[1] = 4096 / SECTOR_SIZE;
    job->engine = "psync";
    job->loops = 1;
    job->kb_base = 1024;
}

// Sets the one size, and the alignment, of the direction that the job has.
static const char *
finish_sizes(struct fio_job *job)
{
    struct job_spec *spec = &job->spec;
    int both = (spec->rw & JOB_READ) && (spec->rw & JOB_WRITE)
        , way = spec->rw & JOB_READ ? 0 : 1;
    if (!spec->size_count) {
        if (both && job->bs[0] != job->bs[1])
            return "reads and writes of different sizes in one job are not"
                " possible: give both the same bs, or use bssplit";
        spec->sizes[spec->size_count++] = (struct job_size) {
            job->bs[way], 100,
        };
    }
    if (both && job->align[0] != job->align[1])
        return "reads and writes have different alignments: give both the same"
            " blockalign";
    spec->align = job->align[way] ? job->align[way] : job_smallest(spec);
    // So does fio.
    if (spec->align != job_smallest(spec))
        job->no_map = 1;
    return NULL;
}

static const char *
check_region(const struct fio_job *job)
{
    const struct job_spec *spec = &job->spec;
    int both = (spec->rw & JOB_READ) && (spec->rw & JOB_WRITE);
    if (!spec->sectors)
        return "size=0 is the file's size in fio, and here is none: write bytes";
    if (spec->sectors < job_largest(spec))
        return "size is less than one call moves";
    if (both && !(spec->rw & JOB_RANDOM) && job->io_size > spec->sectors)
        return "io_size is more than size: fio would begin again in the middle"
            " of reads and writes; set size to as much";
    return NULL;
}

const char *
job_options_finish(struct fio_job *job)
{
    const char *wrong;
    if (job->stream) {
        wrong = iolog_read(job->stream, job);
        return wrong ? reason("read_iolog=%s: %s", job->stream, wrong) : NULL;
    }
    wrong = finish_sizes(job);
    return wrong ? wrong : check_region(job);
}
