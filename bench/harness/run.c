// SPDX-License-Identifier: LGPL-3.0-or-later
// The command run.

#include <err.h> // errx
#include <stdio.h> // printf
#include <unistd.h> // access

#include "commands.h"
#include "guests.h" // guests_run
#include "plan.h" // plan_parse
#include "results.h" // results_write

// Checks for all that is used by its path from the top of the tree.
static void
need_tools(void)
{
    static const char *const tools[] = {
        "lab/xenlab", "bench/transports", "build/bench/int13img",
        "build/bench/stage.nm", "build/bench/exits",
        "build/bench/count.so",
    };
    size_t i;
    for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
        if (access(tools[i], R_OK))
            errx(EXIT_USAGE, "no %s; at the top of the tree, run: make measure"
                 , tools[i]);
}

int
command_run(int argc, char **argv)
{
    struct plan plan;
    struct guest_list guests;
    need_tools();
    plan_parse(&plan, argc, argv);
    guests_prepare(&plan, &guests);
    guests_run(&plan, &guests);
    int wrong = results_write(&plan, &guests);
    printf("%s/results.json\n", plan.out);
    if (wrong)
        warnx("%d jobs are not valid", wrong);
    return wrong ? 1 : 0;
}
