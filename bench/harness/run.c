// SPDX-License-Identifier: LGPL-3.0-or-later
// The command run.

#include <err.h> // errx
#include <signal.h> // raise
#include <stdio.h> // printf
#include <stdlib.h> // free
#include <unistd.h> // access

#include "commands.h"
#include "guests.h" // guests_run
#include "lock.h" // lock_take
#include "plan.h" // plan_parse
#include "process.h" // process_catch_signals
#include "results.h" // results_write
#include "session.h" // session_begin
#include "table.h" // table_print
#include "tree.h" // tree_path

#define XENLAB_SKIP 77

struct run {
    struct plan plan;
    struct guest_list guests;
};

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
        if (access(tree_path(tools[i]), R_OK))
            errx(EXIT_USAGE, "no %s; at the top of the tree, run: make measure"
                 , tools[i]);
}

// Whatever ends us from now on, what has been measured so far is there.
static void
write_so_far(void *user)
{
    struct run *run = user;
    if (guests_done(&run->guests))
        results_write(&run->plan, &run->guests, RESULTS_SO_FAR, NULL);
}

// Dies of the signal that came, so that a script that has called us ends, too.
static void
die_of_signal(void)
{
    signal(process_signal(), SIG_DFL);
    raise(process_signal());
}

// Writes what there is, says why there is no more, and ends the program.
static void
give_up(struct run *run, int status, const char *why)
{
    size_t done = guests_done(&run->guests), all = run->guests.count;
    if (done)
        results_write(&run->plan, &run->guests, RESULTS_INTERRUPTED, NULL);
    if (process_signal())
        warnx("interrupted after %zu of %zu guests", done, all);
    else
        warnx("%s (see %s/xenlab.log)", why ? why : "lab/xenlab cannot be run"
              , run->plan.out);
    if (done)
        warnx("%s/results.json has the %zu of %zu guests that are done; to go on:"
              " int13bench run --resume --out %s", run->plan.out, done, all
              , run->plan.out);
    if (process_signal())
        die_of_signal();
    exit(status == XENLAB_SKIP ? XENLAB_SKIP : EXIT_LAB);
}

// 1: a guest did not finish, which its results show.
static int
is_complete(const struct run *run, int status)
{
    return guests_done(&run->guests) == run->guests.count
           || (!process_signal() && (status == 0 || status == 1));
}

int
command_run(int argc, char **argv)
{
    static struct run run;
    char *last = NULL;
    json_t *results = NULL;
    need_tools();
    plan_parse(&run.plan, argc, argv);
    guests_list(&run.plan, &run.guests);
    lock_take(run.plan.out, run.plan.command);
    process_catch_signals();
    session_begin(&run.plan, &run.guests);
    guests_prepare(&run.plan, &run.guests);
    int status = guests_run(&run.plan, &run.guests, write_so_far, &run, &last);
    if (!is_complete(&run, status))
        give_up(&run, status, last);
    int wrong = results_write(&run.plan, &run.guests, RESULTS_COMPLETE, &results);
    table_print(results, stdout);
    json_decref(results);
    free(last);
    printf("%s/results.json\n", run.plan.out);
    if (wrong)
        warnx("%d jobs are not valid", wrong);
    return wrong ? 1 : 0;
}
