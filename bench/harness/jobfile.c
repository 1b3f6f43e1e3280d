// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads job files with libinih. Options for the firmware alone are in comments,
// "; int13_buffer=1000:0001": fio skips them, and read_line() removes the
// comment sign.

#include <ctype.h> // isalnum
#include <err.h> // errx
#include <ini.h> // ini_parse_stream
#include <stdlib.h> // realloc
#include <string.h> // strchr

#include "jobfile.h"
#include "layout.h" // PAYLOAD_SECTORS

#define OWN_PREFIX "int13_"

struct reader {
    FILE *file;
    const char *name;
    int line;
    struct job_list *list;
    struct fio_job global;
    struct fio_job *job; // the section's, or &global; NULL before the first
    char *problem;
};

// Only the first problem is reported.
static void
complain(struct reader *reader, int line, const char *what, const char *why)
{
    if (!*reader->problem)
        snprintf(reader->problem, PROBLEM_SIZE, "%s:%d: %s%s%s", reader->name
                 , line, what, *what ? ": " : "", why);
}

// How many calls there will be: fio stops when number_ios are done or io_size
// has been moved, whichever comes first.
static const char *
count_ops(struct fio_job *job)
{
    if (job->spec.calls) {
        job->spec.ops = job->number_ios && job->number_ios < job->spec.call_count
            ? job->number_ios : job->spec.call_count;
        if (job->spec.warm == JOB_WARM_ALL)
            job->spec.warm = job->spec.ops;
        return NULL;
    }
    u64 moved = 0, total = job->io_size ? job->io_size : job->spec.sectors;
    struct job_stream stream;
    struct job_op op;
    job_start(&stream, &job->spec);
    job->spec.ops = 0;
    while (moved < total
           && (!job->number_ios || job->spec.ops < job->number_ios)) {
        if (job->spec.ops == JOB_MAX_OPS)
            return "more than 65536 calls: set number_ios or a smaller size";
        job_next(&stream, &op);
        moved += op.count;
        job->spec.ops++;
    }
    if (job->spec.warm == JOB_WARM_ALL)
        job->spec.warm = job->spec.ops;
    return NULL;
}

static const char *
check_job(const struct job_list *list, const struct fio_job *job)
{
    const struct job_spec *spec = &job->spec;
    size_t i;
    for (i = 0; i + 1 < list->count; i++)
        if (!strcmp(list->jobs[i].name, job->name))
            return "another job has this name";
    if (list->count > 1 && list->jobs[list->count - 2].file == job->file
        && !job->stonewall)
        return "fio would run it beside the previous job: add stonewall";
    if (spec->calls)
        return NULL;
    if (spec->from < PAYLOAD_SECTORS)
        return "offset must be 32k or more: the program is in front of it";
    if (!spec->sectors)
        return "size is missing";
    if (spec->sectors < job_largest(spec))
        return "size is less than one call moves";
    return NULL;
}

static void
end_section(struct reader *reader)
{
    if (!reader->job || reader->job == &reader->global || *reader->problem)
        return;
    struct fio_job *job = reader->job;
    if (!job->spec.align)
        job->spec.align = job_smallest(&job->spec);
    const char *wrong = check_job(reader->list, job);
    if (!wrong)
        wrong = count_ops(job);
    if (wrong)
        complain(reader, job->line, job->name, wrong);
}

static int
is_name(const char *text, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
            return 0;
    return length && length < JOB_NAME_SIZE;
}

static struct fio_job *
add_job(struct job_list *list, const struct fio_job *global)
{
    struct fio_job *jobs = realloc(list->jobs
                                   , (list->count + 1) * sizeof(*jobs));
    if (!jobs)
        abort();
    list->jobs = jobs;
    jobs += list->count++;
    *jobs = *global;
    jobs->options = json_copy(global->options);
    return jobs;
}

// A line "[NAME]": inih reports a section only with its options.
static void
begin_section(struct reader *reader, const char *text)
{
    size_t length = strcspn(text + 1, "]");
    end_section(reader);
    reader->job = &reader->global;
    if (!strncmp(text, "[global]", 8))
        return;
    if (!is_name(text + 1, length)) {
        complain(reader, reader->line, "", "a job's name has at most 31 "
                 "letters, digits, '-', '_' and '.'");
        return;
    }
    reader->job = add_job(reader->list, &reader->global);
    reader->job->file = reader->name;
    reader->job->line = reader->line;
    memcpy(reader->job->name, text + 1, length);
    reader->job->name[length] = '\0';
}

// Returns the option in a comment that is one of our options, else the text.
static const char *
uncomment(const char *text)
{
    const char *option = text + strspn(text, ";# \t");
    return strncmp(option, OWN_PREFIX, strlen(OWN_PREFIX)) ? text : option;
}

// Gives inih the next line without leading blanks, which for inih, but not for
// fio, would make it continue the previous line.
static char *
read_line(char *text, int size, void *stream)
{
    struct reader *reader = stream;
    if (*reader->problem || !fgets(text, size, reader->file))
        return NULL;
    reader->line++;
    if (!strchr(text, '\n') && !feof(reader->file)) {
        complain(reader, reader->line, "", "line too long");
        return NULL;
    }
    const char *start = uncomment(text + strspn(text, " \t"));
    memmove(text, start, strlen(start) + 1);
    if (*text == '[')
        begin_section(reader, text);
    return text;
}

// Returns 1 if all is well, as inih wants it.
static int
take_option(void *user, const char *section, const char *option
            , const char *value)
{
    struct reader *reader = user;
    const char *wrong = "no section [NAME] before it";
    (void)section;
    if (reader->job) {
        wrong = job_option(reader->job, option, value);
        json_object_set_new(reader->job->options, option
                            , json_string(value ? value : "1"));
    }
    if (wrong)
        complain(reader, reader->line, option, wrong);
    return !wrong;
}

// fio's defaults, if it has any.
static void
set_defaults(struct fio_job *job)
{
    job->options = json_object();
    job->spec = (struct job_spec) {
        .rw = JOB_READ, .sizes = { { 4096 / SECTOR_SIZE, 100 } },
        .size_count = 1, .mixread = 50, .warm = JOB_WARM_ALL, .seed = 1,
        .label = 1, .verify = 1, .buffer = { 0, ARENA_START >> 4 },
    };
}

int
jobfile_read(FILE *file, const char *name, struct job_list *list
             , char *problem)
{
    struct reader reader = {
        .file = file, .name = name, .list = list, .problem = problem,
    };
    size_t before = list->count;
    *problem = '\0';
    set_defaults(&reader.global);
    ini_allow_no_value = 1; // fio's flags need none
    int wrong = ini_parse_stream(read_line, &reader, take_option, &reader);
    end_section(&reader);
    json_decref(reader.global.options);
    if (wrong)
        complain(&reader, wrong, "", "neither [NAME], OPTION=VALUE nor a"
                 " comment");
    if (list->count == before)
        complain(&reader, reader.line, "", "no job in this file");
    return *problem ? -1 : 0;
}

void
job_list_add(struct job_list *list, const char *path)
{
    char problem[PROBLEM_SIZE];
    FILE *file = fopen(path, "r");
    if (!file)
        err(EXIT_USAGE, "%s", path);
    if (jobfile_read(file, path, list, problem))
        errx(EXIT_USAGE, "%s", problem);
    fclose(file);
}
