// SPDX-License-Identifier: LGPL-3.0-or-later
// The lines of job files as fio reads them: comments, sections, included files
// and variables of the environment.
#ifndef HARNESS_FIOFILE_H
#define HARNESS_FIOFILE_H

#include <stdio.h> // FILE

#include "problems.h" // struct problem_list

struct fio_handler {
    // "[NAME]"; is_global if fio takes it for all jobs to come.
    void (*section)(void *user, const char *file, int line, const char *name
                    , int is_global);
    // value is NULL if the line has no '='. is_own: it is in a comment, and
    // not for fio.
    void (*option)(void *user, const char *file, int line, const char *name
                   , const char *value, int is_own);
    void *user;
};

// Reads all lines. The name must outlive the problems. Returns the last line's
// number.
int fiofile_read(FILE *file, const char *name
                 , const struct fio_handler *handler
                 , struct problem_list *problems);

#endif
