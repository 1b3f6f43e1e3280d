// SPDX-License-Identifier: LGPL-3.0-or-later
// int13bench: what int13 costs, with which firmware, on which disk. This file
// dispatches its commands, and has their --help.

#include <stdio.h> // fputs
#include <stdlib.h> // free
#include <string.h> // strcmp

#include "commands.h"
#include "files.h" // text_plain
#include "jobfile.h" // EXIT_USAGE
#include "report/budgets.h" // cmd_budgets
#include "report/compare.h" // cmd_compare
#include "report/merge.h" // cmd_merge
#include "report/report.h" // cmd_report
#include "report/summary.h" // cmd_summary
#include "tree.h" // tree_path
#include "version.h" // VERSION, made by packaging.mk
#include "words.h" // nearest_to

static const char usage_text[] =
    "usage: int13bench COMMAND [OPTION]...\n"
    "\n"
    "  run       run jobs on a real Xen, in the lab or this machine's own\n"
    "  check     say what is wrong with job files, and what of them is ignored\n"
    "  script    translate job files into commands of the payload\n"
    "  report    draw results as report.md and report.html\n"
    "  compare   say what changed between two results\n"
    "  merge     make one file of the results of several hosts\n"
    "  summary   print the few figures that README.md has\n"
    "  budgets   say whether results are within bench/budgets\n"
    "\n"
    "Each has a --help; --version says which int13bench this is. Results are in\n"
    "fio's json+ layout.\n"
    "\n"
    "examples:\n"
    "  int13bench run --job bench/jobs/loader.fio --out build/loader\n"
    "  int13bench run @bench/sets/quick --out build/quick\n"
    "  int13bench report build/quick/results.json\n"
    "  fio_jsonplus_clat2csv build/quick/results.json build/quick/clat.csv\n"
    "\n"
    "Exit status: 0 good; 1 some jobs are not valid, something has become slower,\n"
    "or the like; 2 usage error; 3 the lab or xl is broken, or a disk full; 77 this\n"
    "machine lacks something; 129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM.\n";

static const char run_help[] =
    "usage: int13bench run --job FILE... --out DIR [OPTION]...\n"
    "       int13bench run --resume --out DIR\n"
    "\n"
    "Runs every job with every firmware, on every transport and backend, and writes\n"
    "DIR/results.json. Run it from the top of the tree, after `make measure`.\n"
    "  --job FILE          a fio job file (bench/jobs/README.md)\n"
    "  --firmware NAME     ours (build/bios.bin, the default), stock (Debian's)\n"
    "                      or NAME=FILE\n"
    "  --transport NAME    pv (default), or one of bench/transports: ide, ahci,\n"
    "                      virtio, nvme\n"
    "  --backend NAME      for pv: qdisk or phy; by default both\n"
    "  --disk FILE         run the jobs on this disk, an image or a block device, which\n"
    "                      the guests have beside the one they boot from. It is only\n"
    "                      read, nothing is compared, and no job warms up; for pv the\n"
    "                      backend is phy\n"
    "  --write             jobs may write to it: what is in their regions is lost\n"
    "  --latency US        of the storage, in us a request (0); in the lab only.\n"
    "                      With it no job warms up: each sector is read cold\n"
    "  --repetitions N     boot each guest N times (3), taking turns\n"
    "  --limit FIRMWARE/TRANSPORT=N\n"
    "                      no job makes more than N calls there\n"
    "  --skip FIRMWARE/TRANSPORT/BACKEND/JOB\n"
    "                      leave this out; * and ? are wildcards, and a backend\n"
    "                      with latency is BACKEND+US\n"
    "  --on WHERE          lab (default): virtual time, a nanosecond an instruction;\n"
    "                      xl: this machine, a Xen dom0, as root: wall time\n"
    "  --smp N             CPUs of the lab (1), which take turns: each of N has\n"
    "                      an Nth of the virtual time. Only with --no-trace\n"
    "  --xl KEY=VALUE      a line for the guests' xl.cfg, such as cpus=\"2\"\n"
    "  --no-trace          no guest is traced, so there are no counters\n"
    "  --out DIR           results, and what each guest left. One run at a time may\n"
    "                      have it. Earlier results become results.old.json\n"
    "  --resume            go on with the run in DIR, which was interrupted: do only\n"
    "                      what is not done, with the options that it had\n"
    "  @FILE               more arguments, read from FILE\n"
    "Lists may be written with commas. Each path is run once more, with Xen's\n"
    "trace, for the counters; its times do not count. results.json grows with each\n"
    "guest that ends, and says \"interrupted\" until all have.\n"
    "\n"
    "examples:\n"
    "  int13bench run --job bench/jobs/loader.fio --out build/loader\n"
    "  int13bench run --job bench/jobs/loader.fio --firmware ours,stock \\\n"
    "      --transport pv,ide --repetitions 5 --out build/ide\n"
    "  int13bench run @bench/sets/quick --out build/quick\n"
    "  sudo int13bench run --on xl @bench/sets/quick --out build/host\n"
    "\n"
    "Exit status: 0 good; 1 some jobs failed, results.json says which by\n"
    "\"valid\"; 2 usage error, or DIR is in use; 3 the lab or xl is broken, or the\n"
    "disk full; 77 this machine lacks something; 129, 130, 143 ended by SIGHUP,\n"
    "SIGINT, SIGTERM.\n";

static const char check_help[] =
    "usage: int13bench check FILE...\n"
    "Says what `run --job FILE` would make of job files, and runs nothing: all that\n"
    "int13 cannot follow, what is ignored, and how many calls each job makes. FILE\n"
    "may be - for standard input.\n"
    "examples:\n"
    "  int13bench check bench/jobs/*.fio\n"
    "  printf '[a]\\nsize=1m\\n' | int13bench check -\n"
    "Exit status: 0 they can be run; 2 they cannot, or usage error.\n";

static const char script_help[] =
    "usage: int13bench script FILE...\n"
    "Translates job files into commands of the payload (bench/payload/README.md).\n"
    "FILE may be - for standard input.\n"
    "example:\n"
    "  int13bench script bench/jobs/loader.fio\n"
    "Exit status: 0 good; 2 a file cannot be run, or usage error.\n";

static int
command_budgets(int argc, char **argv)
{
    return cmd_budgets(argc, argv, tree_path("bench/budgets"));
}

static const struct command {
    const char *name;
    command_fn *run;
    const char *help; // NULL: it has its own
} commands[] = {
    { "run", command_run, run_help },
    { "check", command_check, check_help },
    { "script", command_script, script_help },
    { "report", cmd_report, NULL },
    { "compare", cmd_compare, NULL },
    { "merge", cmd_merge, NULL },
    { "summary", cmd_summary, NULL },
    { "budgets", command_budgets, NULL },
};

static int
is_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int
print_version(void)
{
    puts("int13bench " VERSION);
    return 0;
}

// Wherever --help stands, nothing else is done.
static int
run_command(const struct command *command, int argc, char **argv)
{
    static char help[] = "--help";
    char *own[] = { argv[0], help, NULL };
    int i;
    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--version"))
            return print_version();
        if (!is_help(argv[i]))
            continue;
        if (!command->help)
            return command->run(2, own);
        fputs(command->help, stdout);
        return 0;
    }
    return command->run(argc, argv);
}

// All that is printed of arguments is plain then.
static void
check_words(int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++) {
        char *plain = text_plain(argv[i]);
        if (strcmp(plain, argv[i]) != 0) {
            fprintf(stderr, "int13bench: an argument has characters that cannot"
                    " be shown:\n%s\n", plain);
            exit(EXIT_USAGE);
        }
        free(plain);
    }
}

static int
complain(const char *word)
{
    struct nearest nearest = nearest_to(word);
    size_t i;
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        nearest_try(&nearest, commands[i].name);
    fprintf(stderr, "int13bench: there is no command %s\n", word);
    if (nearest.word)
        fprintf(stderr, "Did you mean int13bench %s? ", nearest.word);
    fprintf(stderr, "int13bench --help lists all.\n");
    return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
    size_t i;
    if (argc < 2) {
        fprintf(stderr, "usage: int13bench run|check|script|report|compare|merge|"
                "summary|budgets ...\nint13bench --help says more.\n");
        return EXIT_USAGE;
    }
    check_words(argc, argv);
    if (is_help(argv[1]) || !strcmp(argv[1], "help")) {
        fputs(usage_text, stdout);
        return 0;
    }
    if (!strcmp(argv[1], "--version"))
        return print_version();
    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (!strcmp(argv[1], commands[i].name))
            return run_command(&commands[i], argc - 1, argv + 1);
    return complain(argv[1]);
}
