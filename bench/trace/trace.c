// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads a file of xentrace's. Xen has a buffer for each CPU, and xentrace
// writes now some records of one and then some of another, each time behind a
// TRC_TRACE_CPU_CHANGE; so the records are sorted by their time.

#include <stdio.h> // fopen
#include <stdlib.h> // realloc

#include "trace.h"
#include <xen/trace.h> // TRC_LOST_RECORDS, needs stdint.h

#define MAX_CPUS 4096

static struct trace_record *
add_record(struct trace *trace, size_t *room)
{
    if (trace->count == *room) {
        *room = *room ? *room * 2 : 1 << 16;
        struct trace_record *records = realloc(
            trace->records, *room * sizeof(*records));
        if (!records)
            return NULL;
        trace->records = records;
    }
    struct trace_record *record = &trace->records[trace->count];
    *record = (struct trace_record) { .place = trace->count++ };
    return record;
}

// Reads the words of a record behind its header. Returns 0, or -1 at the end
// of the file.
static int
read_words(FILE *file, uint32_t header, struct trace_record *record)
{
    uint32_t tsc[2] = { 0, 0 };
    size_t extra = TRC_HD_EXTRA(header);
    if (header & TRC_HD_CYCLE_FLAG && fread(tsc, sizeof(tsc), 1, file) != 1)
        return -1;
    record->event = TRC_HD_TO_EVENT(header);
    record->tsc = tsc[0] | (uint64_t)tsc[1] << 32;
    return fread(record->data, sizeof(record->data[0]), extra, file) == extra
        ? 0 : -1;
}

static const char *
read_records(FILE *file, struct trace *trace)
{
    static uint64_t last[MAX_CPUS]; // each CPU's latest time
    uint32_t header, cpu = 0;
    size_t room = 0;
    while (fread(&header, sizeof(header), 1, file) == 1) {
        struct trace_record *record = add_record(trace, &room);
        if (!record)
            return "no memory";
        if (read_words(file, header, record))
            return "is cut short";
        if (record->event == TRC_LOST_RECORDS)
            return "Xen's buffer was full, records are lost";
        if (record->event == TRC_TRACE_CPU_CHANGE)
            cpu = record->data[0] % MAX_CPUS;
        record->cpu = cpu;
        if (record->tsc)
            last[cpu] = record->tsc;
        record->tsc = last[cpu];
    }
    return ferror(file) ? "cannot be read" : NULL;
}

static int
compare(const void *a, const void *b)
{
    const struct trace_record *x = a, *y = b;
    if (x->tsc != y->tsc)
        return x->tsc < y->tsc ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

const char *
trace_read(const char *path, struct trace *trace)
{
    FILE *file = fopen(path, "rb");
    *trace = (struct trace) { .records = NULL };
    if (!file)
        return "cannot be opened";
    const char *problem = read_records(file, trace);
    fclose(file);
    if (!problem && trace->count)
        qsort(trace->records, trace->count, sizeof(*trace->records), compare);
    return problem;
}
