// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's part on whole boots: where the time goes from power-on to the
// operating system's first process, phase by phase (bench/scenarios/boot-phases).

#include <stdlib.h> // qsort
#include <string.h> // strcmp

#include "format.h"
#include "sections.h"
#include "split.h"

#define US_PER_S 1e6
#define US_PER_MS 1e3

// The names of all phases, in the order in which they come.
struct phases {
    const char **names;
    size_t count;
};

static size_t
phase_index(struct pool *pool, struct phases *phases, const char *name)
{
    for (size_t i = 0; i < phases->count; i++)
        if (!strcmp(phases->names[i], name))
            return i;
    phases->names = pool_grow(pool, phases->names, phases->count
                              , phases->count + 1, sizeof(*phases->names));
    phases->names[phases->count] = name;
    return phases->count++;
}

static const char *
label_of(struct pool *pool, const struct boot *boot)
{
    return *boot->backend ? pool_format(pool, "%s/%s", boot->way, boot->backend)
           : boot->way;
}

static double
whole(const struct boot *boot)
{
    double sum = 0;
    for (size_t i = 0; i < boot->count; i++)
        sum += (double)boot->phases[i].us;
    return sum;
}

static void
timeline_row(struct pool *pool, struct chart *chart, const struct boot *boot
             , struct phases *phases)
{
    struct row *row = chart_row(pool, chart, label_of(pool, boot));
    double at = 0;
    for (size_t i = 0; i < boot->count; i++) {
        double end = at + (double)boot->phases[i].us / US_PER_S;
        row_box(pool, row, (struct box){ at, end, 1, chart_hue(
            phase_index(pool, phases, boot->phases[i].name)), NULL });
        at = end;
    }
    row_mark(pool, row, (struct mark){ MARK_TEXT, at
             , pool_format(pool, "%.2f", at) });
}

static void
timeline(struct document *document, const struct results *results
         , struct phases *phases, const struct reach *reaches, size_t count
         , const char *which)
{
    struct pool *pool = document->pool;
    struct chart *chart = chart_make(
        pool, pool_format(pool, "From power-on to the first process%s: virtual s"
                          , which), "virtual s", "");
    for (size_t i = 0; i < count; i++)
        timeline_row(pool, chart, &results->boots[reaches[i].series], phases);
    for (size_t i = 0; i < phases->count; i++)
        chart_key(pool, chart, phases->names[i], chart_hue(i));
    document_chart(document, chart);
}

static void
phases_table(struct document *document, const struct results *results
             , struct phases *phases)
{
    struct pool *pool = document->pool;
    size_t columns = results->boot_count + 1;
    const char **headers = pool_array(pool, columns, sizeof(*headers));
    headers[0] = "";
    for (size_t i = 0; i < results->boot_count; i++)
        headers[i + 1] = label_of(pool, &results->boots[i]);
    struct table *table = document_table(document, "Virtual ms of each phase", 1
                                         , columns, headers);
    for (size_t i = 0; i < phases->count; i++)
        table_row(pool, table)[0] = phases->names[i];
    const char **last = table_row(pool, table);
    last[0] = "in all";
    for (size_t i = 0; i < results->boot_count; i++) {
        const struct boot *boot = &results->boots[i];
        for (size_t k = 0; k < boot->count; k++)
            table->cells[(phase_index(pool, phases, boot->phases[k].name) + 1)
                         * columns + i + 1] = pool_format(
                pool, "%.1f", (double)boot->phases[k].us / US_PER_MS);
        last[i + 1] = pool_format(pool, "%.1f", whole(boot) / US_PER_MS);
    }
}

void
add_boots(struct document *document, const struct results *results)
{
    struct pool *pool = document->pool;
    struct phases phases = { NULL, 0 };
    size_t count = results->boot_count, length;
    if (!count)
        return;
    struct reach *reaches = pool_array(pool, count, sizeof(*reaches));
    for (size_t i = 0; i < count; i++) {
        reaches[i] = (struct reach){ i, whole(&results->boots[i]) };
        for (size_t k = 0; k < results->boots[i].count; k++)
            phase_index(pool, &phases, results->boots[i].phases[k].name);
    }
    qsort(reaches, count, sizeof(*reaches), split_compare);
    document_heading(document, 2, "Where the time of a boot goes");
    document_text(document, "One guest, from power-on to Linux's first process, in"
                  " virtual seconds. The firmware's longest phase is the wait for"
                  " a key, in which SeaBIOS offers its boot menu; loading the"
                  " kernel and the initrd is what depends on the disk.");
    for (size_t at = 0; at < count; at += length) {
        length = split_first(reaches + at, count - at, SPLIT_LINES);
        timeline(document, results, &phases, reaches + at, length
                 , split_name(pool, at, length, count));
    }
    phases_table(document, results, &phases);
}
