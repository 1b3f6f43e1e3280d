// SPDX-License-Identifier: LGPL-3.0-or-later
// The timed calls of `job` and `time`. The TSC is read in real mode next to
// the int, so mode switches do not count, nor does what is done between calls.

#include <stddef.h> // NULL

#include "bios.h" // bios_arena_end
#include "buffer.h" // buffer_prepare
#include "clock.h" // clock_wait
#include "io.h" // physical
#include "layout.h" // ARENA_START
#include "model.h" // model_written
#include "report.h" // transfer_fail
#include "series.h"

// Bit 20 of these addresses is clear: they are memory whatever A20 says.
#define SAMPLES_ADDR 0x200000
#define SAMPLES_END (SAMPLES_ADDR + JOB_MAX_OPS * sizeof(u32))
_Static_assert(SAMPLES_END <= 0x300000, "samples in an even megabyte");

u32 *
series_samples(void)
{
    return physical(SAMPLES_ADDR);
}

static int
have_memory(void)
{
    volatile u32 *last = physical(SAMPLES_END - sizeof(*last));
    *last = 0x5a5aa5a5;
    if (*last != 0x5a5aa5a5)
        return 0;
    *last = 0;
    return *last == 0;
}

// Check that every call stays on the disk and in the arena, and that there is
// memory for the samples.
int
series_check(const struct script_line *line, const struct series *series)
{
    const struct job_spec *job = &series->job;
    u32 start = flat_address(job->buffer), largest = job_largest(job);
    const char *problem = NULL;
    if (!largest || largest > MAX_CALL_SECTORS)
        problem = "a call cannot move this many sectors";
    else if (job->sectors < largest)
        problem = "the region is smaller than a call";
    else if (start < ARENA_START
             || start + largest * SECTOR_SIZE > bios_arena_end())
        problem = "buffer not within 1000:0000 to the end of low memory";
    else if (job->chs
             && !disk_chs_reaches(&series->disk, job->from + job->sectors - 1))
        problem = "CHS does not reach the region's end";
    else if (!have_memory())
        problem = "no memory for samples at 2 MiB";
    if (!problem)
        return 0;
    check_refuse(line, problem, "");
    return -1;
}

// Make the buffer ready for the call. Returns 0, or -1 if a read that this
// takes fails.
static int
prepare(const struct series *series, struct transfer *transfer)
{
    if (series->job.verify)
        buffer_prepare(transfer);
    if (transfer->function != FN_WRITE)
        return 0;
    if (!series->put_back) {
        buffer_fill_pattern(&series->disk, transfer, series->job.label);
        return 0;
    }
    transfer->function = FN_READ;
    disk_transfer(&series->disk, transfer);
    transfer->function = FN_WRITE;
    return transfer->failed ? -1 : 0;
}

static int
is_right(const struct series *series, const struct transfer *transfer)
{
    if (!transfer_succeeded(&series->disk, transfer))
        return 0;
    if (transfer->function == FN_WRITE && series->range)
        model_written(series->range, transfer->lba, transfer->count);
    return !series->job.verify
        || (buffer_canaries(&series->disk, transfer)
            && buffer_pattern(&series->disk, transfer, series->job.label));
}

// One call. Returns 0, or -1 after reporting what is wrong.
static int
call(const struct series *series, const struct job_op *op, u32 *ticks)
{
    struct transfer transfer = {
        .function = op->write ? FN_WRITE : FN_READ,
        .chs = op->chs, .lba = op->lba, .count = op->count,
        .buffer = op->buffer,
    };
    if (prepare(series, &transfer)) {
        transfer_fail(&series->disk, &transfer, "read before write failed");
        return -1;
    }
    disk_transfer(&series->disk, &transfer);
    *ticks = transfer.ticks >> 32 ? 0xffffffff : (u32)transfer.ticks;
    return is_right(series, &transfer) ? 0 : -1;
}

// Marks for tools that count instructions from outside: the timed calls are
// between the two.
void __attribute__((noinline))
series_timed(void)
{
    asm volatile("");
}

void __attribute__((noinline))
series_over(void)
{
    asm volatile("nop"); // or gcc makes one function of the two
}

int
series_run(struct series *series)
{
    const struct job_spec *job = &series->job;
    struct job_stream stream;
    struct job_op op;
    u32 i, ticks, *sample = series_samples();
    clock_get(); // not between calls
    job_start(&stream, job);
    for (i = 0; i < job->warm + job->ops; i++) {
        if (i == job->warm) {
            if (!series->go_on)
                job_start(&stream, job);
            series_timed();
        }
        job_next(&stream, &op);
        if (call(series, &op, &ticks))
            return -1;
        if (i >= job->warm)
            *sample++ = ticks;
        if (job->think)
            clock_wait(job->think);
    }
    series_over();
    check_pass();
    return 0;
}
