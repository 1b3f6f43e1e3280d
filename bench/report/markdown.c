// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes a report as Markdown. Tables are aligned, so that they can be read as
// text; charts are files beside it, and the tables have their figures.

#include <string.h> // strlen

#include "document.h"

// What a character must be written as, or NULL for itself.
static const char *
escaped(char character)
{
    return character == '|' ? "\\|" : character == '<' ? "&lt;" : NULL;
}

static void
write_text(FILE *out, const char *text)
{
    for (; text && *text; text++)
        if (escaped(*text))
            fputs(escaped(*text), out);
        else
            putc(*text, out);
}

// The columns that a text takes: bytes of UTF-8 that begin a character.
static size_t
width_of(const char *text)
{
    size_t width = 0;
    for (; text && *text; text++)
        if (escaped(*text))
            width += strlen(escaped(*text));
        else
            width += (*text & 0xc0) != 0x80;
    return width;
}

static void
write_cell(FILE *out, const char *text, size_t width, bool right)
{
    size_t fill = width - width_of(text);
    fputs("| ", out);
    if (right)
        fprintf(out, "%*s", (int)fill, "");
    write_text(out, text);
    fprintf(out, "%*s", right ? 1 : (int)fill + 1, "");
}

static size_t
column_width(const struct table *table, size_t column)
{
    size_t width = 3; // of "---"
    for (size_t row = 0; row <= table->rows; row++) {
        size_t cell = width_of(table->cells[row * table->columns + column]);
        if (cell > width)
            width = cell;
    }
    return width;
}

static void
write_rule(const struct table *table, FILE *out)
{
    for (size_t c = 0; c < table->columns; c++) {
        fputs("| ", out);
        for (size_t i = 1; i < column_width(table, c); i++)
            putc('-', out);
        fputs(c < table->names ? "- " : ": ", out);
    }
    fputs("|\n", out);
}

static void
write_table(const struct table *table, FILE *out)
{
    fputs(table->folded ? "<details><summary>" : "", out);
    write_text(out, table->caption);
    fputs(table->folded ? "</summary>\n\n" : *table->caption ? ":\n\n" : "", out);
    for (size_t row = 0; row <= table->rows; row++) {
        for (size_t c = 0; c < table->columns; c++)
            write_cell(out, table->cells[row * table->columns + c]
                       , column_width(table, c), c >= table->names);
        fputs("|\n", out);
        if (!row)
            write_rule(table, out);
    }
    fputs(table->folded ? "\n</details>\n\n" : "\n", out);
}

static void
write_code(const char *text, FILE *out)
{
    fputs("    ", out);
    for (; *text; text++)
        fputs(*text == '\n' ? "\n    " : (const char[]){ *text, 0 }, out);
    fputs("\n\n", out);
}

// A text of a link or a picture.
static void
write_label(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '[' || *text == ']')
            fprintf(out, "\\%c", *text);
        else if (escaped(*text))
            fputs(escaped(*text), out);
        else
            putc(*text, out);
}

// A line for each heading of the second level, with those of the third below it.
static void
write_contents(const struct block *block, FILE *out)
{
    int level = 0;
    for (; block; block = block->next) {
        if (block->kind != BLOCK_HEADING)
            continue;
        fputs(!level ? "- [" : block->level == 2 ? "\n- [" : level == 2
              ? ": [" : ", [", out);
        write_label(out, block->text);
        fprintf(out, "](#%s)", block->anchor);
        level = block->level;
    }
    fputs("\n\n", out);
}

static void
write_chart(const struct chart *chart, const char *folder, FILE *out)
{
    if (!folder)
        return;
    fputs("![", out);
    write_label(out, chart->title);
    fprintf(out, "](%s%s)\n\n", folder, chart->name);
}

static void
write_block(const struct block *block, const char *folder, FILE *out)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        fprintf(out, "%.*s ", block->level, "####");
        write_text(out, block->text);
        fputs("\n\n", out);
        break;
    case BLOCK_TEXT:
        write_text(out, block->text);
        fputs("\n\n", out);
        break;
    case BLOCK_ITEM:
        fputs("- ", out);
        write_text(out, block->text);
        fputs(block->next && block->next->kind == BLOCK_ITEM ? "\n" : "\n\n"
              , out);
        break;
    case BLOCK_CODE:
        write_code(block->text, out);
        break;
    case BLOCK_TABLE:
        write_table(block->table, out);
        break;
    case BLOCK_CHART:
        write_chart(block->chart, folder, out);
        break;
    case BLOCK_CONTENTS:
        write_contents(block, out);
        break;
    }
}

void
document_write_markdown(const struct document *document, const char *folder
                        , FILE *out)
{
    for (const struct block *block = document->first; block; block = block->next)
        write_block(block, folder, out);
}
