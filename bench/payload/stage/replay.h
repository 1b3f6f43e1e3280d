// SPDX-License-Identifier: LGPL-3.0-or-later
// Recorded streams: read from the disk before the job that replays one.
#ifndef PAYLOAD_STAGE_REPLAY_H
#define PAYLOAD_STAGE_REPLAY_H

#include "disk.h" // struct disk
#include "job.h" // struct job_spec

// Reads the stream that job->stream names, and has the job make its calls.
// Returns NULL, or what is wrong with it.
const char *replay_load(const struct disk *disk, struct job_spec *job);

#endif
