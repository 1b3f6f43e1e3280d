// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's part on boot loaders that load a kernel, which int13 is for.

#include <string.h> // strcmp

#include "format.h"
#include "sections.h"

// The table as it grows: ways down, loaders and sizes across.
struct loads {
    struct pool *pool;
    const char **ways, **columns;
    size_t way_count, column_count;
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

static const char *
way_of(struct pool *pool, const struct load *load)
{
    return *load->backend ? pool_format(pool, "%s/%s", load->way, load->backend)
           : load->way;
}

static size_t
way_index(struct loads *loads, const struct load *load)
{
    return index_of(loads->pool, &loads->ways, &loads->way_count
                    , way_of(loads->pool, load));
}

static size_t
column_index(struct loads *loads, const struct load *load)
{
    return index_of(loads->pool, &loads->columns, &loads->column_count
                    , pool_format(loads->pool, "%s, %zu MiB", load->loader
                                  , (size_t)load->initrd_mib));
}

static const char *
seconds(struct pool *pool, const struct load *load)
{
    return pool_format(pool, "%zu.%03zu", (size_t)load->ms / 1000
                       , (size_t)load->ms % 1000);
}

// The first column's loads, as bars.
static void
loads_chart(struct document *document, const struct results *results
            , struct loads *loads)
{
    struct chart *chart = chart_make(
        loads->pool, pool_format(loads->pool, "%s: virtual s, less is better"
                                 , loads->columns[0]), "virtual s", "");
    for (size_t i = 0; i < results->load_count; i++) {
        const struct load *load = &results->loads[i];
        double time = (double)load->ms / 1000;
        if (column_index(loads, load))
            continue;
        struct row *row = chart_row(loads->pool, chart
                                    , way_of(loads->pool, load));
        row_box(loads->pool, row, (struct box){ 0, time, 1, { 0, 0 } });
        row_mark(loads->pool, row, (struct mark){ MARK_TEXT, time
                 , seconds(loads->pool, load) });
    }
    document_chart(document, chart);
}

static void
loads_table(struct document *document, const struct results *results
            , struct loads *loads)
{
    size_t columns = loads->column_count + 1;
    const char **headers = pool_array(loads->pool, columns, sizeof(*headers));
    headers[0] = "";
    memcpy(&headers[1], loads->columns
           , loads->column_count * sizeof(*headers));
    struct table *table = document_table(document, "Virtual s", 1, columns
                                         , headers);
    for (size_t i = 0; i < loads->way_count; i++)
        table_row(loads->pool, table)[0] = loads->ways[i];
    for (size_t i = 0; i < results->load_count; i++) {
        const struct load *load = &results->loads[i];
        table->cells[(way_index(loads, load) + 1) * columns
                     + column_index(loads, load) + 1]
            = seconds(loads->pool, load);
    }
}

void
add_loads(struct document *document, const struct results *results)
{
    struct loads loads = { .pool = document->pool };
    if (!results->load_count)
        return;
    for (size_t i = 0; i < results->load_count; i++) {
        way_index(&loads, &results->loads[i]);
        column_index(&loads, &results->loads[i]);
    }
    document_heading(document, 2, "Loading a kernel");
    document_text(document, "How long boot loaders take to load Debian's kernel"
                  " and an initrd of that size, in virtual time: GRUB from its"
                  " command linux to the end of initrd, the others from their"
                  " first line to their last. A column is a loader and what it"
                  " reads from; ways with a loader of their own are in GRUB's"
                  " columns.");
    loads_chart(document, results, &loads);
    loads_table(document, results, &loads);
}
