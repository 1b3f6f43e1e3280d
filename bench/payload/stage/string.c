// SPDX-License-Identifier: LGPL-3.0-or-later
// <string.h> for the stage. In assembler where gcc would turn the loop into a
// call of the function itself.

#include "string.h"
#include "types.h" // u32

// x86 takes any alignment. Works by words, because in an emulator that counts
// instructions each iteration, with or without `rep`, counts as one.
typedef u32 word __attribute__((may_alias, aligned(1)));

void *
memset(void *s, int c, size_t n)
{
    void *d = s;
    size_t words = n / sizeof(word), rest = n % sizeof(word);
    u32 all = (u32)(c & 0xff) * 0x01010101;
    asm volatile("rep stosl" : "+D"(d), "+c"(words) : "a"(all) : "memory");
    asm volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(all) : "memory");
    return s;
}

void *
memcpy(void *d, const void *s, size_t n)
{
    void *to = d;
    size_t words = n / sizeof(word), rest = n % sizeof(word);
    asm volatile("rep movsl" : "+D"(to), "+S"(s), "+c"(words) : : "memory");
    asm volatile("rep movsb" : "+D"(to), "+S"(s), "+c"(rest) : : "memory");
    return d;
}

int
memcmp(const void *a, const void *b, size_t n)
{
    const word *v = a, *w = b;
    for (; n >= sizeof(word) && *v == *w; n -= sizeof(word))
        v++, w++;
    const unsigned char *x = (const unsigned char *)v
        , *y = (const unsigned char *)w;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

int
strcmp(const char *a, const char *b)
{
    return strncmp(a, b, ~(size_t)0);
}

int
strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}
