// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads and checks a results.json: see results.h.

#include "results.h"

#include <inttypes.h> // PRId64, PRIu64
#include <stdio.h> // snprintf
#include <string.h> // strcmp

#include "field.h"

// Eleven days in ns, a PiB in bytes: more is a mistake, and sums stay exact.
#define SAMPLE_MAX INT64_C(1000000000000000)
#define COUNT_MAX (INT64_C(1) << 50)
#define TIMESTAMP_MAX INT64_C(253402300799) // the end of the year 9999

const char *const party_names[PARTIES] = {
    "firmware", "xen", "dom0 kernel", "backend"
};

static const char *const counter_names[COUNTER_KINDS] = {
    [COUNTER_ROUND_TRIPS] = "qemu_round_trips", [COUNTER_NOTIFIES] = "notifies",
    [COUNTER_REQUESTS] = "requests", [COUNTER_SEGMENTS] = "segments",
    [COUNTER_BOUNCED] = "bounced_sectors", [COUNTER_COPIED] = "bytes_copied",
    [COUNTER_MOVED] = "moved_sectors", [COUNTER_AHEAD] = "ahead_sectors",
    [COUNTER_SLEEPS] = "sleeps", [COUNTER_RETRIES] = "retries", [COUNTER_INTERRUPTS] = "interrupts",
    [COUNTER_GRANT_MAPS] = "grant_maps",
    [COUNTER_GRANT_UNMAPS] = "grant_unmaps",
    [COUNTER_BLOCKED] = "guest_blocked_ns", [COUNTER_DOM0] = "dom0_ns",
};

static const char *const clocks[] = { "virtual", "wall", "modelled" };


/****************************************************************
 * Fields of a kind
 ****************************************************************/

static bool
read_string(struct pool *pool, const struct field *parent, const char *name
            , const char **out)
{
    struct field field = field_member(parent, name);
    const char *text;
    if (!field_string(&field, &text))
        return false;
    *out = pool_copy(pool, text);
    return true;
}

static bool
read_optional_string(struct pool *pool, const struct field *parent
                     , const char *name, const char **out)
{
    struct field field = field_member(parent, name);
    return !field.value || read_string(pool, parent, name, out);
}

static bool
read_count(const struct field *parent, const char *name, uint64_t *out)
{
    struct field field = field_member(parent, name);
    int64_t number;
    if (!field_integer(&field, 0, COUNT_MAX, &number))
        return false;
    *out = (uint64_t)number;
    return true;
}

// Sets *has if the count is there.
static bool
read_optional_count(const struct field *parent, const char *name, bool *has
                    , uint64_t *out)
{
    struct field field = field_member(parent, name);
    *has = field.value != NULL;
    return !*has || read_count(parent, name, out);
}

static bool
read_clock(struct pool *pool, const struct field *parent, const char **out)
{
    struct field field = field_member(parent, "clock");
    if (!read_string(pool, parent, "clock", out))
        return false;
    for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++)
        if (!strcmp(*out, clocks[i]))
            return true;
    return field_wrong(&field, "must be virtual, wall or modelled, not '%.40s'"
                       , *out);
}


/****************************************************************
 * Objects of any names
 ****************************************************************/

// The text of a string, a number or a truth value.
static bool
scalar_text(struct pool *pool, const struct field *field, const char **out)
{
    const char *text;
    if (json_is_object(field->value) || json_is_array(field->value))
        return field_wrong(field, "must be a string or a number");
    if (json_is_integer(field->value)) {
        *out = pool_format(pool, "%" PRId64
                           , (int64_t)json_integer_value(field->value));
    } else if (json_is_real(field->value)) {
        *out = pool_format(pool, "%g", json_real_value(field->value));
    } else if (json_is_boolean(field->value)) {
        *out = json_is_true(field->value) ? "yes" : "no";
    } else {
        if (!field_string(field, &text))
            return false;
        *out = pool_copy(pool, text);
    }
    return true;
}

static void
add_pair(struct pool *pool, struct pair **list, size_t *count
         , const char *name, const char *value)
{
    *list = pool_grow(pool, *list, *count, *count + 1, sizeof(**list));
    (*list)[(*count)++] = (struct pair){ name, value };
}

// Returns true if a name that the file has chosen can be put in a report.
static bool
name_is_plain(const struct field *field)
{
    struct field name = *field;
    const char *text;
    json_t *value = json_string(field->name);
    name.value = value;
    bool plain = value && field_string(&name, &text);
    json_decref(value);
    return plain;
}

static bool
has_pair(const struct pair *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i].name, name))
            return true;
    return false;
}

// Adds the options that the run does not have yet.
static bool
read_options(struct pool *pool, const struct field *options, struct run *run)
{
    const char *name, *text = NULL;
    json_t *value;
    if (!field_is_object(options))
        return false;
    json_object_foreach(options->value, name, value) {
        struct field option = field_member(options, name);
        if (!option.value
            || has_pair(run->options, run->option_count, name))
            continue;
        if (!name_is_plain(&option) || !scalar_text(pool, &option, &text))
            return false;
        add_pair(pool, &run->options, &run->option_count
                 , pool_copy(pool, name), text);
    }
    return true;
}

// As in fio, the options of all jobs are apart from those of each job.
static bool
read_all_options(struct pool *pool, const struct field *job, struct run *run)
{
    const struct field *root = job->parent->parent;
    struct field own = field_member(job, "job options");
    struct field shared = field_member(root, "global options");
    return read_options(pool, &own, run)
           && (!shared.value || read_options(pool, &shared, run));
}

// Nested objects become names of several words: "firmware ours sha256".
static bool // NOLINTNEXTLINE(misc-no-recursion)
read_environment(struct results *results, const struct field *object
                 , const char *prefix, int depth)
{
    const char *name, *text = NULL;
    json_t *value;
    if (!field_is_object(object))
        return false;
    if (depth > 4)
        return field_wrong(object, "is nested too deep");
    json_object_foreach(object->value, name, value) {
        struct field field = field_member(object, name);
        const char *words = pool_format(&results->pool, "%s%s%s", prefix
                                        , *prefix ? " " : "", name);
        if (!name_is_plain(&field))
            return false;
        if (json_is_object(field.value)) {
            if (!read_environment(results, &field, words, depth + 1))
                return false;
            continue;
        }
        if (!field.value)
            text = "not known";
        else if (!scalar_text(&results->pool, &field, &text))
            return false;
        add_pair(&results->pool, &results->environment
                 , &results->environment_count, words, text);
    }
    return true;
}

static bool
read_counts(struct pool *pool, const struct field *parent, const char *name
            , bool *has, struct counts *out)
{
    struct field object = field_member(parent, name);
    json_t *value;
    *has = object.value != NULL;
    if (!*has)
        return true;
    if (!field_is_object(&object))
        return false;
    out->list = pool_array(pool, json_object_size(object.value)
                           , sizeof(*out->list));
    json_object_foreach(object.value, name, value) {
        struct field field = field_member(&object, name);
        struct count *count = &out->list[out->count++];
        if (!name_is_plain(&field)
            || !read_count(&object, name, &count->number))
            return false;
        count->name = pool_copy(pool, name);
    }
    return true;
}


/****************************************************************
 * A job
 ****************************************************************/

static bool
read_samples(struct pool *pool, const struct field *extra, struct run *run)
{
    struct field samples = field_member(extra, "samples_ns");
    if (!run->valid && !samples.value)
        return true;
    if (!field_is_array(&samples))
        return false;
    run->sample_count = json_array_size(samples.value);
    if (run->valid && !run->sample_count)
        return field_wrong(&samples, "is empty, but the run is marked as valid");
    run->samples = pool_array(pool, run->sample_count, sizeof(*run->samples));
    for (size_t i = 0; i < run->sample_count; i++) {
        struct field sample = field_element(&samples, i);
        int64_t number;
        if (!field_integer(&sample, 1, SAMPLE_MAX, &number))
            return false;
        run->samples[i] = (uint64_t)number;
    }
    return true;
}

static bool
read_median_exits(const struct field *counters, struct counters *out)
{
    struct field field = field_member(counters, "median_exits");
    out->has_median_exits = field.value != NULL;
    return !field.value || field_number(&field, &out->median_exits);
}

static bool
read_counters(struct pool *pool, const struct field *extra, struct run *run)
{
    struct field object = field_member(extra, "counters");
    struct counters *counters = &run->counters;
    if (!object.value)
        return true;
    if (!field_is_object(&object))
        return false;
    if (!json_object_size(object.value))
        return true;
    for (int i = 0; i < COUNTER_KINDS; i++)
        if (!read_optional_count(&object, counter_names[i], &counters->has[i]
                                 , &counters->number[i]))
            return false;
    return read_count(&object, "calls", &counters->calls)
           && read_median_exits(&object, counters)
           && read_counts(pool, &object, "exits", &counters->has_exits
                          , &counters->exits)
           && read_counts(pool, &object, "hypercalls"
                          , &counters->has_hypercalls, &counters->hypercalls)
           && read_counts(pool, &object, "ports", &counters->has_ports
                          , &counters->ports);
}

static bool
read_waterfall(const struct field *job, const struct field *extra
               , struct run *run)
{
    struct field object = field_member(extra, "waterfall");
    if (!object.value)
        object = field_member(job, "waterfall");
    run->has_waterfall = object.value != NULL;
    if (!run->has_waterfall)
        return true;
    if (!field_is_object(&object))
        return false;
    for (int i = 0; i < PARTIES; i++)
        if (!read_count(&object, party_names[i], &run->waterfall[i]))
            return false;
    return true;
}

// Bytes and calls of all directions together.
static bool
read_directions(const struct field *job, struct run *run)
{
    static const char *const names[] = { "read", "write", "trim" };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct field direction = field_member(job, names[i]);
        uint64_t bytes = 0, ios = 0;
        if (!direction.value && !strcmp(names[i], "trim"))
            continue;
        if (!field_is_object(&direction)
            || !read_count(&direction, "io_bytes", &bytes)
            || !read_count(&direction, "total_ios", &ios))
            return false;
        run->bytes += bytes;
        run->ios += ios;
    }
    return true;
}

// A backend whose storage has latency is another one to the report.
static bool
read_backend(struct pool *pool, const struct field *extra, struct run *run)
{
    uint64_t us = 0;
    bool has_latency;
    if (!read_string(pool, extra, "backend", &run->backend)
        || !read_optional_count(extra, "latency_us", &has_latency, &us))
        return false;
    if (us)
        run->backend = pool_format(pool, "%s, %g ms", run->backend
                                   , (double)us / 1000);
    return true;
}

static bool
read_extra(struct pool *pool, const struct field *job, struct run *run)
{
    struct field extra = field_member(job, "int13bench");
    struct field valid = field_member(&extra, "valid");
    bool has_sectors;
    return field_is_object(&extra)
           && read_string(pool, &extra, "firmware", &run->firmware)
           && read_string(pool, &extra, "transport", &run->transport)
           && read_backend(pool, &extra, run)
           && read_clock(pool, &extra, &run->clock)
           && read_count(&extra, "repetition", &run->repetition)
           && read_optional_count(&extra, "sectors", &has_sectors
                                  , &run->sectors)
           && field_boolean(&valid, &run->valid)
           && read_optional_string(pool, &extra, "reason", &run->reason)
           && read_optional_string(pool, &extra, "tsc_source"
                                   , &run->tsc_source)
           && read_samples(pool, &extra, run)
           && read_counters(pool, &extra, run)
           && read_waterfall(job, &extra, run);
}

static bool
read_job(struct pool *pool, const struct field *job, struct run *run)
{
    uint64_t error = 0;
    if (!field_is_object(job)
        || !read_string(pool, job, "jobname", &run->job)
        || !read_count(job, "error", &error)
        || !read_all_options(pool, job, run)
        || !read_directions(job, run)
        || !read_extra(pool, job, run))
        return false;
    // how fio marks a job that failed
    if (error) {
        run->valid = false;
        if (!run->reason)
            run->reason = pool_format(pool, "error %" PRIu64, error);
    }
    return true;
}


/****************************************************************
 * The file
 ****************************************************************/

// Returns true if there is something else than jobs to report.
static bool
has_others(const struct field *root)
{
    static const char *const names[] = { "loads", "boots", "profiles" };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (json_array_size(json_object_get(root->value, names[i])))
            return true;
    return false;
}

static bool
read_jobs(struct results *results, const struct field *root)
{
    struct field jobs = field_member(root, "jobs");
    if (!field_is_array(&jobs))
        return false;
    results->run_count = json_array_size(jobs.value);
    if (!results->run_count && !has_others(root))
        return field_wrong(&jobs, "is empty: nothing was measured; run"
                           " int13bench run again");
    results->runs = pool_array(&results->pool, results->run_count
                               , sizeof(*results->runs));
    for (size_t i = 0; i < results->run_count; i++) {
        struct field job = field_element(&jobs, i);
        if (!read_job(&results->pool, &job, &results->runs[i]))
            return false;
    }
    return true;
}

static const char ours[] = "this firmware";

// bench/scenarios/loaders has these names.
static enum way_kind
kind_of(const char *way)
{
    static const struct { const char *name; enum way_kind kind; } kinds[] = {
        { "stock SeaBIOS, IDE by PIO", WAY_PIO },
        { "SeaBIOS as Xen's, IDE by DMA", WAY_DMA },
        { "stock SeaBIOS, CD-ROM", WAY_CDROM },
        { "SeaBIOS as Xen's, CD-ROM", WAY_CDROM_XEN }, { ours, WAY_OURS },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        size_t length = strlen(kinds[i].name);
        if (!strncmp(way, kinds[i].name, length)
            && (!way[length] || !strncmp(way + length, " (", 2)))
            return kinds[i].kind;
    }
    return WAY_OTHER;
}

// What is indented is a variant of our firmware.
static void
name_way(struct pool *pool, struct load *load)
{
    if (load->way[0] == ' ')
        load->way = pool_format(pool, "%s, %s", ours
                                , load->way + strspn(load->way, " "));
    load->kind = kind_of(load->way);
    load->ours = !strncmp(load->way, ours, strlen(ours));
}

static bool
read_load(struct pool *pool, const struct field *object, struct load *load)
{
    bool has_latency;
    const char *clock = "virtual";
    if (!field_is_object(object)
        || !read_string(pool, object, "loader", &load->loader)
        || !read_string(pool, object, "way", &load->way)
        || !read_string(pool, object, "backend", &load->backend)
        || !read_count(object, "initrd_mib", &load->initrd_mib)
        || !read_optional_count(object, "latency_us", &has_latency
                                , &load->latency_us)
        || !read_optional_string(pool, object, "of", &load->of)
        || (field_member(object, "clock").value
            && !read_clock(pool, object, &clock))
        || !read_count(object, "ms", &load->ms))
        return false;
    load->wall = strcmp(clock, "virtual") != 0;
    name_way(pool, load);
    return true;
}

static bool
read_loads(struct results *results, const struct field *root)
{
    struct field loads = field_member(root, "loads");
    if (!loads.value)
        return true;
    if (!field_is_array(&loads))
        return false;
    results->load_count = json_array_size(loads.value);
    results->loads = pool_array(&results->pool, results->load_count
                                , sizeof(*results->loads));
    for (size_t i = 0; i < results->load_count; i++) {
        struct field load = field_element(&loads, i);
        if (!read_load(&results->pool, &load, &results->loads[i]))
            return false;
    }
    return true;
}

static bool
read_phase(struct pool *pool, const struct field *object, struct phase *phase)
{
    return field_is_object(object)
           && read_string(pool, object, "name", &phase->name)
           && read_count(object, "us", &phase->us);
}

static bool
read_boot(struct pool *pool, const struct field *object, struct boot *boot)
{
    if (!field_is_object(object)
        || !read_string(pool, object, "way", &boot->way)
        || !read_string(pool, object, "backend", &boot->backend))
        return false;
    struct field phases = field_member(object, "phases");
    if (!field_is_array(&phases))
        return false;
    boot->count = json_array_size(phases.value);
    boot->phases = pool_array(pool, boot->count, sizeof(*boot->phases));
    for (size_t i = 0; i < boot->count; i++) {
        struct field phase = field_element(&phases, i);
        if (!read_phase(pool, &phase, &boot->phases[i]))
            return false;
    }
    return true;
}

static bool
read_boots(struct results *results, const struct field *root)
{
    struct field boots = field_member(root, "boots");
    if (!boots.value)
        return true;
    if (!field_is_array(&boots))
        return false;
    results->boot_count = json_array_size(boots.value);
    results->boots = pool_array(&results->pool, results->boot_count
                                , sizeof(*results->boots));
    for (size_t i = 0; i < results->boot_count; i++) {
        struct field boot = field_element(&boots, i);
        if (!read_boot(&results->pool, &boot, &results->boots[i]))
            return false;
    }
    return true;
}

static bool
read_profile(struct pool *pool, const struct field *object
             , struct profile *profile)
{
    struct counts stacks = { NULL, 0 };
    bool has_stacks = false;
    struct field calls = field_member(object, "calls");
    if (!field_is_object(object)
        || !read_string(pool, object, "way", &profile->way)
        || !read_string(pool, object, "backend", &profile->backend)
        || !read_string(pool, object, "job", &profile->job)
        || !read_count(object, "calls", &profile->calls)
        || !read_counts(pool, object, "stacks", &has_stacks, &stacks))
        return false;
    if (!profile->calls)
        return field_wrong(&calls, "must not be 0");
    profile->stacks = stacks.list;
    profile->count = stacks.count;
    return true;
}

static bool
read_profiles(struct results *results, const struct field *root)
{
    struct field profiles = field_member(root, "profiles");
    if (!profiles.value)
        return true;
    if (!field_is_array(&profiles))
        return false;
    results->profile_count = json_array_size(profiles.value);
    results->profiles = pool_array(&results->pool, results->profile_count
                                   , sizeof(*results->profiles));
    for (size_t i = 0; i < results->profile_count; i++) {
        struct field profile = field_element(&profiles, i);
        if (!read_profile(&results->pool, &profile, &results->profiles[i]))
            return false;
    }
    return true;
}

// Of a run that was ended before all its guests were done.
static bool
read_interruption(struct results *results, const struct field *extra)
{
    struct field field = field_member(extra, "interrupted");
    if (!field.value)
        return true;
    return field_boolean(&field, &results->interrupted)
           && read_count(extra, "guests_done", &results->guests_done)
           && read_count(extra, "guests", &results->guests);
}

static bool
read_head(struct results *results, const struct field *root)
{
    struct field extra = field_member(root, "int13bench");
    struct field schema = field_member(&extra, "schema");
    struct field timestamp = field_member(root, "timestamp");
    struct field environment = field_member(&extra, "environment");
    int64_t version;
    if (!extra.value)
        return field_wrong(&extra, "is missing; was this file written by fio?"
                           " Reports are made from what int13bench run writes");
    if (!field_is_object(&extra)
        || !field_integer(&schema, 1, INT64_MAX, &version))
        return false;
    if (version != RESULTS_SCHEMA)
        return field_wrong(&schema, "is %lld, but this program knows only %d;"
                           " use the int13bench that wrote the file"
                           , (long long)version, RESULTS_SCHEMA);
    return read_string(&results->pool, root, "fio version", &results->version)
           && field_integer(&timestamp, 0, TIMESTAMP_MAX, &results->timestamp)
           && read_string(&results->pool, &extra, "on", &results->on)
           && read_string(&results->pool, &extra, "command", &results->command)
           && read_interruption(results, &extra)
           && read_environment(results, &environment, "", 0);
}

bool
results_read(struct results *results, const char *path, char *message
             , size_t size)
{
    struct complaint complaint;
    *results = (struct results){ .file = path };
    json_t *value = field_load(path, &complaint);
    struct field root = { .complaint = &complaint, .value = value };
    bool good = value && read_head(results, &root)
                && read_jobs(results, &root) && read_loads(results, &root)
                && read_boots(results, &root) && read_profiles(results, &root);
    json_decref(value);
    if (!good) {
        snprintf(message, size, "%s", complaint.message);
        results_free(results);
    }
    return good;
}

void
results_free(struct results *results)
{
    pool_free(&results->pool);
}

const char *
results_environment(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->environment_count; i++)
        if (!strcmp(results->environment[i].name, name))
            return results->environment[i].value;
    return NULL;
}

const char *
results_xen(struct pool *pool, const struct results *results)
{
    const char *version = results_environment(results, "xen");
    size_t length = version ? strspn(version, "0123456789") : 0;
    if (!length || version[length] != '.')
        return "Xen";
    length += 1 + strspn(version + length + 1, "0123456789");
    return pool_format(pool, "Xen %.*s", (int)length, version);
}
