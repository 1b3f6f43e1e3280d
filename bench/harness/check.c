// SPDX-License-Identifier: LGPL-3.0-or-later
// The command check: says what int13bench makes of job files, and runs nothing.

#include <err.h> // errx
#include <stdio.h> // printf

#include "commands.h"
#include "jobfile.h" // EXIT_USAGE

int
command_check(int argc, char **argv)
{
    struct job_list list = { .jobs = NULL };
    size_t i;
    if (argc < 2)
        errx(EXIT_USAGE, "check: name a job file, or - for standard input");
    for (; *++argv; )
        job_list_add(&list, *argv);
    job_list_check(&list);
    problems_print(&list.problems, SEVERITY_PROBLEM, stdout);
    problems_print(&list.problems, SEVERITY_NOTE, stdout);
    if (list.problems.wrong)
        printf("%zu problem%s\n", list.problems.wrong
               , list.problems.wrong == 1 ? "" : "s");
    for (i = 0; i < list.count && !list.problems.wrong; i++)
        printf("%s: %u calls\n", list.jobs[i].name, list.jobs[i].spec.ops);
    int status = list.problems.wrong ? EXIT_USAGE : 0;
    job_list_free(&list);
    return status;
}
