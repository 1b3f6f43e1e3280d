// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes jobs as commands of the payload: bench/payload/README.md.

#include <err.h> // err
#include <stdlib.h> // free

#include "jobcommand.h"

static const char *const kinds[] = {
    [JOB_READ] = "read", [JOB_WRITE] = "write", [JOB_READ | JOB_WRITE] = "rw",
    [JOB_RANDOM | JOB_READ] = "randread",
    [JOB_RANDOM | JOB_WRITE] = "randwrite",
    [JOB_RANDOM | JOB_READ | JOB_WRITE] = "randrw",
};

static void
write_rest(FILE *script, const struct job_spec *spec, int verify)
{
    if (spec->think)
        fprintf(script, " think=%u", spec->think);
    fprintf(script, " verify=%d\n", verify && spec->verify);
}

static void
write_job(FILE *script, const struct fio_job *job, const char *suffix, u32 ops
          , int verify)
{
    const struct job_spec *spec = &job->spec;
    u32 i;
    if (spec->calls) {
        fprintf(script, "job name=%s%s drive=%x stream=%llu calls=%u ops=%u"
                " warm=%u", job->name, suffix, spec->drive, spec->stream, spec->call_count
                , ops, spec->warm);
        write_rest(script, spec, verify);
        return;
    }
    fprintf(script, "job name=%s%s drive=%x rw=%s bs=", job->name, suffix
            , spec->drive, kinds[spec->rw]);
    for (i = 0; i < spec->size_count; i++)
        fprintf(script, "%s%u/%u", i ? "," : "", spec->sizes[i].sectors
                , spec->sizes[i].percent);
    fprintf(script, " offset=%llu size=%u align=%u ops=%u warm=%u", spec->from
            , spec->sectors, spec->align, ops, spec->warm);
    if (spec->mixread != 50)
        fprintf(script, " mixread=%u", spec->mixread);
    if (spec->seed != 1)
        fprintf(script, " seed=%u", spec->seed);
    fprintf(script, " buffer=%x:%x", spec->buffer.segment
            , spec->buffer.offset);
    if (spec->chs)
        fprintf(script, " chs=1");
    write_rest(script, spec, verify);
}

void
jobcommand_write(FILE *script, const struct fio_job *job)
{
    write_job(script, job, "", job->spec.ops, 1);
}

// In the traced run the driver reports after each job and after each warm-up,
// because `memmap` makes it disconnect the disk. There is no readback, whose
// calls would count for the last job.
void
jobcommand_write_traced(FILE *script, const struct fio_job *job, int pv)
{
    if (pv) {
        write_job(script, job, "-warmup", 0, 0);
        fprintf(script, "memmap\n");
    }
    write_job(script, job, "", job->spec.ops, 0);
    fprintf(script, "memmap\n");
}

u32
jobcommand_crc(const struct fio_job *job, int traced)
{
    struct script_line line;
    struct job_spec spec;
    char *text, *cursor;
    size_t size;
    FILE *command = open_memstream(&text, &size);
    if (!command)
        err(EXIT_USAGE, "no memory");
    write_job(command, job, "", job->spec.ops, !traced);
    fclose(command);
    cursor = text;
    // As the payload reads it.
    script_next(&cursor, &line);
    job_spec_parse(&line, 0x80, 1ULL << 40, &spec);
    spec.calls = job->spec.calls;
    u32 crc = job_spec_crc(&spec);
    free(text);
    return crc;
}
