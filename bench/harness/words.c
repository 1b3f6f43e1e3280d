// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads words from files, and joins words to a line.

#include <err.h> // err
#include <stdlib.h> // realloc
#include <string.h> // strtok_r

#include "files.h" // file_text
#include "jobfile.h" // EXIT_USAGE
#include "words.h"

static void
append(struct word_list *list, char *word)
{
    list->words = realloc(list->words
                          , ((size_t)list->count + 2) * sizeof(char *));
    if (!list->words)
        err(EXIT_USAGE, "no memory");
    list->words[list->count++] = word;
    list->words[list->count] = NULL;
}

// Appends the words of a file, except for lines that begin with '#'.
static void
append_file(struct word_list *list, const char *path)
{
    char *text = file_text(path), *line, *word, *save, *rest;
    if (!text)
        err(EXIT_USAGE, "%s", path);
    for (line = strtok_r(text, "\n", &save); line
         ; line = strtok_r(NULL, "\n", &save))
        for (word = *line == '#' ? NULL : strtok_r(line, " \t", &rest); word
             ; word = strtok_r(NULL, " \t", &rest))
            append(list, word);
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
