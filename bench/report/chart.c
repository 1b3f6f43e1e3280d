// SPDX-License-Identifier: LGPL-3.0-or-later
// Charts as data: see chart.h. How they are drawn is in plot.c.

#include "chart.h"

struct chart *
chart_make(struct pool *pool, const char *title, const char *x_label
           , const char *y_label)
{
    struct chart *chart = pool_array(pool, 1, sizeof(*chart));
    chart->title = title;
    chart->x_label = x_label;
    chart->y_label = y_label;
    return chart;
}

struct line *
chart_line(struct pool *pool, struct chart *chart, const char *label
           , struct style style)
{
    size_t count = chart->line_count++;
    chart->lines = pool_grow(pool, chart->lines, count, count + 1
                             , sizeof(*chart->lines));
    chart->lines[count].label = label;
    chart->lines[count].style = style;
    return &chart->lines[count];
}

void
line_point(struct pool *pool, struct line *line, struct point point)
{
    line->points = pool_grow(pool, line->points, line->count, line->count + 1
                             , sizeof(point));
    line->points[line->count++] = point;
}

struct row *
chart_row(struct pool *pool, struct chart *chart, const char *label)
{
    size_t count = chart->row_count++;
    chart->rows = pool_grow(pool, chart->rows, count, count + 1
                            , sizeof(*chart->rows));
    chart->rows[count].label = label;
    return &chart->rows[count];
}

void
chart_key(struct pool *pool, struct chart *chart, const char *label
          , struct style style)
{
    size_t count = chart->key_count++;
    chart->keys = pool_grow(pool, chart->keys, count, count + 1
                            , sizeof(*chart->keys));
    chart->keys[count] = (struct key){ label, style };
}

struct style
chart_hue(size_t nth)
{
    return (struct style){ nth % CHART_HUES, nth / CHART_HUES };
}

void
row_box(struct pool *pool, struct row *row, struct box box)
{
    row->boxes = pool_grow(pool, row->boxes, row->box_count, row->box_count + 1
                           , sizeof(box));
    row->boxes[row->box_count++] = box;
}

void
row_mark(struct pool *pool, struct row *row, struct mark mark)
{
    row->marks = pool_grow(pool, row->marks, row->mark_count
                           , row->mark_count + 1, sizeof(mark));
    row->marks[row->mark_count++] = mark;
}
