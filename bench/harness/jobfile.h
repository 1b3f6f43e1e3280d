// SPDX-License-Identifier: LGPL-3.0-or-later
// fio's job files, as far as int13 can run them. bench/jobs/README.md describes
// the options.
#ifndef HARNESS_JOBFILE_H
#define HARNESS_JOBFILE_H

#include <jansson.h> // json_t
#include <stddef.h> // size_t
#include <stdio.h> // FILE

#include "job.h" // struct job_spec

#define JOB_NAME_SIZE 32
#define PROBLEM_SIZE 512
#define EXIT_USAGE 2

struct fio_job {
    char name[JOB_NAME_SIZE];
    const char *file;
    int line; // of the section's name
    struct job_spec spec; // but name and drive
    u64 io_size; // sectors to move, 0: the region's size
    u32 number_ios; // at most, 0: as many as it takes
    int stonewall;
    json_t *options; // as they were given, [global]'s included
};

struct job_list {
    struct fio_job *jobs;
    size_t count;
};

// Reads fio's iolog, version 2, whose lines may also have, behind what fio
// reads, the buffer's address and "chs". Returns NULL, or what is wrong with it.
const char *iolog_read(const char *path, struct fio_job *job);

// Where the recorded streams of the jobs lie on the disk, behind what the jobs
// use. Returns how many MiB it must have.
u64 jobs_place_streams(struct job_list *list);
// Writes them to the disk's image; ends the program if that fails.
void jobs_write_streams(const struct job_list *list, const char *image);

// Adds the jobs of a file, whose name must outlive the list. Returns 0, or -1
// with "FILE:LINE: what is wrong" in problem[PROBLEM_SIZE].
int jobfile_read(FILE *file, const char *name, struct job_list *list
                 , char *problem);

// Like jobfile_read(), but ends the program if there is a problem.
void job_list_add(struct job_list *list, const char *path);

// Returns NULL, or what is wrong with the option's value. value is NULL if the
// line has no '='.
const char *job_option(struct fio_job *job, const char *option
                       , const char *value);

#endif
