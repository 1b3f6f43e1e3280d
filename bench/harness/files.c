// SPDX-License-Identifier: LGPL-3.0-or-later
// Files as a whole, and strings.

#include <err.h> // err
#include <errno.h> // EEXIST
#include <stdarg.h> // va_list
#include <stdlib.h> // free
#include <string.h> // strcspn
#include <sys/stat.h> // mkdir

#include "files.h"
#include "jobfile.h" // EXIT_USAGE


char *
stream_text(FILE *stream)
{
    size_t size = 0, used = 0, got, i;
    char *text = NULL;
    do {
        size = size ? size * 2 : 1 << 16;
        char *more = realloc(text, size);
        if (!more)
            err(EXIT_USAGE, "reading");
        text = more;
        got = fread(text + used, 1, size - used - 1, stream);
        used += got;
    } while (got);
    for (i = 0; i < used; i++)
        if (!text[i])
            text[i] = ' ';
    text[used] = '\0';
    if (!ferror(stream))
        return text;
    free(text);
    return NULL;
}

char *
file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = file ? stream_text(file) : NULL;
    if (file)
        fclose(file);
    return text;
}

char *
first_line(char *text)
{
    if (text)
        text[strcspn(text, "\r\n")] = '\0';
    return text;
}

char *
text_of(const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        err(EXIT_USAGE, "no memory");
    return text;
}

FILE *
file_create(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        err(EXIT_USAGE, "cannot write %s", path);
    return file;
}

void
file_close(FILE *file, const char *path)
{
    int failed = ferror(file);
    if (fclose(file) || failed)
        err(EXIT_USAGE, "cannot write %s", path);
}

void
directory_make(const char *path)
{
    if (mkdir(path, 0777) && errno != EEXIST)
        err(EXIT_USAGE, "cannot make %s", path);
}
