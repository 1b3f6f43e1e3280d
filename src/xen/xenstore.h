// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xenstore client: nothing yields, and xs_settle() leaves nothing behind.
#ifndef __XENSTORE_H
#define __XENSTORE_H

#include "types.h" // u32

// What a call returns that did not succeed.
#define XS_ENOENT  -1   // There is no such node
#define XS_EIO     -2   // Refused, malformed, too long or no answer in time

// The longest path and the longest value that the driver handles, with NUL.
#define XS_PATH_MAX  96
#define XS_VALUE_MAX 96

int xs_setup(void);
void xs_resume(void);
int xs_is_in_use(void);
int xs_read(const char *dir, const char *key, char *value, u32 size);
int xs_read_start(const char *dir, const char *key, char *value, u32 size);
int xs_read_number(const char *dir, const char *key, u64 max, u64 *value);
const char *xs_directory(const char *dir, u32 *size);
void xs_write(const char *dir, const char *key, const char *value);
void xs_write_number(const char *dir, const char *key, u32 value);
void xs_remove(const char *dir, const char *key);
int xs_settle(void);
void xs_nap(u64 until);

#endif // xenstore.h
