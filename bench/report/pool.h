// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory that is freed all at once, and text in it. No call fails: the program
// ends if there is no memory.
#ifndef REPORT_POOL_H
#define REPORT_POOL_H

#include <stddef.h> // size_t

struct pool {
    struct pool_block *last;
};

// Zeroed memory for count elements of that size.
void *pool_array(struct pool *pool, size_t count, size_t size);

// Like realloc(), for an array that grows from old to count elements.
void *pool_grow(struct pool *pool, const void *array, size_t old, size_t count
                , size_t size);

char *pool_copy(struct pool *pool, const char *text);
char *pool_format(struct pool *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void pool_free(struct pool *pool);

#endif // pool.h
