// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes job files apart by the rules of fio 3 (its init.c), which no library for
// INI files has: a comment begins anywhere in a line, nothing quotes it, and
// every section whose name begins with "global" is for all jobs. Options for the
// firmware alone are in comments, "; int13_buffer=1000:0001", which fio skips.

#include <ctype.h> // isspace
#include <err.h> // err
#include <errno.h> // errno
#include <stdlib.h> // getenv
#include <string.h> // strchr
#include <unistd.h> // access

#include "fiofile.h"
#include "files.h" // text_of
#include "jobfile.h" // EXIT_USAGE

#define OWN_PREFIX "int13_"
#define INCLUDE "include"
#define MOST_INCLUDED 16 // files in each other
#define LONGEST_LINE 8191
#define MARK "\xef\xbb\xbf" // of UTF-8

struct reader {
    const char *name;
    int line;
    int depth; // of included files
    int *has_section;
    const struct fio_handler *handler;
    struct problem_list *problems;
};

#define COMPLAIN(reader, ...) \
    problems_add((reader)->problems, SEVERITY_PROBLEM, (reader)->name \
                 , (reader)->line, __VA_ARGS__)

static int
is_blank(char c)
{
    return isspace((unsigned char)c) || iscntrl((unsigned char)c);
}

// Removes a comment, and blanks before it.
static void
strip_end(char *text)
{
    char *end = text + strcspn(text, ";#");
    while (end > text && is_blank(end[-1]))
        end--;
    *end = '\0';
}

static int
is_empty(const char *text)
{
    while (*text && is_blank(*text))
        text++;
    return !*text || *text == ';' || *text == '#';
}

// Returns our option in a line that is a comment, NULL if there is none.
static char *
own_option(char *text)
{
    if (*text != ';' && *text != '#')
        return NULL;
    text += strspn(text, ";# \t");
    return strncmp(text, OWN_PREFIX, strlen(OWN_PREFIX)) ? NULL : text;
}

// Returns a copy with each ${NAME} replaced by that variable, or by nothing if
// there is no such variable.
static char *
replace_variables(const char *text)
{
    char *all = text_of("%s", "");
    while (*text) {
        const char *start = strstr(text, "${");
        const char *end = start ? strchr(start, '}') : NULL;
        if (!end) {
            char *longer = text_of("%s%s", all, text);
            free(all);
            return longer;
        }
        char *name = text_of("%.*s", (int)(end - start - 2), start + 2);
        const char *value = getenv(name);
        char *longer = text_of("%s%.*s%s", all, (int)(start - text), text
                               , value ? value : "");
        free(name);
        free(all);
        all = longer;
        text = end + 1;
    }
    return all;
}

// Returns the word that fio would replace by a figure of its machine.
static const char *
keyword_in(const char *text)
{
    static const char *const words[] = { "$pagesize", "$mb_memory", "$ncpus" };
    size_t i;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(text, words[i]))
            return words[i];
    return NULL;
}

static void
take_option(const struct reader *reader, const char *line, int is_own)
{
    char *text = replace_variables(line), *value = strchr(text, '=');
    if (!is_own && keyword_in(text)) {
        COMPLAIN(reader, "%s: fio replaces %s by a figure of its machine; write"
                 " the number", text, keyword_in(text));
        free(text);
        return;
    }
    if (value) {
        *value++ = '\0';
        strip_end(text);
    }
    reader->handler->option(reader->handler->user, reader->name, reader->line
                            , text, value, is_own);
    free(text);
}

static void
take_section(const struct reader *reader, char *text)
{
    size_t length = strlen(text);
    if (reader->depth) {
        COMPLAIN(reader, "%s: an included file has no sections", text);
        return;
    }
    *reader->has_section = 1;
    // fio takes the last character for the bracket, whatever it is.
    if (length < 3 || text[length - 1] != ']') {
        COMPLAIN(reader, "%s: a section is [NAME], with nothing but a comment"
                 " behind it", text);
        return;
    }
    text[length - 1] = '\0';
    reader->handler->section(reader->handler->user, reader->name, reader->line
                             , text + 1, !strncmp(text + 1, "global", 6));
}

static void read_lines(struct reader *reader, FILE *file);

// "include FILE", which fio looks for here, and else beside the file that
// includes it.
static void // NOLINTNEXTLINE(misc-no-recursion): MOST_INCLUDED
include_file(const struct reader *reader, const char *text)
{
    const char *wanted = text + strlen(INCLUDE);
    const char *slash = strrchr(reader->name, '/');
    wanted += *wanted != '\0';
    char *path = slash && access(wanted, F_OK)
        ? text_of("%.*s%s", (int)(slash - reader->name + 1), reader->name
                  , wanted) : text_of("%s", wanted);
    FILE *file = reader->depth < MOST_INCLUDED ? fopen(path, "r") : NULL;
    struct reader inner = *reader;
    inner.name = path;
    inner.line = 0;
    inner.depth++;
    problems_keep(reader->problems, path);
    if (!file) {
        COMPLAIN(reader, "%s: %s", text, reader->depth < MOST_INCLUDED
                 ? "cannot be read" : "files include each other");
        return;
    }
    read_lines(&inner, file);
    fclose(file);
}

static void // NOLINTNEXTLINE(misc-no-recursion): MOST_INCLUDED
take_line(const struct reader *reader, char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *own = own_option(text);
    if (!own && is_empty(text))
        return;
    if (own)
        text = own;
    strip_end(text);
    if (*text == '[')
        take_section(reader, text);
    else if (!*reader->has_section)
        COMPLAIN(reader, "%s: no section [NAME] before it", text);
    else if (!own && !strncmp(text, INCLUDE, strlen(INCLUDE)))
        include_file(reader, text);
    else
        take_option(reader, text, own != NULL);
}

// Returns the text of a line, NULL if no sense can be made of it.
static char *
check_line(const struct reader *reader, char *text, size_t length)
{
    if (reader->line == 1 && !strncmp(text, MARK, strlen(MARK))) {
        COMPLAIN(reader, "begins with a byte order mark, which fio takes for"
                 " part of the line: save the file without it");
        return text + strlen(MARK);
    }
    if (strlen(text) != length)
        COMPLAIN(reader, "has a byte of 0: not a text file");
    else if (length > LONGEST_LINE)
        COMPLAIN(reader, "is longer than %d characters: fio takes the rest for"
                 " a line of its own", LONGEST_LINE);
    else
        return text;
    return NULL;
}

static void // NOLINTNEXTLINE(misc-no-recursion): MOST_INCLUDED
read_lines(struct reader *reader, FILE *file)
{
    char *line = NULL, *text;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        reader->line++;
        if (line[length - 1] == '\n')
            line[--length] = '\0';
        text = check_line(reader, line, (size_t)length);
        if (text)
            take_line(reader, text);
    }
    int why = errno;
    free(line);
    if (ferror(file))
        COMPLAIN(reader, "cannot be read: %s", strerror(why));
}

int
fiofile_read(FILE *file, const char *name, const struct fio_handler *handler
             , struct problem_list *problems)
{
    int has_section = 0;
    struct reader reader = {
        .name = name, .has_section = &has_section, .handler = handler,
        .problems = problems,
    };
    read_lines(&reader, file);
    return reader.line;
}
