// SPDX-License-Identifier: LGPL-3.0-or-later
// What changed between two results, cell by cell: see compare.h.

#include "compare.h"

#include <getopt.h> // getopt_long
#include <math.h> // isfinite
#include <stdio.h> // printf
#include <stdlib.h> // strtod
#include <string.h> // strcmp

#include "document.h"
#include "format.h"
#include "pairs.h" // pairs_ratio

#define MESSAGE_SIZE 512
#define DEFAULT_THRESHOLD 3

static const char help[] =
    "usage: int13bench compare [options] A.json B.json\n"
    "Shows what changed from A to B: for each job, firmware, transport and\n"
    "backend that both have, the ratio of the median times with its 95 %\n"
    "interval; or, if both made the same number of calls, the median of the\n"
    "ratios call by call, which shows smaller differences.\n"
    "  --threshold PERCENT  how much slower is a regression (3), if the interval\n"
    "                       excludes 1 as well\n"
    "  --help               show this help\n"
    "Examples:\n"
    "  int13bench compare results/quick/results.json build/results.json\n"
    "  int13bench compare --threshold 1 before.json after.json\n"
    "Exit status: 0 no regression; 1 a regression, or a job that no longer has a\n"
    "valid run; 2 usage error, or results that cannot be read or compared.\n";

enum verdict { VERDICT_SAME, VERDICT_FASTER, VERDICT_SLOWER, VERDICT_LITTLE
               , VERDICT_FEW, VERDICT_BROKEN, VERDICT_OTHER, VERDICTS };

static const char *const verdict_names[VERDICTS] = {
    [VERDICT_SAME] = "no difference shown", [VERDICT_FASTER] = "faster",
    [VERDICT_SLOWER] = "SLOWER", [VERDICT_LITTLE] = "below the threshold",
    [VERDICT_FEW] = "too few calls to tell",
    [VERDICT_BROKEN] = "NO VALID RUN IN B", [VERDICT_OTHER] = "not compared",
};

struct comparison {
    struct results a, b;
    struct document document;
    double threshold;         // a share: 0.03
    struct table *counters;   // NULL until something is in it
    size_t count[VERDICTS];
};


/****************************************************************
 * One cell
 ****************************************************************/

// What may differ between a quick and a full run of the same job.
static bool
option_is_length(const char *name)
{
    static const char *const names[] = { "number_ios", "loops", "runtime", "size"
        , "description" };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

// Returns the name of an option of a that b does not have, or has with another
// value; or NULL.
static const char *
option_missing(const struct run *a, const struct run *b)
{
    for (size_t i = 0; i < a->option_count; i++) {
        size_t k = 0;
        while (k < b->option_count
               && (strcmp(a->options[i].name, b->options[k].name)
                   || strcmp(a->options[i].value, b->options[k].value)))
            k++;
        if (k == b->option_count && !option_is_length(a->options[i].name))
            return a->options[i].name;
    }
    return NULL;
}

static const char *
other_work(const struct job *a, const struct job *b)
{
    const char *name = option_missing(a->first, b->first);
    if (!name)
        name = option_missing(b->first, a->first);
    return name ? name : a->sectors != b->sectors ? "sectors" : NULL;
}

static enum verdict
judge(const struct ratio *ratio, double threshold)
{
    if (!ratio->interval.known)
        return VERDICT_FEW;
    if (!stats_differs(ratio))
        return VERDICT_SAME;
    if (ratio->value > 1 + threshold)
        return VERDICT_SLOWER;
    return ratio->value < 1 / (1 + threshold) ? VERDICT_FASTER : VERDICT_LITTLE;
}

// Adds a figure other than a time, if it changed.
static void
add_counter(struct comparison *comparison, const struct cell *a, const char *name
            , double before, double after)
{
    static const char *const headers[] = { "job", "", "per call", "a", "b" };
    struct pool *pool = comparison->document.pool;
    const char *texts[] = { format_number(pool, before)
        , format_number(pool, after) };
    if (before < 0 || after < 0 || !strcmp(texts[0], texts[1]))
        return;
    if (!comparison->counters)
        comparison->counters = document_table(
            &comparison->document, "Counted figures that changed; they are not"
            " judged", 3, 5, headers);
    const char **row = table_row(pool, comparison->counters);
    row[0] = a->job->name;
    row[1] = a->series->label;
    row[2] = name;
    row[3] = texts[0];
    row[4] = texts[1];
}

static void
add_counters(struct comparison *comparison, const struct cell *a
             , const struct cell *b)
{
    static const struct {
        const char *name;
        enum counter counter;
    } counters[] = {
        { "round trips to qemu", COUNTER_ROUND_TRIPS },
        { "notifies", COUNTER_NOTIFIES }, { "requests", COUNTER_REQUESTS },
        { "segments", COUNTER_SEGMENTS }, { "bytes copied", COUNTER_COPIED },
    };
    add_counter(comparison, a, "exits", cell_exits(a), cell_exits(b));
    for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
        add_counter(comparison, a, counters[i].name
                    , cell_counter(a, counters[i].counter)
                    , cell_counter(b, counters[i].counter));
}

// Both have valid runs of the same work.
static enum verdict
compare_times(const struct comparison *comparison, const char **row
              , const struct cell *a, const struct cell *b)
{
    struct pool *pool = comparison->document.pool;
    struct ratio ratio = stats_ratio(a->samples, a->count, b->samples, b->count)
        , paired;
    // Paired is narrower, but must not do with fewer calls than unpaired.
    if (ratio.interval.known && pairs_ratio(pool, a, b, &paired))
        ratio = paired;
    enum verdict verdict = judge(&ratio, comparison->threshold);
    row[2] = verdict_names[verdict];
    row[5] = format_ratio(pool, &ratio);
    row[6] = pool_format(pool, "%.3f", b->mean / a->mean);
    return verdict;
}

// a or b is NULL if the cell has no runs there, and empty if it has no valid
// ones.
static enum verdict
compare_cells(const struct comparison *comparison, const char **row
              , const struct cell *a, const struct cell *b)
{
    struct pool *pool = comparison->document.pool;
    const char *option = a && b ? other_work(a->job, b->job) : NULL;
    row[3] = a && a->count ? format_us(pool, a->median) : "-";
    row[4] = b && b->count ? format_us(pool, b->median) : "-";
    row[5] = row[6] = "-";
    if (option) {
        row[2] = pool_format(pool, "not compared: different %s", option);
        return VERDICT_OTHER;
    }
    if (a && b && a->count && b->count)
        return compare_times(comparison, row, a, b);
    if (a && a->count && b) {
        row[2] = verdict_names[VERDICT_BROKEN];
        return VERDICT_BROKEN;
    }
    row[2] = !b ? "only in a" : !a ? "only in b" : "no valid run in a";
    return VERDICT_OTHER;
}


/****************************************************************
 * All cells of a clock
 ****************************************************************/

// Returns the cell of the same names, with or without valid runs; NULL if it
// has no runs at all.
static const struct cell *
find_cell(const struct grid *grid, const struct cell *like)
{
    for (size_t i = 0; i < grid->job_count * grid->series_count; i++) {
        const struct cell *cell = &grid->cells[i];
        if ((cell->runs || cell->invalid)
            && !strcmp(cell->job->name, like->job->name)
            && !strcmp(cell->series->firmware, like->series->firmware)
            && !strcmp(cell->series->transport, like->series->transport)
            && !strcmp(cell->series->backend, like->series->backend))
            return cell;
    }
    return NULL;
}

static void
compare_one(struct comparison *comparison, struct table *table
            , const struct cell *like, const struct cell *a
            , const struct cell *b)
{
    const char **row = table_row(comparison->document.pool, table);
    row[0] = like->job->name;
    row[1] = like->series->label;
    comparison->count[compare_cells(comparison, row, a, b)]++;
}

static void
compare_grids(struct comparison *comparison, const struct grid *a
              , const struct grid *b)
{
    static const char *const headers[] = { "job", "", "verdict", "a, us", "b, us"
        , "b/a [95 %]", "means, b/a" };
    struct pool *pool = comparison->document.pool;
    struct table *table = document_table(
        &comparison->document, pool_format(pool, "Medians in %s time", a->clock)
        , 3, 7, headers);
    for (size_t i = 0; i < a->job_count * a->series_count; i++)
        if (a->cells[i].runs || a->cells[i].invalid)
            compare_one(comparison, table, &a->cells[i], &a->cells[i]
                        , find_cell(b, &a->cells[i]));
    for (size_t i = 0; i < b->job_count * b->series_count; i++)
        if ((b->cells[i].runs || b->cells[i].invalid)
            && !find_cell(a, &b->cells[i]))
            compare_one(comparison, table, &b->cells[i], NULL, &b->cells[i]);
    comparison->counters = NULL;
    for (size_t i = 0; i < a->job_count * a->series_count; i++) {
        const struct cell *other = find_cell(b, &a->cells[i]);
        if (a->cells[i].count && other && other->count
            && !other_work(a->cells[i].job, other->job))
            add_counters(comparison, &a->cells[i], other);
    }
}


/****************************************************************
 * Both files
 ****************************************************************/

static const char *
environment_value(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->environment_count; i++)
        if (!strcmp(results->environment[i].name, name))
            return results->environment[i].value;
    return "-";
}

static void
compare_environments(struct comparison *comparison)
{
    static const char *const headers[] = { "environment", "a", "b" };
    struct pool *pool = comparison->document.pool;
    struct table *table = NULL;
    for (int from = 0; from < 2; from++) {
        const struct results *own = from ? &comparison->b : &comparison->a;
        const struct results *other = from ? &comparison->a : &comparison->b;
        for (size_t i = 0; i < own->environment_count; i++) {
            const struct pair *pair = &own->environment[i];
            const char *value = environment_value(other, pair->name);
            if (!strcmp(pair->value, value) || (from && strcmp(value, "-") != 0))
                continue;
            if (!table)
                table = document_table(&comparison->document
                                       , "What differs in the environment"
                                       , 3, 3, headers);
            const char **row = table_row(pool, table);
            row[0] = pair->name;
            row[1] = from ? "-" : pair->value;
            row[2] = from ? pair->value : value;
        }
    }
}

// The clocks of a file, for a message.
static const char *
clocks_of(struct results *results)
{
    const char *text = "";
    for (size_t i = 0; i < CLOCKS; i++)
        for (size_t k = 0; k < results->run_count; k++)
            if (!strcmp(results->runs[k].clock, clock_names[i])) {
                text = pool_format(&results->pool, "%s%s%s", text
                                   , *text ? " and " : "", clock_names[i]);
                break;
            }
    return text;
}

static bool
compare_clocks(struct comparison *comparison, char *message)
{
    bool common = false;
    for (size_t i = 0; i < CLOCKS; i++) {
        struct grid a, b;
        if (!grid_make(&a, &comparison->a, clock_names[i], message, MESSAGE_SIZE)
            || !grid_make(&b, &comparison->b, clock_names[i], message
                          , MESSAGE_SIZE))
            return false;
        if (!a.job_count || !b.job_count)
            continue;
        common = true;
        compare_grids(comparison, &a, &b);
    }
    if (!common)
        snprintf(message, MESSAGE_SIZE, "%.100s has %s time and %.100s has %s"
                 " time, which cannot be compared; measure both with the same"
                 " int13bench run --on", comparison->a.file
                 , clocks_of(&comparison->a), comparison->b.file
                 , clocks_of(&comparison->b));
    return common;
}

static void
say_interrupted(const struct results *results)
{
    if (results->interrupted)
        printf("%s is of a run that was interrupted after %llu of %llu guests\n"
               , results->file, (unsigned long long)results->guests_done
               , (unsigned long long)results->guests);
}

// Returns the exit status.
static int
conclude(const struct comparison *comparison, char *message)
{
    const size_t *count = comparison->count;
    size_t judged = count[VERDICT_SAME] + count[VERDICT_FASTER]
                    + count[VERDICT_SLOWER] + count[VERDICT_LITTLE]
                    + count[VERDICT_BROKEN];
    document_write_markdown(&comparison->document, NULL, stdout);
    say_interrupted(&comparison->a);
    say_interrupted(&comparison->b);
    if (!judged) {
        snprintf(message, MESSAGE_SIZE, count[VERDICT_FEW]
                 ? "too few calls in every cell: at least seven in each file"
                   " are needed; run with more number_ios or repetitions"
                 : "the files have no job in common on the same firmware,"
                   " transport and backend; measure both with the same job"
                   " files");
        return 2;
    }
    printf("%zu cells: %zu slower by more than %g %%, %zu without a valid run,"
           " %zu faster, %zu changed less, %zu without a difference shown, %zu"
           " with too few calls, %zu not compared\n"
           , judged + count[VERDICT_FEW] + count[VERDICT_OTHER]
           , count[VERDICT_SLOWER], comparison->threshold * 100
           , count[VERDICT_BROKEN], count[VERDICT_FASTER]
           , count[VERDICT_LITTLE], count[VERDICT_SAME], count[VERDICT_FEW]
           , count[VERDICT_OTHER]);
    return count[VERDICT_SLOWER] || count[VERDICT_BROKEN] ? 1 : 0;
}

static int
compare_files(const char *const files[2], double threshold, char *message)
{
    struct comparison comparison = { .threshold = threshold };
    int status = 2;
    if (!results_read(&comparison.a, files[0], message, MESSAGE_SIZE))
        return 2;
    if (results_read(&comparison.b, files[1], message, MESSAGE_SIZE)) {
        comparison.document.pool = &comparison.a.pool;
        compare_environments(&comparison);
        if (compare_clocks(&comparison, message))
            status = conclude(&comparison, message);
        results_free(&comparison.b);
    }
    results_free(&comparison.a);
    return status;
}


/****************************************************************
 * Command line
 ****************************************************************/

static bool
parse_threshold(const char *text, double *threshold)
{
    char *rest;
    double percent = strtod(text, &rest);
    if (rest == text || *rest || !isfinite(percent) || percent < 0)
        return false;
    *threshold = percent / 100;
    return true;
}

// Returns -1 to go on, else the exit status.
static int
parse_options(int argc, char **argv, double *threshold)
{
    static const struct option names[] = {
        { "threshold", required_argument, NULL, 't' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
        switch (option) {
        case 't':
            if (parse_threshold(optarg, threshold))
                break;
            fprintf(stderr, "compare: --threshold %s: must be a percentage of"
                    " 0 or more, such as 3\n", optarg);
            return 2;
        case 'h': fputs(help, stdout); return 0;
        default: fputs("Try --help.\n", stderr); return 2;
        }
    if (argc - optind == 2)
        return -1;
    fputs("compare: two files of results are needed; try --help\n", stderr);
    return 2;
}

int
cmd_compare(int argc, char **argv)
{
    double threshold = DEFAULT_THRESHOLD / 100.0;
    char message[MESSAGE_SIZE] = "";
    int status = parse_options(argc, argv, &threshold);
    if (status >= 0)
        return status;
    const char *const files[2] = { argv[optind], argv[optind + 1] };
    status = compare_files(files, threshold, message);
    if (message[0])
        fprintf(stderr, "compare: %s\n", message);
    return status;
}
