// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes results.json from what the guests left.

#include <err.h> // err
#include <errno.h> // ENOSPC
#include <stdlib.h> // calloc
#include <string.h> // strcmp
#include <time.h> // time
#include <unistd.h> // unlink

#include "bins.h" // latency_json
#include "counters.h" // counters_json
#include "environment.h" // environment_json
#include "files.h" // file_text
#include "jobcommand.h" // jobcommand_crc
#include "layout.h" // SECTOR_SIZE
#include "results.h"
#include "serial.h" // serial_record
#include "traced.h" // traced_read
#include "version.h" // VERSION, made by packaging.mk
#include "waterfall.h" // waterfall_next


// The calls of one direction.
struct direction {
    uint64_t *ns;
    size_t count;
    uint64_t bytes;
};

// The calls of a job, in their order, and by direction.
struct calls {
    uint64_t *ns;
    struct job_op *ops;
    size_t count;
    struct direction directions[2]; // reads, writes
};

static void *
allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory)
        err(EXIT_USAGE, "no memory");
    return memory;
}

static void
make_calls(struct calls *calls, const struct fio_job *job
           , const struct record *record)
{
    struct job_stream stream;
    u32 i;
    *calls = (struct calls) { .count = record->samples ? record->count : 0 };
    calls->ns = allocate(calls->count, sizeof(*calls->ns));
    calls->ops = allocate(calls->count, sizeof(*calls->ops));
    for (i = 0; i < 2; i++)
        calls->directions[i].ns = allocate(calls->count, sizeof(uint64_t));
    job_start(&stream, &job->spec);
    for (i = 0; i < calls->count; i++) {
        struct job_op op;
        job_next(&stream, &op);
        struct direction *direction = &calls->directions[op.write ? 1 : 0];
        // Rounded: a tick is not always a whole ns.
        calls->ns[i] = (record->samples[i] * 1000000ULL + record->tsc_khz / 2)
            / record->tsc_khz;
        calls->ops[i] = op;
        direction->ns[direction->count++] = calls->ns[i];
        direction->bytes += (uint64_t)op.count * SECTOR_SIZE;
    }
}

static void
free_calls(struct calls *calls)
{
    free(calls->ns);
    free(calls->ops);
    free(calls->directions[0].ns);
    free(calls->directions[1].ns);
}

// The run's time is that of the calls alone.
static json_t *
direction_json(const struct direction *direction)
{
    double seconds = 0, bytes = (double)direction->bytes, per_second;
    size_t i;
    for (i = 0; i < direction->count; i++)
        seconds += (double)direction->ns[i] / 1e9;
    per_second = seconds > 0 ? 1 / seconds : 0;
    return json_pack("{sI sI sI sI sf sI sI si si so so so}"
                     , "io_bytes", (json_int_t)direction->bytes
                     , "io_kbytes", (json_int_t)(direction->bytes / 1024)
                     , "bw_bytes", (json_int_t)(bytes * per_second)
                     , "bw", (json_int_t)(bytes * per_second / 1024)
                     , "iops", (double)direction->count * per_second
                     , "runtime", (json_int_t)(seconds * 1000)
                     , "total_ios", (json_int_t)direction->count
                     , "short_ios", 0, "drop_ios", 0
                     , "slat_ns", latency_json(NULL, 0, 0)
                     , "clat_ns", latency_json(direction->ns
                                               , direction->count, 1)
                     , "lat_ns", latency_json(direction->ns
                                              , direction->count, 0));
}

static json_t *
samples_json(const struct calls *calls)
{
    json_t *samples = json_array();
    size_t i;
    for (i = 0; i < calls->count; i++)
        json_array_append_new(samples, json_integer((json_int_t)calls->ns[i]));
    return samples;
}

// The size and direction of each call, if they differ.
static void
add_mix(json_t *object, const struct fio_job *job, const struct calls *calls)
{
    const int both = JOB_READ | JOB_WRITE;
    json_t *sectors = json_array(), *writes = json_array();
    size_t i;
    for (i = 0; i < calls->count; i++) {
        json_array_append_new(sectors, json_integer(calls->ops[i].count));
        json_array_append_new(writes, json_integer(calls->ops[i].write));
    }
    if (job->spec.size_count != 1)
        json_object_set(object, "samples_sectors", sectors);
    if ((job->spec.rw & both) == both)
        json_object_set(object, "samples_write", writes);
    json_decref(sectors);
    json_decref(writes);
}

// problem is NULL if the run is valid.
static json_t *
own_json(const struct plan *plan, const struct guest *guest
         , const struct fio_job *job, const struct calls *calls
         , const struct record *record, json_t *counters, const char *problem)
{
    json_t *object = json_pack(
        "{ss ss ss si si ss si sb ss* ss si so so}"
        , "firmware", guest->path.firmware->name
        , "transport", guest->path.transport->name
        , "backend", guest->path.backend
        , "latency_us", (int)guest->path.latency
        , "repetition", (int)guest->repetition, "clock"
        , plan_clock(plan)
        , "sectors", job->spec.size_count == 1
                     ? (int)job->spec.sizes[0].sectors : 0
        , "valid", !problem, "reason", problem
        , "tsc_source", record->tsc_source
        , "tsc_khz", (int)record->tsc_khz
        , "samples_ns", samples_json(calls)
        , "counters", counters ? json_incref(counters) : json_object());
    add_mix(object, job, calls);
    return object;
}

static json_t *
job_json(const struct plan *plan, const struct guest *guest
         , const struct fio_job *job, const struct record *record
         , json_t *counters, const char *problem)
{
    static const struct direction none;
    struct calls calls;
    make_calls(&calls, job, record);
    json_t *object = json_pack(
        "{ss si si sO so so so so}", "jobname", job->name, "groupid", 0
        , "error", problem ? 1 : 0
        , "job options", job->options
        , "read", direction_json(&calls.directions[0])
        , "write", direction_json(&calls.directions[1])
        , "trim", direction_json(&none)
        , "int13bench", own_json(plan, guest, job, &calls, record, counters
                                 , problem));
    free_calls(&calls);
    return object;
}

// Adds the results of one job in a guest and its traced twin; place is the
// job's place in their scripts. Returns 0 if the job is valid.
static int
add_job(json_t *jobs, const struct plan *plan, const struct guest *guest
        , const struct fio_job *job, const char *serial
        , const struct traced *traced, size_t place
        , struct waterfall *waterfall, enum results_state state)
{
    json_t *parties = waterfall_next(waterfall, job->spec.ops), *entry;
    struct record record;
    const char *problem = NULL;
    json_t *counters = NULL;
    if (!serial_record(serial, job->name, jobcommand_crc(job, 0), &record
                       , &problem)) {
        problem = serial_passed(serial) ? NULL : "a check in the payload"
            " failed, or the guest did not finish";
        if (!problem && !plan->untraced
            && (!traced->missing || state == RESULTS_COMPLETE))
            counters = traced_counters(traced, job, place, &problem);
    }
    if (problem && state != RESULTS_SO_FAR)
        warnx("%s: %s: %s", guest->dir, job->name, problem);
    entry = job_json(plan, guest, job, &record, counters, problem);
    if (parties)
        json_object_set(json_object_get(entry, "int13bench"), "waterfall"
                        , parties);
    json_array_append_new(jobs, entry);
    json_decref(parties);
    json_decref(counters);
    free(record.samples);
    return problem ? -1 : 0;
}

// Adds the jobs of a guest. Returns how many of them are not valid.
static int
add_guest(json_t *jobs, const struct plan *plan, struct guest_list *list
          , struct guest *guest, struct waterfall *waterfall
          , enum results_state state)
{
    struct traced traced;
    char *serial = guest_file(guest, "serial.log");
    size_t i, place = 0;
    int wrong = 0;
    traced_read(plan, list, guest, &traced);
    for (i = 0; i < plan->jobs.count; i++) {
        if (!plan_has(plan, &guest->path, &plan->jobs.jobs[i]))
            continue;
        struct fio_job job = plan_job(plan, &guest->path
                                      , &plan->jobs.jobs[i]);
        wrong += add_job(jobs, plan, guest, &job, serial ? serial : ""
                         , &traced, place++, waterfall, state) != 0;
    }
    traced_free(&traced);
    free(serial);
    return wrong;
}

// Asked for once, and once more at the end: the next guest may be timed by the
// clock of the machine that would have to compute it.
static json_t *
environment(const struct plan *plan, const struct guest_list *list
            , enum results_state state)
{
    static json_t *known;
    if (!known || state != RESULTS_SO_FAR) {
        json_decref(known);
        known = environment_json(plan, list);
    }
    return known;
}

// The date is SOURCE_DATE_EPOCH if that is set, for reproducible files.
static json_t *
header_json(const struct plan *plan, const struct guest_list *list
            , enum results_state state)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t when = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    char text[64];
    struct tm utc;
    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", gmtime_r(&when, &utc));
    json_t *own = json_pack(
        "{si ss ss ss sO}", "schema", 1, "on", plan->on_xl ? "xl" : "lab"
        , "clock", plan_clock(plan), "command", plan->command
        , "environment", environment(plan, list, state));
    if (state != RESULTS_COMPLETE)
        json_object_update_new(own, json_pack(
            "{sb si si}", "interrupted", 1, "guests_done"
            , (int)guests_done(list), "guests", (int)list->count));
    return json_pack("{ss sI ss s{} so}"
                     , "fio version", "int13bench-" VERSION " (not fio)"
                     , "timestamp", (json_int_t)when, "time", text
                     , "global options", "int13bench", own);
}

// Removes the disks, which are made again when the run is resumed.
static void
remove_disks(const struct plan *plan)
{
    size_t i;
    for (i = 0; ; i++) {
        char *path = text_of("%s/disk%zu.img", plan->out, i);
        int missing = unlink(path);
        free(path);
        if (missing)
            return;
    }
}

static int
write_file(const struct plan *plan, const json_t *results
           , enum results_state state)
{
    char *path = text_of("%s/results.json", plan->out);
    int failed = file_replace_json(path, results);
    if (failed && errno == ENOSPC && state != RESULTS_SO_FAR) {
        remove_disks(plan);
        failed = file_replace_json(path, results);
    }
    if (failed && state == RESULTS_SO_FAR)
        warn("cannot write %s yet", path);
    else if (failed)
        err(EXIT_LAB, "cannot write %s; what the guests left is in %s: make room"
            " and run int13bench run --resume --out %s", path, plan->out
            , plan->out);
    free(path);
    return failed;
}

int
results_write(const struct plan *plan, struct guest_list *list
              , enum results_state state, json_t **written)
{
    json_t *results = header_json(plan, list, state), *jobs = json_array();
    struct waterfall *waterfalls = allocate(list->sessions
                                            , sizeof(*waterfalls));
    unsigned s;
    size_t i;
    int wrong = 0;
    for (s = 1; s <= list->sessions; s++)
        waterfall_open(plan, s, &waterfalls[s]);
    for (i = 0; i < list->count; i++) {
        struct guest *guest = &list->guests[i];
        if (guest->repetition && (guest->done || state == RESULTS_COMPLETE))
            wrong += add_guest(jobs, plan, list, guest
                               , &waterfalls[guest->session], state);
    }
    for (s = 1; s <= list->sessions; s++)
        waterfall_close(&waterfalls[s]);
    free(waterfalls);
    json_object_set_new(results, "jobs", jobs);
    write_file(plan, results, state);
    if (written)
        *written = json_incref(results);
    json_decref(results);
    return wrong;
}
