// SPDX-License-Identifier: LGPL-3.0-or-later
// fio's job files, as far as int13 can run them. bench/jobs/README.md describes
// the options.
#ifndef HARNESS_JOBFILE_H
#define HARNESS_JOBFILE_H

#include <jansson.h> // json_t
#include <stddef.h> // size_t
#include <stdio.h> // FILE

#include "fiooption.h" // struct option_rule
#include "job.h" // struct job_spec
#include "problems.h" // struct problem_list

#define JOB_NAME_SIZE 32
#define EXIT_USAGE 2

// An option in a file. [global]'s are in each job behind it.
struct option_given {
    const struct option_rule *rule;
    char *name, *value; // value: NULL if it has none
    const char *file;
    int line;
    unsigned kb_base; // of its section
};

struct fio_job {
    char name[JOB_NAME_SIZE];
    const char *file;
    int line; // of the section's name
    struct job_spec spec; // but name
    json_t *options; // as they were given, [global]'s included

    // What the options say, from which spec is made.
    struct option_given *given;
    size_t given_count;
    unsigned kb_base;
    u64 io_size; // sectors to move, 0: the region's size
    u64 number_ios; // at most, 0: as many as it takes
    u32 loops; // how many times all of that is done
    u32 bs[2]; // sectors of reads and writes
    u32 align[2]; // 0: of the smallest size
    int no_map; // random places may come again
    int stonewall;
    const char *wait_for; // a job's name, or NULL
    const char *engine;
    const char *stream; // a recorded one, or NULL
};

struct job_list {
    struct fio_job *jobs;
    size_t count;
    struct problem_list problems;
};

// Reads fio's iolog, version 2, whose lines may also have, behind what fio
// reads, the buffer's address and "chs". Returns NULL, or what is wrong with it.
const char *iolog_read(const char *path, struct fio_job *job);

// Where the recorded streams of the jobs lie on the disk, behind what the jobs
// use. Returns how many MiB it must have.
u64 jobs_place_streams(struct job_list *list);
// Writes them to the disk's image; ends the program if that fails.
void jobs_write_streams(const struct job_list *list, const char *image);

// Adds the jobs of a file, whose name must outlive the list, and what is wrong
// with it to the list's problems.
void jobfile_read(FILE *file, const char *name, struct job_list *list);
// The same of a file, or of standard input if the path is "-".
void job_list_add(struct job_list *list, const char *path);
// Adds what is wrong with the jobs together.
void job_list_check(struct job_list *list);
// Ends the program if there is a problem, with all of them; else says in a line
// which options are ignored.
void job_list_finish(struct job_list *list);
void job_list_free(struct job_list *list);

// Sets how many calls the job makes, as fio counts them. Returns NULL, or why it
// cannot be done.
const char *job_count_calls(struct fio_job *job);
// Makes the spec of what the options say. Returns NULL, or what is wrong.
const char *job_options_finish(struct fio_job *job);
// Does the engine have only one call in flight, whatever the depth is?
int job_engine_is_synchronous(const struct fio_job *job);
void job_set_defaults(struct fio_job *job);

#endif
