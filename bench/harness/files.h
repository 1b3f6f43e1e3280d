// SPDX-License-Identifier: LGPL-3.0-or-later
// Files as a whole, and strings.
#ifndef HARNESS_FILES_H
#define HARNESS_FILES_H

#include <jansson.h> // json_t
#include <stdio.h> // FILE

// All of it as a string to be freed, with a blank for each byte of 0; NULL if
// it cannot be read.
char *file_text(const char *path);
char *stream_text(FILE *stream);
// The text up to its first line's end.
char *first_line(char *text);
// A string formatted as by printf(), to be freed. Ends the program if there is
// no memory.
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
// A copy, to be freed, in which each control character and each byte that is not
// UTF-8 is written as \x1b is here, so that it can go to a terminal.
char *text_plain(const char *text);
// A file to be written; ends the program if it cannot be.
FILE *file_create(const char *path);
void file_close(FILE *file, const char *path);
// Puts the JSON in place of the file's text, at once or not at all. Returns 0,
// or -1 with errno.
int file_replace_json(const char *path, const json_t *json);
void directory_make(const char *path);

#endif
