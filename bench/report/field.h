// SPDX-License-Identifier: LGPL-3.0-or-later
// Fields of a JSON file by name, with their type and range checked. The first
// thing that is wrong is kept as a message that names the file and the path of
// the field, such as jobs[3].int13bench.sectors.
#ifndef REPORT_FIELD_H
#define REPORT_FIELD_H

#include <jansson.h> // json_t
#include <stdbool.h>
#include <stdint.h> // int64_t

struct complaint {
    const char *file;
    char message[512];
};

// A value and the way to it; lives on the stack of whoever reads it.
struct field {
    struct complaint *complaint;
    const struct field *parent; // NULL: the whole file
    const char *name;           // NULL: an element of an array
    size_t index;
    json_t *value;              // NULL: not there
};

// The file's outermost value, an object; NULL with a message. To be freed by
// json_decref().
json_t *field_load(const char *path, struct complaint *complaint);

// Keeps the message, with the path in front, if it is the first; returns false.
bool field_wrong(const struct field *field, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// A member of an object, or null; null in the file counts as missing.
struct field field_member(const struct field *parent, const char *name);
struct field field_element(const struct field *parent, size_t index);

// Each returns false with a message if the field is missing or of another kind.
bool field_is_object(const struct field *field);
bool field_is_array(const struct field *field);
bool field_boolean(const struct field *field, bool *out);
bool field_integer(const struct field *field, int64_t min, int64_t max
                   , int64_t *out);
// Not negative, whole or with a fraction.
bool field_number(const struct field *field, double *out);
// Text in one line; it lives as long as the file's value.
bool field_string(const struct field *field, const char **out);

#endif // field.h
