// SPDX-License-Identifier: LGPL-3.0-or-later
// A job: a series of int13 calls in the words of fio, and the stream of them.
// The host replays it to know what each call was.
#ifndef PAYLOAD_JOB_H
#define PAYLOAD_JOB_H

#include "replay.h" // struct replay_call
#include "stream.h" // struct stream

#define JOB_SIZES 8
#define JOB_MAX_OPS 65536 // timed ones
#define JOB_WARM_ALL 0xffffffff // as many calls as are timed

enum { JOB_READ = 1, JOB_WRITE = 2, JOB_RANDOM = 4 };

struct job_size {
    u32 sectors; // of one call
    u32 percent; // of all calls
};

struct job_spec {
    const char *name;
    u8 drive;
    u8 rw; // JOB_READ | JOB_WRITE | JOB_RANDOM
    u8 chs; // by functions 02h and 03h, not by EDD
    u8 verify; // compare every byte
    struct job_size sizes[JOB_SIZES];
    u32 size_count;
    u64 from; // first LBA of the region
    u32 sectors; // its length
    u32 align; // random positions are multiples of this, in sectors
    u32 mixread; // percent of reads if there are both
    u32 ops; // timed calls
    u32 warm; // calls before them, the first of the same
    u32 think; // us between calls
    u32 seed;
    u32 label;
    struct far_pointer buffer;
    u64 stream; // LBA of a recorded stream, 0: none
    u32 call_count; // in it
    const struct replay_call *calls; // these are made, once they are read
};

struct job_stream {
    const struct job_spec *spec;
    struct stream random;
    u32 next[2]; // of sequential reads and writes, relative to the region
    u32 call; // of the recorded ones, which is next
};

struct job_op {
    u64 lba;
    u32 count; // sectors
    u8 write;
    u8 chs;
    struct far_pointer buffer;
};

int job_parse_rw(const char *name);
int job_spec_parse(struct script_line *line, u8 boot_drive, u64 disk_end
                   , struct job_spec *spec);
u32 job_spec_crc(const struct job_spec *spec);
u32 job_largest(const struct job_spec *spec);
u32 job_smallest(const struct job_spec *spec);
void job_start(struct job_stream *stream, const struct job_spec *spec);
void job_next(struct job_stream *stream, struct job_op *op);

#endif
