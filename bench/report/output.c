// SPDX-License-Identifier: LGPL-3.0-or-later
// Draws a report's charts and writes its files: see output.h.

#include "output.h"

#include <dirent.h> // opendir
#include <errno.h>
#include <stdio.h> // fopen
#include <string.h> // strcmp
#include <sys/stat.h> // mkdir

#include "csv.h" // csv_write_grid
#include "grid.h" // grid_make

#define CHARTS_FOLDER "report-charts"

static bool
draw(const struct document *document, char *message, size_t size)
{
    struct chart **charts = NULL;
    size_t count = 0;
    for (struct block *block = document->first; block; block = block->next) {
        if (block->kind != BLOCK_CHART)
            continue;
        charts = pool_grow(document->pool, charts, count, count + 1
                           , sizeof(struct chart *));
        charts[count++] = block->chart;
    }
    return !count || charts_draw(document->pool, charts, count, message
                                 , size);
}

// What a file is written of.
struct page {
    const struct document *document;
    struct results *results;
    const struct chart *chart; // of a chart's own file
};

static void
write_markdown(const struct page *page, FILE *out)
{
    document_write_markdown(page->document, CHARTS_FOLDER "/", out);
}

static void
write_html(const struct page *page, FILE *out)
{
    document_write_html(page->document, out);
}

static void
write_svg(const struct page *page, FILE *out)
{
    fputs(page->chart->file, out);
}

static void
write_csv(const struct page *page, FILE *out)
{
    char message[512];
    csv_write_head(out);
    for (size_t i = 0; i < CLOCKS; i++) {
        struct grid grid;
        if (grid_make(&grid, page->results, clock_names[i], message
                      , sizeof(message)))
            csv_write_grid(&grid, out);
    }
}

// Replaces the file only when all of it has been written.
static bool
write_file(const struct page *page, const char *folder, const char *name
           , void (*write)(const struct page *page, FILE *out), char *message, size_t size)
{
    struct pool *pool = page->document->pool;
    const char *path = pool_format(pool, "%s/%s", folder, name);
    const char *temporary = pool_format(pool, "%s.tmp", path);
    FILE *out = fopen(temporary, "w");
    bool good = out != NULL;
    if (out) {
        write(page, out);
        good = !ferror(out);
        good = !fclose(out) && good;
    }
    if (good && !rename(temporary, path))
        return true;
    snprintf(message, size, "%s: cannot be written: %s", path
             , strerror(errno));
    remove(temporary);
    return false;
}

static bool
is_chart_of(const struct document *document, const char *name)
{
    for (const struct block *block = document->first; block; block = block->next)
        if (block->kind == BLOCK_CHART && !strcmp(block->chart->name, name))
            return true;
    return false;
}

// Removes what an earlier report has left in the charts' folder, which is its own.
static void
remove_old_charts(const struct document *document, const char *folder)
{
    DIR *list = opendir(folder);
    struct dirent *entry;
    while (list && (entry = readdir(list))) {
        size_t length = strlen(entry->d_name);
        if (length > 4 && !strcmp(entry->d_name + length - 4, ".svg")
            && !is_chart_of(document, entry->d_name))
            remove(pool_format(document->pool, "%s/%s", folder, entry->d_name));
    }
    if (list)
        closedir(list);
}

// Each chart as a file, for report.md and whoever wants one alone.
static bool
write_charts(struct page *page, const char *folder, char *message, size_t size)
{
    const char *charts = pool_format(page->document->pool, "%s/" CHARTS_FOLDER
                                     , folder);
    if (mkdir(charts, 0777) && errno != EEXIST) {
        snprintf(message, size, "%s: cannot be made: %s", charts
                 , strerror(errno));
        return false;
    }
    for (const struct block *block = page->document->first; block
         ; block = block->next) {
        page->chart = block->chart;
        if (block->kind == BLOCK_CHART
            && !write_file(page, charts, block->chart->name, write_svg, message
                           , size))
            return false;
    }
    remove_old_charts(page->document, charts);
    return true;
}

bool
output_write(const struct document *document, struct results *results
             , const char *folder, bool csv, char *message, size_t size)
{
    struct page page = { document, results, NULL };
    bool good = draw(document, message, size)
        && write_charts(&page, folder, message, size)
        && write_file(&page, folder, "report.md", write_markdown, message, size)
        && write_file(&page, folder, "report.html", write_html, message, size)
        && (!csv || write_file(&page, folder, "report.csv", write_csv, message
                               , size));
    if (good)
        printf("%s/report.md\n%s/report.html\n", folder, folder);
    if (good && csv)
        printf("%s/report.csv\n", folder);
    return good;
}
