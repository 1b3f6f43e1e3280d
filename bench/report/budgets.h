// SPDX-License-Identifier: LGPL-3.0-or-later
// What calls may cost: a file of budgets, and `int13bench budgets`, which holds
// results to it.
#ifndef REPORT_BUDGETS_H
#define REPORT_BUDGETS_H

#include <stdbool.h>
#include <stddef.h> // size_t

#include "pool.h"

enum figure { FIGURE_US, FIGURE_EXITS, FIGURE_FIRMWARE, FIGURE_QEMU
              , FIGURE_SLOWER, FIGURES };
extern const char *const figure_names[FIGURES];

// A line of the file.
struct budget {
    const char *pattern; // of FIRMWARE/TRANSPORT/BACKEND/JOB
    enum figure figure;
    const char *than;    // of FIGURE_SLOWER: the firmware that must be faster
    double number;       // at most; of FIGURE_SLOWER: times, at least
    const char *xen;     // the only version that it is for, or NULL
};

struct budgets {
    const char *file;
    struct budget *list;
    size_t count;
};

// Reads a file. False: the message of size bytes says what is wrong, and where.
bool budgets_read(struct budgets *budgets, struct pool *pool, const char *file
                  , char *message, size_t size);

// `int13bench budgets`: argv[0] is "budgets", file what it reads without
// --budgets. Returns the exit status: 0 within all, 1 not, 2 a usage error, or a
// figure or a budget is missing.
int cmd_budgets(int argc, char **argv, const char *file);

#endif // budgets.h
