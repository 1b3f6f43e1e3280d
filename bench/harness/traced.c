// SPDX-License-Identifier: LGPL-3.0-or-later
// Finds the traced guest of a path, and has its trace decoded.

#include <stdlib.h> // free
#include <string.h> // strstr

#include "disk.h" // DISK_VDEV
#include "files.h" // text_of
#include "jobcommand.h" // jobcommand_crc
#include "process.h" // process_output
#include "serial.h" // serial_passed
#include "traced.h"
#include "tree.h" // tree_path

#define STAGE "build/bench/stage.nm"
#define EXITS "build/bench/exits"

static char *
guest_text(const struct guest *guest, const char *name)
{
    char *text = guest_file(guest, name);
    return text ? text : text_of("%s", "");
}

// Returns the guest's domain number, 0 if it is not known.
static json_int_t
domain_of(const struct guest *guest)
{
    char *path = text_of("%s/result.json", guest->dir);
    json_t *result = json_load_file(path, 0, NULL);
    json_int_t domain = json_integer_value(json_object_get(result, "domid"));
    json_decref(result);
    free(path);
    return domain;
}

// Intel numbers the reasons of exits in a way of its own.
static int
by_intel(const struct guest *guest)
{
    char *host = guest_file(guest, "host.txt");
    int intel = host && strstr(host, "cpu_model") && strstr(host, "Intel");
    free(host);
    return intel;
}

// The payload's symbols say where it calls the BIOS. Returns NULL if the trace
// lacks records.
static char *
exits_of(const struct guest *guest)
{
    char *command = text_of(
        "'%s' %s -d %lld '%s/trace.bin' $(awk '"
        "after { print $1; exit } $3 == \"real_switch\" { print $1 }"
        " $3 == \"real_opcode\" { print $1; after = 1 }' '%s')"
        , tree_path(EXITS), by_intel(guest) ? "-i" : ""
        , (long long)domain_of(guest), guest->dir, tree_path(STAGE));
    char *text = process_output(command);
    free(command);
    return text;
}

static int
same_path(const struct path *a, const struct path *b)
{
    return a->firmware == b->firmware && a->transport == b->transport
           && !strcmp(a->backend, b->backend) && a->latency == b->latency;
}

void
traced_read(const struct plan *plan, struct guest_list *list
            , struct guest *of, struct traced *traced)
{
    struct guest *guest = of;
    size_t i;
    *traced = (struct traced) { .log = NULL };
    if (plan->untraced)
        return;
    for (i = 0; i < list->count; i++)
        if (!list->guests[i].repetition
            && same_path(&list->guests[i].path, &of->path))
            guest = &list->guests[i];
    traced->missing = !guest->done;
    // A trace takes long to decode, and results are written many times.
    if (!guest->exits_known && guest->done)
        guest->exits = exits_of(guest);
    guest->exits_known = guest->done;
    traced->log = guest_text(guest, "xen.log");
    traced->serial = guest_text(guest, "serial.log");
    traced->run = (struct traced_run) {
        .exits = guest->exits, .log = traced->log,
        .vdev = of->path.transport->words ? NULL
            : plan->disk ? DISK_VDEV : GUEST_VDEV,
    };
}

void
traced_free(struct traced *traced)
{
    free(traced->log);
    free(traced->serial);
}

json_t *
traced_counters(const struct traced *traced, const struct fio_job *job
                , size_t place, const char **problem)
{
    struct traced_run run = traced->run;
    struct record record;
    const char *why;
    if (!serial_passed(traced->serial)) {
        *problem = "the traced run did not finish";
        return NULL;
    }
    if (!traced->run.exits) {
        *problem = "the trace lost records or is cut short";
        return NULL;
    }
    if (serial_record(traced->serial, job->name, jobcommand_crc(job, 1), &record
                      , &why)) {
        *problem = "the traced run did another job, or failed";
        return NULL;
    }
    run.tsc_khz = record.tsc_khz;
    free(record.samples);
    json_t *counters = counters_json(&run, place, job->spec.ops);
    if (!counters)
        *problem = "the traced run does not have it";
    return counters;
}
