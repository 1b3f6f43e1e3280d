// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes jobs of job files: collects each section's options, [global]'s first,
// and judges them together, because what an option does can depend on others.

#include <ctype.h> // isalnum
#include <err.h> // errx
#include <stdlib.h> // realloc
#include <string.h> // strchr

#include "files.h" // text_plain
#include "fiofile.h"
#include "jobfile.h"
#include "layout.h" // PAYLOAD_SECTORS
#include "model.h" // model_open
#include "tree.h" // tree_path

#define OWN_PREFIX "int13_"
#define STDIN_NAME "standard input"

struct reader {
    struct job_list *list;
    struct fio_job global;
    struct fio_job job;
    int in_job, in_global;
    size_t first; // option of the section
    unsigned kb_base; // of the section
};

static void *
enlarge(void *memory, size_t count, size_t size)
{
    memory = reallocarray(memory, count, size);
    if (!memory)
        err(EXIT_USAGE, "no memory");
    return memory;
}

static char *
copy_of(const char *text)
{
    return text ? text_of("%s", text) : NULL;
}


/****************************************************************
 * Options
 ****************************************************************/

static void
add_given(struct fio_job *job, const struct option_given *given)
{
    job->given = enlarge(job->given, job->given_count + 1, sizeof(*given));
    struct option_given *copy = &job->given[job->given_count++];
    *copy = *given;
    copy->name = copy_of(given->name);
    copy->value = copy_of(given->value);
}

static void
free_given(struct fio_job *job)
{
    size_t i;
    for (i = 0; i < job->given_count; i++) {
        free(job->given[i].name);
        free(job->given[i].value);
    }
    free(job->given);
}

// "bs=4k: "
static void
say(struct job_list *list, enum severity severity
    , const struct option_given *given, const char *what)
{
    problems_add(&list->problems, severity, given->file, given->line
                 , "%s%s%s: %s", given->name, given->value ? "=" : ""
                 , given->value ? given->value : "", what);
}

static int
is_engine_of(const struct option_rule *rule, const char *engine)
{
    // An engine that was refused is not the reason of another problem.
    if (!rule->engine || !engine)
        return 1;
    const char *found = strstr(rule->engine, engine);
    size_t length = strlen(engine);
    return found && (found == rule->engine || found[-1] == ' ')
           && (!found[length] || found[length] == ' ');
}

// Is it refused in this job, if it is not off?
static int
is_refused(const struct fio_job *job, const struct option_rule *rule)
{
    switch (rule->effect) {
    case EFFECT_REFUSED:
        return 1;
    case EFFECT_REFUSED_WRITING:
        return job->spec.rw & JOB_WRITE;
    case EFFECT_REFUSED_RANDOM:
        return job->spec.rw & JOB_RANDOM;
    case EFFECT_REFUSED_DEPTH:
        return !job_engine_is_synchronous(job);
    default:
        return 0;
    }
}

// Judges an option that does not set anything in the job.
static void
judge(struct job_list *list, const struct fio_job *job
      , const struct option_given *given)
{
    const struct option_rule *rule = given->rule;
    char *note;
    if (!is_engine_of(rule, job->engine)) {
        say(list, SEVERITY_PROBLEM, given, "an option of another engine: leave"
            " it out");
    } else if (is_refused(job, rule)
               && !fio_value_is_off(rule, given->value, given->kb_base)) {
        say(list, SEVERITY_PROBLEM, given, rule->why);
    } else if (rule->effect == EFFECT_NONE || rule->effect == EFFECT_TAKEN) {
        note = text_of("ignored: %s", rule->why);
        say(list, SEVERITY_NOTE, given, note);
        free(note);
    } else {
        say(list, SEVERITY_NOTE, given, "ignored: it has no effect on this job");
    }
}

// Is the option given again behind this?
static int
is_overridden(const struct fio_job *job, size_t number)
{
    size_t i;
    for (i = number + 1; i < job->given_count; i++)
        if (job->given[i].rule == job->given[number].rule)
            return 1;
    return 0;
}

// Sets what an option says, unless it is given again behind this. But fio reads
// that value, too, and may refuse it. Returns NULL, or what is wrong.
static const char *
take_option_of(struct fio_job *job, size_t number)
{
    const struct option_given *given = &job->given[number];
    const char *value = given->value, *wrong = NULL;
    // The option's own check knows more to say about a value than fio's.
    if (given->rule->take && !is_overridden(job, number)
        && (!value || *value) && (value || given->rule->kind == VALUE_FLAG))
        wrong = given->rule->take(job, value ? value : "1");
    return wrong ? wrong : fio_value_check(given->rule, value, given->kb_base);
}

// Sets what the options say. Returns how many problems there are.
static size_t
take_options(struct job_list *list, struct fio_job *job)
{
    size_t i, before = list->problems.wrong;
    for (i = 0; i < job->given_count; i++) {
        const struct option_given *given = &job->given[i];
        // JSON has UTF-8 alone.
        char *plain = text_plain(given->value ? given->value : "1");
        json_object_set_new(job->options, given->name, json_string(plain));
        free(plain);
        job->kb_base = given->kb_base;
        const char *wrong = take_option_of(job, i);
        if (wrong)
            say(list, SEVERITY_PROBLEM, given, wrong);
    }
    return list->problems.wrong - before;
}

static void
judge_options(struct job_list *list, struct fio_job *job)
{
    size_t i;
    for (i = 0; i < job->given_count; i++)
        if (job->given[i].rule->why && !is_overridden(job, i)
            && !fio_value_check(job->given[i].rule, job->given[i].value
                                , job->given[i].kb_base))
            judge(list, job, &job->given[i]);
}


/****************************************************************
 * Jobs
 ****************************************************************/

static void
say_job(struct job_list *list, enum severity severity, const struct fio_job *job
        , const char *what)
{
    problems_add(&list->problems, severity, job->file, job->line, "[%s]: %s"
                 , job->name, what);
}

// Names the job, if need be with other characters, for its name is a word of
// the payload's script.
static void
set_name(struct job_list *list, struct fio_job *job, const char *name)
{
    size_t i, length = strlen(name), kept = length < JOB_NAME_SIZE ? length
        : JOB_NAME_SIZE - 1;
    memcpy(job->name, name, kept);
    job->name[kept] = '\0';
    for (i = 0; i < kept; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
            job->name[i] = '-';
    if (strcmp(job->name, name) != 0)
        problems_add(&list->problems, SEVERITY_NOTE, job->file, job->line
                     , "[%s]: is called %s here: a job's name has at most %d"
                     " letters, digits, '-', '_' and '.'", name, job->name
                     , JOB_NAME_SIZE - 1);
}

// In fio, the option name is the job's name.
static void
rename_job(struct job_list *list, struct fio_job *job)
{
    size_t i;
    for (i = 0; i < job->given_count; i++)
        if (!strcmp(job->given[i].rule->name, "name") && job->given[i].value
            && !is_overridden(job, i))
            set_name(list, job, job->given[i].value);
}

static int
is_after_previous(const struct job_list *list, const struct fio_job *job)
{
    const struct fio_job *previous = list->count ? &list->jobs[list->count - 1]
        : NULL;
    return !previous || previous->file != job->file || job->stonewall
           || (job->wait_for && !strcmp(job->wait_for, previous->name));
}

static int
has_job(const struct job_list *list, const char *name, const char *file)
{
    size_t i;
    for (i = 0; i < list->count; i++)
        if (!strcmp(list->jobs[i].name, name) && list->jobs[i].file == file)
            return 1;
    return 0;
}

static void
check_place(struct job_list *list, const struct fio_job *job)
{
    size_t i;
    if (job->wait_for && !has_job(list, job->wait_for, job->file))
        say_job(list, SEVERITY_PROBLEM, job, "wait_for names no job that comes"
                " before it in this file");
    for (i = 0; i < list->count; i++)
        if (!strcmp(list->jobs[i].name, job->name)) {
            say_job(list, SEVERITY_PROBLEM, job, "another job has this name, and"
                    " results are by name: choose another");
            break;
        }
    if (!is_after_previous(list, job))
        say_job(list, SEVERITY_PROBLEM, job, "fio would run it beside the"
                " previous job: add stonewall");
}

// The program is in the first sectors of the disk.
static void
move_region(struct job_list *list, struct fio_job *job)
{
    if (job->stream || job->spec.from >= PAYLOAD_SECTORS)
        return;
    job->spec.from += PAYLOAD_SECTORS;
    say_job(list, SEVERITY_NOTE, job, "the region begins 32 KiB later: the"
            " program is in front of it; offset=32k or more is left as it is");
}

static void
add_job(struct job_list *list, struct fio_job *job)
{
    list->jobs = enlarge(list->jobs, list->count + 1, sizeof(*job));
    list->jobs[list->count++] = *job;
}

static int
has_option(const struct fio_job *job, const char *name)
{
    size_t i;
    for (i = 0; i < job->given_count; i++)
        if (!strcmp(job->given[i].rule->name, name))
            return 1;
    return 0;
}

static void
end_job(struct job_list *list, struct fio_job *job)
{
    size_t wrong = take_options(list, job);
    const char *why = NULL;
    rename_job(list, job);
    judge_options(list, job);
    check_place(list, job);
    if (!job->stream && !has_option(job, "size")) {
        why = "size is missing: fio would take the file's, and here is none";
    } else if (!wrong) {
        why = job_options_finish(job);
        if (!why)
            why = job_count_calls(job);
        move_region(list, job);
    }
    if (why)
        say_job(list, SEVERITY_PROBLEM, job, why);
    add_job(list, job);
}

static void
free_job(struct fio_job *job)
{
    free_given(job);
    free((void *)job->spec.calls);
    json_decref(job->options);
}


/****************************************************************
 * Sections
 ****************************************************************/

// fio reads kb_base before a section's other options.
static void
set_kb_base(struct reader *reader, struct fio_job *job, size_t from)
{
    size_t i;
    for (i = from; i < job->given_count; i++) {
        const struct option_given *given = &job->given[i];
        if (!strcmp(given->rule->name, "kb_base") && given->value
            && !fio_value_check(given->rule, given->value, 1024))
            reader->kb_base = given->value[2] == '2' ? 1024 : 1000;
    }
    for (i = from; i < job->given_count; i++)
        job->given[i].kb_base = reader->kb_base;
}

static void
end_section(struct reader *reader)
{
    if (reader->in_global) {
        set_kb_base(reader, &reader->global, reader->first);
        reader->global.kb_base = reader->kb_base;
    }
    if (reader->in_job) {
        set_kb_base(reader, &reader->job, reader->first);
        end_job(reader->list, &reader->job);
    }
    reader->in_global = reader->in_job = 0;
}

static void
begin_section(void *user, const char *file, int line, const char *name
              , int is_global)
{
    struct reader *reader = user;
    size_t i;
    end_section(reader);
    reader->kb_base = reader->global.kb_base;
    reader->in_global = is_global;
    reader->in_job = !is_global;
    reader->first = reader->global.given_count;
    if (is_global)
        return;
    reader->job = (struct fio_job) { .file = file, .line = line };
    job_set_defaults(&reader->job);
    reader->job.options = json_object();
    for (i = 0; i < reader->global.given_count; i++)
        add_given(&reader->job, &reader->global.given[i]);
    set_name(reader->list, &reader->job, name);
}

static void
complain_unknown(const struct reader *reader, const struct option_given *given)
{
    const char *like = fio_option_like(given->name);
    char *what = like ? text_of("fio has no such option; did you mean %s?", like)
        : text_of("fio has no such option for disks: leave it out");
    say(reader->list, SEVERITY_PROBLEM, given, what);
    free(what);
}

static void
take_option(void *user, const char *file, int line, const char *name
            , const char *value, int is_own)
{
    struct reader *reader = user;
    struct option_given given = {
        .rule = fio_option_find(name), .name = (char *)name,
        .value = (char *)value, .file = file, .line = line,
    };
    if (!reader->in_job && !reader->in_global)
        return; // Of a section that was refused
    if (!is_own && !strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)))
        say(reader->list, SEVERITY_PROBLEM, &given, "fio refuses this line:"
            " write it as a comment, \"; int13_...\"");
    else if (!given.rule)
        complain_unknown(reader, &given);
    else
        add_given(reader->in_job ? &reader->job : &reader->global, &given);
}

void
jobfile_read(FILE *file, const char *name, struct job_list *list)
{
    struct reader reader = { .list = list };
    struct fio_handler handler = { begin_section, take_option, &reader };
    size_t before = list->count;
    job_set_defaults(&reader.global);
    int last = fiofile_read(file, name, &handler, &list->problems);
    end_section(&reader);
    free_given(&reader.global);
    if (list->count == before && !list->problems.wrong)
        problems_add(&list->problems, SEVERITY_PROBLEM, name, last, "no job in"
                     " this file: a job is a section [NAME]");
}

void
job_list_add(struct job_list *list, const char *path)
{
    int is_stdin = !strcmp(path, "-");
    if (*path == '-' && !is_stdin)
        errx(EXIT_USAGE, "there is no option %s; a file of that name is ./%s"
             , path, path);
    FILE *file = is_stdin ? stdin : fopen(tree_path(path), "r");
    if (!file)
        err(EXIT_USAGE, "%s", path);
    jobfile_read(file, is_stdin ? STDIN_NAME : path, list);
    if (!is_stdin)
        fclose(file);
}

// The payload has a model of what was written, which is limited.
void
job_list_check(struct job_list *list)
{
    size_t i;
    for (i = 0; i < list->count && !list->problems.wrong; i++) {
        const struct fio_job *job = &list->jobs[i];
        if (job->spec.rw & JOB_WRITE
            && !model_open(0x80, job->spec.from, job->spec.sectors
                           , job->spec.label))
            say_job(list, SEVERITY_PROBLEM, job, "a region written must lie"
                    " within an earlier one or apart from all, and all together"
                    " must not exceed 8 MiB: set another offset or size");
    }
}

// A line that says how much is ignored: more would hide what a run prints.
static void
say_ignored(const struct problem_list *problems)
{
    size_t notes = problems->count - problems->wrong;
    if (notes)
        warnx("%zu note%s on the job files; int13bench check FILE shows %s"
              , notes, notes == 1 ? "" : "s", notes == 1 ? "it" : "them");
}

void
job_list_finish(struct job_list *list)
{
    job_list_check(list);
    if (list->problems.wrong) {
        problems_print(&list->problems, SEVERITY_PROBLEM, stderr);
        job_list_free(list);
        exit(EXIT_USAGE);
    }
    say_ignored(&list->problems);
}

void
job_list_free(struct job_list *list)
{
    size_t i;
    for (i = 0; i < list->count; i++)
        free_job(&list->jobs[i]);
    free(list->jobs);
    problems_free(&list->problems);
    *list = (struct job_list) { .jobs = NULL };
}
