// SPDX-License-Identifier: LGPL-3.0-or-later
// A report as a list of blocks: see document.h.

#include "document.h"

#include <ctype.h> // isalnum
#include <string.h> // strcmp

static struct block *
add_block(struct document *document, enum block_kind kind, const char *text)
{
    struct block *block = pool_array(document->pool, 1, sizeof(*block));
    block->kind = kind;
    block->text = text;
    if (document->last)
        document->last->next = block;
    else
        document->first = block;
    document->last = block;
    return block;
}

static bool
has_anchor(const struct document *document, const char *anchor)
{
    for (const struct block *block = document->first; block; block = block->next)
        if (block->anchor && !strcmp(block->anchor, anchor))
            return true;
    return false;
}

// As GitHub makes it of the same heading in Markdown, so that a link fits both
// pages: letters and figures, minus signs for blanks, and a number if there is
// another one of these words.
static const char *
anchor_of(const struct document *document, const char *text)
{
    char *words = pool_copy(document->pool, text), *out = words;
    for (const char *at = text; *at; at++)
        if (isalnum((unsigned char)*at) || *at == '-' || *at == '_' || *at & 0x80)
            *out++ = (char)tolower((unsigned char)*at);
        else if (*at == ' ')
            *out++ = '-';
    *out = 0;
    const char *anchor = words;
    for (size_t i = 1; has_anchor(document, anchor); i++)
        anchor = pool_format(document->pool, "%s-%zu", words, i);
    return anchor;
}

void
document_heading(struct document *document, int level, const char *text)
{
    const char *anchor = anchor_of(document, text);
    struct block *block = add_block(document, BLOCK_HEADING, text);
    block->level = level;
    block->anchor = anchor;
}

void
document_contents(struct document *document)
{
    add_block(document, BLOCK_CONTENTS, "Contents");
}

void
document_text(struct document *document, const char *text)
{
    add_block(document, BLOCK_TEXT, text);
}

void
document_item(struct document *document, const char *text)
{
    add_block(document, BLOCK_ITEM, text);
}

void
document_code(struct document *document, const char *text)
{
    add_block(document, BLOCK_CODE, text);
}

void
document_chart(struct document *document, struct chart *chart)
{
    add_block(document, BLOCK_CHART, chart->title)->chart = chart;
}

struct table *
document_table(struct document *document, const char *caption, size_t names
               , size_t columns, const char *const *headers)
{
    struct table *table = pool_array(document->pool, 1, sizeof(*table));
    table->caption = caption;
    table->names = names;
    table->columns = columns;
    table->cells = pool_grow(document->pool, headers, columns, columns
                             , sizeof(*headers));
    add_block(document, BLOCK_TABLE, caption)->table = table;
    return table;
}

const char **
table_row(struct pool *pool, struct table *table)
{
    size_t used = (table->rows + 1) * table->columns;
    table->cells = pool_grow(pool, table->cells, used, used + table->columns
                             , sizeof(*table->cells));
    table->rows++;
    return table->cells + used;
}
