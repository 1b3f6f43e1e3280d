// SPDX-License-Identifier: LGPL-3.0-or-later
//
// results.json of guests that did not do what they should: every job has its
// entry, none is taken for good, and what was measured is kept.

#include <jansson.h> // json_load_file
#include <stdio.h> // fprintf
#include <stdlib.h> // mkdtemp
#include <unistd.h> // rmdir

#include "files.h" // text_of
#include "jobcommand.h" // jobcommand_crc
#include "record.h" // record_encode
#include "results.h" // results_write
#include "run.h" // RUN_TESTS

static char work[] = "build/tests/results.XXXXXX";

static const struct firmware firmware = { "other", "/dev/null" };
static const struct transport pv = { "pv", NULL };

static struct fio_job job = {
    .name = "a-job",
    .spec = {
        .rw = JOB_READ | JOB_WRITE, .mixread = 50, .seed = 1,
        .sizes = { { 1, 50 }, { 63, 50 } }, .size_count = 2,
        .from = 2048, .sectors = 2048, .align = 1, .ops = 2, .warm = 1,
    },
};

static void
write_serial(const char *fails)
{
    static const u32 samples[] = { 20, 10 };
    struct fio_job cold = job; // with latency no job warms up
    cold.spec.warm = 0;
    char *path = text_of("%s/serial.log", work);
    FILE *file = file_create(path);
    char first[RECORD_LONGEST], second[RECORD_LONGEST];
    int length1 = (int)record_encode(0, samples[0], first);
    int length2 = (int)record_encode(samples[0], samples[1], second);
    fprintf(file, "samples %.*s%.*s\r\njob name=a-job drive=80 ops=2 spec=%08x crc=%08x"
            " tsc_khz=2000000 tsc_source=pit result=pass\r\n"
            "PAYLOAD DONE pass=1 fail=%s\r\n", length1, first, length2, second
            , jobcommand_crc(&cold, 0), record_crc(samples, 2), fails);
    file_close(file, path);
    free(path);
}

// Writes results of one guest and reads them back; returns how many jobs are
// not valid.
static int
write_and_read(json_t **results)
{
    struct plan plan = {
        .jobs = { &job, 1 }, .firmware = { firmware }, .firmware_count = 1,
        .out = work, .command = "int13bench run",
    };
    struct guest guest = {
        .path = { &plan.firmware[0], &pv, "phy", 100 }, .repetition = 1,
        .dir = work, .done = 1, .session = 1,
    };
    struct guest_list list = { &guest, 1, 1 };
    job.options = json_object();
    int wrong = results_write(&plan, &list, RESULTS_COMPLETE, NULL);
    free(guest.exits);
    char *path = text_of("%s/results.json", work);
    *results = json_load_file(path, 0, NULL);
    assert_non_null(*results);
    remove(path);
    free(path);
    json_decref(job.options);
    return wrong;
}

static const json_t *
only_job(const json_t *results)
{
    const json_t *jobs = json_object_get(results, "jobs");
    assert_int_equal(json_array_size(jobs), 1);
    return json_array_get(jobs, 0);
}

static void
check_not_valid(const json_t *results)
{
    const json_t *entry = only_job(results);
    assert_int_equal(json_integer_value(json_object_get(entry, "error")), 1);
    assert_true(json_is_false(json_object_get(
                    json_object_get(entry, "int13bench"), "valid")));
}

static void
test_nothing_came_back(void **state)
{
    json_t *results;
    (void)state;
    assert_int_equal(write_and_read(&results), 1);
    check_not_valid(results);
    const json_t *own = json_object_get(only_job(results), "int13bench");
    assert_int_equal(json_array_size(json_object_get(own, "samples_ns")), 0);
    json_decref(results);
}

static json_int_t
number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

// Without a traced run there are samples, but no counters.
static void
test_no_trace(void **state)
{
    json_t *results;
    struct job_stream stream;
    struct job_op ops[2];
    size_t i;
    (void)state;
    write_serial("0");
    assert_int_equal(write_and_read(&results), 1);
    check_not_valid(results);
    const json_t *entry = only_job(results);
    const json_t *own = json_object_get(entry, "int13bench");
    const json_t *samples = json_object_get(own, "samples_ns");
    assert_int_equal(json_array_size(samples), 2);
    assert_int_equal(json_integer_value(json_array_get(samples, 0)), 10);
    assert_int_equal(json_integer_value(json_array_get(samples, 1)), 5);
    // What the calls were is known from the stream.
    json_int_t bytes = 0;
    job_start(&stream, &job.spec);
    for (i = 0; i < 2; i++)
        job_next(&stream, &ops[i]);
    for (i = 0; i < 2; i++) {
        const json_t *sizes = json_object_get(own, "samples_sectors");
        const json_t *writes = json_object_get(own, "samples_write");
        assert_int_equal(json_integer_value(json_array_get(sizes, i))
                         , ops[i].count);
        assert_int_equal(json_integer_value(json_array_get(writes, i))
                         , ops[i].write);
        bytes += ops[i].count * 512;
    }
    assert_int_equal(number(json_object_get(entry, "read"), "io_bytes")
                     + number(json_object_get(entry, "write"), "io_bytes")
                     , bytes);
    assert_int_equal(number(json_object_get(only_job(results), "int13bench")
                            , "latency_us"), 100);
    json_decref(results);
}

static int
setup(void **state)
{
    (void)state;
    return mkdtemp(work) ? 0 : -1;
}

static int
teardown(void **state)
{
    char *path = text_of("%s/serial.log", work);
    (void)state;
    remove(path);
    free(path);
    return rmdir(work);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_came_back),
        cmocka_unit_test(test_no_trace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
