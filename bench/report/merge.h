// SPDX-License-Identifier: LGPL-3.0-or-later
// Several results as one, for a report of all of them on one page.
#ifndef REPORT_MERGE_H
#define REPORT_MERGE_H

#include "results.h"

#define MERGE_MOST 8 // files

struct merged {
    struct results all; // of the first file's pool, with what the others have
    struct results others[MERGE_MOST];
    size_t count; // of others
};

// Reads one file or more. If there are more, each firmware, each loader's way and
// each fact of the environment has its file's name behind it. False: nothing is to
// be freed, and the message says what is wrong.
bool merge_read(struct merged *merged, const char *const *files, size_t count
                , char *message, size_t size);
void merge_free(struct merged *merged);

// What that file's results are called: its name, or its folder's if it is just
// results.json, with a number behind it if another one is called the same.
const char *merge_name(struct pool *pool, const char *const *files, size_t count
                       , size_t which);

// `int13bench merge`: argv[0] is "merge". Returns the exit status: 0 written, 2 not.
int cmd_merge(int argc, char **argv);

#endif // merge.h
