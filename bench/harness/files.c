// SPDX-License-Identifier: LGPL-3.0-or-later
// Files as a whole, and strings.

#include <err.h> // err
#include <errno.h> // EEXIST
#include <locale.h> // newlocale
#include <stdarg.h> // va_list
#include <stdlib.h> // free
#include <string.h> // strcspn
#include <sys/stat.h> // mkdir
#include <unistd.h> // fsync
#include <wchar.h> // mbrtowc

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

// Returns how many bytes of UTF-8 the character has; 0 if it is none, or if it
// is a control character.
static size_t
plain_bytes(const char *text)
{
    wchar_t wide;
    mbstate_t state = { 0 };
    static locale_t utf8;
    if ((unsigned char)*text < 0x80)
        return (unsigned char)*text >= ' ' && *text != 0x7f;
    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8)
        return 0;
    locale_t before = uselocale(utf8);
    size_t length = mbrtowc(&wide, text, strlen(text), &state);
    uselocale(before);
    return length > 4 || wide < 0xa0 || (wide >= 0x200e && wide <= 0x200f)
           || (wide >= 0x2028 && wide <= 0x202e)
           || (wide >= 0x2066 && wide <= 0x2069) ? 0 : length;
}

char *
text_plain(const char *text)
{
    char *plain = malloc(strlen(text) * 4 + 1), *to = plain;
    if (!plain)
        err(EXIT_USAGE, "no memory");
    while (*text) {
        size_t length = plain_bytes(text);
        if (length)
            to = mempcpy(to, text, length);
        else
            to += sprintf(to, "\\x%02x", (unsigned char)*text);
        text += length ? length : 1;
    }
    *to = '\0';
    return plain;
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

int
file_replace_json(const char *path, const json_t *json)
{
    char *temporary = text_of("%s.new", path);
    FILE *file = fopen(temporary, "w");
    errno = 0;
    int failed = !file || json_dumpf(json, file, JSON_INDENT(1))
        || fflush(file) || fsync(fileno(file));
    int why = errno;
    if (file && fclose(file) && !failed) {
        failed = 1;
        why = errno;
    }
    if (!failed && rename(temporary, path)) {
        failed = 1;
        why = errno;
    }
    if (failed)
        unlink(temporary);
    free(temporary);
    // A short write of stdio's leaves no reason.
    errno = why ? why : EIO;
    return failed ? -1 : 0;
}

void
directory_make(const char *path)
{
    if (mkdir(path, 0777) && errno != EEXIST)
        err(EXIT_USAGE, "cannot make %s", path);
}
