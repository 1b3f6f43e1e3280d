// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads words from files, joins words to a line, and compares them.

#include <err.h> // err
#include <stdlib.h> // realloc
#include <string.h> // strtok_r

#include "files.h" // file_text
#include "jobfile.h" // EXIT_USAGE
#include "tree.h" // tree_path
#include "words.h"

static void
append(struct word_list *list, const char *word)
{
    char **words = realloc(list->words
                           , ((size_t)list->count + 2) * sizeof(char *));
    if (!words)
        err(EXIT_USAGE, "no memory");
    list->words = words;
    list->words[list->count++] = text_of("%s", word);
    list->words[list->count] = NULL;
}

// Appends the words of a file, except for lines that begin with '#'.
static void
append_file(struct word_list *list, const char *path)
{
    char *text = file_text(tree_path(path)), *line, *word, *save, *rest;
    if (!text)
        err(EXIT_USAGE, "%s", path);
    for (line = strtok_r(text, "\n", &save); line
         ; line = strtok_r(NULL, "\n", &save))
        for (word = *line == '#' ? NULL : strtok_r(line, " \t", &rest); word
             ; word = strtok_r(NULL, " \t", &rest))
            append(list, word);
    free(text);
}

struct word_list
words_expand(int argc, char **argv)
{
    struct word_list list = { .words = calloc(1, sizeof(char *)) };
    int i;
    if (!list.words)
        err(EXIT_USAGE, "no memory");
    for (i = 0; i < argc; i++)
        if (*argv[i] == '@')
            append_file(&list, argv[i] + 1);
        else
            append(&list, argv[i]);
    return list;
}

struct word_list
words_copy(const struct word_list *list)
{
    struct word_list copy = { .words = calloc(1, sizeof(char *)) };
    int i;
    if (!copy.words)
        err(EXIT_USAGE, "no memory");
    for (i = 0; i < list->count; i++)
        append(&copy, list->words[i]);
    return copy;
}

void
words_free(struct word_list *list)
{
    int i;
    for (i = 0; i < list->count; i++)
        free(list->words[i]);
    free(list->words);
}

char *
words_joined(int argc, char **argv)
{
    char *command = text_of("int13bench"), *longer;
    int i;
    for (i = 0; i < argc; i++) {
        longer = text_of("%s %s", command, argv[i]);
        free(command);
        command = longer;
    }
    return command;
}

#define LONGEST 32 // of a word that is compared

// Returns how many letters must be changed, added, left out or swapped with the
// next to make one word the other.
static unsigned
distance_of(const char *a, const char *b)
{
    unsigned rows[3][LONGEST + 1], i, k;
    unsigned *two = rows[0], *one = rows[1], *now = rows[2], *free_row;
    size_t length = strlen(b);
    if (strlen(a) > LONGEST || length > LONGEST)
        return LONGEST;
    for (k = 0; k <= length; k++)
        now[k] = k;
    for (i = 0; a[i]; i++) {
        free_row = two;
        two = one;
        one = now;
        now = free_row;
        now[0] = i + 1;
        for (k = 0; k < length; k++) {
            unsigned best = one[k] + (a[i] != b[k]);
            if (one[k + 1] + 1 < best)
                best = one[k + 1] + 1;
            if (now[k] + 1 < best)
                best = now[k] + 1;
            if (i && k && a[i] == b[k - 1] && a[i - 1] == b[k]
                && two[k - 1] + 1 < best)
                best = two[k - 1] + 1;
            now[k + 1] = best;
        }
    }
    return now[length];
}

struct nearest
nearest_to(const char *wanted)
{
    // A third of the letters may be wrong, and at least one.
    return (struct nearest) {
        .wanted = wanted, .distance = (unsigned)strlen(wanted) / 3 + 2,
    };
}

// word may be NULL.
void
nearest_try(struct nearest *nearest, const char *word)
{
    unsigned distance = word ? distance_of(nearest->wanted, word) : LONGEST;
    if (distance >= nearest->distance)
        return;
    nearest->distance = distance;
    nearest->word = word;
}
