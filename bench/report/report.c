// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes report.md and report.html from a results.json: see report.h.

#include "report.h"

#include <getopt.h> // getopt_long
#include <stdio.h> // fprintf
#include <string.h> // strcmp
#include <time.h> // gmtime_r

#include "merge.h" // merge_read
#include "output.h" // output_write
#include "sections.h"

#define DEFAULT_RESULTS "results/quick/results.json"
#define MESSAGE_SIZE 512

static const char help[] =
    "usage: int13bench report [options] [RESULTS.json]...\n"
    "Writes report.md and report.html beside RESULTS.json (or " DEFAULT_RESULTS
    "):\n"
    "tables, charts, environment, method. The same results give the same bytes.\n"
    "Up to eight results are on one page, beside the first, and a row says of which\n"
    "file it is.\n"
    "  --out DIR         write to DIR instead\n"
    "  --baseline NAME   what the ratios compare with, as named in the report,\n"
    "                    such as \"stock ide\"; by default IDE with a firmware\n"
    "                    other than ours, or else anything but ours\n"
    "  --title TEXT      the report's heading\n"
    "  --note TEXT       a paragraph below it, such as what was to be found out\n"
    "  --csv             write report.csv as well: a line for each job and row\n"
    "  --help            show this help\n"
    "Examples:\n"
    "  int13bench report results/quick/results.json\n"
    "  int13bench report --out build --baseline 'stock ahci' results.json\n"
    "  int13bench report --out build --csv before.json after.json\n"
    "Exit status: 0 both written; 1 both written, but no run is valid; 2 usage\n"
    "error, or results that cannot be read.\n";

struct options {
    const char *files[MERGE_MOST];
    size_t file_count;
    const char *out, *baseline, *title, *note;
    bool csv;
};


/****************************************************************
 * Content
 ****************************************************************/

// Prefers emulated IDE with stock firmware, from which a guest boots without
// us; else anything that is not ours.
static size_t
choose_baseline(const struct grid *grid, const char *wanted)
{
    size_t best = 0;
    int best_score = 0;
    for (size_t i = 0; i < grid->series_count; i++) {
        const struct series *series = &grid->series[i];
        // There may be a file's name behind it.
        int score = strcmp(series->firmware, "ours") != 0
            && strncmp(series->firmware, "ours (", 6) != 0;
        score *= strncmp(series->transport, "ide", 3) ? 1 : 2;
        if (wanted && !strcmp(series->label, wanted))
            score = 3;
        if (score > best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

static void
add_clock(struct document *document, const struct results *results
          , const struct grid *grid, const char *baseline)
{
    const struct view view = { .document = document, .grid = grid
        , .xen = results_xen(document->pool, results)
        , .baseline = choose_baseline(grid, baseline)
        , .main_job = (size_t)(grid_main_job(grid) - grid->jobs) };
    document_heading(document, 2, pool_format(
        document->pool, "What an int13 call costs, in %s time", grid->clock));
    document_text(document, "An int13 call is how a boot loader reads the disk"
                  " through the BIOS. A row names the firmware (ours is this one,"
                  " in-place the same built without read-ahead, stock Debian's"
                  " SeaBIOS), the transport (pv is Xen's own kind of disk; ide,"
                  " ahci, virtio and nvme are emulated by qemu, and stock ide"
                  " reads by PIO) and, after the slash, the backend that serves a"
                  " PV disk: phy is blkback in dom0's kernel, qdisk a qemu.");
    document_text(document, clock_meaning(grid->clock));
    if (!grid_has_cells(grid)) {
        document_text(document, "No run of this clock is valid.");
        return;
    }
    add_summary(&view);
    add_sizes(&view);
    add_totals(&view);
    add_ratios(&view);
    add_exits(&view);
    add_copies(&view);
    add_waterfall(&view);
    add_distributions(&view);
}

static const char *
date_of(struct pool *pool, const struct results *results, const char *format)
{
    char date[32] = "";
    time_t timestamp = (time_t)results->timestamp;
    struct tm tm;
    if (gmtime_r(&timestamp, &tm))
        strftime(date, sizeof(date), format, &tm);
    return pool_copy(pool, date);
}

// Says what was measured and when, so that two reports have two titles: the name of
// the set of words that was run, if the command has one.
static const char *
title_of(struct pool *pool, const struct results *results)
{
    static const char sets[] = "@bench/sets/";
    const char *set = strstr(results->command, sets);
    const char *what = "";
    if (set) {
        set += strlen(sets);
        what = pool_format(pool, ": %.*s", (int)strcspn(set, " \n"), set);
    }
    return pool_format(
        pool, "%s on %s%s, %s", results->load_count
        ? "What loading a kernel takes" : results->run_count
        ? "What an int13 call costs" : results->boot_count
        ? "Where the time of a boot goes" : "Where the instructions of a call go"
        , results_xen(pool, results), what
        , date_of(pool, results, "%Y-%m-%d"));
}

static void
add_head(struct document *document, const struct results *results
         , const struct options *options, const struct grid *grids)
{
    const struct grid *first = NULL;
    for (size_t i = CLOCKS; i--; )
        first = grids[i].job_count ? &grids[i] : first;
    document_heading(document, 1, options->title ? options->title
                     : title_of(document->pool, results));
    if (options->note)
        document_text(document, options->note);
    add_lead(document, results, first);
    document_text(document, pool_format(
        document->pool, "%s on %s at %s by %s."
        , !results->run_count ? "Measured" : pool_format(
            document->pool, "%zu runs, measured", results->run_count), results->on
        , date_of(document->pool, results, "%Y-%m-%d %H:%M UTC")
        , results->version));
    if (results->interrupted)
        document_text(document, pool_format(
            document->pool, "The run was interrupted after %llu of %llu guests:"
            " some jobs lack repetitions, or are missing."
            , (unsigned long long)results->guests_done
            , (unsigned long long)results->guests));
    document_contents(document);
}

static bool
make_grids(struct grid *grids, struct results *results, const char *baseline
           , char *message)
{
    bool found = !baseline;
    for (size_t i = 0; i < CLOCKS; i++) {
        if (!grid_make(&grids[i], results, clock_names[i], message, MESSAGE_SIZE))
            return false;
        for (size_t s = 0; !found && s < grids[i].series_count; s++)
            found = !strcmp(grids[i].series[s].label, baseline);
    }
    if (!found)
        snprintf(message, MESSAGE_SIZE, "%s: nothing is called '%.80s'; name a"
                 " row of the report, such as 'stock ide'", results->file
                 , baseline);
    return found;
}


/****************************************************************
 * Files
 ****************************************************************/

static const char *
folder_of(struct pool *pool, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/"
           : pool_format(pool, "%.*s", (int)(slash - path), path);
}

// Returns what stands before it and 'VALUE', as a shell reads it; "" if there is no
// value.
static const char *
option_text(struct pool *pool, const char *before, const char *value)
{
    const char *text = pool_format(pool, "%s'", before);
    if (!value)
        return "";
    for (; *value; value++)
        text = pool_format(pool, *value == '\'' ? "%s'\\'%c" : "%s%c", text
                           , *value);
    return pool_format(pool, "%s'", text);
}

// Returns the word as a shell reads it, behind a blank.
static const char *
file_text(struct pool *pool, const char *file)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    return file[strspn(file, plain)] ? option_text(pool, " ", file)
           : pool_format(pool, " %s", file);
}

// The options that change what is in the report, and the files: one that is alone
// is beside the report.
static const char *
words_text(struct pool *pool, const struct options *options)
{
    const char *slash = strrchr(options->files[0], '/');
    const char *text = pool_format(
        pool, "%s%s%s%s", option_text(pool, " --baseline ", options->baseline)
        , option_text(pool, " --title ", options->title)
        , option_text(pool, " --note ", options->note)
        , options->csv ? " --csv" : "");
    if (options->file_count == 1)
        return pool_format(pool, "%s%s", text, file_text(
            pool, slash ? slash + 1 : options->files[0]));
    for (size_t i = 0; i < options->file_count; i++)
        text = pool_format(pool, "%s%s", text
                           , file_text(pool, options->files[i]));
    return text;
}

static bool
has_valid_run(const struct results *results)
{
    if (!results->run_count)
        return true; // of what else there is
    for (size_t i = 0; i < results->run_count; i++)
        if (results->runs[i].valid)
            return true;
    return false;
}

// Returns the exit status, with a message unless it is 0.
static int
make_report(const struct options *options, char *message)
{
    struct merged merged;
    if (!merge_read(&merged, options->files, options->file_count, message
                    , MESSAGE_SIZE))
        return 2;
    struct results *results = &merged.all;
    struct document document = { .pool = &results->pool };
    const char *folder = options->out ? options->out
                         : folder_of(&results->pool, options->files[0]);
    struct grid grids[CLOCKS];
    bool good = make_grids(grids, results, options->baseline, message);
    if (good) {
        add_head(&document, results, options, grids);
        add_loads(&document, results);
        add_boots(&document, results);
        for (size_t i = 0; i < CLOCKS; i++)
            if (grids[i].job_count)
                add_clock(&document, results, &grids[i], options->baseline);
        add_profiles(&document, results);
        add_invalid(&document, results);
        add_environment(&document, results);
        if (results->run_count)
            add_method(&document);
        add_reproduction(&document, results, words_text(&results->pool, options));
        good = output_write(&document, results, folder, options->csv, message
                            , MESSAGE_SIZE);
    }
    int status = !good ? 2 : has_valid_run(results) ? 0 : 1;
    if (status == 1)
        snprintf(message, MESSAGE_SIZE, "%.200s: no run is valid; the report says"
                 " why, under Invalid runs", options->files[0]);
    merge_free(&merged);
    return status;
}


/****************************************************************
 * Command line
 ****************************************************************/

// Returns -1 to go on, else the exit status.
static int
parse_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {
        { "out", required_argument, NULL, 'o' },
        { "baseline", required_argument, NULL, 'b' },
        { "title", required_argument, NULL, 't' },
        { "note", required_argument, NULL, 'n' },
        { "csv", no_argument, NULL, 'c' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
        switch (option) {
        case 'o': options->out = optarg; break;
        case 'b': options->baseline = optarg; break;
        case 't': options->title = optarg; break;
        case 'n': options->note = optarg; break;
        case 'c': options->csv = true; break;
        case 'h': fputs(help, stdout); return 0;
        default: fputs("Try --help.\n", stderr); return 2;
        }
    if (argc - optind > MERGE_MOST) {
        fputs("report: more than eight files of results; try --help\n", stderr);
        return 2;
    }
    for (; optind < argc; optind++)
        options->files[options->file_count++] = argv[optind];
    if (!options->file_count)
        options->files[options->file_count++] = DEFAULT_RESULTS;
    return -1;
}

int
cmd_report(int argc, char **argv)
{
    struct options options = { .file_count = 0 };
    char message[MESSAGE_SIZE];
    int status = parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    status = make_report(&options, message);
    if (status)
        fprintf(stderr, "report: %s\n", message);
    return status;
}
