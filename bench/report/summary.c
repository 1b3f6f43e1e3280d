// SPDX-License-Identifier: LGPL-3.0-or-later
// The few figures that a README needs: `int13bench summary`, and the part of the
// report with the same table.

#include <getopt.h> // getopt_long
#include <stdio.h> // fprintf
#include <string.h> // strcmp

#include "format.h"
#include "merge.h" // MERGE_MOST
#include "sections.h"
#include "summary.h"

#define MESSAGE_SIZE 512
#define NS_PER_MS 1e6
// How often the driver connects the disk from GRUB's first call until Linux takes
// over (connects= in xen.log of tests/lab/20-grub.t, less the one of POST).
#define BOOT_CONNECTS 3

static const char help[] =
    "usage: int13bench summary RESULTS.json...\n"
    "Prints what README.md says of results: what a call costs by its size, and in a\n"
    "boot of GRUB's, replayed; and, if the jobs of bench/jobs/reconnect.fio are in\n"
    "one of the files and that boot is, which share of it the reconnects are.\n"
    "Examples:\n"
    "  int13bench summary results/quick/results.json\n"
    "  int13bench summary results/full/results.json build/bench-reconnect/results.json\n"
    "Exit status: 0 printed; 2 usage error, or results without any of these jobs.\n";

static const char *const sizes[] = { "read-1", "read-8", "read-63", "read-127" };
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static const struct { const char *label, *words; } rows[] = {
    { "ours pv/phy", "this firmware, PV disk on blkback" },
    { "ours pv/qdisk", "this firmware, PV disk on qdisk" },
    { "in-place pv/phy", "the same without read-ahead, blkback" },
    { "in-place pv/qdisk", "the same without read-ahead, qdisk" },
    { "stock virtio", "stock SeaBIOS, virtio-blk" },
    { "ide-dma ide", "SeaBIOS as Xen's, emulated IDE by DMA" },
    { "stock ide", "stock SeaBIOS, emulated IDE by PIO" },
};
#define ROWS (sizeof(rows) / sizeof(*rows))


/****************************************************************
 * The table
 ****************************************************************/

static const struct cell *
find_cell(const struct grid *grid, const char *job, const char *label)
{
    for (size_t i = 0; i < grid->job_count; i++)
        for (size_t s = 0; s < grid->series_count; s++)
            if (!strcmp(grid->jobs[i].name, job)
                && !strcmp(grid->series[s].label, label))
                return grid_cell(grid, i, s);
    return NULL;
}

// The mean, because a boot's calls differ; and of how many, if not of all.
static const char *
boot_text(struct pool *pool, const struct grid *grid, const struct cell *cell)
{
    size_t most = 0, calls = cell_calls(cell);
    for (size_t i = 0; i < ROWS; i++) {
        const struct cell *other = find_cell(grid, "grub", rows[i].label);
        if (other && cell_calls(other) > most)
            most = cell_calls(other);
    }
    const char *us = format_us(pool, cell_total(cell, calls) / (double)calls);
    return calls == most ? us
           : pool_format(pool, "%s (first %zu)", us, calls);
}

bool
summary_table(struct document *document, const char *xen
              , const struct grid *grid)
{
    struct pool *pool = document->pool;
    const char *headers[] = { pool_format(
        pool, "us per int13 call, %s", xen)
        , "1 sector", "8", "63", "127", "GRUB's own, mean" };
    struct table *table = NULL;
    for (size_t i = 0; i < ROWS; i++) {
        const char *texts[SIZES + 1];
        bool any = false;
        for (size_t k = 0; k < SIZES; k++) {
            const struct cell *cell = find_cell(grid, sizes[k], rows[i].label);
            texts[k] = cell ? format_us(pool, cell->median) : "-";
            any |= cell != NULL;
        }
        const struct cell *boot = find_cell(grid, "grub", rows[i].label);
        texts[SIZES] = boot ? boot_text(pool, grid, boot) : "-";
        if (!any && !boot)
            continue;
        if (!table)
            table = document_table(document, "", 1, SIZES + 2, headers);
        const char **row = table_row(pool, table);
        row[0] = rows[i].words;
        memcpy(row + 1, texts, sizeof(texts));
    }
    return table;
}


/****************************************************************
 * Reconnects
 ****************************************************************/

// The cell of our firmware, whatever file it is of, with that job and backend.
static const struct cell *
find_ours(const struct grid *grids, size_t count, const char *job
          , const char *backend)
{
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < grids[g].job_count; i++)
            for (size_t s = 0; s < grids[g].series_count; s++) {
                const struct series *series = &grids[g].series[s];
                if (!strcmp(grids[g].jobs[i].name, job)
                    && !strcmp(series->transport, "pv")
                    && !strcmp(series->backend, backend)
                    && (!strcmp(series->firmware, "ours")
                        || !strncmp(series->firmware, "ours (", 6))
                    && grid_cell(&grids[g], i, s))
                    return grid_cell(&grids[g], i, s);
            }
    return NULL;
}

bool
summary_reconnects(struct document *document, const struct grid *grids
                   , size_t count)
{
    static const char *const backends[] = { "phy", "qdisk" };
    bool any = false;
    for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++) {
        const struct cell *one = find_ours(grids, count, "reconnect", backends[i]);
        const struct cell *boot = find_ours(grids, count, "grub", backends[i]);
        if (!one || !boot)
            continue;
        double ms = one->median / NS_PER_MS;
        double calls = cell_total(boot, cell_calls(boot)) / NS_PER_MS;
        double all = BOOT_CONNECTS * ms;
        document_item(document, pool_format(
            document->pool, "A reconnect on %s takes %.1f ms; %d in a GRUB boot"
            " are %.0f %% of its %.0f ms in int13.", backends[i], ms
            , BOOT_CONNECTS, 100 * all / (all + calls), all + calls));
        any = true;
    }
    return any;
}


/****************************************************************
 * Command
 ****************************************************************/

// The grid of the first clock that has jobs.
static bool
read_grid(struct results *results, const char *file, struct grid *grid
          , char *message)
{
    if (!results_read(results, file, message, MESSAGE_SIZE))
        return false;
    for (size_t i = 0; i < CLOCKS; i++) {
        if (!grid_make(grid, results, clock_names[i], message, MESSAGE_SIZE)) {
            results_free(results);
            return false;
        }
        if (grid->job_count)
            break;
    }
    return true;
}

static int
print_summary(char *const *files, size_t count)
{
    struct results results[MERGE_MOST];
    struct grid grids[MERGE_MOST];
    char message[MESSAGE_SIZE];
    struct pool pool = { NULL };
    struct document document = { .pool = &pool };
    bool good = true, any = false;
    size_t read = 0;
    while (good && read < count) {
        good = read_grid(&results[read], files[read], &grids[read], message);
        read += good;
    }
    for (size_t i = 0; good && i < read; i++)
        any |= summary_table(&document, results_xen(&pool, &results[i]), &grids[i]);
    any |= good && summary_reconnects(&document, grids, read);
    if (good && !any)
        snprintf(message, sizeof(message), "none of read-1, read-8, read-63,"
                 " read-127 and grub has a valid run");
    if (any)
        document_write_markdown(&document, NULL, stdout);
    else
        fprintf(stderr, "summary: %s\n", message);
    pool_free(&pool);
    while (read)
        results_free(&results[--read]);
    return any ? 0 : 2;
}

int
cmd_summary(int argc, char **argv)
{
    static const struct option names[] = {
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
        if (option == 'h') {
            fputs(help, stdout);
            return 0;
        }
        fputs("Try --help.\n", stderr);
        return 2;
    }
    if (optind == argc || argc - optind > MERGE_MOST) {
        fputs("summary: wants one to eight files of results; try --help\n", stderr);
        return 2;
    }
    return print_summary(argv + optind, (size_t)(argc - optind));
}
