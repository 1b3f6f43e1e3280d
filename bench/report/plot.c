// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes gnuplot draw the charts, and fits them into a page: text and axes in
// the page's colour and font, and no id twice.

#include <ctype.h> // isalnum
#include <errno.h>
#include <spawn.h> // posix_spawnp
#include <stdio.h> // fopen, P_tmpdir
#include <stdlib.h> // mkdtemp
#include <string.h> // strstr
#include <sys/wait.h> // waitpid
#include <unistd.h> // unlink

#include "chart.h"
#include "script.h"

#define NAME_MOST 80 // characters of a file's name


/****************************************************************
 * SVG
 ****************************************************************/

// The text with each occurrence replaced.
static char *
replace(struct pool *pool, const char *text, const char *from, const char *to)
{
    size_t count = 0, from_length = strlen(from);
    for (const char *at = text; (at = strstr(at, from)); at += from_length)
        count++;
    char *result = pool_array(pool, strlen(text) + count * strlen(to) + 1, 1);
    char *out = result;
    for (const char *at; (at = strstr(text, from)); text = at + from_length) {
        memcpy(out, text, (size_t)(at - text));
        out += at - text;
        out = stpcpy(out, to);
    }
    stpcpy(out, text);
    return result;
}

// Cuts out all text between two marks, and the marks.
static void
cut(char *text, const char *from, const char *to)
{
    char *out = text, *begin, *end;
    while ((begin = strstr(text, from)) && (end = strstr(begin, to))) {
        memmove(out, text, (size_t)(begin - text));
        out += begin - text;
        text = end + strlen(to);
    }
    memmove(out, text, strlen(text) + 1);
}

// gnuplot changes its pen more often than it draws.
static void
cut_empty_groups(char *svg)
{
    char *out = svg, *group;
    while ((group = strstr(svg, "<g "))) {
        char *end = strchr(group, '>');
        size_t before = (size_t)(group - svg);
        bool empty = end && !strncmp(end, ">\n</g>\n", 7);
        size_t keep = before + (empty ? 0 : 3);
        memmove(out, svg, keep);
        out += keep;
        svg += empty ? (size_t)(end + 7 - svg) : keep;
    }
    memmove(out, svg, strlen(svg) + 1);
}

static const char *
fit_into_page(struct pool *pool, const char *drawn, bool first)
{
    static const struct { const char *from, *to; } changes[] = {
        { "\r", "" }, { "\t", "" }, { "\n\n\n", "\n" }, { "\n\n", "\n" },
        { " xmlns=\"http://www.w3.org/2000/svg\"\n", "" },
        { " xmlns:xlink=\"http://www.w3.org/1999/xlink\"\n", "" },
        { "<svg ", "<svg role=\"img\" aria-label=\"A chart; the table has its"
          " figures.\"" },
        { "xlink:href", "href" },
        { " id=\"gnuplot_", " class=\"gnuplot_" },
        { "stroke=\"black\"", "stroke=\"currentColor\"" },
        { "stroke='black'", "stroke='currentColor'" },
        { "fill=\"black\"", "fill=\"currentColor\"" },
        { "fill = 'black'", "fill='currentColor'" },
        { " color=\"black\"", "" },
        { " font-family=\"sans-serif\" ", " " },
        { "<text> ", "<text>" },
    };
    const char *start = strstr(drawn, "<svg");
    char *svg = pool_copy(pool, start ? start : drawn);
    cut(svg, "<title>", "</title>\n");
    cut(svg, "<desc>", "</desc>\n");
    if (!first)
        cut(svg, "<defs>", "</defs>\n");
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
        svg = replace(pool, svg, changes[i].from, changes[i].to);
    cut_empty_groups(svg);
    return svg;
}

// With what a page has besides: the namespaces, its colours and its font.
static const char *
make_file(struct pool *pool, const char *svg)
{
    static const char style[] =
        "<style>svg{color:#1b1f24;background:#fff;font-family:system-ui,"
        "sans-serif}.gridline{stroke:#d5dae0;stroke-dasharray:none}\n"
        "@media(prefers-color-scheme:dark){svg{color:#e3e7eb;background:#15181c}"
        ".gridline{stroke:#363d45}}</style>";
    const char *end = strchr(svg, '>');
    if (strncmp(svg, "<svg ", 5) != 0 || !end)
        return svg;
    return pool_format(pool, "<svg xmlns=\"http://www.w3.org/2000/svg\" %.*s\n%s%s"
                       , (int)(end + 1 - svg - 5), svg + 5, style, end + 1);
}

// The words of its title, as far as a file's name can have them.
static const char *
name_of(struct pool *pool, const char *title)
{
    char *name = pool_copy(pool, title), *out = name;
    for (const char *at = title; *at && out - name < NAME_MOST; at++)
        if (isalnum((unsigned char)*at))
            *out++ = (char)tolower((unsigned char)*at);
        else if (out > name && out[-1] != '-')
            *out++ = '-';
    while (out > name && out[-1] == '-')
        out--;
    *out = 0;
    return *name ? name : pool_copy(pool, "chart");
}

static void
name_files(struct pool *pool, struct chart *const *charts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *words = name_of(pool, charts[i]->title);
        size_t same = 0;
        charts[i]->name = pool_format(pool, "%s.svg", words);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(charts[k]->name, charts[i]->name)) {
                charts[i]->name = pool_format(pool, "%s-%zu.svg", words, ++same);
                k = (size_t)-1; // from the start, with the new name
            }
    }
}


/****************************************************************
 * gnuplot
 ****************************************************************/

static char *
read_text(struct pool *pool, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    if (!file)
        return NULL;
    long length = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
    if (length >= 0 && !fseek(file, 0, SEEK_SET)) {
        text = pool_array(pool, (size_t)length + 1, 1);
        if (!length || fread(text, 1, (size_t)length, file) != (size_t)length)
            text = NULL;
    }
    fclose(file);
    return text;
}

// Runs gnuplot in the C locale, so that numbers have points. Returns 0, an
// errno, or -1 if gnuplot failed.
static int
run_gnuplot(const char *script)
{
    static char name[] = "gnuplot", defaults[] = "-d", locale[] = "LC_ALL=C.UTF-8"
        , zone[] = "TZ=UTC0";
    const char *search = getenv("PATH");
    struct pool pool = { NULL };
    char *argv[] = { name, defaults, pool_copy(&pool, script), NULL };
    char *environment[] = {
        locale, zone, pool_format(&pool, "PATH=%s", search ? search : "/usr/bin")
        , NULL
    };
    pid_t child;
    int status = 0;
    int error = posix_spawnp(&child, name, NULL, NULL, argv, environment);
    pool_free(&pool);
    if (error)
        return error;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

static const char *
svg_path(struct pool *pool, const char *folder, size_t chart)
{
    return pool_format(pool, "%s/%zu.svg", folder, chart);
}

static bool
write_script(struct pool *pool, const char *folder, const char *path
             , struct chart *const *charts, size_t count)
{
    FILE *out = fopen(path, "w");
    if (!out)
        return false;
    for (size_t i = 0; i < count; i++)
        script_chart(out, charts[i], svg_path(pool, folder, i));
    fputs("set output\n", out);
    return !fclose(out);
}

static bool
draw_in(struct pool *pool, const char *folder, struct chart *const *charts
        , size_t count, char *message, size_t size)
{
    const char *script = pool_format(pool, "%s/script", folder);
    bool good = write_script(pool, folder, script, charts, count);
    int error = good ? run_gnuplot(script) : errno;
    for (size_t i = 0; i < count; i++) {
        const char *path = svg_path(pool, folder, i);
        char *drawn = read_text(pool, path);
        good = good && drawn;
        if (drawn) {
            charts[i]->svg = fit_into_page(pool, drawn, !i);
            charts[i]->file = make_file(pool, i ? fit_into_page(pool, drawn, true)
                                        : charts[i]->svg);
        }
        unlink(path);
    }
    unlink(script);
    if (error == ENOENT)
        snprintf(message, size, "gnuplot is missing; install Debian's package"
                 " gnuplot-nox");
    else if (error || !good)
        snprintf(message, size, "gnuplot could not draw the charts%s%s"
                 , error > 0 ? ": " : "", error > 0 ? strerror(error) : "");
    return !error && good;
}

bool
charts_draw(struct pool *pool, struct chart *const *charts, size_t count
            , char *message, size_t size)
{
    const char *temporary = getenv("TMPDIR");
    char *folder = pool_format(pool, "%s/int13bench.XXXXXX"
                               , temporary && *temporary ? temporary : P_tmpdir);
    if (!mkdtemp(folder)) {
        snprintf(message, size, "%s: cannot be created: %s; set TMPDIR", folder
                 , strerror(errno));
        return false;
    }
    name_files(pool, charts, count);
    bool good = draw_in(pool, folder, charts, count, message, size);
    rmdir(folder);
    return good;
}
