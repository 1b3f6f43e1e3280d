// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads numbers as fio 3 does (its parse.c), odd ones included: what follows the
// digits only counts if it begins with a unit, so 4.5k and "4 k" are 4, and
// numbers are decimal unless there is a 0x in them.

#include <ctype.h> // isdigit
#include <errno.h> // ERANGE
#include <stdio.h> // sscanf
#include <stdlib.h> // strtoll
#include <string.h> // strstr

#include "fionumber.h"

#define LONGEST 128 // fio reads no more of a number

const char *
fio_next_part(const char *text)
{
    static const char separators[] = ",:-";
    const char *separator, *found;
    for (separator = separators; *separator; separator++) {
        found = strchr(text, *separator);
        if (found)
            return found + 1;
    }
    return NULL;
}

static int
is_hexadecimal(const char *text)
{
    return strstr(text, "0x") || strstr(text, "0X");
}

// Copies the text up to a comma.
static void
copy_part(const char *text, char copy[LONGEST])
{
    snprintf(copy, LONGEST, "%.*s", (int)strcspn(text, ","), text);
}

// Returns 0, or -1 if there are no digits, or too many of them.
static int
read_digits(const char *text, struct fio_number *number)
{
    char *rest;
    *number = (struct fio_number) { .value = 0 };
    errno = 0;
    number->value = strtoll(text, &rest, is_hexadecimal(text) ? 16 : 10);
    if (rest == text || (errno == ERANGE && number->value > 0))
        return -1;
    number->overflow = errno == ERANGE;
    return 0;
}

static void
multiply(struct fio_number *number, long long by)
{
    if (__builtin_mul_overflow(number->value, by, &number->value))
        number->overflow = 1;
}

// Returns what follows the digits if it begins with a letter or '%', else "".
static const char *
unit_of(const char *text)
{
    if (*text == '+' || *text == '-')
        text++;
    while (isdigit((unsigned char)*text))
        text++;
    return isalpha((unsigned char)*text) || *text == '%' ? text : "";
}

// Units that have an i are of the base that kb_base is not.
static void
scale_bytes(const char *unit, unsigned kb_base, struct fio_number *number)
{
    static const char powers[] = "kmgtp";
    const char *letter = *unit ? strchr(powers, *unit | 0x20) : NULL;
    long long base = kb_base, power;
    if (*unit == '%') {
        number->percent = 1;
        return;
    }
    if (!letter)
        return;
    if (!strncasecmp(unit + 1, "ib", 2))
        base = kb_base == 1000 ? 1024 : 1000;
    for (power = letter - powers + 1; power; power--)
        multiply(number, base);
}

int
fio_read_bytes(const char *text, unsigned kb_base, struct fio_number *number)
{
    char copy[LONGEST];
    copy_part(text, copy);
    if (read_digits(copy, number))
        return -1;
    scale_bytes(unit_of(copy), kb_base, number);
    return 0;
}

int
fio_read_time(const char *text, struct fio_number *number)
{
    static const struct {
        const char *unit;
        long long us;
        int begins; // what follows it does not matter
    } units[] = {
        { "us", 1, 1 }, { "ms", 1000, 1 }, { "s", 1000000, 0 },
        { "m", 60000000, 0 }, { "h", 3600000000LL, 0 },
        { "d", 86400000000LL, 0 },
    };
    char copy[LONGEST];
    size_t i;
    copy_part(text, copy);
    if (read_digits(copy, number))
        return -1;
    const char *unit = copy + strspn(copy, "0123456789+-");
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (units[i].begins ? !strncasecmp(unit, units[i].unit, 2)
            : !strcasecmp(unit, units[i].unit)) {
            multiply(number, units[i].us);
            break;
        }
    return 0;
}

int
fio_read_int(const char *text, int *number)
{
    unsigned read;
    if (sscanf(text, is_hexadecimal(text) ? "%x" : "%u", &read) != 1)
        return -1;
    *number = (int)read;
    return 0;
}
