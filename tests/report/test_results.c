// SPDX-License-Identifier: LGPL-3.0-or-later
//
// bench/report/results.c: what is wrong with a file is said with the path of
// the field, and nothing that is in a file makes the program stumble.

#include <fcntl.h> // open
#include <stdio.h> // fopen
#include <stdlib.h> // setenv
#include <string.h> // strstr
#include <unistd.h> // mkstemp

#include <jansson.h> // json_loads

#include "compare.h"
#include "fake/check.h" // assert_int_equal
#include "fake/run.h" // RUN_TESTS
#include "grid.h"
#include "report.h"
#include "results.h"

#define MESSAGE_SIZE 512

#define SAMPLES "[ 72000, 73000, 74000, 74001, 75000, 75001, 76000, 99000 ]"

// All that a job may have, once.
static const char Good[] =
    "{ \"fio version\": \"int13bench-1 (not fio)\", \"timestamp\": 1700000000,"
    " \"global options\": { \"rw\": \"write\", \"size\": \"1M\" },"
    " \"int13bench\": { \"schema\": 1, \"on\": \"lab\", \"clock\": \"virtual\","
    "  \"command\": \"int13bench run\", \"environment\": { \"xen\": \"4.17\","
    "   \"firmware\": { \"ours\": { \"sha256\": \"00\" } } } },"
    " \"jobs\": [ { \"jobname\": \"seqread-63\", \"error\": 0,"
    "  \"job options\": { \"rw\": \"read\", \"bs\": \"32256\" },"
    "  \"read\": { \"io_bytes\": 64512, \"total_ios\": 2 },"
    "  \"write\": { \"io_bytes\": 0, \"total_ios\": 0 },"
    "  \"int13bench\": { \"firmware\": \"ours\", \"transport\": \"pv\","
    "   \"backend\": \"phy\", \"repetition\": 1, \"clock\": \"virtual\","
    "   \"sectors\": 63, \"valid\": true, \"samples_ns\": " SAMPLES ","
    "   \"counters\": { \"exits\": { \"VMMCALL\": 4 }, \"hypercalls\": {},"
    "    \"requests\": 2, \"calls\": 2, \"median_exits\": 2.5 },"
    "   \"waterfall\": { \"firmware\": 1, \"xen\": 2, \"dom0 kernel\": 3,"
    "    \"backend\": 4 } } } ],"
    " \"loads\": [ { \"loader\": \"GRUB\", \"way\": \"AHCI\", \"backend\": \"\","
    "  \"initrd_mib\": 16, \"ms\": 887 } ] }";

static char Path[] = "build/tests/results-XXXXXX";


/****************************************************************
 * Files
 ****************************************************************/

static void
write_file(const char *text, size_t length)
{
    FILE *file = fopen(Path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
}

// Reads the text as a file. Returns whether it is good; if it is not, the
// message begins with the name of the file.
static bool
read_text(const char *text, size_t length, char message[MESSAGE_SIZE])
{
    struct results results;
    write_file(text, length);
    message[0] = '\0';
    if (results_read(&results, Path, message, MESSAGE_SIZE)) {
        results_free(&results);
        return true;
    }
    assert_memory_equal(message, Path, strlen(Path));
    return false;
}

// The good file with one place replaced.
static char *
changed(const char *from, const char *to)
{
    static char text[sizeof(Good) + 1000];
    const char *at = strstr(Good, from);
    assert_non_null(at);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - Good), Good, to
             , at + strlen(from));
    return text;
}


/****************************************************************
 * Messages
 ****************************************************************/

static const struct {
    const char *from, *to, *message;
} Wrong[] = {
    { "\"int13bench\": { \"schema\"", "\"other\": { \"schema\""
      , ": int13bench: is missing; was this file written by fio?" },
    { "\"schema\": 1", "\"schema\": 2", "int13bench.schema: is 2, but" },
    { "\"schema\": 1,", "", "int13bench.schema: is missing" },
    { "1700000000", "-1", "timestamp: -1 is not from 0 to" },
    { "\"lab\"", "{}", "int13bench.on: must be a string, not an object" },
    { "\"4.17\"", "[]", "int13bench.environment.xen: must be a string or" },
    { "\"00\"", "\"a\\nb\"", "environment.firmware.ours.sha256: has a control" },
    { "\"seqread-63\"", "null", "jobs[0].jobname: is missing" },
    { "\"error\": 0", "\"error\": false"
      , "jobs[0].error: must be a whole number, not true or false" },
    { "\"rw\": \"read\"", "\"rw\": {}", "jobs[0].job options.rw: must be" },
    { "\"size\": \"1M\"", "\"size\": []", ": global options.size: must be a" },
    { "\"io_bytes\": 64512", "\"io_bytes\": 1e300", "jobs[0].read.io_bytes: must be"
      " a whole number, not a number with a fraction" },
    { "\"write\": {", "\"right\": {", "jobs[0].write: is missing" },
    { "\"int13bench\": { \"firmware\"", "\"int14bench\": { \"firmware\""
      , "jobs[0].int13bench: is missing" },
    { "\"clock\": \"virtual\",   \"sectors\"", "\"clock\": \"cuckoo\", \"sectors\""
      , "jobs[0].int13bench.clock: must be virtual, wall or modelled" },
    { "\"sectors\": 63", "\"sectors\": -63", "int13bench.sectors: -63 is not" },
    { "\"valid\": true", "\"valid\": 1", "int13bench.valid: must be true or" },
    { SAMPLES, "[]", "samples_ns: is empty" },
    { SAMPLES, "7", "samples_ns: must be an array" },
    { "73000", "0", "samples_ns[1]: 0 is not from 1 to" },
    { "73000", "73000.5", "samples_ns[1]: must be a whole number" },
    { "73000", "1000000000000001", "samples_ns[1]: 1000000000000001 is not" },
    { "73000", "99999999999999999999999", "not JSON, or cut off" },
    { "\"VMMCALL\": 4", "\"VMMCALL\": \"4\"", "counters.exits.VMMCALL: must be" },
    { "\"VMMCALL\": 4", "\"\\u0007\": 4", "has a control character" },
    { "\"hypercalls\": {}", "\"hypercalls\": []", "hypercalls: must be an object" },
    { "\"calls\": 2", "\"walls\": 2", "counters.calls: is missing" },
    { "2.5", "-2.5", "counters.median_exits: must not be negative" },
    { "2.5", "\"2\"", "counters.median_exits: must be a number, not a string" },
    { "\"backend\": 4", "\"front\": 4", "waterfall.backend: is missing" },
    { "\"loads\": [ {", "\"loads\": [ 7, {", "loads[0]: must be an object" },
    { "\"loads\": [", "\"loads\": 7, \"x\": [", "loads: must be an array" },
    { "\"GRUB\"", "7", "loads[0].loader: must be a string" },
    { "\"AHCI\"", "null", "loads[0].way: is missing" },
    { "\"backend\": \"\"", "\"back\": \"\"", "loads[0].backend: is missing" },
    { "\"initrd_mib\": 16", "\"initrd_mib\": -1", "loads[0].initrd_mib: -1 is" },
    { "887", "0.887", "loads[0].ms: must be a whole number" },
    { "\"jobs\": [ {", "\"jobs\": [ 7, {", "jobs[0]: must be an object" },
    { "\"timestamp\":", "\"timestamp\": 1, \"timestamp\":", "duplicate" },
};

static void
test_messages_name_the_field(void **state)
{
    char message[MESSAGE_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(Wrong) / sizeof(*Wrong); i++) {
        const char *text = changed(Wrong[i].from, Wrong[i].to);
        assert_false(read_text(text, strlen(text), message));
        if (!strstr(message, Wrong[i].message))
            fail_msg("'%s' does not say '%s'", message, Wrong[i].message);
    }
}

static void
test_empty_files(void **state)
{
    char message[MESSAGE_SIZE];
    const char *empty = "{ \"fio version\": \"\", \"timestamp\": 0,"
        " \"int13bench\": { \"schema\": 1, \"on\": \"\", \"command\": \"\","
        " \"environment\": {} }, \"jobs\": [] }";
    (void)state;
    assert_false(read_text("", 0, message));
    assert_non_null(strstr(message, "not JSON, or cut off"));
    assert_false(read_text("[]", 2, message));
    assert_non_null(strstr(message, "must be an object, not an array"));
    assert_false(read_text(empty, strlen(empty), message));
    assert_non_null(strstr(message, "jobs: is empty: nothing was measured"));
}

static void
test_no_file(void **state)
{
    struct results results;
    char message[MESSAGE_SIZE];
    (void)state;
    assert_false(results_read(&results, "build/tests/none", message
                              , sizeof(message)));
    assert_non_null(strstr(message, "build/tests/none: cannot be read: No such"));
    assert_false(results_read(&results, "build", message, sizeof(message)));
}

static void
test_every_cut_is_noticed(void **state)
{
    char message[MESSAGE_SIZE];
    (void)state;
    for (size_t length = 0; length < strlen(Good); length++)
        assert_false(read_text(Good, length, message));
    assert_true(read_text(Good, strlen(Good), message));
}


/****************************************************************
 * What is read
 ****************************************************************/

static void
test_good_file(void **state)
{
    struct results results;
    char message[MESSAGE_SIZE];
    (void)state;
    write_file(Good, strlen(Good));
    assert_true(results_read(&results, Path, message, sizeof(message)));
    assert_int_equal(results.run_count, 1);
    assert_int_equal(results.environment_count, 2);
    assert_string_equal(results.environment[1].name, "firmware ours sha256");
    const struct run *run = &results.runs[0];
    assert_string_equal(run->job, "seqread-63");
    assert_int_equal(run->option_count, 3);
    assert_string_equal(run->options[0].value, "read");
    assert_string_equal(run->options[1].name, "bs");
    assert_string_equal(run->options[2].name, "size");
    assert_int_equal(run->bytes, 64512);
    assert_int_equal(run->sample_count, 8);
    assert_int_equal(run->samples[1], 73000);
    assert_int_equal(run->counters.number[COUNTER_REQUESTS], 2);
    assert_false(run->counters.has[COUNTER_COPIED]);
    assert_true(run->counters.has_median_exits);
    assert_true(run->counters.median_exits > 2.4);
    assert_true(run->has_waterfall);
    assert_int_equal(run->waterfall[PARTY_KERNEL], 3);
    assert_int_equal(results.load_count, 1);
    assert_string_equal(results.loads[0].way, "AHCI");
    assert_string_equal(results.loads[0].backend, "");
    assert_int_equal(results.loads[0].ms, 887);
    results_free(&results);
}

static void
test_errors_make_runs_invalid(void **state)
{
    struct results results;
    char message[MESSAGE_SIZE];
    const char *text = changed("\"error\": 0", "\"error\": 5");
    (void)state;
    write_file(text, strlen(text));
    assert_true(results_read(&results, Path, message, sizeof(message)));
    assert_false(results.runs[0].valid);
    assert_string_equal(results.runs[0].reason, "error 5");
    results_free(&results);
    text = changed("\"valid\": true, \"samples_ns\": " SAMPLES
                   , "\"valid\": false");
    assert_true(read_text(text, strlen(text), message));
}


/****************************************************************
 * Any value in any place
 ****************************************************************/

static const char *const Values[] = { "true", "-1", "0", "1e308", "\"\""
    , "\"'`<&|\\\\%s\"", "[]", "[[[1]]]", "{}", "{ \"a\": { \"b\": 1 } }", "1"
    , "1000000000000000" };

// Sends what is written there to nobody; returns where it went before.
static int
redirect(int to)
{
    int nobody = open("/dev/null", O_WRONLY), before = dup(to);
    fflush(stdout);
    assert_true(nobody >= 0 && before >= 0 && dup2(nobody, to) == to);
    close(nobody);
    return before;
}

static void
restore(int to, int before)
{
    fflush(stdout);
    dup2(before, to);
    close(before);
}

// The whole way of a file, but for gnuplot, which is not found, and for what
// would be written. What is said is not of interest.
static void
run_commands(void)
{
    char report[] = "report", compare[] = "compare", out[] = "--out"
        , nowhere[] = "build/tests/nowhere";
    char *report_argv[] = { report, out, nowhere, Path, NULL };
    char *compare_argv[] = { compare, Path, Path, NULL };
    int said = redirect(STDOUT_FILENO), complained = redirect(STDERR_FILENO);
    int report_status = cmd_report(4, report_argv);
    int compare_status = cmd_compare(3, compare_argv);
    restore(STDOUT_FILENO, said);
    restore(STDERR_FILENO, complained);
    assert_int_equal(report_status, 2);
    assert_in_range(compare_status, 0, 2);
}

static void
run_file(const json_t *root)
{
    char *text = json_dumps(root, 0);
    assert_non_null(text);
    write_file(text, strlen(text));
    free(text);
    run_commands();
}

static void
try_values(json_t *root, json_t *at) // NOLINT(misc-no-recursion)
{
    const char *name;
    void *next;
    json_t *value;
    json_object_foreach_safe(at, next, name, value) {
        json_t *kept = json_incref(value);
        for (size_t i = 0; i < sizeof(Values) / sizeof(*Values); i++) {
            json_object_set_new(at, name, json_loads(Values[i]
                                                     , JSON_DECODE_ANY, NULL));
            run_file(root);
        }
        json_object_set_new(at, name, kept);
        try_values(root, kept);
    }
    for (size_t i = 0; i < json_array_size(at); i++)
        try_values(root, json_array_get(at, i));
}

static void
test_no_value_hurts(void **state)
{
    json_t *root = json_loads(Good, 0, NULL);
    (void)state;
    assert_non_null(root);
    try_values(root, root);
    json_decref(root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_name_the_field),
        cmocka_unit_test(test_empty_files),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_every_cut_is_noticed),
        cmocka_unit_test(test_good_file),
        cmocka_unit_test(test_errors_make_runs_invalid),
        cmocka_unit_test(test_no_value_hurts),
    };
    int file = mkstemp(Path);
    if (file < 0 || close(file) || setenv("PATH", "/nonexistent", 1))
        return 1;
    int failed = RUN_TESTS(tests);
    unlink(Path);
    return failed;
}
