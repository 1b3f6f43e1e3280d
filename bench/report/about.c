// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's parts on the measuring itself: invalid runs, environment,
// method, limits, and how to do it again.

#include <string.h> // strcmp

#include "format.h"
#include "sections.h"

const char *
clock_meaning(const char *clock)
{
    if (!strcmp(clock, "virtual"))
        return "Virtual time: each instruction takes a nanosecond, in guest,"
               " Xen and dom0 alike, in QEMU's emulation of a whole machine. It"
               " is repeatable on any host, and counts the work of the whole"
               " stack; it models neither caches, nor what an exit costs in"
               " hardware, nor the latency of a disk.";
    if (!strcmp(clock, "wall"))
        return "Wall time: the clock of the machine named below, with all its"
               " caches, exits and disturbances. It applies to that machine"
               " only.";
    return "Modelled time: computed from counted events by a model of their"
           " cost. Nothing was timed.";
}

void
add_invalid(struct document *document, const struct results *results)
{
    static const char *const headers[] = { "job", "firmware", "transport"
        , "backend", "clock", "why", "repetition" };
    struct pool *pool = document->pool;
    struct table *table = NULL;
    for (size_t i = 0; i < results->run_count; i++) {
        const struct run *run = &results->runs[i];
        if (run->valid)
            continue;
        if (!table) {
            document_heading(document, 2, "Invalid runs");
            document_text(document, "These runs gave no valid result. No figure"
                          " in this report includes them.");
            table = document_table(document, "", 6, 7, headers);
        }
        const char **row = table_row(pool, table);
        row[0] = run->job;
        row[1] = run->firmware;
        row[2] = run->transport;
        row[3] = run->backend;
        row[4] = run->clock;
        row[5] = run->reason ? run->reason : "not stated";
        row[6] = format_count(pool, run->repetition);
    }
}

// Returns where the TSC rates of all runs are from, each source once.
static const char *
tsc_sources(struct pool *pool, const struct results *results)
{
    const char *text = "";
    for (size_t i = 0; i < results->run_count; i++) {
        const char *source = results->runs[i].tsc_source;
        bool known = !source;
        for (size_t k = 0; k < i && !known; k++)
            known = results->runs[k].tsc_source
                    && !strcmp(results->runs[k].tsc_source, source);
        if (!known)
            text = pool_format(pool, "%s%s%s", text, *text ? ", " : "", source);
    }
    return *text ? text : "not stated";
}

void
add_environment(struct document *document, const struct results *results)
{
    static const char *const headers[] = { "what", "which" };
    struct pool *pool = document->pool;
    document_heading(document, 2, "Environment");
    struct table *table = document_table(document, "", 2, 2, headers);
    struct pair head[] = { { "measured by", results->version }
        , { "on", results->on }
        , { "TSC rate from", tsc_sources(pool, results) } };
    // Without runs nobody has read a TSC.
    for (size_t i = 0; i < (results->run_count ? 3 : 2); i++) {
        const char **row = table_row(pool, table);
        row[0] = head[i].name;
        row[1] = head[i].value;
    }
    for (size_t i = 0; i < results->environment_count; i++) {
        const char **row = table_row(pool, table);
        row[0] = results->environment[i].name;
        row[1] = results->environment[i].value;
    }
}

static void
add_items(struct document *document, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        document_item(document, items[i]);
}

static const char *const method[] = {
    "One call is in flight at a time. Its time runs from int13's entry to its"
    " return, as the client in the guest sees it. Warm-up calls are not"
    " included.",
    "The calls of all valid repetitions are pooled. Nothing is dropped: no"
    " outlier, no slow first call of a run, no valid run that looks bad.",
    "The typical time is the median. Its 95 % interval is from order"
    " statistics: the samples of rank k and n + 1 - k that hold the true median"
    " between them with a binomial probability of at least 95 % (W. J. Conover,"
    " Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2). No"
    " distribution is assumed.",
    "A ratio is of two medians. Its 95 % interval goes from the low end of one"
    " median's interval over the high end of the other's to the high end over"
    " the low end, with intervals of 97.5 % each (Bonferroni's inequality), so"
    " it errs on the wide side. If it includes 1 the report says"
    " \"no difference shown\".",
    "Percentiles are samples, by nearest rank.",
    "MiB/s is the bytes of a call over its median time; for a job with several"
    " sizes, all bytes over the time of all calls. 1 MiB is 1048576 bytes.",
    "Calls of several sizes are summed up, run by run; the figure is the mean of"
    " the runs' sums.",
    "Exits, hypercalls and the driver's counters are means over the calls of"
    " the run in which they were counted, which need not be the timed one. The"
    " times that the guest slept and that dom0 ran are of that run, too, and"
    " Xen's trace makes them longer. A run whose trace lost a record is not"
    " valid.",
    "Instructions are counted in the timed run by the lab's emulator, at no"
    " cost in virtual time.",
    "All axes begin at zero. Series whose medians differ too much for one axis"
    " have charts of their own, the fastest first. In a histogram each row is"
    " scaled to its highest bar, and calls beyond the 99th percentile of its rows"
    " are counted at the end: \"and 3 more\". Each chart has a table of its"
    " figures.",
};

static const char *const limits[] = {
    "Figures of different clocks are never in one table or chart: they cannot"
    " be compared.",
    "The calls of one run are not independent of each other: an interval"
    " applies to these runs only, and should be read with the medians of the"
    " runs beside it.",
    "Of n calls, p95 and p99 rest on the slowest n/20 and n/100; with fewer"
    " than a hundred calls p99 is the maximum.",
    "If the times of a job form two clusters, the median is in one of them or"
    " between them: see the histograms.",
    "A job with several sizes, or with reads and writes, has one distribution"
    " for all its calls.",
    "\"-\" means that a figure was not or cannot be counted; it is not zero.",
};

void
add_method(struct document *document)
{
    document_heading(document, 2, "Method");
    add_items(document, method, sizeof(method) / sizeof(*method));
    document_heading(document, 2, "Limits");
    add_items(document, limits, sizeof(limits) / sizeof(*limits));
}

void
add_reproduction(struct document *document, const struct results *results
                 , const char *words)
{
    document_heading(document, 2, "How to repeat it");
    document_text(document, "The measurements, at the top of the tree that is"
                  " called \"project\" above, after make measure baseline loader,"
                  " and with its build/bench on the PATH:");
    document_code(document, results->command);
    if (results->load_count && results->run_count)
        document_text(document, "The times of loaders are of make bench, which"
                      " runs the set \"full\" and adds them to its results.");
    document_text(document, "This report, byte for byte, in the folder of its raw"
                  " data, which holds every sample (or, if it is of several files,"
                  " where it was made):");
    document_code(document, pool_format(document->pool, "int13bench report%s"
                                        , words));
}
