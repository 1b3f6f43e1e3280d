// SPDX-License-Identifier: LGPL-3.0-or-later
// session.json: the words of the command line, and of each guest what it was
// asked for, as a hash over its script, its options and its firmware.

#include <err.h> // errx
#include <stdlib.h> // free
#include <string.h> // strcmp
#include <unistd.h> // unlink

#include "files.h" // text_of
#include "session.h"

static char *
session_path(const char *folder)
{
    return text_of("%s/session.json", folder);
}

static json_t *
session_load(const char *folder)
{
    char *path = session_path(folder);
    json_t *session = json_load_file(path, 0, NULL);
    free(path);
    return session;
}

struct word_list
session_words(const char *folder)
{
    json_t *session = session_load(folder);
    const json_t *words = json_object_get(session, "arguments");
    size_t i;
    struct word_list list = { .words = NULL };
    if (!json_array_size(words))
        errx(EXIT_USAGE, "--resume: no run has begun in %s; run it without"
             " --resume", folder);
    list.words = calloc(json_array_size(words) + 1, sizeof(*list.words));
    if (!list.words)
        err(EXIT_USAGE, "no memory");
    for (i = 0; i < json_array_size(words); i++)
        list.words[list.count++] = text_of("%s", json_string_value(
            json_array_get(words, i)));
    json_decref(session);
    return list;
}

char *
session_command(const char *folder)
{
    json_t *session = session_load(folder);
    const char *command = json_string_value(json_object_get(session, "command"));
    char *copy = text_of("%s", command ? command : "");
    json_decref(session);
    return copy;
}

// Returns what the guest was asked for in an earlier session, NULL if nothing.
static const json_t *
earlier_of(const json_t *session, const struct guest *guest)
{
    const json_t *guests = json_object_get(session, "guests"), *found;
    const char *slash = strrchr(guest->dir, '/');
    found = json_object_get(guests, slash ? slash + 1 : guest->dir);
    const char *asked = json_string_value(json_object_get(found, "asked"));
    return asked && !strcmp(asked, guest->asked) ? found : NULL;
}

static void
remove_result(const struct guest *guest)
{
    char *path = text_of("%s/result.json", guest->dir);
    unlink(path);
    free(path);
}

// The results of an earlier run are not those of this one.
static void
set_aside_results(const struct plan *plan)
{
    char *path = text_of("%s/results.json", plan->out);
    char *aside = text_of("%s/results.old.json", plan->out);
    json_t *results = json_load_file(path, 0, NULL);
    if (!access(path, F_OK) && rename(path, aside))
        err(EXIT_USAGE, "cannot rename %s", path);
    if (json_is_true(json_object_get(json_object_get(results, "int13bench")
                                     , "interrupted")))
        warnx("%s had an interrupted run, with which --resume would have gone on;"
              " its results are in %s", plan->out, aside);
    json_decref(results);
    free(path);
    free(aside);
}

static void
save(const struct plan *plan, const struct guest_list *list)
{
    json_t *words = json_array(), *guests = json_object();
    char *path = session_path(plan->out);
    size_t i;
    for (i = 0; i < (size_t)plan->words.count; i++)
        json_array_append_new(words, json_string(plan->words.words[i]));
    for (i = 0; i < list->count; i++) {
        const struct guest *guest = &list->guests[i];
        json_object_set_new(guests, strrchr(guest->dir, '/') + 1, json_pack(
            "{ss si}", "asked", guest->asked, "session", (int)guest->session));
    }
    json_t *session = json_pack("{ss so si so}", "command", plan->command
                                , "arguments", words, "sessions"
                                , (int)list->sessions, "guests", guests);
    if (file_replace_json(path, session))
        err(EXIT_USAGE, "cannot write %s", path);
    json_decref(session);
    free(path);
}

void
session_begin(const struct plan *plan, struct guest_list *list)
{
    json_t *session = plan->resume ? session_load(plan->out) : NULL;
    size_t i;
    list->sessions = (unsigned)json_integer_value(
        json_object_get(session, "sessions")) + 1;
    for (i = 0; i < list->count; i++) {
        struct guest *guest = &list->guests[i];
        const json_t *earlier = earlier_of(session, guest);
        guest->session = list->sessions;
        if (earlier && guest_is_done(guest)) {
            guest->done = 1;
            guest->session = (unsigned)json_integer_value(
                json_object_get(earlier, "session"));
        }
    }
    if (!plan->resume)
        set_aside_results(plan);
    save(plan, list);
    for (i = 0; i < list->count; i++)
        if (!list->guests[i].done)
            remove_result(&list->guests[i]);
    json_decref(session);
}
