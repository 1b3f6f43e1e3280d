// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory that is freed all at once: see pool.h.

#include "pool.h"

#include <stdarg.h> // va_list
#include <stdio.h> // vsnprintf
#include <stdlib.h> // calloc
#include <string.h> // memcpy

struct pool_block {
    struct pool_block *previous;
    max_align_t data[];
};

static void __attribute__((noreturn))
out_of_memory(void)
{
    fputs("int13bench: out of memory\n", stderr);
    exit(2);
}

void *
pool_array(struct pool *pool, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)
        || bytes > (size_t)-1 - sizeof(struct pool_block))
        out_of_memory();
    struct pool_block *block = calloc(1, sizeof(*block) + bytes);
    if (!block)
        out_of_memory();
    block->previous = pool->last;
    pool->last = block;
    return block->data;
}

void *
pool_grow(struct pool *pool, const void *array, size_t old, size_t count
          , size_t size)
{
    void *grown = pool_array(pool, count, size);
    if (old)
        memcpy(grown, array, old * size);
    return grown;
}

char *
pool_copy(struct pool *pool, const char *text)
{
    return pool_format(pool, "%s", text);
}

char *
pool_format(struct pool *pool, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory();
    char *text = pool_array(pool, (size_t)length + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void
pool_free(struct pool *pool)
{
    while (pool->last) {
        struct pool_block *block = pool->last;
        pool->last = block->previous;
        free(block);
    }
}
