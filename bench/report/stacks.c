// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's part on where the instructions of one call go: a flame graph of
// folded stacks (bench/profile/run).

#include <stdlib.h> // qsort
#include <string.h> // strcmp

#include "format.h"
#include "sections.h"

#define TABLE_ROWS 20

// A stack of the list that is drawn: its frames, and where it stands along the axis.
struct place {
    const char *frames; // from the outermost to the innermost, with ; between
    double from, to;    // instructions of a call
};

static int
compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return strcmp(x->frames, y->frames);
}

static int
compare_sizes(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    double left = x->to - x->from, right = y->to - y->from;
    return left != right ? (left < right ? 1 : -1) : strcmp(x->frames, y->frames);
}

// In the order of their names, as the usual flame graphs are, so that equal frames
// are side by side.
static struct place *
place_stacks(struct pool *pool, const struct profile *profile)
{
    struct place *places = pool_array(pool, profile->count + 1, sizeof(*places));
    double at = 0;
    for (size_t i = 0; i < profile->count; i++) {
        places[i].frames = profile->stacks[i].name;
        places[i].to = (double)profile->stacks[i].number / (double)profile->calls;
    }
    qsort(places, profile->count, sizeof(*places), compare_places);
    for (size_t i = 0; i < profile->count; i++) {
        places[i].from = at;
        at = places[i].to += at;
    }
    return places;
}

// How many bytes of the frames are those up to this depth; 0 if there are not so many.
static size_t
prefix_length(const char *frames, size_t depth)
{
    const char *at = frames;
    for (;; at++) {
        if ((!*at || *at == ';') && !depth--)
            return (size_t)(at - frames);
        if (!*at)
            return 0;
    }
}

static const char *
innermost(const char *frames)
{
    const char *last = strrchr(frames, ';');
    return last ? last + 1 : frames;
}

// The frames at one depth: neighbours with the same ones up to there are one box.
// Returns true if there are any.
static bool
flame_row(struct pool *pool, struct chart *chart, const struct place *places
          , size_t count, size_t depth)
{
    struct row *row = chart_row(pool, chart, "");
    for (size_t i = 0, next; i < count; i = next) {
        size_t length = prefix_length(places[i].frames, depth);
        for (next = i + 1; next < count && length
             && prefix_length(places[next].frames, depth) == length
             && !strncmp(places[i].frames, places[next].frames, length); )
            next++;
        if (!length)
            continue;
        const char *frames = pool_format(pool, "%.*s", (int)length
                                         , places[i].frames);
        struct style style = chart_hue(row->box_count);
        row_box(pool, row, (struct box){ places[i].from, places[next - 1].to, 1
                , { style.hue, 1 }, innermost(frames) });
    }
    return row->box_count;
}

static const char *
title_of(struct pool *pool, const struct profile *profile)
{
    return pool_format(pool, "%s%s%s, %s", profile->way
                       , *profile->backend ? "/" : "", profile->backend
                       , profile->job);
}

// The outermost frames are the lowest, as in the usual flame graphs.
static void
flame_graph(struct document *document, const struct profile *profile
            , const struct place *places)
{
    struct pool *pool = document->pool;
    struct chart *chart = chart_make(
        pool, pool_format(pool, "%s: instructions of a call by who executed them,"
                          " and in which function", title_of(pool, profile))
        , "instructions", "");
    chart->touching = true;
    size_t depth = 0;
    while (flame_row(pool, chart, places, profile->count, depth))
        depth++;
    // The last row had none.
    chart->row_count = depth;
    for (size_t i = 0; i < depth / 2; i++) {
        struct row low = chart->rows[i];
        chart->rows[i] = chart->rows[depth - 1 - i];
        chart->rows[depth - 1 - i] = low;
    }
    struct row *whole = chart_row(pool, chart, "");
    double end = places[profile->count - 1].to;
    row_box(pool, whole, (struct box){ 0, end, 1, { 6, 1 }, pool_format(
        pool, "one call: %s instructions"
        , format_count(pool, (uint64_t)(end + 0.5))) });
    document_chart(document, chart);
}

static void
stacks_table(struct document *document, const struct profile *profile
             , struct place *places)
{
    static const char *const headers[] = { "where", "instructions", "%" };
    struct pool *pool = document->pool;
    double all = places[profile->count - 1].to, rest = all;
    struct table *table = document_table(document, pool_format(
        pool, "%s: instructions of a call, mean of %llu calls"
        , title_of(pool, profile), (unsigned long long)profile->calls)
        , 1, 3, headers);
    qsort(places, profile->count, sizeof(*places), compare_sizes);
    for (size_t i = 0; i < profile->count && i < TABLE_ROWS; i++) {
        double number = places[i].to - places[i].from;
        const char **row = table_row(pool, table);
        row[0] = places[i].frames;
        row[1] = pool_format(pool, "%.0f", number);
        row[2] = pool_format(pool, "%.1f", 100 * number / all);
        rest -= number;
    }
    if (profile->count > TABLE_ROWS) {
        const char **row = table_row(pool, table);
        row[0] = pool_format(pool, "%zu others", profile->count - TABLE_ROWS);
        row[1] = pool_format(pool, "%.0f", rest);
        row[2] = pool_format(pool, "%.1f", 100 * rest / all);
    }
}

void
add_profiles(struct document *document, const struct results *results)
{
    bool begun = false;
    for (size_t i = 0; i < results->profile_count; i++) {
        const struct profile *profile = &results->profiles[i];
        if (!profile->count)
            continue;
        if (!begun) {
            document_heading(document, 2, "Where the instructions of a call go");
            document_text(document, "A flame graph: a bar is as wide as the share"
                          " of the instructions that it stands for, and stands on"
                          " what it is part of. The lab counts blocks of code, not"
                          " calls of functions, so there are two levels: who"
                          " executed them, and the function that they are in.");
        }
        begun = true;
        struct place *places = place_stacks(document->pool, profile);
        flame_graph(document, profile, places);
        stacks_table(document, profile, places);
    }
}
