// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xenstore client.  It never yields, and xenstore_settle() leaves no request
// unanswered.
#ifndef __XENSTORE_H
#define __XENSTORE_H

#include "types.h" // u32

// What a call returns if it fails.
#define XENSTORE_ENOENT  -1   // There is no such node
#define XENSTORE_EIO     -2   // Refused, malformed, too long or too late

// The longest path and the longest value that the driver handles, with NUL.
#define XENSTORE_PATH_MAX  96
#define XENSTORE_VALUE_MAX 96

int xenstore_setup(void);
void xenstore_resume(void);
int xenstore_is_in_use(void);
int xenstore_read(const char *dir, const char *key, char *value, u32 size);
int xenstore_read_start(const char *dir, const char *key, char *value
                        , u32 size);
int xenstore_read_number(const char *dir, const char *key, u64 max, u64 *value);
const char *xenstore_value(const char *dir, const char *key, u32 *size);
const char *xenstore_directory(const char *dir, u32 *size);
void xenstore_write(const char *dir, const char *key, const char *value);
void xenstore_write_number(const char *dir, const char *key, u32 value);
void xenstore_remove(const char *dir, const char *key);
int xenstore_settle(void);
void xenstore_nap(u64 until);

#endif // xenstore.h
