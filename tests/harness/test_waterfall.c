// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Instructions by party are a call's mean, and of the job that they are taken
// for: once a job is not as it was counted, the rest is not known.

#include <jansson.h> // json_t
#include <stdlib.h> // mkdtemp
#include <unistd.h> // rmdir

#include "files.h" // text_of
#include "run.h" // RUN_TESTS
#include "waterfall.h"

static char work[] = "build/tests/waterfall.XXXXXX";

static const char counts[] =
    "group what number\n"
    "0 calls 7\n0 firmware 70\n0 xen 7\n0 kernel 7\n0 user 7\n"
    "1 calls 2\n1 firmware 2001\n1 xen 9000\n1 kernel 8000\n1 user 0\n"
    "2 calls 3\n2 firmware 30\n2 xen 60\n2 kernel 90\n2 user 120\n"
    "3 calls 2\n3 firmware 2\n3 xen 2\n3 kernel 2\n3 user 2\n";

static void
open_counts(struct waterfall *waterfall, int on_xl)
{
    struct plan plan = { .out = work, .on_xl = on_xl };
    char *path = text_of("%s/counts", work);
    FILE *file = file_create(path);
    fputs(counts, file);
    file_close(file, path);
    waterfall_open(&plan, 1, waterfall);
    remove(path);
    free(path);
}

static void
check_next(struct waterfall *waterfall, unsigned calls
           , const json_int_t expected[4])
{
    static const char *const names[] = {
        "firmware", "xen", "dom0 kernel", "backend"
    };
    json_t *parties = waterfall_next(waterfall, calls);
    size_t i;
    assert_non_null(parties);
    for (i = 0; i < 4; i++)
        assert_int_equal(json_integer_value(json_object_get(parties, names[i]))
                         , expected[i]);
    json_decref(parties);
}

static void
test_means(void **state)
{
    static const json_int_t first[] = { 1001, 4500, 4000, 0 }
        , second[] = { 10, 20, 30, 40 };
    struct waterfall waterfall;
    (void)state;
    open_counts(&waterfall, 0);
    check_next(&waterfall, 2, first);
    check_next(&waterfall, 3, second);
    waterfall_close(&waterfall);
}

static void
test_jobs_that_differ(void **state)
{
    struct waterfall waterfall;
    (void)state;
    open_counts(&waterfall, 0);
    assert_null(waterfall_next(&waterfall, 64));
    assert_null(waterfall_next(&waterfall, 3));
    waterfall_close(&waterfall);
}

// What an earlier run in the lab left is not of this one.
static void
test_on_a_host(void **state)
{
    struct waterfall waterfall;
    (void)state;
    open_counts(&waterfall, 1);
    assert_null(waterfall_next(&waterfall, 2));
    waterfall_close(&waterfall);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_jobs_that_differ),
        cmocka_unit_test(test_on_a_host),
    };
    if (!mkdtemp(work))
        return 1;
    int failed = RUN_TESTS(tests);
    rmdir(work);
    return failed;
}
