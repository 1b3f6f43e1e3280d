// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes a report as one HTML file: style and charts are in it, nothing is
// fetched, no script runs.

#include "document.h"

extern const char report_style[]; // style.css

static void
escape(FILE *out, const char *text)
{
    for (; text && *text; text++)
        switch (*text) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        default: putc(*text, out);
        }
}

// An element with nothing but text in it.
static void
element(FILE *out, const char *name, const char *text)
{
    fprintf(out, "<%s>", name);
    escape(out, text);
    fprintf(out, "</%s>\n", name);
}


/****************************************************************
 * Tables and charts
 ****************************************************************/

static void
write_row(const struct table *table, size_t row, FILE *out)
{
    fputs("<tr>", out);
    for (size_t c = 0; c < table->columns; c++) {
        const char *name = !row || !c ? "th" : "td";
        fprintf(out, "<%s%s%s>", name, !row ? " scope=\"col\""
                : !c ? " scope=\"row\"" : "", c < table->names ? ""
                : " class=\"number\"");
        escape(out, table->cells[row * table->columns + c]);
        fprintf(out, "</%s>", name);
    }
    fputs("</tr>\n", out);
}

static void
write_table(const struct table *table, FILE *out)
{
    if (table->folded) {
        fputs("<details>", out);
        element(out, "summary", table->caption);
    } else {
        fputs("<div class=\"table\">\n", out);
        if (*table->caption)
            element(out, "p", table->caption);
    }
    fputs("<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead>", out);
    write_row(table, 0, out);
    fputs("</thead>\n<tbody>\n", out);
    for (size_t row = 1; row <= table->rows; row++)
        write_row(table, row, out);
    fputs("</tbody>\n</table>\n</div>\n", out);
    fputs(table->folded ? "</details>\n" : "</div>\n", out);
}

static void
write_chart(const struct chart *chart, FILE *out)
{
    fputs("<figure>\n", out);
    element(out, "figcaption", chart->title);
    fprintf(out, "%s</figure>\n", chart->svg);
}


/****************************************************************
 * Blocks
 ****************************************************************/

// Charts and their tables are side by side if there is room.
static bool
is_exhibit(const struct block *block)
{
    return block && (block->kind == BLOCK_TABLE || block->kind == BLOCK_CHART);
}

static void
write_heading(const struct block *block, FILE *out)
{
    fprintf(out, "<h%d id=\"", block->level);
    escape(out, block->anchor);
    fputs("\">", out);
    escape(out, block->text);
    fprintf(out, "</h%d>\n", block->level);
}

static void
write_item(const struct block *before, const struct block *block, FILE *out)
{
    if (!before || before->kind != BLOCK_ITEM)
        fputs("<ul>\n", out);
    element(out, "li", block->text);
    if (!block->next || block->next->kind != BLOCK_ITEM)
        fputs("</ul>\n", out);
}

static void
write_exhibit(const struct block *before, const struct block *block, FILE *out)
{
    if (!is_exhibit(before))
        fputs("<div class=\"exhibits\">\n", out);
    if (block->kind == BLOCK_TABLE)
        write_table(block->table, out);
    else
        write_chart(block->chart, out);
    if (!is_exhibit(block->next))
        fputs("</div>\n", out);
}

// Links to the headings of the second level, and of the third below them; between
// what comes first and the rest.
static void
write_contents(const struct block *block, FILE *out)
{
    fputs("</header>\n<nav aria-label=\"Contents\">\n", out);
    for (; block; block = block->next) {
        if (block->kind != BLOCK_HEADING)
            continue;
        fprintf(out, "<a class=\"level%d\" href=\"#", block->level);
        escape(out, block->anchor);
        fputs("\">", out);
        escape(out, block->text);
        fputs("</a>\n", out);
    }
    fputs("</nav>\n<main>\n", out);
}

static void
write_blocks(const struct document *document, FILE *out)
{
    const struct block *before = NULL;
    for (const struct block *block = document->first; block; block = block->next) {
        switch (block->kind) {
        case BLOCK_HEADING: write_heading(block, out); break;
        case BLOCK_TEXT: element(out, "p", block->text); break;
        case BLOCK_ITEM: write_item(before, block, out); break;
        case BLOCK_CODE: element(out, "pre", block->text); break;
        case BLOCK_CONTENTS: write_contents(block, out); break;
        default: write_exhibit(before, block, out);
        }
        before = block;
    }
}

void
document_write_html(const struct document *document, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\">\n<meta name=\"viewport\""
          " content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\""
          "default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n", out);
    element(out, "title", document->first->text);
    fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", report_style);
    fputs("<header>\n", out);
    write_blocks(document, out);
    fputs("</main>\n</body>\n</html>\n", out);
}
