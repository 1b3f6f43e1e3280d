// SPDX-License-Identifier: LGPL-3.0-or-later
// What is to be run: jobs x firmware x transport x backend, several times.
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include <stddef.h> // size_t

#include "jobfile.h" // struct job_list
#include "words.h" // struct word_list

#define MAX_WORDS 16 // of one option on the command line
#define EXIT_LAB 3

struct firmware {
    const char *name;
    const char *path; // NULL: Debian's, as the lab has it
};

struct transport {
    const char *name;
    char *words; // QEMU's, from bench/transports; NULL: Xen's PV disk
};

struct limit {
    const char *pattern; // of FIRMWARE/TRANSPORT
    u32 ops;
};

struct plan {
    int on_xl; // this machine's own Xen, in wall time; else the lab
    int untraced; // no guest is traced: no counters
    struct job_list jobs;
    u64 disk_mib; // that they need
    struct firmware firmware[MAX_WORDS];
    struct transport transports[MAX_WORDS];
    const char *backends[MAX_WORDS];
    unsigned latencies[MAX_WORDS]; // of the storage, in us a request
    struct limit limits[MAX_WORDS];
    const char *skips[MAX_WORDS]; // of FIRMWARE/TRANSPORT/BACKEND[+LATENCY]/JOB
    const char *xl_words[MAX_WORDS]; // lines for the guests' xl config
    size_t firmware_count, transport_count, backend_count, latency_count
        , limit_count, skip_count, xl_count;
    const char *disk; // the user's, on which the jobs are run; NULL: one of ours
    int writes; // it may be written to
    unsigned repetitions;
    unsigned cpus; // of the lab machine
    const char *out;
    char *command; // how we were called
    struct word_list words; // of that, files expanded
    struct word_list parsed; // a copy, whose pieces the rest points to
    int resume; // the run in out
};

// One way to the disk.
struct path {
    const struct firmware *firmware;
    const struct transport *transport;
    const char *backend;
    unsigned latency; // of the storage, in us a request
};

const char *plan_clock(const struct plan *plan);
char *path_backend(const struct path *path);
void plan_parse(struct plan *plan, int argc, char **argv);
void plan_free(struct plan *plan);
int plan_has(const struct plan *plan, const struct path *path
             , const struct fio_job *job);
struct fio_job plan_job(const struct plan *plan, const struct path *path
                        , const struct fio_job *job);
size_t plan_paths(const struct plan *plan, struct path **paths);

#endif
