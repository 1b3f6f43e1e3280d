// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes the guests' scripts and disks, and runs all in one boot of the lab, or
// on this machine's own Xen, saying how far it is.

#include <err.h> // errx
#include <math.h> // lround
#include <stdlib.h> // calloc
#include <string.h> // strcmp
#include <time.h> // clock_gettime

#include "disk.h" // disk_words
#include "files.h" // text_of
#include "guests.h"
#include "jobcommand.h" // jobcommand_write
#include "process.h" // process_run
#include "tree.h" // tree_path
#include "waterfall.h" // waterfall_prepare

#define INT13IMG "build/bench/int13img"
#define XENLAB "lab/xenlab"
#define SECONDS 600 // of the lab, for a guest
#define TIMES "build/bench/times.json"
// Has dom0 forget what it has read of the user's disk.
#define DROP_CACHE "dd if=$DISK1 iflag=nocache count=0 status=none"

// An image, and the script that it carries.
struct image {
    char *path;
    const char *script;
};

struct image_list {
    struct image *images;
    size_t count;
};

static char *
script_of(const struct plan *plan, const struct guest *guest)
{
    char *text;
    size_t size, i;
    FILE *script = open_memstream(&text, &size);
    if (!script)
        err(EXIT_USAGE, "no memory");
    if (!guest->repetition)
        fprintf(script, "memmap\n");
    for (i = 0; i < plan->jobs.count; i++) {
        if (!plan_has(plan, &guest->path, &plan->jobs.jobs[i]))
            continue;
        struct fio_job job = plan_job(plan, &guest->path
                                      , &plan->jobs.jobs[i]);
        if (guest->repetition)
            jobcommand_write(script, &job);
        else
            jobcommand_write_traced(script, &job
                                    , !guest->path.transport->words);
    }
    if (guest->repetition)
        fprintf(script, "readback drive=80\n");
    fclose(script);
    return text;
}

// The image that carries the script, made if there is none yet.
static const char *
image_for(const struct plan *plan, struct image_list *list, const char *script)
{
    size_t i;
    for (i = 0; i < list->count; i++)
        if (!strcmp(list->images[i].script, script))
            return list->images[i].path;
    list->images = reallocarray(list->images, i + 1, sizeof(*list->images));
    if (!list->images)
        err(EXIT_USAGE, "no memory");
    struct image *image = &list->images[list->count++];
    image->path = text_of("%s/disk%zu.img", plan->out, i);
    image->script = script;
    char *script_path = text_of("%s/disk%zu.script", plan->out, i);
    char *size = text_of("%lluMiB", plan->disk_mib);
    FILE *file = file_create(script_path);
    fputs(script, file);
    file_close(file, script_path);
    char *words[] = { (char *)tree_path(INT13IMG), "make", image->path
                      , "--size", size, "--script", script_path, NULL };
    if (process_run(words))
        errx(EXIT_USAGE, "cannot make %s: make room on the disk, use fewer jobs,"
             " or run: make measure", image->path);
    jobs_write_streams(&plan->jobs, image->path);
    free(size);
    free(script_path);
    return image->path;
}

static void
write_qemu_words(FILE *batch, const char *words)
{
    fprintf(batch, " --xl \"device_model_args_hvm=['");
    for (; *words; words++)
        if (*words == ' ')
            fprintf(batch, "','");
        else
            fputc(*words, batch);
    fprintf(batch, "']\"");
}

static void
write_guest(FILE *batch, const struct plan *plan, const struct guest *guest
            , const char *image)
{
    const struct path *path = &guest->path;
    size_t i;
    char *disk = plan->disk ? disk_words(plan, path) : text_of("%s", "");
    char *cold = plan->disk ? text_of("; %s", DROP_CACHE) : text_of("%s", "");
    char latency[sizeof(",latency=") + 10] = "";
    if (path->latency)
        snprintf(latency, sizeof(latency), ",latency=%u", path->latency);
    else
        // The first read of anything costs dom0 more than later ones: a job
        // must not pay for being the first one (doc/lab.md).
        fprintf(batch, "--before 'cat $DISK0 $DISK0 $DISK0 >/dev/null%s' ", cold);
    fprintf(batch, "--bios %s --until 'PAYLOAD DONE' --timeout %d --out %s%s"
            , path->firmware->path ? path->firmware->path : "stock", SECONDS
            , guest->dir, guest->repetition ? "" : " --trace");
    if (path->transport->words) {
        fprintf(batch, " --disk %s,backend=none,discard%s", image, latency);
        char *words = plan->disk
            ? disk_qemu_words(plan, path->transport->words)
            : text_of("%s", path->transport->words);
        write_qemu_words(batch, words);
        free(words);
    } else {
        fprintf(batch, " --disk %s,vdev=" GUEST_VDEV ",backend=%s,discard%s"
                , image, path->backend, latency);
    }
    fputs(disk, batch);
    free(disk);
    free(cold);
    for (i = 0; i < plan->xl_count; i++)
        fprintf(batch, " --xl '%s'", plan->xl_words[i]);
    fprintf(batch, "\n");
}

// FNV-1a
static void
hash_bytes(unsigned long long *hash, const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;
    for (; count--; byte++)
        *hash = (*hash ^ *byte) * 0x100000001b3;
}

static void
hash_file(unsigned long long *hash, const char *path)
{
    char block[1 << 14];
    size_t count;
    FILE *file = path ? fopen(path, "r") : NULL;
    while (file && (count = fread(block, 1, sizeof(block), file)) > 0)
        hash_bytes(hash, block, count);
    if (file)
        fclose(file);
}

// Sets what the guest is asked for: two that are asked for the same may stand for
// each other.
static void
set_asked(const struct plan *plan, struct guest *guest)
{
    unsigned long long hash = 0xcbf29ce484222325;
    char *line;
    size_t size, i;
    FILE *batch = open_memstream(&line, &size);
    if (!batch)
        err(EXIT_USAGE, "no memory");
    write_guest(batch, plan, guest, plan->on_xl ? "on xl" : "in the lab");
    fclose(batch);
    hash_bytes(&hash, line, size);
    hash_bytes(&hash, guest->script, strlen(guest->script));
    hash_bytes(&hash, &plan->cpus, sizeof(plan->cpus));
    hash_file(&hash, guest->path.firmware->path);
    hash_file(&hash, tree_path(INT13IMG)); // which holds the payload
    for (i = 0; i < plan->jobs.count; i++)
        hash_bytes(&hash, plan->jobs.jobs[i].spec.calls
                   , plan->jobs.jobs[i].spec.call_count
                   * sizeof(*plan->jobs.jobs[i].spec.calls));
    snprintf(guest->asked, sizeof(guest->asked), "%016llx", hash);
    free(line);
}

static void
add_guest(const struct plan *plan, struct guest_list *list
          , const struct path *path, unsigned repetition)
{
    struct guest *guest = &list->guests[list->count++];
    char number[16], *backend = path_backend(path);
    guest->path = *path;
    guest->repetition = repetition;
    snprintf(number, sizeof(number), "%u", repetition);
    guest->dir = text_of("%s/%s-%s-%s-%s", plan->out, path->firmware->name
                         , path->transport->name, backend
                         , repetition ? number : "traced");
    guest->script = script_of(plan, guest);
    set_asked(plan, guest);
    free(backend);
}

// Repetitions are interleaved, so that any drift affects all alike.
void
guests_list(const struct plan *plan, struct guest_list *list)
{
    struct path *paths;
    size_t count = plan_paths(plan, &paths), i;
    unsigned repetition;
    *list = (struct guest_list) {
        .guests = calloc(count * (plan->repetitions + 1ULL)
                         , sizeof(*list->guests)),
    };
    if (!list->guests)
        err(EXIT_USAGE, "no memory");
    for (repetition = 1; repetition <= plan->repetitions; repetition++)
        for (i = 0; i < count; i++)
            add_guest(plan, list, &paths[i], repetition);
    for (i = 0; i < count && !plan->untraced; i++)
        add_guest(plan, list, &paths[i], 0);
    free(paths);
}

void
guests_prepare(const struct plan *plan, const struct guest_list *list)
{
    struct image_list images = { .images = NULL };
    size_t i;
    char *batch_path = text_of("%s/batch", plan->out);
    FILE *batch = file_create(batch_path);
    for (i = 0; i < list->count; i++)
        if (!list->guests[i].done)
            write_guest(batch, plan, &list->guests[i]
                        , image_for(plan, &images, list->guests[i].script));
    file_close(batch, batch_path);
    free(batch_path);
    for (i = 0; i < images.count; i++)
        free(images.images[i].path);
    free(images.images);
}

int
guest_is_done(const struct guest *guest)
{
    char *path = text_of("%s/result.json", guest->dir);
    json_t *result = json_load_file(path, 0, NULL);
    const json_t *status = json_object_get(result, "status");
    int done = json_is_integer(status) && json_integer_value(status) < EXIT_LAB;
    json_decref(result);
    free(path);
    return done;
}

size_t
guests_done(const struct guest_list *list)
{
    size_t i, done = 0;
    for (i = 0; i < list->count; i++)
        done += list->guests[i].done != 0;
    return done;
}


/****************************************************************
 * Progress
 ****************************************************************/

struct progress {
    struct guest_list *list;
    size_t *pending; // places in the list of those in the batch, in its order
    size_t count, number; // of them, and of the one that runs, from 1
    guest_ended_fn *ended;
    void *user;
    FILE *log;
    char *last; // line that is not about a guest
    json_t *times; // of all runs: seconds by times_key()
    double started; // when the guest was
    double took; // guests that have ended, in all
    size_t took_count;
};

// number: in the batch, from 0.
static struct guest *
guest_of(const struct progress *progress, size_t number)
{
    return &progress->list->guests[progress->pending[number]];
}

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// "ours pv qdisk", to be freed.
static char *
path_name(const struct guest *guest)
{
    char *backend = path_backend(&guest->path);
    char *name = text_of("%s %s %s", guest->path.firmware->name
                         , guest->path.transport->name, backend);
    free(backend);
    return name;
}

// Guests of the same path and the same jobs take about as long.
static char *
times_key(const struct guest *guest)
{
    unsigned long long hash = 0;
    char *name = path_name(guest);
    hash_bytes(&hash, guest->script, strlen(guest->script));
    char *key = text_of("%s %016llx", name, hash);
    free(name);
    return key;
}

// Returns how long the guest took last time; else what those of this run took on
// average; 0 if there is none yet.
static double
expected_time(const struct progress *progress, const struct guest *guest)
{
    char *key = times_key(guest);
    double seconds = json_number_value(json_object_get(progress->times, key));
    free(key);
    if (seconds <= 0 && progress->took_count)
        seconds = progress->took / (double)progress->took_count;
    return seconds;
}

// Prints "; about 3:20 left", of the guests from this one on.
static void
show_left(const struct progress *progress, size_t from)
{
    double left = 0, one;
    size_t i;
    for (i = from; i < progress->count; i++) {
        one = expected_time(progress, guest_of(progress, i));
        if (one <= 0) {
            fprintf(stderr, "; no earlier run tells how long it takes\n");
            return;
        }
        left += one;
    }
    fprintf(stderr, "; about %ld:%02ld left\n", lround(left) / 60
            , lround(left) % 60);
}

// Says what is to come, before the lab has said a word.
static void
show_plan(const struct progress *progress)
{
    char *name = path_name(guest_of(progress, 0));
    size_t done = progress->list->count - progress->count;
    fprintf(stderr, "int13bench: %zu guest%s to run", progress->count
            , progress->count == 1 ? "" : "s");
    if (done)
        fprintf(stderr, ", %zu done before", done);
    fprintf(stderr, ", the first one is %s", name);
    show_left(progress, 0);
    free(name);
}

static void
show_guest(const struct progress *progress)
{
    const struct guest *guest = guest_of(progress, progress->number - 1);
    char *name = path_name(guest);
    fprintf(stderr, "int13bench: guest %zu of %zu: %s, ", progress->number
            , progress->count, name);
    free(name);
    if (guest->repetition)
        fprintf(stderr, "repetition %u", guest->repetition);
    else
        fprintf(stderr, "traced");
    show_left(progress, progress->number - 1);
}

static void
save_time(struct progress *progress, const struct guest *guest, double seconds)
{
    char *key = times_key(guest);
    json_object_set_new(progress->times, key, json_real(seconds));
    free(key);
    progress->took += seconds;
    progress->took_count++;
    // Without it the next run knows less, and that is all.
    (void)!file_replace_json(TIMES, progress->times);
}

static void
take_state(struct progress *progress, size_t number, const char *state)
{
    struct guest *guest = guest_of(progress, number - 1);
    progress->number = number;
    if (!strcmp(state, "started")) {
        progress->started = now();
        show_guest(progress);
    } else if (!strcmp(state, "ended,")) {
        guest->done = guest_is_done(guest);
        save_time(progress, guest, now() - progress->started);
        progress->ended(progress->user);
    }
}

// xenlab prints lines such as "xenlab: [5.32 s] guest 1/4: started".
static void
take_line(void *user, char *line)
{
    struct progress *progress = user;
    size_t number;
    char state[16];
    const char *guest = strstr(line, "] guest ");
    fprintf(progress->log, "%s\n", line);
    if (guest && sscanf(guest, "] guest %zu/%*u: %15s", &number, state) == 2
        && number && number <= progress->count) {
        take_state(progress, number, state);
        return;
    }
    free(progress->last);
    progress->last = text_plain(line);
}

static int
run_batch(const struct plan *plan, struct progress *progress)
{
    char *batch = text_of("%s/batch", plan->out);
    char *cpus = text_of("%u", plan->cpus);
    char *xenlab = (char *)tree_path(XENLAB);
    char *lab[] = { xenlab, "batch", "--smp", cpus, "--clock", "icount", batch
        , NULL };
    char *xl[] = { xenlab, "batch", "--on", "xl", "--clock", "wall", batch
        , NULL };
    if (!plan->on_xl)
        waterfall_prepare(plan, progress->list->sessions);
    int status = process_watch(plan->on_xl ? xl : lab, take_line, progress);
    free(cpus);
    free(batch);
    return status;
}

int
guests_run(const struct plan *plan, struct guest_list *list
           , guest_ended_fn *ended, void *user, char **last)
{
    char *log_path = text_of("%s/xenlab.log", plan->out);
    struct progress progress = {
        .list = list, .ended = ended, .user = user,
        .pending = calloc(list->count + 1, sizeof(*progress.pending)),
        .times = json_load_file(TIMES, 0, NULL),
        .log = fopen(log_path, plan->resume ? "a" : "w"),
    };
    size_t i;
    if (!progress.pending)
        err(EXIT_USAGE, "no memory");
    if (!progress.log)
        err(EXIT_USAGE, "cannot write %s", log_path);
    if (!json_is_object(progress.times))
        progress.times = json_object();
    for (i = 0; i < list->count; i++)
        if (!list->guests[i].done)
            progress.pending[progress.count++] = i;
    // What was said must be there even if we are killed.
    setlinebuf(progress.log);
    int status = 0;
    if (progress.count) {
        show_plan(&progress);
        status = run_batch(plan, &progress);
    }
    if (fclose(progress.log))
        warn("%s", log_path);
    *last = progress.last;
    json_decref(progress.times);
    free(progress.pending);
    free(log_path);
    return status;
}

char *
guest_file(const struct guest *guest, const char *name)
{
    char *path = text_of("%s/%s", guest->dir, name);
    char *text = file_text(path);
    free(path);
    return text;
}
