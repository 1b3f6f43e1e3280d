// SPDX-License-Identifier: LGPL-3.0-or-later
// Xen's trace, as xentrace writes it: a file read as a whole, its records in
// the order of time, whichever CPU wrote them.
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include <stddef.h> // size_t
#include <stdint.h> // uint32_t

#define TRACE_EXTRA 7 // words of a record at most

struct trace_record {
    uint64_t tsc; // of the last record with one, where this has none
    size_t place; // in the file
    uint32_t event;
    uint32_t cpu;
    uint32_t data[TRACE_EXTRA]; // 0 where there is no such word
};

struct trace {
    struct trace_record *records;
    size_t count;
};

// Returns NULL, or what is wrong with the file: it cannot be read, is cut
// short, or Xen says that it had to leave records out.
const char *trace_read(const char *path, struct trace *trace);

#endif
