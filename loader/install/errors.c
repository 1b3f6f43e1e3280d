// SPDX-License-Identifier: LGPL-3.0-or-later
// One line that says what is wrong, and the end.

#include <errno.h> // errno
#include <stdarg.h> // va_list
#include <stdio.h> // fprintf
#include <stdlib.h> // exit
#include <string.h> // strerror

#include "install.h"

static const char *meaning;

void
fail_means(const char *text)
{
    meaning = text;
}

void
fail(const char *path, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "blkload: %s: ", path);
    vfprintf(stderr, format, args);
    fprintf(stderr, meaning ? "; %s\n" : "\n", meaning);
    va_end(args);
    exit(STATUS_FAILED);
}

void
fail_errno(const char *path, const char *what)
{
    fail(path, "%s: %s", what, strerror(errno));
}
