// SPDX-License-Identifier: LGPL-3.0-or-later
// The command script: translates job files into commands of the payload.

#include <err.h> // errx

#include "commands.h"
#include "jobcommand.h" // jobcommand_write
#include "jobfile.h" // EXIT_USAGE

int
command_script(int argc, char **argv)
{
    struct job_list list = { .jobs = NULL };
    size_t i;
    if (argc < 2)
        errx(EXIT_USAGE, "script: name a job file");
    for (; *++argv; )
        job_list_add(&list, *argv);
    job_list_finish(&list);
    jobs_place_streams(&list);
    for (i = 0; i < list.count; i++)
        jobcommand_write(stdout, &list.jobs[i]);
    job_list_free(&list);
    return 0;
}
