// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes the guests' scripts and disks, and runs all in one boot of the lab, or
// on this machine's own Xen.

#include <err.h> // errx
#include <math.h> // lround
#include <stdlib.h> // calloc
#include <string.h> // strcmp
#include <time.h> // clock_gettime

#include "files.h" // text_of
#include "guests.h"
#include "jobcommand.h" // jobcommand_write
#include "process.h" // process_run
#include "waterfall.h" // waterfall_prepare

#define INT13IMG "build/bench/int13img"
#define XENLAB "lab/xenlab"
#define XENLAB_SKIP 77
#define SECONDS 600 // of the lab, for a guest

// An image, and the script that it carries.
struct image {
    char *path, *script;
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
image_for(const struct plan *plan, struct image_list *list, char *script)
{
    size_t i;
    for (i = 0; i < list->count; i++)
        if (!strcmp(list->images[i].script, script)) {
            free(script);
            return list->images[i].path;
        }
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
    char *words[] = { INT13IMG, "make", image->path, "--size", size
                      , "--script", script_path, NULL };
    if (process_run(words))
        errx(EXIT_USAGE, "cannot make %s: use fewer jobs, or run: make measure"
             , image->path);
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
    char latency[sizeof(",latency=") + 10] = "";
    if (path->latency)
        snprintf(latency, sizeof(latency), ",latency=%u", path->latency);
    else
        // The first read of anything costs dom0 more than later ones: a job
        // must not pay for being the first one (DESIGN.md).
        fprintf(batch, "--before 'cat $DISK0 $DISK0 $DISK0 >/dev/null' ");
    fprintf(batch, "--bios %s --until 'PAYLOAD DONE' --timeout %d --out %s%s"
            , path->firmware->path ? path->firmware->path : "stock", SECONDS
            , guest->dir, guest->repetition ? "" : " --trace");
    if (path->transport->words) {
        fprintf(batch, " --disk %s,backend=none,discard%s", image, latency);
        write_qemu_words(batch, path->transport->words);
    } else {
        fprintf(batch, " --disk %s,vdev=" GUEST_VDEV ",backend=%s,discard%s"
                , image, path->backend, latency);
    }
    for (i = 0; i < plan->xl_count; i++)
        fprintf(batch, " --xl '%s'", plan->xl_words[i]);
    fprintf(batch, "\n");
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
    free(backend);
}

// Repetitions are interleaved, so that any drift affects all alike.
void
guests_prepare(const struct plan *plan, struct guest_list *list)
{
    struct path *paths;
    struct image_list images = { .images = NULL };
    size_t count = plan_paths(plan, &paths), i;
    unsigned repetition;
    list->count = 0;
    list->guests = calloc(count * (plan->repetitions + 1ULL)
                          , sizeof(*list->guests));
    if (!list->guests)
        err(EXIT_USAGE, "no memory");
    for (repetition = 1; repetition <= plan->repetitions; repetition++)
        for (i = 0; i < count; i++)
            add_guest(plan, list, &paths[i], repetition);
    for (i = 0; i < count && !plan->untraced; i++)
        add_guest(plan, list, &paths[i], 0);
    directory_make(plan->out);
    char *batch_path = text_of("%s/batch", plan->out);
    FILE *batch = file_create(batch_path);
    for (i = 0; i < list->count; i++) {
        struct guest *guest = &list->guests[i];
        write_guest(batch, plan, guest
                    , image_for(plan, &images, script_of(plan, guest)));
    }
    file_close(batch, batch_path);
    free(batch_path);
    free(paths);
}

struct progress {
    const struct guest_list *list;
    FILE *log;
    char *last; // line
    double started; // when the first guest was
};

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
show_guest(const struct progress *progress, size_t number)
{
    const struct guest *guest = &progress->list->guests[number - 1];
    size_t all = progress->list->count, done = number - 1;
    double passed = now() - progress->started;
    char *backend = path_backend(&guest->path);
    fprintf(stderr, "int13bench: guest %zu of %zu: %s %s %s, ", number, all
            , guest->path.firmware->name, guest->path.transport->name
            , backend);
    free(backend);
    if (guest->repetition)
        fprintf(stderr, "repetition %u", guest->repetition);
    else
        fprintf(stderr, "traced");
    if (done) {
        long left = lround(passed / (double)done * (double)(all - done));
        fprintf(stderr, "; about %ld:%02ld left", left / 60, left % 60);
    }
    fprintf(stderr, "\n");
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
    free(progress->last);
    progress->last = text_of("%s", line);
    if (!guest)
        return;
    if (sscanf(guest, "] guest %zu/%*u: %15s", &number, state) != 2
        || strcmp(state, "started") != 0 || !number
        || number > progress->list->count)
        return;
    if (number == 1)
        progress->started = now();
    show_guest(progress, number);
}

// Ends the program if the lab does not work. The guests' results are in their
// directories.
void
guests_run(const struct plan *plan, const struct guest_list *list)
{
    char *batch = text_of("%s/batch", plan->out);
    char *log_path = text_of("%s/xenlab.log", plan->out);
    char *cpus = text_of("%u", plan->cpus);
    char *lab[] = { XENLAB, "batch", "--smp", cpus, "--clock", "icount", batch
        , NULL };
    char *xl[] = { XENLAB, "batch", "--on", "xl", "--clock", "wall", batch
        , NULL };
    if (!plan->on_xl)
        waterfall_prepare(plan);
    struct progress progress = { .list = list, .log = file_create(log_path) };
    int status = process_watch(plan->on_xl ? xl : lab, take_line, &progress);
    file_close(progress.log, log_path);
    // 1: a guest did not finish, which its results show.
    if (status != 0 && status != 1)
        errx(status == XENLAB_SKIP ? XENLAB_SKIP : EXIT_LAB, "%s (see %s)"
             , progress.last ? progress.last : XENLAB " cannot be run"
             , log_path);
    free(progress.last);
    free(log_path);
    free(cpus);
    free(batch);
}

char *
guest_file(const struct guest *guest, const char *name)
{
    char *path = text_of("%s/%s", guest->dir, name);
    char *text = file_text(path);
    free(path);
    return text;
}
