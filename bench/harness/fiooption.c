// SPDX-License-Identifier: LGPL-3.0-or-later
// All options of fio 3.33 that the payload does not follow, and how fio checks
// values. tests/harness/fio.t holds the table against fio itself.

#include <stdlib.h> // strtod
#include <string.h> // strcmp

#include "fionumber.h"
#include "fiooption.h"
#include "types.h" // ARRAY_SIZE
#include "words.h" // word_nearest

#define INT_MOST 0xffffffffLL

// Reasons to ignore
static const char access_why[] = "how fio gets at the file, which is the"
    " transport's business here";
static const char making_why[] = "about fio's making of files";
static const char process_why[] = "about fio's processes and memory";
static const char report_why[] = "about what fio reports";
static const char log_why[] = "a file that fio writes";
static const char data_why[] = "what is written is the payload's pattern";
static const char verify_why[] = "the payload compares every byte of every call"
    " with what its sector must hold; verify=0 turns that off";
static const char random_why[] = "the random sequence is the payload's own;"
    " randseed=N chooses another";
static const char replay_why[] = "there is one disk, and no time in a stream";
static const char trim_why[] = "nothing is trimmed here";
static const char script_why[] = "no program is run here";

// Reasons to refuse, and what to do
static const char depth_no[] = "int13 does one call at a time: leave it out, or"
    " write 1";
static const char once_no[] = "int13 does one job at a time: leave it out, or"
    " write 1";
static const char time_no[] = "a job ends after number_ios or io_size here, not"
    " after a time: set one of them, and leave this out";
static const char warm_no[] = "warming up is by calls here: leave it out, and"
    " write a comment \"; int13_warmup=CALLS\"";
static const char rate_no[] = "int13 has no rate: leave it out; thinktime=US is a"
    " pause between calls";
static const char flush_no[] = "int13 cannot flush a disk, and this job writes:"
    " leave it out";
static const char random_no[] = "random positions are spread evenly here: leave"
    " it out, or write random";
static const char zone_no[] = "int13 knows no zones: leave it out";
static const char size_no[] = "the region is offset and size here: set them, and"
    " leave this out";
static const char files_no[] = "int13 has one disk: leave it out, or write 1";
static const char sequence_no[] = "positions are either sequential or random"
    " here: leave it out";
static const char latency_no[] = "nothing is adjusted to a latency here: leave it"
    " out";
static const char think_no[] = "there is a pause after each call or none: leave"
    " it out";
static const char errors_no[] = "a call that fails makes the job fail here: leave"
    " it out";
static const char verify_no[] = "a job does its calls here, nothing else: leave"
    " it out";
static const char replay_no[] = "a stream is replayed as it is recorded: leave it"
    " out";
static const char flow_no[] = "int13 does one job at a time: leave it out";
static const char priority_no[] = "int13's calls have no priorities: leave it out";

#define NOTE .effect = EFFECT_NONE
#define REFUSED .effect = EFFECT_REFUSED
#define REFUSED_WRITING .effect = EFFECT_REFUSED_WRITING
#define REFUSED_RANDOM .effect = EFFECT_REFUSED_RANDOM
#define REFUSED_DEPTH .effect = EFFECT_REFUSED_DEPTH

static const struct option_rule rules[] = {
    // Access
    { "direct", NULL, VALUE_BOOL, NOTE, access_why },
    { "buffered", NULL, VALUE_BOOL, NOTE, access_why },
    { "atomic", NULL, VALUE_BOOL, NOTE, access_why },
    { "invalidate", NULL, VALUE_BOOL, NOTE, access_why },
    { "pre_read", NULL, VALUE_BOOL, NOTE, access_why },
    { "fadvise_hint", NULL, VALUE_CHOICE, NOTE, access_why,
      .choices = " 0 1 random sequential " },
    { "write_hint", NULL, VALUE_CHOICE, NOTE, access_why,
      .choices = " none short medium long extreme " },
    { "lockfile", NULL, VALUE_CHOICE, NOTE, access_why,
      .choices = " none exclusive readwrite " },
    { "io_submit_mode", NULL, VALUE_CHOICE, NOTE, access_why,
      .choices = " inline offload " },
    { "serialize_overlap", NULL, VALUE_BOOL, NOTE, access_why },
    { "ioscheduler", NULL, VALUE_TEXT, NOTE, access_why },
    { "allow_mounted_write", NULL, VALUE_BOOL, NOTE, access_why },
    { "bs_unaligned", "blocksize_unaligned", VALUE_FLAG, NOTE, access_why },
    { "iomem_align", "mem_align", VALUE_INT, NOTE, "int13_buffer in a comment"
      " says where the data goes" },
    { "mem", "iomem", VALUE_CHOICE, NOTE, process_why,
      .choices = " malloc shm shmhuge mmap mmapshared mmaphuge " },
    // Files
    { "directory", NULL, VALUE_TEXT, NOTE, making_why },
    { "filename_format", NULL, VALUE_TEXT, NOTE, making_why },
    { "unique_filename", NULL, VALUE_BOOL, NOTE, making_why },
    { "fallocate", NULL, VALUE_CHOICE, NOTE, making_why,
      .choices = " none native posix keep truncate 0 1 " },
    { "allow_file_create", NULL, VALUE_BOOL, NOTE, making_why },
    { "create_serialize", NULL, VALUE_BOOL, NOTE, making_why },
    { "create_fsync", NULL, VALUE_BOOL, NOTE, making_why },
    { "create_on_open", NULL, VALUE_BOOL, NOTE, making_why },
    { "overwrite", NULL, VALUE_BOOL, NOTE, making_why },
    { "unlink", NULL, VALUE_BOOL, NOTE, making_why },
    { "unlink_each_loop", NULL, VALUE_BOOL, NOTE, making_why },
    { "openfiles", NULL, VALUE_INT, NOTE, making_why },
    { "file_service_type", NULL, VALUE_CHOICE, NOTE, making_why,
      .choices = " random zipf pareto normal gauss roundrobin sequential " },
    { "nrfiles", "nr_files", VALUE_INT, REFUSED, files_no, "1" },
    { "opendir", NULL, VALUE_TEXT, REFUSED, files_no, "" },
    { "filesize", NULL, VALUE_ANY, REFUSED, size_no, "" },
    { "fill_device", "fill_fs", VALUE_BOOL, REFUSED, size_no },
    { "file_append", NULL, VALUE_BOOL, REFUSED, size_no },
    { "create_only", NULL, VALUE_BOOL, REFUSED, verify_no },
    { "offset_align", NULL, VALUE_INT, REFUSED, size_no },
    { "offset_increment", NULL, VALUE_INT, NOTE, "there is one job of each name" },
    // Processes
    { "thread", NULL, VALUE_FLAG, NOTE, process_why },
    { "nice", NULL, VALUE_INT, NOTE, process_why, NULL, -20, 19 },
    { "prio", NULL, VALUE_INT, NOTE, process_why, NULL, 0, 7 },
    { "prioclass", NULL, VALUE_INT, NOTE, process_why, NULL, 0, 3 },
    { "cpus_allowed", NULL, VALUE_CPUS, NOTE, process_why },
    { "cpumask", NULL, VALUE_INT, NOTE, process_why },
    { "cpus_allowed_policy", NULL, VALUE_CHOICE, NOTE, process_why,
      .choices = " shared split " },
    { "numa_cpu_nodes", NULL, VALUE_CPUS, NOTE, process_why },
    { "numa_mem_policy", NULL, VALUE_TEXT, NOTE, process_why },
    { "hugepage-size", NULL, VALUE_INT, NOTE, process_why },
    { "lockmem", NULL, VALUE_INT, NOTE, process_why },
    { "uid", NULL, VALUE_INT, NOTE, process_why },
    { "gid", NULL, VALUE_INT, NOTE, process_why },
    { "cgroup", NULL, VALUE_TEXT, NOTE, process_why },
    { "cgroup_weight", NULL, VALUE_INT, NOTE, process_why, NULL, 100, 1000 },
    { "cgroup_nodelete", NULL, VALUE_BOOL, NOTE, process_why },
    { "exitall", NULL, VALUE_FLAG, NOTE, "int13 does one job at a time" },
    { "exitall_on_error", NULL, VALUE_FLAG, NOTE, "int13 does one job at a time" },
    { "exit_what", NULL, VALUE_CHOICE, NOTE, "int13 does one job at a time",
      .choices = " group stonewall all " },
    { "startdelay", NULL, VALUE_TIME, NOTE, "when a job begins does not change"
      " its calls" },
    { "exec_prerun", NULL, VALUE_TEXT, NOTE, script_why },
    { "exec_postrun", NULL, VALUE_TEXT, NOTE, script_why },
    { "clocksource", NULL, VALUE_CHOICE, NOTE, process_why,
      .choices = " gettimeofday clock_gettime cpu " },
    { "gtod_cpu", NULL, VALUE_INT, NOTE, process_why },
    { "gtod_reduce", NULL, VALUE_BOOL, NOTE, report_why },
    // Reports
    { "group_reporting", NULL, VALUE_FLAG, NOTE, report_why },
    { "new_group", NULL, VALUE_FLAG, NOTE, report_why },
    { "stats", NULL, VALUE_BOOL, NOTE, report_why },
    { "unit_base", NULL, VALUE_CHOICE, NOTE, report_why, .choices = " 0 8 1 " },
    { "unified_rw_reporting", NULL, VALUE_CHOICE, NOTE, report_why,
      .choices = " none mixed both 0 1 2 " },
    { "disable_lat", NULL, VALUE_BOOL, NOTE, report_why },
    { "disable_clat", NULL, VALUE_BOOL, NOTE, report_why },
    { "disable_slat", NULL, VALUE_BOOL, NOTE, report_why },
    { "disable_bw_measurement", "disable_bw", VALUE_BOOL, NOTE, report_why },
    { "clat_percentiles", NULL, VALUE_BOOL, NOTE, report_why },
    { "lat_percentiles", NULL, VALUE_BOOL, NOTE, report_why },
    { "slat_percentiles", NULL, VALUE_BOOL, NOTE, report_why },
    { "percentile_list", NULL, VALUE_PERCENTILES, NOTE, report_why },
    { "significant_figures", NULL, VALUE_INT, NOTE, report_why, NULL, 1, 10 },
    { "bwavgtime", NULL, VALUE_TIME, NOTE, report_why },
    { "iopsavgtime", NULL, VALUE_TIME, NOTE, report_why },
    { "block_error_percentiles", NULL, VALUE_BOOL, NOTE, report_why },
    { "disk_util", NULL, VALUE_BOOL, NOTE, report_why },
    { "write_bw_log", NULL, VALUE_OPTIONAL, NOTE, log_why },
    { "write_lat_log", NULL, VALUE_OPTIONAL, NOTE, log_why },
    { "write_hist_log", NULL, VALUE_OPTIONAL, NOTE, log_why },
    { "write_iops_log", NULL, VALUE_OPTIONAL, NOTE, log_why },
    { "write_iolog", NULL, VALUE_TEXT, NOTE, log_why },
    { "log_entries", NULL, VALUE_INT, NOTE, log_why, NULL, 1024, 1048576 },
    { "log_avg_msec", NULL, VALUE_INT, NOTE, log_why },
    { "log_hist_msec", NULL, VALUE_INT, NOTE, log_why },
    { "log_hist_coarseness", NULL, VALUE_INT, NOTE, log_why },
    { "log_max_value", NULL, VALUE_BOOL, NOTE, log_why },
    { "log_offset", NULL, VALUE_BOOL, NOTE, log_why },
    { "log_prio", NULL, VALUE_BOOL, NOTE, log_why },
    { "log_compression", NULL, VALUE_INT, NOTE, log_why, NULL, 1024, 536870912 },
    { "log_compression_cpus", NULL, VALUE_CPUS, NOTE, log_why },
    { "log_store_compressed", NULL, VALUE_BOOL, NOTE, log_why },
    { "log_unix_epoch", NULL, VALUE_BOOL, NOTE, log_why },
    { "log_alternate_epoch", NULL, VALUE_BOOL, NOTE, log_why },
    { "log_alternate_epoch_clock_id", NULL, VALUE_INT, NOTE, log_why },
    { "per_job_logs", NULL, VALUE_BOOL, NOTE, log_why },
    // What is written, and verified
    { "buffer_pattern", NULL, VALUE_PATTERN, NOTE, data_why },
    { "zero_buffers", NULL, VALUE_FLAG, NOTE, data_why },
    { "refill_buffers", NULL, VALUE_FLAG, NOTE, data_why },
    { "scramble_buffers", NULL, VALUE_BOOL, NOTE, data_why },
    { "buffer_compress_percentage", NULL, VALUE_INT, NOTE, data_why, NULL, 0, 100 },
    { "buffer_compress_chunk", NULL, VALUE_INT, NOTE, data_why },
    { "dedupe_percentage", NULL, VALUE_INT, NOTE, data_why, NULL, 0, 100 },
    { "dedupe_mode", NULL, VALUE_CHOICE, NOTE, data_why,
      .choices = " repeat working_set " },
    { "dedupe_working_set_percentage", NULL, VALUE_INT, NOTE, data_why, NULL, 0
      , 100 },
    { "dedupe_global", NULL, VALUE_BOOL, NOTE, data_why },
    { "do_verify", NULL, VALUE_BOOL, NOTE, verify_why },
    { "verify_offset", NULL, VALUE_INT, NOTE, verify_why, NULL, 40 },
    { "verify_interval", NULL, VALUE_INT, NOTE, verify_why, NULL, 80 },
    { "verify_pattern", NULL, VALUE_PATTERN, NOTE, verify_why },
    { "verify_fatal", NULL, VALUE_BOOL, NOTE, verify_why },
    { "verify_dump", NULL, VALUE_BOOL, NOTE, verify_why },
    { "verify_async", NULL, VALUE_INT, NOTE, verify_why },
    { "verify_async_cpus", NULL, VALUE_CPUS, NOTE, verify_why },
    { "verify_state_load", NULL, VALUE_BOOL, NOTE, verify_why },
    { "verify_state_save", NULL, VALUE_BOOL, NOTE, verify_why },
    { "verify_backlog", NULL, VALUE_INT, REFUSED, verify_no },
    { "verify_backlog_batch", NULL, VALUE_INT, NOTE, verify_why },
    { "verify_only", NULL, VALUE_FLAG, REFUSED, verify_no },
    { "experimental_verify", NULL, VALUE_BOOL, NOTE, verify_why },
    { "trim_percentage", NULL, VALUE_INT, REFUSED, "int13 cannot trim: leave it out"
      , NULL, 0, 100 },
    { "trim_verify_zero", NULL, VALUE_BOOL, NOTE, trim_why },
    { "trim_backlog", NULL, VALUE_INT, NOTE, trim_why },
    { "trim_backlog_batch", NULL, VALUE_INT, NOTE, trim_why },
    { "fsync", NULL, VALUE_INT, REFUSED_WRITING, flush_no },
    { "fdatasync", NULL, VALUE_INT, REFUSED_WRITING, flush_no },
    { "sync_file_range", NULL, VALUE_ANY, REFUSED_WRITING, flush_no, "" },
    { "sync", NULL, VALUE_CHOICE, REFUSED_WRITING, flush_no, "none",
      .choices = " none 0 sync 1 dsync " },
    { "write_barrier", NULL, VALUE_INT, REFUSED_WRITING, flush_no },
    { "end_fsync", NULL, VALUE_BOOL, REFUSED_WRITING, flush_no },
    { "fsync_on_close", NULL, VALUE_BOOL, REFUSED_WRITING, flush_no },
    // Positions and sizes
    { "randrepeat", NULL, VALUE_BOOL, NOTE, random_why },
    { "allrandrepeat", NULL, VALUE_BOOL, NOTE, random_why },
    { "random_generator", NULL, VALUE_CHOICE, NOTE, random_why,
      .choices = " tausworthe lfsr tausworthe64 " },
    { "random_distribution", NULL, VALUE_ANY, REFUSED_RANDOM, random_no
      , "random" },
    { "percentage_random", NULL, VALUE_INT, REFUSED_RANDOM, sequence_no
      , "100", 0, 100 },
    { "rw_sequencer", NULL, VALUE_CHOICE, NOTE, "it has no effect without"
      " rw=KIND:N", .choices = " sequential identical " },
    { "bsrange", "blocksize_range", VALUE_ANY, REFUSED, "sizes are given one by"
      " one here: set bs or bssplit, and leave this out", "" },
    { "bs_is_seq_rand", NULL, VALUE_BOOL, REFUSED, sequence_no },
    { "zonemode", NULL, VALUE_CHOICE, REFUSED, zone_no, "none",
      .choices = " none strided zbd " },
    { "zonerange", NULL, VALUE_ANY, REFUSED, zone_no },
    { "zonesize", NULL, VALUE_ANY, REFUSED, zone_no },
    { "zonecapacity", NULL, VALUE_ANY, REFUSED, zone_no },
    { "zoneskip", NULL, VALUE_ANY, REFUSED, zone_no },
    { "read_beyond_wp", NULL, VALUE_BOOL, REFUSED, zone_no },
    { "max_open_zones", NULL, VALUE_INT, REFUSED, zone_no, NULL, 0, 4096 },
    { "job_max_open_zones", NULL, VALUE_INT, REFUSED, zone_no, NULL, 0, 4096 },
    { "ignore_zone_limits", NULL, VALUE_BOOL, REFUSED, zone_no },
    { "zone_reset_threshold", NULL, VALUE_ANY, REFUSED, zone_no },
    { "zone_reset_frequency", NULL, VALUE_ANY, REFUSED, zone_no },
    // How many at a time, how fast, how long
    { "iodepth", NULL, VALUE_INT, REFUSED_DEPTH, depth_no, NULL, 1 },
    { "iodepth_batch", "iodepth_batch_submit", VALUE_INT, REFUSED_DEPTH
      , depth_no, "1" },
    { "iodepth_batch_complete_min", "iodepth_batch_complete", VALUE_INT
      , REFUSED_DEPTH, depth_no, "1" },
    { "iodepth_batch_complete_max", NULL, VALUE_INT, REFUSED_DEPTH
      , depth_no, "1" },
    { "iodepth_low", NULL, VALUE_INT, REFUSED_DEPTH, depth_no, "1" },
    { "numjobs", NULL, VALUE_INT, REFUSED, once_no, "1" },
    { "runtime", "timeout", VALUE_TIME, REFUSED, time_no },
    { "time_based", NULL, VALUE_FLAG, REFUSED, time_no },
    { "ramp_time", NULL, VALUE_TIME, REFUSED, warm_no },
    { "thinktime_spin", NULL, VALUE_TIME, NOTE, "thinktime is always spent"
      " computing here" },
    { "thinktime_blocks", NULL, VALUE_INT, REFUSED, think_no, "1" },
    { "thinktime_blocks_type", NULL, VALUE_CHOICE, NOTE, "there is a pause after"
      " each call", .choices = " complete issue " },
    { "thinktime_iotime", NULL, VALUE_TIME, REFUSED, think_no },
    { "rate", NULL, VALUE_INT, REFUSED, rate_no },
    { "rate_min", "ratemin", VALUE_INT, REFUSED, rate_no },
    { "rate_iops", NULL, VALUE_INT, REFUSED, rate_no },
    { "rate_iops_min", NULL, VALUE_INT, REFUSED, rate_no },
    { "rate_process", NULL, VALUE_CHOICE, NOTE, "it has no effect without rate"
      , .choices = " linear poisson " },
    { "rate_cycle", "ratecycle", VALUE_INT, NOTE, "it has no effect without rate" },
    { "rate_ignore_thinktime", NULL, VALUE_BOOL, NOTE, "it has no effect without"
      " rate" },
    { "max_latency", NULL, VALUE_TIME, REFUSED, latency_no },
    { "latency_target", NULL, VALUE_TIME, REFUSED, latency_no },
    { "latency_window", NULL, VALUE_TIME, NOTE, "it has no effect without"
      " latency_target" },
    { "latency_percentile", NULL, VALUE_PERCENTILES, NOTE, "it has no effect"
      " without latency_target" },
    { "latency_run", NULL, VALUE_BOOL, NOTE, "it has no effect without"
      " latency_target" },
    { "steadystate", "ss", VALUE_ANY, REFUSED, time_no, "" },
    { "steadystate_duration", "ss_dur", VALUE_TIME, NOTE, "it has no effect"
      " without steadystate" },
    { "steadystate_ramp_time", "ss_ramp", VALUE_TIME, NOTE, "it has no effect"
      " without steadystate" },
    { "flow", NULL, VALUE_INT, REFUSED, flow_no, NULL, 0, 1000 },
    { "flow_id", NULL, VALUE_INT, NOTE, "it has no effect without flow" },
    { "flow_sleep", NULL, VALUE_INT, NOTE, "it has no effect without flow" },
    // The rest
    { "continue_on_error", NULL, VALUE_CHOICE, REFUSED, errors_no, "none",
      .choices = " none read write io verify all 0 1 " },
    { "ignore_error", NULL, VALUE_ANY, REFUSED, errors_no, "" },
    { "error_dump", NULL, VALUE_BOOL, NOTE, report_why },
    { "profile", NULL, VALUE_ANY, REFUSED, "profiles are programs of fio: write"
      " the job that it stands for", "" },
    { "replay_redirect", NULL, VALUE_TEXT, NOTE, replay_why },
    { "replay_no_stall", NULL, VALUE_BOOL, NOTE, replay_why },
    { "replay_align", NULL, VALUE_INT, REFUSED, replay_no },
    { "replay_scale", NULL, VALUE_INT, REFUSED, replay_no, "1" },
    { "replay_time_scale", NULL, VALUE_INT, NOTE, replay_why, NULL, 1 },
    { "replay_skip", NULL, VALUE_ANY, REFUSED, replay_no, "" },
    { "read_iolog_chunked", NULL, VALUE_BOOL, NOTE, replay_why },
    { "merge_blktrace_file", NULL, VALUE_TEXT, NOTE, log_why },
    { "merge_blktrace_iters", NULL, VALUE_ANY, REFUSED, replay_no, "" },
    { "merge_blktrace_scalars", NULL, VALUE_ANY, REFUSED, replay_no, "" },
    // Of engines
    { "hipri", NULL, VALUE_FLAG, NOTE, access_why, .engine = "io_uring pvsync2" },
    { "hipri_percentage", NULL, VALUE_INT, NOTE, access_why, NULL, 0, 100
      , .engine = "pvsync2" },
    { "fixedbufs", NULL, VALUE_FLAG, NOTE, access_why, .engine = "io_uring" },
    { "registerfiles", NULL, VALUE_FLAG, NOTE, access_why, .engine = "io_uring" },
    { "sqthread_poll", NULL, VALUE_FLAG, NOTE, access_why, .engine = "io_uring" },
    { "sqthread_poll_cpu", NULL, VALUE_INT, NOTE, access_why
      , .engine = "io_uring" },
    { "nonvectored", NULL, VALUE_INT, NOTE, access_why, .engine = "io_uring" },
    { "uncached", NULL, VALUE_INT, NOTE, access_why
      , .engine = "io_uring pvsync2" },
    { "nowait", NULL, VALUE_BOOL, NOTE, access_why
      , .engine = "io_uring libaio pvsync2" },
    { "force_async", NULL, VALUE_INT, NOTE, access_why, .engine = "io_uring" },
    { "userspace_reap", NULL, VALUE_FLAG, NOTE, access_why, .engine = "libaio" },
    { "cmdprio_percentage", NULL, VALUE_INT, REFUSED, priority_no, NULL, 0, 100
      , .engine = "io_uring libaio" },
    { "cmdprio_class", NULL, VALUE_INT, REFUSED, priority_no, "", 1, 3
      , .engine = "io_uring libaio" },
    { "cmdprio", NULL, VALUE_INT, REFUSED, priority_no, NULL, 0, 7
      , .engine = "io_uring libaio" },
    { "cmdprio_bssplit", NULL, VALUE_ANY, REFUSED, priority_no, ""
      , .engine = "io_uring libaio" },
};

static int
is_named(const struct option_rule *rule, const char *name)
{
    return !strcmp(rule->name, name)
           || (rule->alias && !strcmp(rule->alias, name));
}

const struct option_rule *
fio_option_find(const char *name)
{
    size_t i;
    for (i = 0; i < job_option_count; i++)
        if (is_named(&job_options[i], name))
            return &job_options[i];
    for (i = 0; i < ARRAY_SIZE(rules); i++)
        if (is_named(&rules[i], name))
            return &rules[i];
    return NULL;
}

const char *
fio_option_like(const char *name)
{
    struct nearest nearest = nearest_to(name);
    size_t i;
    for (i = 0; i < job_option_count; i++) {
        nearest_try(&nearest, job_options[i].name);
        nearest_try(&nearest, job_options[i].alias);
    }
    for (i = 0; i < ARRAY_SIZE(rules); i++) {
        nearest_try(&nearest, rules[i].name);
        nearest_try(&nearest, rules[i].alias);
    }
    return nearest.word;
}


/****************************************************************
 * Values
 ****************************************************************/

static const char *
check_flag(const struct option_rule *rule, const char *value)
{
    int number;
    if (fio_read_int(value, &number))
        return "not a number: write 0 or 1";
    return rule->kind == VALUE_BOOL && number > 1 ? "write 0 or 1" : NULL;
}

static const char *
check_int(const struct option_rule *rule, const char *value, unsigned kb_base)
{
    struct fio_number number;
    if (fio_read_bytes(value, kb_base, &number))
        return "not a number";
    if (number.overflow || number.percent || number.value < rule->least
        || number.value > (rule->most ? rule->most : INT_MOST))
        return "out of range";
    return NULL;
}

// fio is content with one number of a list.
static const char *
check_sizes(const struct option_rule *rule, const char *value, unsigned kb_base)
{
    struct fio_number number;
    while (value) {
        if (!fio_read_bytes(value, kb_base, &number)
            && (number.value || !rule->least))
            return NULL;
        value = fio_next_part(value);
    }
    return "not a number";
}

static const char *
check_split(const char *value, unsigned kb_base)
{
    struct fio_number number;
    for (; *value && *value != ':'; value += *value == ':') {
        if (fio_read_bytes(value, kb_base, &number))
            return "not sizes";
        value += strcspn(value, ":");
    }
    return NULL;
}

static const char *
check_time(const char *value)
{
    struct fio_number number;
    if (fio_read_time(value, &number))
        return "not a time, such as 10s or 500ms";
    return number.overflow || number.value < 0 ? "out of range" : NULL;
}

// fio compares up to a comma or colon.
static const char *
check_choice(const struct option_rule *rule, const char *value)
{
    size_t length = strcspn(value, ",:");
    const char *word = rule->choices;
    for (; *word == ' ' && word[1]; word += strcspn(word + 1, " ") + 1)
        if (!strncmp(word + 1, value, length) && word[length + 1] == ' '
            && length)
            return NULL;
    return "no such value";
}

static const char *
check_percentiles(const char *value)
{
    char *rest;
    do {
        double percent = strtod(value, &rest);
        if (rest == value || percent < 0 || percent > 100)
            return "not percentiles, such as 50:99.9";
        value = rest + 1;
    } while (*rest == ':');
    return *rest ? "not percentiles, such as 50:99.9" : NULL;
}

// fio refuses numbers that end in a z, which is for zones.
static int
is_zone(const struct option_rule *rule, const char *value)
{
    size_t length = strlen(value);
    return (rule->kind == VALUE_INT || rule->kind == VALUE_TIME
            || rule->kind == VALUE_SIZES)
           && length && value[length - 1] == 'z';
}

// Of fio's kinds, those that need no thought.
static const char *
check_pattern(const char *value)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    size_t length = strlen(value);
    if (value[0] == '"' && length > 2 && value[length - 1] == '"'
        && !strpbrk(value + 1, "'\\%") && strchr(value + 1, '"')
        == value + length - 1)
        return NULL;
    if (!strncmp(value, "0x", 2) && length > 2
        && !value[2 + strspn(value + 2, digits)])
        return NULL;
    return value[strspn(value, "0123456789")] || length > 9
           ? "not a number, 0xHEX or \"TEXT\": leave it out, for it has no effect"
           : NULL;
}

const char *
fio_value_check(const struct option_rule *rule, const char *value
                , unsigned kb_base)
{
    if (!value)
        return rule->kind == VALUE_FLAG || rule->kind == VALUE_OPTIONAL ? NULL
               : "needs a value";
    if (!*value)
        return "needs a value";
    if (is_zone(rule, value))
        return "z is for zones";
    switch (rule->kind) {
    case VALUE_FLAG:
    case VALUE_BOOL:
        return check_flag(rule, value);
    case VALUE_INT:
        return check_int(rule, value, kb_base);
    case VALUE_SIZES:
        return check_sizes(rule, value, kb_base);
    case VALUE_SPLIT:
        return check_split(value, kb_base);
    case VALUE_TIME:
        return check_time(value);
    case VALUE_CHOICE:
        return check_choice(rule, value);
    case VALUE_CPUS:
        return value[strspn(value, "0123456789-,")]
            ? "not a list of numbers, such as 0-3,5" : NULL;
    case VALUE_PATTERN:
        return check_pattern(value);
    case VALUE_PERCENTILES:
        return check_percentiles(value);
    default:
        return NULL;
    }
}

int
fio_value_is_off(const struct option_rule *rule, const char *value
                 , unsigned kb_base)
{
    const char *off = rule->off ? rule->off : rule->least == 1 ? "1" : "0";
    struct fio_number number, wanted;
    int flag;
    if (!value)
        return 0;
    if (rule->kind == VALUE_FLAG || rule->kind == VALUE_BOOL)
        return !fio_read_int(value, &flag) && !flag;
    if (rule->kind == VALUE_TIME)
        return !fio_read_time(value, &number) && !number.value;
    if (!fio_read_bytes(off, kb_base, &wanted))
        return !fio_read_bytes(value, kb_base, &number) && !number.percent
               && !number.overflow && number.value == wanted.value;
    return !strcmp(value, off) || (!strcmp(off, "none") && !strcmp(value, "0"));
}
