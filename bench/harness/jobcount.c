// SPDX-License-Identifier: LGPL-3.0-or-later
// How many calls a job makes.

#include "jobfile.h"
#include "layout.h" // SECTOR_SIZE

static const char too_many[] = "more than 65536 calls: set number_ios or a"
    " smaller size";

static u64
most_calls(const struct fio_job *job)
{
    return job->number_ios ? job->number_ios * job->loops : ~0ULL;
}

// How many calls fio makes until it has been through the region: a job whose
// random places do not come again ends when there is no whole one left; all
// others when they have moved as many bytes.
static u64
calls_of_pass(const struct fio_job *job, u64 sectors, u64 bs)
{
    if (!(job->spec.rw & JOB_RANDOM))
        return (sectors + bs - 1) / bs;
    if (!job->no_map)
        return sectors / bs;
    if (job->spec.rw & JOB_WRITE && job->io_size > sectors)
        sectors = job->io_size;
    return (sectors + bs - 1) / bs;
}

// fio begins again at the region's end, unless what is left to move is less
// than a call.
static const char *
count_one_size(struct fio_job *job)
{
    u64 bs = job->spec.sizes[0].sectors, moved = 0, calls = 0, pass, loop = 0;
    u64 limit = job->io_size ? job->io_size : job->spec.sectors;
    u64 most = most_calls(job);
    u64 of_pass = calls_of_pass(job, job->spec.sectors, bs);
    do {
        for (pass = 0; pass < of_pass && moved < limit * job->loops
             && calls < most; pass++) {
            moved += bs;
            if (++calls > JOB_MAX_OPS)
                return too_many;
        }
        loop++;
    } while (pass && calls < most
             && (loop < job->loops || moved + bs <= limit));
    job->spec.ops = (u32)calls;
    return NULL;
}

static const char *
count_sizes(struct fio_job *job)
{
    u64 moved = 0, most = most_calls(job), total = job->loops
        * (job->io_size ? job->io_size : job->spec.sectors);
    struct job_stream stream;
    struct job_op op;
    job_start(&stream, &job->spec);
    job->spec.ops = 0;
    while (moved < total && job->spec.ops < most) {
        if (job->spec.ops == JOB_MAX_OPS)
            return too_many;
        job_next(&stream, &op);
        moved += op.count;
        job->spec.ops++;
    }
    return NULL;
}

// fio's last call of a sequential job reaches beyond the region's end, if that
// is not a whole number of calls; so does ours, if the job gets that far.
static void
round_region(struct job_spec *spec)
{
    u32 bs = spec->sizes[0].sectors;
    if (!(spec->rw & JOB_RANDOM) && (u64)spec->ops * bs > spec->sectors)
        spec->sectors = (spec->sectors + bs - 1) / bs * bs;
}

const char *
job_count_calls(struct fio_job *job)
{
    struct job_spec *spec = &job->spec;
    const char *wrong = NULL;
    if (spec->calls) {
        spec->ops = most_calls(job) < spec->call_count ? (u32)most_calls(job)
            : spec->call_count;
    } else if (spec->size_count == 1) {
        wrong = count_one_size(job);
        round_region(spec);
    } else {
        wrong = count_sizes(job);
    }
    if (spec->warm == JOB_WARM_ALL)
        spec->warm = spec->ops;
    return wrong;
}
