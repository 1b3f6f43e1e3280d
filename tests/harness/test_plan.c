// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a command line selects: the paths that there are, and the jobs and the
// calls on each. Runs at the top of the tree, for bench/transports is there.

#include <getopt.h> // optind
#include <stdlib.h> // free
#include <string.h> // strtok_r

#include "plan.h" // plan_parse
#include "run.h" // RUN_TESTS

#define MAX_ARGUMENTS 32
#define JOBS "run --job bench/jobs/loader.fio --out build/none "
// Any file will do.
#define OTHER "other=bench/jobs/loader.fio"

static struct plan plan;
static struct path *paths;

static size_t
parse(char *text)
{
    char *arguments[MAX_ARGUMENTS + 1], *word, *save;
    int count = 0;
    for (word = strtok_r(text, " ", &save); word && count < MAX_ARGUMENTS
         ; word = strtok_r(NULL, " ", &save))
        arguments[count++] = word;
    arguments[count] = NULL;
    optind = 0; // getopt begins anew
    plan_parse(&plan, count, arguments);
    return plan_paths(&plan, &paths);
}

static void
forget(void)
{
    plan_free(&plan);
    free(paths);
}

// Debian's firmware cannot use PV disks; emulated ones have one backend.
static void
test_paths(void **state)
{
    static const char *const expected[][3] = {
        { "stock", "ide", "qemu" }, { "stock", "nvme", "qemu" },
        { "other", "pv", "qdisk" }, { "other", "pv", "phy" },
        { "other", "ide", "qemu" }, { "other", "nvme", "qemu" },
    };
    char text[] = JOBS "--firmware stock," OTHER " --transport pv,ide,nvme";
    size_t i, count = parse(text);
    (void)state;
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    for (i = 0; i < count; i++) {
        assert_string_equal(paths[i].firmware->name, expected[i][0]);
        assert_string_equal(paths[i].transport->name, expected[i][1]);
        assert_string_equal(paths[i].backend, expected[i][2]);
    }
    assert_int_equal(plan.jobs.count, 7);
    assert_int_equal(plan.repetitions, 3);
    forget();
}

// Storage of each latency is a path of its own, and can be left out by name.
static void
test_latencies(void **state)
{
    static const struct {
        const char *backend;
        unsigned latency;
        const char *name;
    } expected[] = {
        { "phy", 0, "phy" }, { "qemu", 0, "qemu" },
        { "phy", 100, "phy+100" }, { "phy", 8000, "phy+8000" },
    };
    char text[] = JOBS "--firmware " OTHER " --transport pv,nvme --backend phy"
        " --latency 0,100,8000 --skip */*/qemu+*/*,*/phy+8000/read-*";
    size_t i, count = parse(text);
    (void)state;
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    for (i = 0; i < count; i++) {
        char *name = path_backend(&paths[i]);
        assert_string_equal(paths[i].backend, expected[i].backend);
        assert_int_equal(paths[i].latency, expected[i].latency);
        assert_string_equal(name, expected[i].name);
        free(name);
        struct fio_job job = plan_job(&plan, &paths[i], plan.jobs.jobs);
        assert_int_equal(job.spec.warm, expected[i].latency ? 0 : 64);
        assert_string_equal(plan.jobs.jobs->name, "read-1");
        assert_int_equal(plan_has(&plan, &paths[i], plan.jobs.jobs)
                         , expected[i].latency != 8000);
    }
    forget();
}

static void
test_skips(void **state)
{
    char text[] = JOBS "--firmware stock," OTHER " --transport pv,nvme"
        " --skip stock/*,*/nvme/*/odd-* --backend phy --repetitions 7";
    (void)state;
    assert_int_equal(parse(text), 2);
    assert_string_equal(paths[0].backend, "phy");
    const struct fio_job *odd = &plan.jobs.jobs[plan.jobs.count - 1];
    assert_string_equal(odd->name, "odd-63");
    assert_true(plan_has(&plan, &paths[0], odd));
    assert_false(plan_has(&plan, &paths[1], odd));
    assert_true(plan_has(&plan, &paths[1], plan.jobs.jobs));
    assert_int_equal(plan.repetitions, 7);
    forget();
}

static void
test_limits(void **state)
{
    char text[] = JOBS "--firmware " OTHER " --transport pv,ide --backend phy"
        " --limit */ide=16,*/pv=1000";
    (void)state;
    assert_int_equal(parse(text), 2);
    struct fio_job pv = plan_job(&plan, &paths[0], plan.jobs.jobs);
    struct fio_job ide = plan_job(&plan, &paths[1], plan.jobs.jobs);
    assert_int_equal(pv.spec.ops, 64);
    assert_int_equal(pv.spec.warm, 64);
    assert_int_equal(ide.spec.ops, 16);
    assert_int_equal(ide.spec.warm, 16);
    forget();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_skips),
        cmocka_unit_test(test_limits),
    };
    return RUN_TESTS(tests);
}
