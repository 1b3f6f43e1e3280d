// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A fake xenstored: a tree of nodes, and the guest's ring to it.
#ifndef __FAKE_STORE_H
#define __FAKE_STORE_H

#include "types.h" // u32

#define STORE_HOME "/local/domain/7/"

// How it behaves on the ring; all zero is well.
struct store_manner_s {
    u32 chunk;              // Bytes of a reply that it writes at a time
    u32 slow_reader;        // Bytes of a request that it reads at a time
    u32 watch_events;       // Sent before each reply
    u32 late_replies;       // To older requests, sent before each reply
    int mute;               // Reads, and answers nothing
    int deaf;               // Does not even read
    u32 stop_after;         // Bytes of a reply, and nothing ever after
    // A reply that is not the true one: the nth from now, 0 for none.
    u32 forged;
    int forged_acts;        // Does what it was asked for, all the same
    u32 type, len;          // As in the message's head
    const void *payload;
    u32 payload_len;        // As sent
};
extern struct store_manner_s StoreManner;

// How many requests it has served.
extern u32 StoreRequests;

void store_reset(void);
void store_run(void);
void store_reset_ring(u32 index);
int store_ring_is_quiet(void);

// The tree.  Paths are absolute.
void store_set(const char *path, const char *value);
void store_set_bytes(const char *path, const void *value, u32 len);
const char *store_get(const char *path);
void store_remove(const char *path);
void store_forbid(const char *path, const char *error);
void store_watch(void (*changed)(const char *path));

#endif // store.h
