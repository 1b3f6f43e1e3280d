// SPDX-License-Identifier: LGPL-3.0-or-later
// The few functions of <string.h> that the payload uses: its own in the stage
// (string.c), libc's in the host tool.
#ifndef PAYLOAD_STRING_H
#define PAYLOAD_STRING_H

#include <stddef.h> // size_t

void *memset(void *s, int c, size_t n);
void *memcpy(void *d, const void *s, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

#endif
