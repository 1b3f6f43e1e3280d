// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads the counts of the plugin: lines "JOB calls N" and "JOB PARTY
// INSTRUCTIONS", with jobs numbered from 1 in the order in which they were
// timed.

#include <stdio.h> // sscanf
#include <stdlib.h> // setenv
#include <string.h> // strchr

#include "files.h" // text_of
#include "process.h" // process_output
#include "tree.h" // tree_path
#include "waterfall.h"

#define PLUGIN "build/bench/count.so"
#define INT13_ENTRY "fe3fe" // f000:e3fe, where all PC BIOSes have it

static char *
counts_path(const struct plan *plan, unsigned session)
{
    return session > 1 ? text_of("%s/counts-%u", plan->out, session)
           : text_of("%s/counts", plan->out);
}

// Returns the payload's address plus bytes behind the symbol, in hexadecimal.
static char *
address_of(const char *symbol, unsigned plus)
{
    char *command = text_of("awk '$3 == \"%s\" { print $1 }' '%s'", symbol
                            , tree_path("build/bench/stage.nm"));
    char *text = first_line(process_output(command));
    char *address = text_of("%lx", (text ? strtoul(text, NULL, 16) : 0)
                            + plus);
    free(command);
    free(text);
    return address;
}

void
waterfall_prepare(const struct plan *plan, unsigned session)
{
    char *path = counts_path(plan, session), *timed = address_of("series_timed", 0)
        , *over = address_of("series_over", 0)
        , *end = address_of("real_opcode", 2);
    char *words = text_of("-plugin %s,out=%s,parties=1,begin=" INT13_ENTRY
                          ",end=%s,group=%s,stop=%s", tree_path(PLUGIN), path
                          , end, timed, over);
    remove(path);
    setenv("XENLAB_QEMU", words, 1);
    free(words);
    free(path);
    free(timed);
    free(over);
    free(end);
}

void
waterfall_open(const struct plan *plan, unsigned session
               , struct waterfall *waterfall)
{
    char *path = counts_path(plan, session);
    *waterfall = (struct waterfall) {
        .text = plan->on_xl ? NULL : file_text(path),
    };
    free(path);
}

void
waterfall_close(struct waterfall *waterfall)
{
    free(waterfall->text);
}

// Returns the job's figure of this name, 0 if there is none.
static unsigned long long
figure(const struct waterfall *waterfall, const char *name)
{
    char *start = text_of("\n%u %s ", waterfall->job, name);
    const char *line = strstr(waterfall->text, start);
    unsigned long long number = line
        ? strtoull(line + strlen(start), NULL, 10) : 0;
    free(start);
    return number;
}

json_t *
waterfall_next(struct waterfall *waterfall, unsigned calls)
{
    static const char *const parties[][2] = {
        { "firmware", "firmware" }, { "xen", "xen" },
        { "dom0 kernel", "kernel" }, { "backend", "user" },
    };
    size_t i;
    waterfall->job++;
    if (!waterfall->text || waterfall->lost || !calls)
        return NULL;
    if (figure(waterfall, "calls") != calls) {
        waterfall->lost = 1;
        return NULL;
    }
    json_t *object = json_object();
    for (i = 0; i < sizeof(parties) / sizeof(parties[0]); i++)
        json_object_set_new(object, parties[i][0], json_integer(
            (json_int_t)((figure(waterfall, parties[i][1]) + calls / 2)
                         / calls)));
    return object;
}
