// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads a file of budgets: see budgets.h, and bench/budgets for the language.

#include "budgets.h"

#include <errno.h>
#include <math.h> // isfinite
#include <stdarg.h> // va_list
#include <stdio.h> // fopen
#include <stdlib.h> // strtod
#include <string.h> // strtok_r

#define WORDS 5 // of a line, at most
#define LINE_SIZE 512

static const char xen_word[] = "xen=";

const char *const figure_names[FIGURES] = {
    [FIGURE_US] = "us", [FIGURE_EXITS] = "exits", [FIGURE_FIRMWARE] = "firmware",
    [FIGURE_QEMU] = "qemu", [FIGURE_SLOWER] = "slower-than",
};

// The file, and where in it we are.
struct reader {
    struct budgets *budgets;
    struct pool *pool;
    unsigned line;
    char *message;
    size_t size;
};

static bool __attribute__((format(printf, 2, 3)))
wrong(const struct reader *reader, const char *format, ...)
{
    va_list args;
    int length = snprintf(reader->message, reader->size, "%s:%u: "
                          , reader->budgets->file, reader->line);
    va_start(args, format);
    if (length >= 0 && (size_t)length < reader->size)
        vsnprintf(reader->message + length, reader->size - (size_t)length
                  , format, args);
    va_end(args);
    return false;
}

static bool
read_figure(const struct reader *reader, const char *word, enum figure *figure)
{
    for (int i = 0; i < FIGURES; i++)
        if (!strcmp(word, figure_names[i])) {
            *figure = (enum figure)i;
            return true;
        }
    return wrong(reader, "%s is not one of us, exits, firmware, qemu and"
                 " slower-than", word);
}

static bool
read_number(const struct reader *reader, const char *word, double *number)
{
    char *rest;
    *number = strtod(word, &rest);
    if (rest != word && !*rest && isfinite(*number) && *number >= 0)
        return true;
    return wrong(reader, "%s is not a number of 0 or more", word);
}

static bool
is_pattern(const char *word)
{
    int slashes = 0;
    for (; *word; word++)
        slashes += *word == '/';
    return slashes == 3;
}

// words: NULL behind the last one.
static bool
read_words(const struct reader *reader, const char *const *words
           , struct budget *budget)
{
    budget->pattern = *words++;
    if (!is_pattern(budget->pattern))
        return wrong(reader, "%s is not FIRMWARE/TRANSPORT/BACKEND/JOB"
                     , budget->pattern);
    if (!*words)
        return wrong(reader, "the figure is missing, such as: us 51.5");
    if (!read_figure(reader, *words++, &budget->figure))
        return false;
    if (budget->figure == FIGURE_SLOWER && *words)
        budget->than = *words++;
    if (!*words)
        return wrong(reader, budget->figure == FIGURE_SLOWER
                     ? "slower-than wants a firmware, and how many times"
                     : "the number is missing, which is how much at most");
    if (!read_number(reader, *words++, &budget->number))
        return false;
    if (*words && !strncmp(*words, xen_word, strlen(xen_word)))
        budget->xen = *words++ + strlen(xen_word);
    return !*words || wrong(reader, "%s is a word too many: only xen=VERSION may"
                            " follow the number", *words);
}

static bool
read_line(const struct reader *reader, char *line)
{
    struct budgets *budgets = reader->budgets;
    struct budget budget = { .number = 0 };
    const char *words[WORDS + 2] = { NULL };
    char *save;
    size_t count = 0;
    line[strcspn(line, "#\n")] = '\0';
    for (char *word = strtok_r(line, " \t\r", &save); word && count <= WORDS
         ; word = strtok_r(NULL, " \t\r", &save))
        words[count++] = pool_copy(reader->pool, word);
    if (!count)
        return true;
    if (!read_words(reader, words, &budget))
        return false;
    budgets->list = pool_grow(reader->pool, budgets->list, budgets->count
                              , budgets->count + 1, sizeof(*budgets->list));
    budgets->list[budgets->count++] = budget;
    return true;
}

bool
budgets_read(struct budgets *budgets, struct pool *pool, const char *file
             , char *message, size_t size)
{
    struct reader reader = { budgets, pool, 0, message, size };
    char line[LINE_SIZE];
    bool good = true;
    *budgets = (struct budgets){ .file = file };
    FILE *in = fopen(file, "r");
    if (!in) {
        snprintf(message, size, "%s: cannot be read: %s; name a file of budgets"
                 " with --budgets", file, strerror(errno));
        return false;
    }
    while (good && fgets(line, sizeof(line), in)) {
        reader.line++;
        good = strlen(line) < sizeof(line) - 1 ? read_line(&reader, line)
               : wrong(&reader, "the line is longer than %d characters"
                       , LINE_SIZE - 2);
    }
    if (good && ferror(in))
        good = wrong(&reader, "cannot be read any further");
    fclose(in);
    if (good && !budgets->count) {
        snprintf(message, size, "%s: there is no budget in it", file);
        good = false;
    }
    return good;
}
