// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's part on boot loaders that load a kernel, which int13 is for.

#include <stdint.h> // SIZE_MAX
#include <stdlib.h> // qsort
#include <string.h> // strcmp

#include "format.h"
#include "sections.h"
#include "split.h"

#define OTHERS_HUE 6 // grey

struct way {
    const char *name, *label; // label: with the backend
    struct style style;
};

// Where a load stands: ways are down a table, loaders and sizes across it, and
// each latency has a table.
struct place {
    size_t way, column, latency;
};

struct loads {
    struct pool *pool;
    struct place *places;      // of each load of the results
    struct way *ways;
    const char **columns, **latencies;
    size_t way_count, column_count, latency_count;
    const char *clock;         // of the times
};

// Returns the text's index in the list, and adds it if it is new.
static size_t
index_of(struct pool *pool, const char ***list, size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (!strcmp((*list)[i], text))
            return i;
    *list = pool_grow(pool, *list, *count, *count + 1, sizeof(**list));
    (*list)[*count] = text;
    return (*count)++;
}

// Backends of a way have its colour.
static struct style
style_of(const struct loads *loads, const char *name)
{
    struct style style = { 0, 0 };
    for (size_t i = 0; i < loads->way_count; i++) {
        const struct way *way = &loads->ways[i];
        if (!strcmp(way->name, name))
            style = (struct style){ way->style.hue, style.variant + 1 };
        else if (!style.variant)
            style.hue = way->style.hue + 1;
    }
    return style;
}

static size_t
way_index(struct loads *loads, const struct load *load)
{
    struct way way = { load->way, load->way, style_of(loads, load->way) };
    size_t i;
    if (*load->backend)
        way.label = pool_format(loads->pool, "%s/%s", load->way
                                , load->backend);
    for (i = 0; i < loads->way_count; i++)
        if (!strcmp(loads->ways[i].label, way.label))
            return i;
    loads->ways = pool_grow(loads->pool, loads->ways, i, i + 1
                            , sizeof(*loads->ways));
    loads->ways[i] = way;
    return loads->way_count++;
}

static size_t
column_index(struct loads *loads, const struct load *load)
{
    return index_of(loads->pool, &loads->columns, &loads->column_count
                    , pool_format(loads->pool, "%s, %zu MiB%s", load->loader
                                  , (size_t)load->initrd_mib
                                  , load->wall ? ", wall time" : ""));
}

static size_t
latency_index(struct loads *loads, const struct load *load)
{
    const char *text = "that answers at once";
    if (load->latency_us)
        text = pool_format(loads->pool, "that takes %g ms"
                           , (double)load->latency_us / 1000);
    return index_of(loads->pool, &loads->latencies, &loads->latency_count
                    , text);
}

static double
seconds(const struct load *load)
{
    return (double)load->ms / 1000;
}

static const char *
seconds_text(struct pool *pool, const struct load *load)
{
    return pool_format(pool, "%.3f", seconds(load));
}


/****************************************************************
 * Charts
 ****************************************************************/

static void
bar(const struct loads *loads, struct chart *chart, const struct load *load
    , const struct way *way)
{
    struct row *row = chart_row(loads->pool, chart, way->label);
    row_box(loads->pool, row, (struct box){ 0, seconds(load), 1
            , { load->ours ? 0 : OTHERS_HUE, 0 }, NULL });
    row_mark(loads->pool, row, (struct mark){ MARK_TEXT, seconds(load)
             , seconds_text(loads->pool, load) });
}

// The first column's loads with the first latency, as bars. What takes far longer
// than the others has a chart of its own.
static void
bars(struct document *document, const struct results *results
     , const struct loads *loads)
{
    struct pool *pool = loads->pool;
    struct reach *reaches = pool_array(pool, results->load_count
                                       , sizeof(*reaches));
    size_t count = 0, length;
    for (size_t i = 0; i < results->load_count; i++)
        if (!loads->places[i].column && !loads->places[i].latency)
            reaches[count++] = (struct reach){ i, seconds(&results->loads[i]) };
    qsort(reaches, count, sizeof(*reaches), split_compare);
    for (size_t at = 0; at < count; at += length) {
        length = split_first(&reaches[at], count - at, SPLIT_BARS);
        struct chart *chart = chart_make(
            pool, pool_format(pool, "%s, from storage %s%s: %s s, less is"
                              " better", loads->columns[0], loads->latencies[0]
                              , split_name(pool, at, length, count), loads->clock)
            , pool_format(pool, "%s s", loads->clock), "");
        for (size_t i = at; i < at + length; i++) {
            size_t load = reaches[i].series;
            bar(loads, chart, &results->loads[load]
                , &loads->ways[loads->places[load].way]);
        }
        document_chart(document, chart);
    }
}

// The median of each way's line in a column, if it has more than one point.
// Returns how many lines there are.
static size_t
line_reaches(const struct results *results, const struct loads *loads
             , size_t column, struct reach *reaches)
{
    double *times = pool_array(loads->pool, results->load_count, sizeof(*times));
    size_t count = 0;
    for (size_t way = 0; way < loads->way_count; way++) {
        size_t points = 0;
        for (size_t i = 0; i < results->load_count; i++)
            if (loads->places[i].column == column && loads->places[i].way == way)
                times[points++] = seconds(&results->loads[i]);
        if (points > 1)
            reaches[count++] = (struct reach){ way
                , split_typical(times, points) };
    }
    qsort(reaches, count, sizeof(*reaches), split_compare);
    return count;
}

static void
add_line(const struct results *results, const struct loads *loads
         , size_t column, size_t way, struct chart *chart)
{
    struct line *line = chart_line(loads->pool, chart, loads->ways[way].label
                                   , loads->ways[way].style);
    for (size_t i = 0; i < results->load_count; i++) {
        const struct load *load = &results->loads[i];
        double y = seconds(load);
        if (loads->places[i].column == column && loads->places[i].way == way)
            line_point(loads->pool, line, (struct point){
                (double)load->latency_us / 1000, y, y, y });
    }
}

// How a column's times grow with the latency of the storage.
static void
line_charts(struct document *document, const struct results *results
            , const struct loads *loads, size_t column)
{
    struct reach *reaches = pool_array(loads->pool, loads->way_count
                                       , sizeof(*reaches));
    size_t count = line_reaches(results, loads, column, reaches), length;
    for (size_t at = 0; at < count; at += length) {
        length = split_first(&reaches[at], count - at, SPLIT_LINES);
        struct chart *chart = chart_make(
            loads->pool, pool_format(loads->pool, "%s, by what the storage"
                                     " takes for a request%s"
                                     , loads->columns[column]
                                     , split_name(loads->pool, at, length, count))
            , "ms a request", pool_format(loads->pool, "%s s", loads->clock));
        for (size_t i = at; i < at + length; i++)
            add_line(results, loads, column, reaches[i].series, chart);
        document_chart(document, chart);
    }
}


/****************************************************************
 * Tables
 ****************************************************************/

// Returns where each of 'count' ways or columns is, without those that have no time
// from storage of this latency; how many there are goes to '*used'.
static size_t *
used_places(const struct results *results, const struct loads *loads
            , size_t latency, bool columns, size_t count, size_t *used)
{
    size_t *at = pool_array(loads->pool, count, sizeof(*at));
    for (size_t i = 0; i < count; i++)
        at[i] = SIZE_MAX;
    for (size_t i = 0; i < results->load_count; i++) {
        const struct place *place = &loads->places[i];
        if (place->latency == latency)
            at[columns ? place->column : place->way] = 0;
    }
    *used = 0;
    for (size_t i = 0; i < count; i++)
        if (!at[i])
            at[i] = (*used)++;
    return at;
}

static void
loads_table(struct document *document, const struct results *results
            , const struct loads *loads, size_t latency)
{
    size_t columns, ways;
    size_t *column_at = used_places(results, loads, latency, true
                                    , loads->column_count, &columns);
    size_t *way_at = used_places(results, loads, latency, false
                                 , loads->way_count, &ways);
    const char **headers = pool_array(loads->pool, ++columns, sizeof(*headers));
    headers[0] = "";
    for (size_t i = 0; i < loads->column_count; i++)
        if (column_at[i] != SIZE_MAX)
            headers[column_at[i] + 1] = loads->columns[i];
    struct table *table = document_table(
        document, pool_format(loads->pool, "%c%s s, from storage %s"
                              , loads->clock[0] - 'a' + 'A'
                              , loads->clock + 1, loads->latencies[latency])
        , 1, columns, headers);
    for (size_t i = 0; i < loads->way_count; i++)
        if (way_at[i] != SIZE_MAX)
            table_row(loads->pool, table)[0] = loads->ways[i].label;
    for (size_t i = 0; i < results->load_count; i++) {
        const struct place *place = &loads->places[i];
        if (place->latency == latency)
            table->cells[(way_at[place->way] + 1) * columns
                         + column_at[place->column] + 1]
                = seconds_text(loads->pool, &results->loads[i]);
    }
}

// A column has times of one clock.
static const char *
loads_clock(const struct results *results)
{
    for (size_t i = 1; i < results->load_count; i++)
        if (results->loads[i].wall != results->loads[0].wall)
            return "virtual or wall";
    return results->loads[0].wall ? "wall" : "virtual";
}

void
add_loads(struct document *document, const struct results *results)
{
    struct loads loads = { .pool = document->pool };
    if (!results->load_count)
        return;
    loads.places = pool_array(loads.pool, results->load_count
                              , sizeof(*loads.places));
    for (size_t i = 0; i < results->load_count; i++) {
        const struct load *load = &results->loads[i];
        loads.places[i] = (struct place){ way_index(&loads, load)
            , column_index(&loads, load), latency_index(&loads, load) };
    }
    loads.clock = loads_clock(results);
    document_heading(document, 2, "Loading a kernel");
    bars(document, results, &loads);
    document_text(document, pool_format(document->pool,
                  "How long boot loaders take to load Debian's kernel"
                  " and an initrd of that size, in %s time: GRUB from its"
                  " command linux to the end of initrd, the others from their"
                  " first line to their last. A column is a loader and what it"
                  " reads from; ways with a loader of their own are in GRUB's"
                  " columns. IDE by PIO is what Debian's SeaBIOS does, IDE by"
                  " DMA what SeaBIOS does as Xen's own build configures it."
                  " Behind the slash is who serves a PV disk: phy is blkback in"
                  " dom0's kernel, qdisk a qemu in dom0.", loads.clock));
    for (size_t i = 0; i < loads.column_count; i++)
        line_charts(document, results, &loads, i);
    for (size_t i = 0; i < loads.latency_count; i++)
        loads_table(document, results, &loads, i);
}
