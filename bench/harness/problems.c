// SPDX-License-Identifier: LGPL-3.0-or-later
// A list of what is wrong with job files.

#include <err.h> // err
#include <stdarg.h> // va_list
#include <stdlib.h> // reallocarray
#include <string.h> // strcmp

#include "files.h" // text_plain
#include "jobfile.h" // EXIT_USAGE
#include "problems.h"

// What is wrong in [global] is found once for each job.
static int
is_known(const struct problem_list *problems, const struct problem *problem)
{
    size_t i;
    for (i = 0; i < problems->count; i++) {
        const struct problem *other = &problems->list[i];
        if (other->line == problem->line && !strcmp(other->text, problem->text)
            && !strcmp(other->file, problem->file))
            return 1;
    }
    return 0;
}

void
problems_add(struct problem_list *problems, enum severity severity
             , const char *file, int line, const char *format, ...)
{
    struct problem problem = {
        .file = file, .line = line, .severity = severity,
    };
    char *text;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        err(EXIT_USAGE, "no memory");
    problem.text = text_plain(text);
    free(text);
    if (is_known(problems, &problem)) {
        free(problem.text);
        return;
    }
    problems->list = reallocarray(problems->list, problems->count + 1
                                  , sizeof(problem));
    if (!problems->list)
        err(EXIT_USAGE, "no memory");
    problems->list[problems->count++] = problem;
    problems->wrong += severity == SEVERITY_PROBLEM;
}

void
problems_keep(struct problem_list *problems, char *name)
{
    problems->names = reallocarray(problems->names, problems->name_count + 1
                                   , sizeof(*problems->names));
    if (!problems->names)
        err(EXIT_USAGE, "no memory");
    problems->names[problems->name_count++] = name;
}

// Returns the next in order behind the last one, NULL behind the last of all.
// Of two in one line, the first found comes first.
static const struct problem *
next_of(const struct problem_list *problems, const char *file
        , const struct problem *last)
{
    const struct problem *best = NULL;
    size_t i;
    for (i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->list[i];
        if (strcmp(p->file, file) != 0)
            continue;
        if (last && (p->line < last->line
                     || (p->line == last->line && p <= last)))
            continue;
        if (!best || p->line < best->line)
            best = p;
    }
    return best;
}

// Is this the first problem of its file?
static int
begins_file(const struct problem_list *problems, size_t number)
{
    size_t i;
    for (i = 0; i < number; i++)
        if (!strcmp(problems->list[i].file, problems->list[number].file))
            return 0;
    return 1;
}

void
problems_print(const struct problem_list *problems, enum severity severity
               , FILE *to)
{
    const struct problem *p;
    size_t i;
    for (i = 0; i < problems->count; i++) {
        const char *file = problems->list[i].file;
        if (!begins_file(problems, i))
            continue;
        for (p = next_of(problems, file, NULL); p
             ; p = next_of(problems, file, p)) {
            if (p->severity != severity)
                continue;
            char *name = text_plain(file);
            fprintf(to, "%s:%d: %s%s\n", name, p->line
                    , severity == SEVERITY_NOTE ? "note: " : "", p->text);
            free(name);
        }
    }
}

void
problems_free(struct problem_list *problems)
{
    size_t i;
    for (i = 0; i < problems->count; i++)
        free(problems->list[i].text);
    for (i = 0; i < problems->name_count; i++)
        free(problems->names[i]);
    free(problems->names);
    free(problems->list);
    *problems = (struct problem_list) { .list = NULL };
}
