// SPDX-License-Identifier: LGPL-3.0-or-later
// What is wrong with job files, and what of them is ignored: collected, so that
// all of it is told in one go.
#ifndef HARNESS_PROBLEMS_H
#define HARNESS_PROBLEMS_H

#include <stddef.h> // size_t
#include <stdio.h> // FILE

enum severity { SEVERITY_NOTE, SEVERITY_PROBLEM };

struct problem {
    const char *file;
    int line;
    enum severity severity;
    char *text; // nothing in it can harm a terminal
};

struct problem_list {
    struct problem *list;
    size_t count;
    size_t wrong; // those that are not notes
    char **names; // of files, that the list frees
    size_t name_count;
};

// Adds one, unless it is there. Control characters are written as \x1b.
void problems_add(struct problem_list *problems, enum severity severity
                  , const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
// Keeps a file's name until the list is freed.
void problems_keep(struct problem_list *problems, char *name);
// Prints lines "FILE:LINE: TEXT" by file and line.
void problems_print(const struct problem_list *problems
                    , enum severity severity, FILE *to);
void problems_free(struct problem_list *problems);

#endif
