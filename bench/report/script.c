// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands for gnuplot: see script.h. Sizes are in pixels of a chart 440
// wide, so that its text can still be read on a screen 360 wide.

#include "script.h"

#include <math.h> // pow
#include <stdlib.h> // strtol
#include <string.h> // strlen

#define WIDTH 440
#define FONT_SIZE 14
#define GLYPH_WIDTH 7.8 // of that font, on the average
#define LABEL_GLYPHS 24 // beside a row at most; a longer one is above it
#define LABEL_MOST 54   // above it at most; of a longer one the middle is left out
#define PLOT_HEIGHT 330 // of lines, with the axis
#define AXIS_HEIGHT 58  // with its tics and its label
#define KEY_HEIGHT 21   // a row of the key

// M. Okabe and K. Ito, Color Universal Design, 2008, without its yellow and
// black, which one of a light and a dark page swallows.
static const char *const hues[] = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888"
};
#define HUES CHART_HUES
_Static_assert(sizeof(hues) / sizeof(*hues) == HUES, "a hue for each");

// gnuplot's points, filled and hollow, one for each hue.
static const int filled_points[] = { 7, 5, 9, 11, 13, 15, 2 };
static const int hollow_points[] = { 6, 4, 8, 10, 12, 14, 1 };

static const struct {
    const char *name;
    int point;
} marks[MARK_KINDS] = {
    [MARK_P50] = { "p50", 7 }, [MARK_P95] = { "p95", 8 },
    [MARK_P99] = { "p99", 12 }, [MARK_MAX] = { "max", 2 },
};


/****************************************************************
 * What all charts have
 ****************************************************************/

// Within '', gnuplot knows no escape but that of the quote itself.
static void
quote(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            putc('\'', out);
        putc(*text, out);
    }
    putc('\'', out);
}

// Returns 1, 2 or 5 times a power of ten, such that about this many steps make
// max.
static double
nice_step(double max, int steps)
{
    double raw = max / steps, unit = pow(10, floor(log10(raw)));
    double mantissa = raw / unit;
    if (mantissa <= 1)
        return unit;
    return unit * (mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
}

static void
axis(FILE *out, char name, const char *label, double end, double step)
{
    fprintf(out, "set %clabel ", name);
    quote(out, label);
    fprintf(out, "\nset %crange [0:%.17g]\n", name, end);
    if (step > 0)
        fprintf(out, "set %ctics 0,%.17g nomirror scale 0.5\n", name, step);
    fprintf(out, "set format %c '%%.10g'\n", name);
}

// Begins a chart whose plot and x axis are this high, above this many rows of
// keys. gnuplot takes glyphs for wider than they are: hence the key's width.
static void
begin(FILE *out, const char *svg, int plot_height, int key_rows)
{
    int keys = KEY_HEIGHT * key_rows, height = plot_height + keys;
    fprintf(out, "reset\nset encoding utf8\nset terminal svg size %d,%d dynamic"
            " font 'sans-serif,%d' noenhanced\nset output ", WIDTH, height
            , FONT_SIZE);
    quote(out, svg);
    fprintf(out, "\nset border 3\nset tics nomirror\nset tmargin 0.5\n"
            "set bmargin at screen %.4f\nset xlabel offset 0,0.4\n"
            , (double)(keys + AXIS_HEIGHT) / height);
    fprintf(out, "set key at screen 0.01, screen %.4f left bottom vertical Left"
            " reverse maxrows %d samplen 2.5 width -3\n", 2.0 / height
            , key_rows ? key_rows : 1);
}

static double
larger(double a, double b)
{
    return a > b ? a : b;
}


/****************************************************************
 * Lines
 ****************************************************************/

static void
find_ends(const struct chart *chart, double *x_end, double *y_end)
{
    *x_end = *y_end = 0;
    for (size_t i = 0; i < chart->line_count; i++)
        for (size_t k = 0; k < chart->lines[i].count; k++) {
            const struct point *point = &chart->lines[i].points[k];
            *x_end = larger(*x_end, point->x);
            *y_end = larger(*y_end, larger(point->y, point->high));
        }
    *x_end = *x_end > 0 ? *x_end : 1;
    *y_end = *y_end > 0 ? *y_end : 1;
}

// The next lower x of any line, or -1.
static double
x_below(const struct chart *chart, double limit)
{
    double x = -1;
    for (size_t i = 0; i < chart->line_count; i++)
        for (size_t k = 0; k < chart->lines[i].count; k++)
            if (chart->lines[i].points[k].x < limit)
                x = larger(x, chart->lines[i].points[k].x);
    return x;
}

// A tic at each x that has room for its number, from the right.
static void
x_tics(FILE *out, const struct chart *chart, double x_end)
{
    double x = INFINITY, last = INFINITY, pixel = x_end / (WIDTH - 90);
    const char *comma = "";
    fputs("set xtics nomirror scale 0.5 (", out);
    while ((x = x_below(chart, x)) > 0) {
        if (x > last - 24 * pixel)
            continue;
        fprintf(out, "%s%.10g", comma, x);
        comma = ", ";
        last = x;
    }
    fprintf(out, "%s0)\n", comma);
}

static size_t
longest_label(const struct chart *chart)
{
    size_t longest = 1;
    for (size_t i = 0; i < chart->line_count; i++)
        if (strlen(chart->lines[i].label) > longest)
            longest = strlen(chart->lines[i].label);
    for (size_t i = 0; i < chart->row_count; i++)
        if (strlen(chart->rows[i].label) > longest)
            longest = strlen(chart->rows[i].label);
    return longest;
}

// Of count keys, side by side if there is room.
static int
rows_of_keys(size_t count, size_t longest)
{
    size_t columns = (size_t)((WIDTH - 20) / ((double)longest * GLYPH_WIDTH + 52));
    columns = columns ? columns : 1;
    return (int)((count + columns - 1) / columns);
}

static void
line_data(FILE *out, const struct chart *chart)
{
    for (size_t i = 0; i < chart->line_count; i++) {
        const struct line *line = &chart->lines[i];
        fprintf(out, "$line%zu << END\n", i);
        for (size_t k = 0; k < line->count; k++)
            fprintf(out, "%.10g %.10g %.10g %.10g\n", line->points[k].x
                    , line->points[k].y, line->points[k].low
                    , line->points[k].high);
        fputs("END\n", out);
    }
}

static void
plot_lines(FILE *out, const struct chart *chart)
{
    const char *before = "plot ";
    for (size_t i = 0; i < chart->line_count; i++) {
        const struct line *line = &chart->lines[i];
        size_t hue = line->style.hue % HUES;
        size_t variant = line->style.variant + line->style.hue / HUES;
        fprintf(out, "%s$line%zu using 1:2:3:4 with yerrorlines lw 2 ps 0.7 lc"
                " rgb '%s' dt %zu pt %d title ", before, i, hues[hue]
                , variant % 4 + 1
                , (variant ? hollow_points : filled_points)[hue]);
        quote(out, line->label);
        before = ", ";
    }
    fputs("\n", out);
}

static void
script_lines(FILE *out, const struct chart *chart, const char *svg)
{
    double x_end, y_end;
    int key_rows = rows_of_keys(chart->line_count, longest_label(chart));
    find_ends(chart, &x_end, &y_end);
    double step = nice_step(y_end, 5);
    begin(out, svg, PLOT_HEIGHT, key_rows);
    axis(out, 'x', chart->x_label, x_end * 1.03, 0);
    axis(out, 'y', chart->y_label, ceil(y_end / step) * step, step);
    x_tics(out, chart, x_end);
    fputs("set grid ytics\nset bars small\n", out);
    line_data(out, chart);
    plot_lines(out, chart);
}


/****************************************************************
 * Rows
 ****************************************************************/

#define ROW_HEIGHT 30
#define MARKED_ROW_HEIGHT 40 // with marks below the boxes
#define MARKS_BELOW 0.15     // the boxes, as a share of a row
#define LABEL_HEIGHT 16      // of a label above the boxes
#define RIGHT_MARGIN 20
#define BOX_HEIGHT 0.72      // with labels beside them, as a share of a row

// The first row is the uppermost.
static double
row_base(const struct chart *chart, size_t row)
{
    return (double)(chart->row_count - 1 - row);
}

static double
row_end(const struct chart *chart)
{
    double end = 0;
    for (size_t i = 0; i < chart->row_count; i++) {
        const struct row *row = &chart->rows[i];
        for (size_t k = 0; k < row->box_count; k++)
            end = larger(end, row->boxes[k].right);
        for (size_t k = 0; k < row->mark_count; k++)
            end = larger(end, row->marks[k].x);
    }
    return end > 0 ? end : 1;
}

// How its rows are laid out.
struct layout {
    bool others;               // whether there are marks other than texts
    bool above;                // the labels are above the boxes
    int row_height;            // pixels
    int key_rows;
    size_t longest_key;
    double box;                // the height of the highest, as a share of a row
};

static struct layout
row_layout(const struct chart *chart)
{
    struct layout layout = { .above = longest_label(chart) > LABEL_GLYPHS };
    for (size_t i = 0; i < chart->row_count; i++)
        for (size_t k = 0; k < chart->rows[i].mark_count; k++)
            layout.others |= chart->rows[i].marks[k].kind != MARK_TEXT;
    int height = layout.others ? MARKED_ROW_HEIGHT : ROW_HEIGHT;
    layout.row_height = height + (layout.above ? LABEL_HEIGHT : 0);
    layout.box = chart->touching ? 1 : BOX_HEIGHT * height / layout.row_height;
    for (size_t i = 0; i < chart->key_count; i++)
        if (strlen(chart->keys[i].label) > layout.longest_key)
            layout.longest_key = strlen(chart->keys[i].label);
    layout.key_rows = layout.others ? 1
                      : rows_of_keys(chart->key_count, layout.longest_key);
    return layout;
}

// Beside the boxes.
static void
row_labels(FILE *out, const struct chart *chart)
{
    const char *comma = "";
    fputs("set ytics scale 0 (", out);
    for (size_t i = 0; i < chart->row_count; i++) {
        fputs(comma, out);
        quote(out, chart->rows[i].label);
        fprintf(out, " %.10g", row_base(chart, i) + BOX_HEIGHT / 2);
        comma = ", ";
    }
    fputs(")\n", out);
}

// Not in the middle of a character of UTF-8.
static size_t
character_start(const char *text, size_t at)
{
    while (at && (text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

// Above the boxes, where there is room for whole names.
static void
labels_above(FILE *out, const struct chart *chart, const struct layout *layout)
{
    fputs("unset ytics\n", out);
    for (size_t i = 0; i < chart->row_count; i++) {
        const char *label = chart->rows[i].label;
        size_t length = strlen(label);
        char cut[LABEL_MOST * 2];
        if (length > LABEL_MOST) {
            snprintf(cut, sizeof(cut), "%.*s...%s"
                     , (int)character_start(label, LABEL_MOST / 2), label
                     , label + character_start(label, length - LABEL_MOST / 2));
            label = cut;
        }
        fputs("set label ", out);
        quote(out, label);
        fprintf(out, " at 0,%.10g left offset character 0.3,0\n"
                , row_base(chart, i) + layout->box
                  + 0.5 * LABEL_HEIGHT / layout->row_height);
    }
}

// The boxes that are drawn full, or those that are not. Returns how many.
static size_t
box_data(FILE *out, const struct chart *chart, const struct layout *layout
         , bool full)
{
    size_t count = 0;
    fprintf(out, "$boxes%d << END\n", full);
    for (size_t i = 0; i < chart->row_count; i++) {
        const struct row *row = &chart->rows[i];
        double base = row_base(chart, i);
        for (size_t k = 0; k < row->box_count; k++) {
            const struct box *box = &row->boxes[k];
            if (full != !box->style.variant)
                continue;
            fprintf(out, "%.10g %.10g %.10g %.10g %ld\n", box->left, box->right
                    , base, base + layout->box * box->height
                    , strtol(hues[box->style.hue % HUES] + 1, NULL, 16));
            count++;
        }
    }
    fputs("END\n", out);
    return count;
}

// Returns how many there are.
static size_t
mark_data(FILE *out, const struct chart *chart, enum mark_kind kind)
{
    size_t count = 0;
    fprintf(out, "$mark%d << END\n", kind);
    for (size_t i = 0; i < chart->row_count; i++) {
        const struct row *row = &chart->rows[i];
        for (size_t k = 0; k < row->mark_count; k++)
            if (row->marks[k].kind == kind) {
                fprintf(out, "%.10g %.10g\n", row->marks[k].x
                        , row_base(chart, i) - MARKS_BELOW);
                count++;
            }
    }
    fputs("END\n", out);
    return count;
}

static void
mark_texts(FILE *out, const struct chart *chart, const struct layout *layout)
{
    for (size_t i = 0; i < chart->row_count; i++) {
        const struct row *row = &chart->rows[i];
        for (size_t k = 0; k < row->mark_count; k++) {
            if (row->marks[k].kind != MARK_TEXT)
                continue;
            fputs("set label ", out);
            quote(out, row->marks[k].text);
            fprintf(out, " at %.10g,%.10g left offset character 0.6,0\n"
                    , row->marks[k].x, row_base(chart, i) + layout->box / 2);
        }
    }
}

static void
plot_rows(FILE *out, const struct chart *chart, const struct layout *layout)
{
    const char *before = "plot ";
    bool with_marks = layout->others;
    size_t counts[] = { box_data(out, chart, layout, false)
        , box_data(out, chart, layout, true) };
    size_t marks_of[MARK_KINDS] = { 0 };
    for (int kind = MARK_P50; with_marks && kind < MARK_KINDS; kind++)
        marks_of[kind] = mark_data(out, chart, kind);
    for (int full = 0; full < 2; full++) {
        if (!counts[full])
            continue;
        fprintf(out, "%s$boxes%d using 1:3:1:2:3:4:5 with boxxyerror lc rgb"
                " variable fs solid %s border notitle", before, full
                , full ? "1.0" : "0.4");
        before = ", ";
    }
    for (int kind = MARK_P50; kind < MARK_KINDS; kind++) {
        if (!marks_of[kind])
            continue;
        fprintf(out, "%s$mark%d using 1:2 with points pt %d ps 0.6 lc black"
                " title '%s'", before, kind, marks[kind].point
                , marks[kind].name);
        before = ", ";
    }
    fputs("\n", out);
}

// What the boxes are, below the axis. gnuplot's own key would be no higher than the
// rows, and go on beside the picture.
static void
box_keys(FILE *out, const struct chart *chart, const struct layout *layout
         , double height)
{
    for (size_t i = 0; i < chart->key_count; i++) {
        const struct key *key = &chart->keys[i];
        size_t column = i / (size_t)layout->key_rows;
        size_t row = i % (size_t)layout->key_rows;
        double x = 14 + (double)column * ((double)layout->longest_key * GLYPH_WIDTH
                                          + 52);
        double y = ((double)layout->key_rows - (double)row - 0.5) * KEY_HEIGHT
                   / height;
        fprintf(out, "set object rectangle center screen %.4f,%.4f size screen"
                " %.4f,%.4f fc rgb '%s' fs solid %s border lc rgb '%s'\n"
                , (x + 10) / WIDTH, y, 20.0 / WIDTH, 11 / height
                , hues[key->style.hue % HUES], key->style.variant ? "0.4" : "1.0"
                , hues[key->style.hue % HUES]);
        fputs("set label ", out);
        quote(out, key->label);
        fprintf(out, " at screen %.4f,%.4f left\n", (x + 28) / WIDTH, y);
    }
}

// Texts in boxes, as far as they fit there, and none of what is too short to be
// understood.
static void
box_texts(FILE *out, const struct chart *chart, const struct layout *layout
          , double per_pixel)
{
    for (size_t i = 0; i < chart->row_count; i++)
        for (size_t k = 0; k < chart->rows[i].box_count; k++) {
            const struct box *box = &chart->rows[i].boxes[k];
            double room = ((box->right - box->left) / per_pixel - 4) / GLYPH_WIDTH;
            if (!box->text || room < 3)
                continue;
            size_t length = strlen(box->text);
            char text[LABEL_MOST + 1];
            if (length > (size_t)room || length > LABEL_MOST)
                length = character_start(box->text, (size_t)fmin(room, LABEL_MOST));
            snprintf(text, sizeof(text), "%.*s", (int)length, box->text);
            fputs("set label ", out);
            quote(out, text);
            fprintf(out, " at %.10g,%.10g left offset character 0.2,0 front\n"
                    , box->left, row_base(chart, i) + layout->box / 2);
        }
}

// Where the axis must end, which is that many pixels long, for all texts behind
// their marks to fit.
static double
texts_end(const struct chart *chart, double pixels)
{
    double end = 0;
    for (size_t i = 0; i < chart->row_count; i++)
        for (size_t k = 0; k < chart->rows[i].mark_count; k++) {
            const struct mark *mark = &chart->rows[i].marks[k];
            if (mark->kind == MARK_TEXT)
                end = larger(end, mark->x * pixels
                             / (pixels - 8 - GLYPH_WIDTH
                                * (double)strlen(mark->text)));
        }
    return end;
}

static void
script_rows(FILE *out, const struct chart *chart, const char *svg)
{
    struct layout layout = row_layout(chart);
    double end = row_end(chart);
    double left = layout.above ? 14
                  : (double)longest_label(chart) * GLYPH_WIDTH + 14;
    double x_end = fmax(end * (chart->touching ? 1 : 1.05)
                        , texts_end(chart, WIDTH - left - RIGHT_MARGIN));
    int height = layout.row_height * (int)chart->row_count + AXIS_HEIGHT + 8;
    begin(out, svg, height, layout.key_rows);
    axis(out, 'x', chart->x_label, x_end, nice_step(end, 4));
    fprintf(out, "set yrange [%g:%zu]\n", layout.others ? -0.35 : -0.1
            , chart->row_count);
    fprintf(out, "set lmargin at screen %.4f\nset rmargin 2\n%s"
            "set key samplen 1 width 1\n"
            , left / WIDTH, chart->touching ? "" : "set grid xtics\n");
    if (layout.above)
        labels_above(out, chart, &layout);
    else
        row_labels(out, chart);
    mark_texts(out, chart, &layout);
    box_keys(out, chart, &layout, height + layout.key_rows * KEY_HEIGHT);
    box_texts(out, chart, &layout, x_end / (WIDTH - left - RIGHT_MARGIN));
    plot_rows(out, chart, &layout);
}


void
script_chart(FILE *out, const struct chart *chart, const char *svg)
{
    if (chart->line_count)
        script_lines(out, chart, svg);
    else
        script_rows(out, chart, svg);
}
