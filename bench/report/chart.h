// SPDX-License-Identifier: LGPL-3.0-or-later
// Charts as data, and as SVG drawn by gnuplot. All axes begin at zero.
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h> // size_t

#include "pool.h"

#define CHART_HUES 7 // of the palette

// A hue of the palette, told apart for the colour-blind too; variant 0 is drawn
// full, others dashed and hollow.
struct style {
    size_t hue, variant;
};

struct point {
    double x, y, low, high;    // low and high: the interval of y
};

struct line {
    const char *label;
    struct style style;
    struct point *points;
    size_t count;
};

// A rectangle in a row: x from left to right, height as a share of the row.
struct box {
    double left, right, height;
    struct style style;
    const char *text;          // in it, as far as there is room; or NULL
};

// A figure in a row: a text behind x, or one of the marks.
enum mark_kind { MARK_TEXT, MARK_P50, MARK_P95, MARK_P99, MARK_MAX, MARK_KINDS };
struct mark {
    enum mark_kind kind;
    double x;
    const char *text;
};

struct row {
    const char *label;
    struct box *boxes;
    size_t box_count;
    struct mark *marks;
    size_t mark_count;
};

struct key {
    const char *label;
    struct style style;
};

// Either lines over a numeric x axis, or rows along one.
struct chart {
    const char *title, *x_label, *y_label;
    struct line *lines;
    size_t line_count;
    struct row *rows;
    size_t row_count;
    bool touching;             // no room between rows
    struct key *keys;          // what the boxes of rows are
    size_t key_count;
    const char *svg;           // when it has been drawn: for a page of all
    const char *file;          // the same as a file of its own
    const char *name;          // of that file, without a folder
};

struct chart *chart_make(struct pool *pool, const char *title
                         , const char *x_label, const char *y_label);
struct line *chart_line(struct pool *pool, struct chart *chart
                        , const char *label, struct style style);
void line_point(struct pool *pool, struct line *line, struct point point);
struct row *chart_row(struct pool *pool, struct chart *chart, const char *label);
void row_box(struct pool *pool, struct row *row, struct box box);
void chart_key(struct pool *pool, struct chart *chart, const char *label
               , struct style style);
// A style for the nth of many things that are told apart by a key or a text.
struct style chart_hue(size_t nth);
void row_mark(struct pool *pool, struct row *row, struct mark mark);

// Draws all charts by one run of gnuplot, and names their files, no two alike. On
// a page they belong together, for the first has the shapes of all. False with a
// message.
bool charts_draw(struct pool *pool, struct chart *const *charts, size_t count
                 , char *message, size_t size);

#endif // chart.h
