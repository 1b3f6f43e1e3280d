// SPDX-License-Identifier: LGPL-3.0-or-later
// A report as a list of blocks, whatever it will be written as.
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h> // size_t
#include <stdio.h> // FILE

#include "chart.h"
#include "pool.h"

struct table {
    const char *caption;
    bool folded;              // shown on demand, where that is possible
    size_t columns, rows;
    size_t names;             // the first columns, which hold no numbers
    const char **cells;       // the row of headers first
};

enum block_kind { BLOCK_HEADING, BLOCK_TEXT, BLOCK_ITEM, BLOCK_CODE, BLOCK_TABLE
                  , BLOCK_CHART, BLOCK_CONTENTS };

struct block {
    enum block_kind kind;
    int level;                // of a heading, 1 is the title
    const char *text;
    const char *anchor;       // of a heading: its words, as GitHub makes them
    struct table *table;
    struct chart *chart;
    struct block *next;
};

struct document {
    struct pool *pool;
    struct block *first, *last;
};

void document_heading(struct document *document, int level, const char *text);
void document_text(struct document *document, const char *text);
void document_item(struct document *document, const char *text);
void document_code(struct document *document, const char *text);
void document_chart(struct document *document, struct chart *chart);
// Links to all headings that follow, of the second level and the third.
void document_contents(struct document *document);

// A table with these headers, to be filled by table_row().
struct table *document_table(struct document *document, const char *caption
                             , size_t names, size_t columns
                             , const char *const *headers);
// A new row, to be filled by the caller; a cell that stays NULL is empty.
const char **table_row(struct pool *pool, struct table *table);

// Charts are links to the files of that folder, if there is one; it ends in /.
void document_write_markdown(const struct document *document, const char *folder
                             , FILE *out);
// Charts must have been drawn.
void document_write_html(const struct document *document, FILE *out);

#endif // document.h
