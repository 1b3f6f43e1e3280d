// SPDX-License-Identifier: LGPL-3.0-or-later
// Joins results: see merge.h.

#include "merge.h"

#include <string.h> // strrchr

// Returns the file's name without ".json", or its folder's if it is just
// "results.json".
static const char *
name_of(struct pool *pool, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    if (slash && slash > file && !strcmp(name, "results.json")) {
        const char *start = slash;
        while (start > file && start[-1] != '/')
            start--;
        return pool_format(pool, "%.*s", (int)(slash - start), start);
    }
    size_t length = strlen(name);
    if (length > 5 && !strcmp(name + length - 5, ".json"))
        length -= 5;
    return pool_format(pool, "%.*s", (int)length, name);
}

// How many files have what.
struct owners {
    size_t runs, loads, boots, profiles;
};

static void
count_owner(struct owners *owners, const struct results *results)
{
    owners->runs += results->run_count > 0;
    owners->loads += results->load_count > 0;
    owners->boots += results->boot_count > 0;
    owners->profiles += results->profile_count > 0;
}

// Puts the file's name behind all that would be taken for another file's.
static void
mark(struct pool *pool, struct results *results, const struct owners *owners
     , const char *name)
{
    for (size_t i = 0; owners->runs > 1 && i < results->run_count; i++)
        results->runs[i].firmware = pool_format(
            pool, "%s (%s)", results->runs[i].firmware, name);
    for (size_t i = 0; owners->boots > 1 && i < results->boot_count; i++)
        results->boots[i].way = pool_format(pool, "%s (%s)"
                                            , results->boots[i].way, name);
    for (size_t i = 0; owners->profiles > 1 && i < results->profile_count; i++)
        results->profiles[i].way = pool_format(pool, "%s (%s)"
                                               , results->profiles[i].way, name);
    for (size_t i = 0; owners->loads > 1 && i < results->load_count; i++) {
        results->loads[i].of = name;
        results->loads[i].way = pool_format(pool, "%s (%s)"
                                            , results->loads[i].way, name);
    }
    for (size_t i = 0; i < results->environment_count; i++)
        results->environment[i].name = pool_format(
            pool, "%s: %s", name, results->environment[i].name);
}

static void *
join(struct pool *pool, const void *a, size_t a_count, const void *b
     , size_t b_count, size_t size)
{
    char *both = pool_grow(pool, a, a_count, a_count + b_count, size);
    if (b_count)
        memcpy(both + a_count * size, b, b_count * size);
    return both;
}

// Texts that are the same stand once.
static const char *
both_texts(struct pool *pool, const char *a, const char *b, const char *between)
{
    return strcmp(a, b) ? pool_format(pool, "%s%s%s", a, between, b) : a;
}

static void
add(struct results *all, const struct results *other)
{
    struct pool *pool = &all->pool;
    all->runs = join(pool, all->runs, all->run_count, other->runs
                     , other->run_count, sizeof(*all->runs));
    all->loads = join(pool, all->loads, all->load_count, other->loads
                      , other->load_count, sizeof(*all->loads));
    all->boots = join(pool, all->boots, all->boot_count, other->boots
                      , other->boot_count, sizeof(*all->boots));
    all->boot_count += other->boot_count;
    all->profiles = join(pool, all->profiles, all->profile_count
                         , other->profiles, other->profile_count
                         , sizeof(*all->profiles));
    all->profile_count += other->profile_count;
    all->environment = join(pool, all->environment, all->environment_count
                            , other->environment, other->environment_count
                            , sizeof(*all->environment));
    all->run_count += other->run_count;
    all->load_count += other->load_count;
    all->environment_count += other->environment_count;
    all->version = both_texts(pool, all->version, other->version, ", ");
    all->on = both_texts(pool, all->on, other->on, " and ");
    all->command = both_texts(pool, all->command, other->command, "; ");
    if (other->timestamp > all->timestamp)
        all->timestamp = other->timestamp;
    all->interrupted = all->interrupted || other->interrupted;
    all->guests_done += other->guests_done;
    all->guests += other->guests;
}

const char *
merge_name(struct pool *pool, const char *const *files, size_t count, size_t which)
{
    const char *name = name_of(pool, files[which]);
    size_t same = 0;
    for (size_t k = 0; k < count; k++)
        same += !strcmp(name, name_of(pool, files[k]));
    return same > 1 ? pool_format(pool, "%s, %zu", name, which + 1) : name;
}

static void
mark_all(struct merged *merged, const char *const *files, size_t count)
{
    struct pool *pool = &merged->all.pool;
    struct owners owners = { 0, 0, 0, 0 };
    count_owner(&owners, &merged->all);
    for (size_t i = 1; i < count; i++)
        count_owner(&owners, &merged->others[i - 1]);
    for (size_t i = 0; i < count; i++)
        mark(pool, i ? &merged->others[i - 1] : &merged->all, &owners
             , merge_name(pool, files, count, i));
}

bool
merge_read(struct merged *merged, const char *const *files, size_t count
           , char *message, size_t size)
{
    merged->count = 0;
    if (!results_read(&merged->all, files[0], message, size))
        return false;
    for (; merged->count + 1 < count; merged->count++)
        if (!results_read(&merged->others[merged->count]
                          , files[merged->count + 1], message, size)) {
            merge_free(merged);
            return false;
        }
    if (count > 1)
        mark_all(merged, files, count);
    for (size_t i = 0; i < merged->count; i++)
        add(&merged->all, &merged->others[i]);
    return true;
}

void
merge_free(struct merged *merged)
{
    for (size_t i = 0; i < merged->count; i++)
        results_free(&merged->others[i]);
    results_free(&merged->all);
}
