// SPDX-License-Identifier: LGPL-3.0-or-later
// Fields of a JSON file, checked: see field.h.

#include "field.h"

#include <errno.h>
#include <inttypes.h> // PRId64
#include <stdarg.h> // va_list
#include <stdio.h> // snprintf
#include <string.h> // strerror

// Appends to a message that may be full.
static void __attribute__((format(printf, 2, 3)))
append(struct complaint *complaint, const char *format, ...)
{
    size_t used = strlen(complaint->message);
    va_list args;
    va_start(args, format);
    vsnprintf(complaint->message + used, sizeof(complaint->message) - used
              , format, args);
    va_end(args);
}

// The path of a field, outermost name first; as deep as our own code goes.
static void
append_path(const struct field *field) // NOLINT(misc-no-recursion)
{
    if (!field->parent)
        return;
    append_path(field->parent);
    if (field->name)
        append(field->complaint, "%s%.60s", field->parent->parent ? "." : ""
               , field->name);
    else
        append(field->complaint, "[%zu]", field->index);
}

bool
field_wrong(const struct field *field, const char *format, ...)
{
    struct complaint *complaint = field->complaint;
    char text[256];
    va_list args;
    if (complaint->message[0])
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    append(complaint, "%s: ", complaint->file);
    append_path(field);
    append(complaint, "%s%s", field->parent ? ": " : "", text);
    return false;
}

json_t *
field_load(const char *path, struct complaint *complaint)
{
    json_error_t error;
    struct field root = { .complaint = complaint };
    complaint->file = path;
    complaint->message[0] = '\0';
    FILE *file = fopen(path, "rb");
    if (!file) {
        field_wrong(&root, "cannot be read: %s; name a results.json"
                    , strerror(errno));
        return NULL;
    }
    json_t *value = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (!value) {
        field_wrong(&root, "line %d, column %d: not JSON, or cut off: %s"
                    , error.line, error.column, error.text);
        return NULL;
    }
    root.value = value;
    if (!field_is_object(&root)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

struct field
field_member(const struct field *parent, const char *name)
{
    json_t *value = json_object_get(parent->value, name);
    return (struct field){ .complaint = parent->complaint, .parent = parent
        , .name = name, .value = json_is_null(value) ? NULL : value };
}

struct field
field_element(const struct field *parent, size_t index)
{
    return (struct field){ .complaint = parent->complaint, .parent = parent
        , .index = index, .value = json_array_get(parent->value, index) };
}

static const char *
kind_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "a whole number";
    case JSON_REAL: return "a number with a fraction";
    case JSON_NULL: return "null";
    default: return "true or false";
    }
}

// Checks that the field is there, and of its kind, which the caller has tested.
static bool
must_be(const struct field *field, bool is, const char *kind)
{
    if (!field->value)
        return field_wrong(field, "is missing; it must be %s", kind);
    if (!is)
        return field_wrong(field, "must be %s, not %s", kind
                           , kind_name(field->value));
    return true;
}

bool
field_is_object(const struct field *field)
{
    return must_be(field, json_is_object(field->value), "an object");
}

bool
field_is_array(const struct field *field)
{
    return must_be(field, json_is_array(field->value), "an array");
}

bool
field_boolean(const struct field *field, bool *out)
{
    if (!must_be(field, json_is_boolean(field->value), "true or false"))
        return false;
    *out = json_is_true(field->value);
    return true;
}

bool
field_integer(const struct field *field, int64_t min, int64_t max, int64_t *out)
{
    if (!must_be(field, json_is_integer(field->value), "a whole number"))
        return false;
    int64_t number = json_integer_value(field->value);
    if (number < min || number > max)
        return field_wrong(field, "%" PRId64 " is not from %" PRId64
                           " to %" PRId64, number, min, max);
    *out = number;
    return true;
}

bool
field_number(const struct field *field, double *out)
{
    if (!must_be(field, json_is_number(field->value), "a number"))
        return false;
    *out = json_number_value(field->value);
    return *out >= 0 || field_wrong(field, "must not be negative");
}

bool
field_string(const struct field *field, const char **out)
{
    if (!must_be(field, json_is_string(field->value), "a string"))
        return false;
    const char *text = json_string_value(field->value);
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            return field_wrong(field, "has a control character");
    *out = text;
    return true;
}
