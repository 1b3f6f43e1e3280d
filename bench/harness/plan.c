// SPDX-License-Identifier: LGPL-3.0-or-later
// The command line of `int13bench run`, and what it selects.

#include <err.h> // errx
#include <fnmatch.h> // fnmatch
#include <getopt.h> // getopt_long
#include <stdlib.h> // calloc
#include <string.h> // strtok
#include <unistd.h> // access

#include "disk.h" // disk_check
#include "files.h" // file_text
#include "plan.h"
#include "session.h" // session_words
#include "tree.h" // tree_path
#include "words.h" // words_expand

#define TRANSPORTS "bench/transports"
#define OURS "build/bios.bin"
#define MAX_LATENCY 1000000 // us: the most that xenlab takes

enum { OPT_JOB = 1, OPT_FIRMWARE, OPT_TRANSPORT, OPT_BACKEND, OPT_LATENCY
       , OPT_REPETITIONS, OPT_LIMIT, OPT_SKIP, OPT_OUT, OPT_ON, OPT_XL
       , OPT_NO_TRACE, OPT_SMP, OPT_RESUME, OPT_DISK, OPT_WRITE };

static const struct option options[] = {
    { "job", required_argument, NULL, OPT_JOB },
    { "firmware", required_argument, NULL, OPT_FIRMWARE },
    { "transport", required_argument, NULL, OPT_TRANSPORT },
    { "backend", required_argument, NULL, OPT_BACKEND },
    { "latency", required_argument, NULL, OPT_LATENCY },
    { "repetitions", required_argument, NULL, OPT_REPETITIONS },
    { "limit", required_argument, NULL, OPT_LIMIT },
    { "skip", required_argument, NULL, OPT_SKIP },
    { "out", required_argument, NULL, OPT_OUT },
    { "on", required_argument, NULL, OPT_ON },
    { "smp", required_argument, NULL, OPT_SMP },
    { "xl", required_argument, NULL, OPT_XL },
    { "disk", required_argument, NULL, OPT_DISK },
    { "write", no_argument, NULL, OPT_WRITE },
    { "no-trace", no_argument, NULL, OPT_NO_TRACE },
    { "resume", no_argument, NULL, OPT_RESUME },
    { NULL, 0, NULL, 0 },
};

static void
need_room(size_t count, const char *word)
{
    if (count == MAX_WORDS)
        errx(EXIT_USAGE, "%s: too many of this option, %d at most", word
             , MAX_WORDS);
}

// A word must stay one word in the lab's batch file.
static void
need_plain(const char *word, const char *option)
{
    if (!*word || word[strcspn(word, " \t,\"'\\$`")])
        errx(EXIT_USAGE, "%s %s: blanks, commas, quotes and the like are not"
             " allowed", option, word);
}

static unsigned
number_of(const char *text, const char *option, unsigned least, unsigned most)
{
    char *rest;
    unsigned long number = strtoul(text, &rest, 10);
    if (*text < '0' || *text > '9' || *rest || number < least || number > most)
        errx(EXIT_USAGE, "%s wants a number from %u to %u, not %s", option
             , least, most, text);
    return (unsigned)number;
}

static void
add_firmware(struct plan *plan, char *word)
{
    char *path = strchr(word, '=');
    need_room(plan->firmware_count, word);
    struct firmware *firmware = &plan->firmware[plan->firmware_count++];
    firmware->name = word;
    if (path) {
        *path = '\0';
        firmware->path = tree_path(path + 1);
    } else if (!strcmp(word, "ours")) {
        firmware->path = tree_path(OURS);
    } else if (strcmp(word, "stock") != 0) {
        errx(EXIT_USAGE, "--firmware %s: must be ours, stock or NAME=FILE"
             , word);
    }
    need_plain(word, "--firmware");
    if (firmware->path) {
        need_plain(firmware->path, "--firmware");
        if (access(firmware->path, R_OK))
            err(EXIT_USAGE, "--firmware %s", firmware->path);
    }
}

// Returns a copy of QEMU's words for a transport; ends the program if there is
// no transport of that name.
static char *
transport_words(const char *name)
{
    char *text = file_text(tree_path(TRANSPORTS)), *line, *save, *words = NULL;
    size_t length = strlen(name);
    if (!text)
        err(EXIT_USAGE, "%s", TRANSPORTS);
    for (line = strtok_r(text, "\n", &save); line
         ; line = strtok_r(NULL, "\n", &save))
        if (!words && !strncmp(line, name, length) && line[length] == ' ')
            words = text_of("%s", line + length + strspn(line + length, " "));
    free(text);
    if (!words)
        errx(EXIT_USAGE, "--transport %s: must be pv or one of %s", name
             , TRANSPORTS);
    return words;
}

static void
add_transport(struct plan *plan, const char *name)
{
    need_room(plan->transport_count, name);
    plan->transports[plan->transport_count++] = (struct transport) {
        .name = name, .words = strcmp(name, "pv") ? transport_words(name) : NULL,
    };
}

static void
add_backend(struct plan *plan, const char *name)
{
    if (strcmp(name, "qdisk") != 0 && strcmp(name, "phy") != 0)
        errx(EXIT_USAGE, "--backend %s: must be qdisk or phy", name);
    need_room(plan->backend_count, name);
    plan->backends[plan->backend_count++] = name;
}

static void
add_latency(struct plan *plan, const char *word)
{
    need_room(plan->latency_count, word);
    plan->latencies[plan->latency_count++] = number_of(word, "--latency", 0
                                                       , MAX_LATENCY);
}

static void
add_limit(struct plan *plan, char *word)
{
    char *number = strchr(word, '=');
    need_room(plan->limit_count, word);
    if (!number)
        errx(EXIT_USAGE, "--limit wants FIRMWARE/TRANSPORT=CALLS, not %s"
             , word);
    *number++ = '\0';
    plan->limits[plan->limit_count++] = (struct limit) {
        .pattern = word, .ops = number_of(number, "--limit", 1, JOB_MAX_OPS),
    };
}

static void
add_on(struct plan *plan, const char *word)
{
    if (strcmp(word, "lab") != 0 && strcmp(word, "xl") != 0)
        errx(EXIT_USAGE, "--on %s: must be lab or xl", word);
    plan->on_xl = *word == 'x';
}

static void
add_xl(struct plan *plan, const char *word)
{
    need_room(plan->xl_count, word);
    if (!strchr(word, '=') || strchr(word, '\''))
        errx(EXIT_USAGE, "--xl wants KEY=VALUE in xl's syntax, without ', not"
             " %s", word);
    plan->xl_words[plan->xl_count++] = word;
}

static void
add_word(struct plan *plan, int option, char *word)
{
    switch (option) {
    case OPT_JOB:
        if (!strcmp(word, "-"))
            errx(EXIT_USAGE, "--job -: a run from standard input could be"
                 " neither resumed nor repeated; name a file");
        job_list_add(&plan->jobs, word);
        break;
    case OPT_FIRMWARE:
        add_firmware(plan, word);
        break;
    case OPT_TRANSPORT:
        add_transport(plan, word);
        break;
    case OPT_BACKEND:
        add_backend(plan, word);
        break;
    case OPT_LATENCY:
        add_latency(plan, word);
        break;
    case OPT_LIMIT:
        add_limit(plan, word);
        break;
    case OPT_SKIP:
        need_room(plan->skip_count, word);
        plan->skips[plan->skip_count++] = word;
        break;
    case OPT_REPETITIONS:
        plan->repetitions = number_of(word, "--repetitions", 1, 1000);
        break;
    case OPT_OUT:
        need_plain(word, "--out");
        plan->out = word;
        break;
    case OPT_DISK:
        need_plain(word, "--disk");
        plan->disk = word;
        break;
    case OPT_ON:
        add_on(plan, word);
        break;
    case OPT_SMP:
        plan->cpus = number_of(word, "--smp", 1, 8);
        break;
    case OPT_XL:
        add_xl(plan, word);
        break;
    default:
        break;
    }
}

static void
set_defaults(struct plan *plan)
{
    static char ours[] = "ours";
    size_t i;
    if (!plan->jobs.count)
        errx(EXIT_USAGE, "run: name a job file with --job FILE");
    if (!plan->out)
        errx(EXIT_USAGE, "run: say where results go with --out DIR");
    if (plan->cpus > 1 && (plan->on_xl || !plan->untraced))
        errx(EXIT_USAGE, "--smp is for the lab, and wants --no-trace: the"
             " counters are those of one CPU");
    if (!plan->firmware_count)
        add_firmware(plan, ours);
    if (!plan->transport_count)
        add_transport(plan, "pv");
    if (!plan->backend_count) {
        // Of qemu's, none is read-only.
        if (!plan->disk || plan->writes)
            add_backend(plan, "qdisk");
        add_backend(plan, "phy");
    }
    if (!plan->latency_count)
        plan->latency_count = 1;
    for (i = 0; i < plan->latency_count; i++)
        if (plan->latencies[i] && plan->on_xl)
            errx(EXIT_USAGE, "--latency is for the lab; --on xl uses disks as"
                 " they are");
}

// An option and its value, which is a list unless it is a file.
static void
add_option(struct plan *plan, int option, char *value)
{
    char *word, *save;
    if (option == OPT_OUT || option == OPT_JOB || option == OPT_XL
        || option == OPT_DISK) {
        add_word(plan, option, value);
        return;
    }
    for (word = strtok_r(value, ",", &save); word
         ; word = strtok_r(NULL, ",", &save))
        add_word(plan, option, word);
}

// Behind getopt_long()'s own line.
static void
wrong_option(const char *word)
{
    char *name = text_of("%.*s", (int)strcspn(word, "="), word);
    struct nearest nearest = nearest_to(name + strspn(name, "-"));
    size_t i;
    for (i = 0; options[i].name; i++)
        nearest_try(&nearest, options[i].name);
    if (nearest.word && strcmp(nearest.word, nearest.wanted) != 0)
        fprintf(stderr, "Did you mean --%s? ", nearest.word);
    fprintf(stderr, "int13bench run --help lists all.\n");
    exit(EXIT_USAGE);
}

static void
parse_words(struct plan *plan)
{
    struct word_list list = plan->parsed = words_copy(&plan->words);
    int option;
    optind = 0;
    while ((option = getopt_long(list.count, list.words, "", options, NULL))
           != -1) {
        if (option == OPT_NO_TRACE)
            plan->untraced = 1;
        else if (option == OPT_RESUME)
            plan->resume = 1;
        else if (option == OPT_WRITE)
            plan->writes = 1;
        else if (option == '?' || !optarg)
            wrong_option(list.words[optind - 1]);
        else
            add_option(plan, option, optarg);
    }
    if (optind != list.count)
        errx(EXIT_USAGE, "run: unexpected argument %s; see: int13bench run --help"
             , list.words[optind]);
}

// Takes the words of the run that is to be resumed.
static void
resume(struct plan *plan)
{
    const char *out = plan->out;
    if (!out)
        errx(EXIT_USAGE, "--resume: say which run with --out DIR");
    if (plan->words.count > 4 || plan->jobs.count)
        errx(EXIT_USAGE, "--resume takes the options that the run had: give no"
             " other than --out");
    *plan = (struct plan) {
        .repetitions = 3, .cpus = 1, .words = session_words(out),
    };
    // Results say how to repeat the run, not how it was resumed.
    plan->command = session_command(out);
    parse_words(plan);
    plan->resume = 1;
    // As it is called now: the folder may have been moved.
    plan->out = out;
}

// getopt_long() and we change the words, so they are kept as they were.
void
plan_parse(struct plan *plan, int argc, char **argv)
{
    *plan = (struct plan) {
        .repetitions = 3, .cpus = 1, .command = words_joined(argc, argv),
        .words = words_expand(argc, argv),
    };
    parse_words(plan);
    if (plan->resume)
        resume(plan);
    set_defaults(plan);
    job_list_finish(&plan->jobs);
    disk_check(plan);
    plan->disk_mib = jobs_place_streams(&plan->jobs);
}

void
plan_free(struct plan *plan)
{
    size_t i;
    for (i = 0; i < plan->transport_count; i++)
        free(plan->transports[i].words);
    job_list_free(&plan->jobs);
    words_free(&plan->words);
    words_free(&plan->parsed);
    free(plan->command);
}

// Returns the clock of the figures: instructions in the lab, else a real one.
const char *
plan_clock(const struct plan *plan)
{
    return plan->on_xl ? "wall" : "virtual";
}

// Returns the backend's name, with the latency of its storage if it has any.
char *
path_backend(const struct path *path)
{
    return path->latency ? text_of("%s+%u", path->backend, path->latency)
           : text_of("%s", path->backend);
}

// Returns 1 if the job is to be run on this path.
int
plan_has(const struct plan *plan, const struct path *path
         , const struct fio_job *job)
{
    char *backend = path_backend(path);
    char *name = text_of("%s/%s/%s/%s", path->firmware->name
                         , path->transport->name, backend, job->name);
    size_t i;
    for (i = 0; i < plan->skip_count; i++)
        if (!fnmatch(plan->skips[i], name, 0))
            break;
    free(name);
    free(backend);
    return i == plan->skip_count;
}

// Returns the job, with no more calls than this path may have.  With latency, or
// on the user's disk, it does not warm up: what has been read once is in dom0's
// memory. What the user's disk holds is not known.
struct fio_job
plan_job(const struct plan *plan, const struct path *path
         , const struct fio_job *job)
{
    struct fio_job limited = *job;
    if (path->latency || plan->disk)
        limited.spec.warm = 0;
    if (plan->disk) {
        limited.spec.drive = DISK_DRIVE;
        limited.spec.verify = 0;
    }
    char *name = text_of("%s/%s", path->firmware->name
                         , path->transport->name);
    size_t i;
    for (i = 0; i < plan->limit_count; i++) {
        u32 ops = plan->limits[i].ops;
        if (fnmatch(plan->limits[i].pattern, name, 0)
            || limited.spec.ops <= ops)
            continue;
        // The calls to warm up are reduced in proportion.
        limited.spec.warm = (u32)((u64)limited.spec.warm * ops
                                  / limited.spec.ops);
        limited.spec.ops = ops;
    }
    free(name);
    return limited;
}

// Adds a path with storage of this latency if it has a job.
static void
add_path(const struct plan *plan, const struct path *path
         , struct path **paths, size_t *count)
{
    size_t i;
    for (i = 0; i < plan->jobs.count; i++)
        if (plan_has(plan, path, &plan->jobs.jobs[i]))
            break;
    if (i == plan->jobs.count)
        return;
    *paths = reallocarray(*paths, *count + 1, sizeof(**paths));
    if (!*paths)
        err(EXIT_USAGE, "no memory");
    (*paths)[(*count)++] = *path;
}

// Adds a path for each backend that its transport and firmware have: Debian's
// has no driver for PV disks, and the only backend of emulated disks is qemu.
static void
add_backends(const struct plan *plan, struct path *path, struct path **paths
             , size_t *count)
{
    size_t i;
    path->backend = "qemu";
    if (path->transport->words) {
        add_path(plan, path, paths, count);
        return;
    }
    for (i = 0; i < plan->backend_count && path->firmware->path; i++) {
        path->backend = plan->backends[i];
        add_path(plan, path, paths, count);
    }
}

// Lists all paths that have a job.
size_t
plan_paths(const struct plan *plan, struct path **paths)
{
    struct path path = { NULL };
    size_t f, t, l, count = 0;
    *paths = NULL;
    for (l = 0; l < plan->latency_count; l++)
        for (f = 0; f < plan->firmware_count; f++)
            for (t = 0; t < plan->transport_count; t++) {
                path.firmware = &plan->firmware[f];
                path.transport = &plan->transports[t];
                path.latency = plan->latencies[l];
                add_backends(plan, &path, paths, &count);
            }
    if (!count)
        errx(EXIT_USAGE, "run: nothing is left to run; stock has no driver"
             " for pv");
    return count;
}
