// SPDX-License-Identifier: LGPL-3.0-or-later
// `int13bench merge`: the results of several hosts as one file, with all samples.

#include <errno.h>
#include <getopt.h> // getopt_long
#include <jansson.h> // json_t
#include <stdio.h> // rename
#include <string.h> // strerror

#include "merge.h"

#define MESSAGE_SIZE 512

static const char help[] =
    "usage: int13bench merge --out FILE RESULTS.json RESULTS.json...\n"
    "Writes the results of several hosts or runs to one file, up to eight: behind\n"
    "each firmware, and before each fact of the environment, is the name of its\n"
    "file, or of its folder if that is just results.json. `int13bench report` and\n"
    "`compare` read it like any other.\n"
    "  --out FILE   replaced only when all is written\n"
    "  --help       show this help\n"
    "Example:\n"
    "  int13bench merge --out both.json alpha.json beta.json\n"
    "Exit status: 0 written; 2 usage error, or results that cannot be read.\n";

// Appends " (NAME)" to a member that is text.
static void
mark_member(struct pool *pool, json_t *object, const char *member
            , const char *name)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (text)
        json_object_set_new(object, member, json_string(
            pool_format(pool, "%s (%s)", text, name)));
}

// The file's options for all of its jobs would be those of the other files' jobs,
// too, so each job gets them.
static void
keep_options(json_t *job, json_t *shared)
{
    json_t *own = json_object_get(job, "job options");
    if (json_is_object(own) && json_is_object(shared))
        json_object_update_missing(own, shared);
}

// name: what tells this file's from the others', or NULL.
static void
add_elements(struct pool *pool, json_t *all, json_t *root, const char *array
             , const char *name)
{
    json_t *to = json_object_get(all, array), *element;
    size_t i;
    if (json_array_size(json_object_get(root, array)) && !to) {
        to = json_array();
        json_object_set_new(all, array, to);
    }
    json_array_foreach(json_object_get(root, array), i, element) {
        json_t *extra = json_object_get(element, "int13bench");
        if (name) {
            mark_member(pool, extra, "firmware", name);
            mark_member(pool, element, "way", name);
        }
        if (name && !extra)
            json_object_set_new(element, "of", json_string(name));
        if (extra)
            keep_options(element, json_object_get(root, "global options"));
        json_array_append(to, element);
    }
}

// What all files say of themselves; it is checked already.
static json_t *
head(const struct results *all)
{
    json_t *extra = json_pack(
        "{s:i, s:s, s:s, s:{}}", "schema", RESULTS_SCHEMA, "on", all->on
        , "command", all->command, "environment");
    if (all->interrupted)
        json_object_update_new(extra, json_pack(
            "{s:b, s:I, s:I}", "interrupted", 1, "guests_done"
            , (json_int_t)all->guests_done, "guests", (json_int_t)all->guests));
    return json_pack("{s:s, s:I, s:o, s:[]}", "fio version", all->version
                     , "timestamp", (json_int_t)all->timestamp, "int13bench"
                     , extra, "jobs");
}

static size_t
count_owners(json_t *const *roots, size_t count, const char *array)
{
    size_t owners = 0;
    for (size_t i = 0; i < count; i++)
        owners += json_array_size(json_object_get(roots[i], array)) > 0;
    return owners;
}

static json_t *
join_files(const struct merged *merged, const char *const *files, size_t count)
{
    static const char *const arrays[] = { "jobs", "loads", "boots", "profiles" };
    struct pool pool = { NULL };
    json_t *all = head(&merged->all), *roots[MERGE_MOST] = { NULL };
    json_t *environment = json_object_get(json_object_get(all, "int13bench")
                                          , "environment");
    for (size_t i = 0; i < count; i++) {
        const char *name = merge_name(&pool, files, count, i);
        roots[i] = json_load_file(files[i], 0, NULL);
        json_object_set(environment, name, json_object_get(
            json_object_get(roots[i], "int13bench"), "environment"));
    }
    for (size_t a = 0; a < sizeof(arrays) / sizeof(*arrays); a++) {
        size_t owners = count_owners(roots, count, arrays[a]);
        for (size_t i = 0; i < count; i++)
            add_elements(&pool, all, roots[i], arrays[a], owners < 2 ? NULL
                         : merge_name(&pool, files, count, i));
    }
    for (size_t i = 0; i < count; i++)
        json_decref(roots[i]);
    pool_free(&pool);
    return all;
}

static int
write_file(json_t *all, const char *path)
{
    struct pool pool = { NULL };
    const char *temporary = pool_format(&pool, "%s.tmp", path);
    int status = 0;
    if (json_dump_file(all, temporary, JSON_COMPACT) || rename(temporary, path)) {
        fprintf(stderr, "merge: %s: cannot be written: %s\n", path
                , strerror(errno));
        remove(temporary);
        status = 2;
    } else {
        printf("%s\n", path);
    }
    pool_free(&pool);
    return status;
}

static int
merge_files(const char *const *files, size_t count, const char *out)
{
    char message[MESSAGE_SIZE];
    struct merged merged;
    if (!merge_read(&merged, files, count, message, sizeof(message))) {
        fprintf(stderr, "merge: %s\n", message);
        return 2;
    }
    json_t *all = join_files(&merged, files, count);
    int status = write_file(all, out);
    json_decref(all);
    merge_free(&merged);
    return status;
}

int
cmd_merge(int argc, char **argv)
{
    static const struct option names[] = {
        { "out", required_argument, NULL, 'o' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *out = NULL;
    int option;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
        switch (option) {
        case 'o': out = optarg; break;
        case 'h': fputs(help, stdout); return 0;
        default: fputs("Try --help.\n", stderr); return 2;
        }
    if (!out || argc - optind < 2 || argc - optind > MERGE_MOST) {
        fputs("merge: wants --out FILE and two to eight files of results; try"
              " --help\n", stderr);
        return 2;
    }
    return merge_files((const char *const *)argv + optind
                       , (size_t)(argc - optind), out);
}
