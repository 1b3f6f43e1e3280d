// SPDX-License-Identifier: LGPL-3.0-or-later
// A results.json, read and checked: fio's json+ layout with an "int13bench"
// object in it and in each of its jobs.
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <stdbool.h>
#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

#include "pool.h"

#define RESULTS_SCHEMA 1
#define SECTOR_SIZE 512

struct pair {
    const char *name, *value;
};

struct count {
    const char *name;
    uint64_t number;
};

struct counts {
    struct count *list;
    size_t count;
};

enum counter {
    COUNTER_ROUND_TRIPS, COUNTER_NOTIFIES, COUNTER_REQUESTS, COUNTER_SEGMENTS
    , COUNTER_BOUNCED, COUNTER_COPIED, COUNTER_MOVED, COUNTER_AHEAD, COUNTER_SLEEPS
    , COUNTER_RETRIES, COUNTER_INTERRUPTS, COUNTER_GRANT_MAPS
    , COUNTER_GRANT_UNMAPS, COUNTER_BLOCKED, COUNTER_DOM0
    , COUNTER_KINDS
};

// What one run counted, over that many calls.
struct counters {
    uint64_t calls; // 0: nothing was counted
    bool has_exits, has_hypercalls, has_ports;
    struct counts exits, hypercalls, ports;
    bool has[COUNTER_KINDS];
    uint64_t number[COUNTER_KINDS];
    bool has_median_exits;
    double median_exits; // of a call
};

// Instructions of a call by who executed them.
enum party { PARTY_FIRMWARE, PARTY_XEN, PARTY_KERNEL, PARTY_BACKEND, PARTIES };
extern const char *const party_names[PARTIES];

// One repetition of one job on one firmware, transport and backend.
struct run {
    const char *job, *firmware, *transport, *backend, *clock;
    struct pair *options;
    size_t option_count;
    uint64_t repetition, sectors; // sectors of a call, 0: they vary
    bool valid;
    const char *reason;           // why it is not valid, or NULL
    const char *tsc_source;       // where the client's TSC rate is from, or NULL
    uint64_t bytes, ios;          // moved by the timed calls
    uint64_t *samples;            // ns, in the order of the calls
    size_t sample_count;
    struct counters counters;
    bool has_waterfall;
    uint64_t waterfall[PARTIES];
};

// The ways that a report speaks of by name.
enum way_kind { WAY_OTHER, WAY_PIO, WAY_DMA, WAY_CDROM, WAY_CDROM_XEN, WAY_OURS };

// A loader's loading of a kernel and an initrd, once: bench/scenarios/loaders.
struct load {
    const char *loader, *way, *backend; // backend: "" of an emulated disk
    const char *of;              // whose it is if there are several results, or NULL
    bool wall;                   // by the host's clock, and not in virtual time
    enum way_kind kind;
    bool ours;                   // this firmware, or one built from it
    uint64_t initrd_mib, latency_us, ms; // latency_us: of the storage
};

// A phase of a whole boot, and a boot: bench/scenarios/boot-phases.
struct phase {
    const char *name;
    uint64_t us;
};

struct boot {
    const char *way, *backend;
    struct phase *phases;
    size_t count;
};

// The instructions of all calls of one job by their folded stacks, frames with ;
// between them: bench/profile/run.
struct profile {
    const char *way, *backend, *job;
    uint64_t calls;
    struct count *stacks;
    size_t count;
};

struct results {
    struct pool pool;
    const char *file, *version, *on, *command;
    int64_t timestamp;
    bool interrupted;             // not all guests were run:
    uint64_t guests_done, guests; // how many, and how many there were to be
    struct pair *environment;     // names of what is nested joined by blanks
    size_t environment_count;
    struct run *runs;
    size_t run_count;
    struct load *loads;           // may be none, like all that follow
    size_t load_count;
    struct boot *boots;
    size_t boot_count;
    struct profile *profiles;
    size_t profile_count;
};

// Reads a file. False: nothing is to be freed, and the message of size bytes
// says what is wrong, and where.
bool results_read(struct results *results, const char *path, char *message
                  , size_t size);
void results_free(struct results *results);

// Returns what the environment says of that name, or NULL.
const char *results_environment(const struct results *results, const char *name);

// Returns the words "Xen 4.20", or "Xen" if the results name no version, or several.
const char *results_xen(struct pool *pool, const struct results *results);

#endif // results.h
