// SPDX-License-Identifier: LGPL-3.0-or-later
// int13bench: what int13 costs, with which firmware, on which disk. This file
// dispatches its commands.

#include <stdio.h> // fputs
#include <string.h> // strcmp

#include "commands.h"
#include "jobfile.h" // EXIT_USAGE
#include "report/compare.h" // cmd_compare
#include "report/report.h" // cmd_report

static const char usage_text[] =
    "usage: int13bench run --job FILE... --out DIR [OPTION]...\n"
    "       int13bench check FILE...\n"
    "       int13bench script FILE...\n"
    "       int13bench report [OPTION]... [RESULTS.json]\n"
    "       int13bench compare [OPTION]... A.json B.json\n"
    "\n"
    "Runs jobs on a real Xen, in the lab or this machine's own, and writes\n"
    "DIR/results.json, in fio's json+ layout. Run it from the top of the tree,\n"
    "after `make measure`.\n"
    "\n"
    "run: every job with every firmware, on every transport and backend\n"
    "  --job FILE          a fio job file (bench/jobs/README.md)\n"
    "  --firmware NAME     ours (build/bios.bin, the default), stock (Debian's)\n"
    "                      or NAME=FILE\n"
    "  --transport NAME    pv (default), or one of bench/transports: ide, ahci,\n"
    "                      virtio, nvme\n"
    "  --backend NAME      for pv: qdisk or phy; by default both\n"
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
    "  --out DIR           results, and what each guest left\n"
    "  @FILE               more arguments, read from FILE\n"
    "Lists may be written with commas. Each path is run once more, with Xen's\n"
    "trace, for the counters; its times do not count.\n"
    "\n"
    "check: says what is wrong with job files, all of it, and what of them is\n"
    "ignored; runs nothing. FILE may be - for standard input\n"
    "\n"
    "script: translates job files into commands of the payload\n"
    "(bench/payload/README.md), or says what is wrong with them\n"
    "\n"
    "report: results as report.md and report.html; compare: what changed between\n"
    "two. Each has a --help of its own.\n"
    "\n"
    "examples:\n"
    "  int13bench run --job bench/jobs/loader.fio --out build/loader\n"
    "  int13bench run --job bench/jobs/loader.fio --firmware ours,stock \\\n"
    "      --transport pv,ide --repetitions 5 --out build/ide\n"
    "  int13bench run @bench/sets/quick --out build/quick\n"
    "  sudo int13bench run --on xl @bench/sets/quick --out build/host\n"
    "  int13bench report build/quick/results.json\n"
    "  fio_jsonplus_clat2csv build/quick/results.json build/quick/clat.csv\n"
    "\n"
    "Exit status: 0 good; 1 some jobs failed, results.json says which by\n"
    "\"valid\"; 2 usage error; 3 the lab or xl is broken; 77 this machine lacks\n"
    "something.\n";

static const struct {
    const char *name;
    command_fn *run;
    int has_help; // of its own
} commands[] = {
    { "run", command_run, 0 },
    { "check", command_check, 0 },
    { "script", command_script, 0 },
    { "report", cmd_report, 1 },
    { "compare", cmd_compare, 1 },
};

static int
is_help(const char *word)
{
    return word && (!strcmp(word, "--help") || !strcmp(word, "-h"));
}

int
main(int argc, char **argv)
{
    size_t i;
    if (argc > 1 && is_help(argv[1])) {
        fputs(usage_text, stdout);
        return 0;
    }
    for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        if (!commands[i].has_help && is_help(argv[2])) {
            fputs(usage_text, stdout);
            return 0;
        }
        return commands[i].run(argc - 1, argv + 1);
    }
    fputs(usage_text, stderr);
    return EXIT_USAGE;
}
