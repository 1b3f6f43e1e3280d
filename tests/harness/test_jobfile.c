// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Job files: each option arrives where the payload finds it, and what int13
// cannot follow is an error that names file and line.

#include <stdlib.h> // free
#include <string.h> // strlen

#include "jobfile.h" // jobfile_read
#include "run.h" // RUN_TESTS

static struct job_list list;
static char problem[PROBLEM_SIZE];

static int
read_more(const char *text, const char *name)
{
    FILE *file = fmemopen((void *)text, strlen(text), "r");
    int result = jobfile_read(file, name, &list, problem);
    fclose(file);
    return result;
}

static void
forget(void)
{
    size_t i;
    for (i = 0; i < list.count; i++)
        json_decref(list.jobs[i].options);
    free(list.jobs);
    list = (struct job_list) { .jobs = NULL };
}

static int
teardown(void **state)
{
    (void)state;
    forget();
    return 0;
}

static const struct job_spec *
read_one(const char *text)
{
    forget();
    if (read_more(text, "a.fio"))
        fail_msg("%s", problem);
    assert_int_equal(list.count, 1);
    return &list.jobs[0].spec;
}

static void
check_problem(const char *text, const char *expected)
{
    forget();
    assert_int_equal(read_more(text, "a.fio"), -1);
    if (!strstr(problem, expected))
        fail_msg("\"%s\" is not in \"%s\"", expected, problem);
    // One line, and once.
    assert_null(strchr(problem, '\n'));
}

static void
test_defaults(void **state)
{
    const struct job_spec *spec = read_one("[a]\noffset=1m\nsize=1m\n");
    (void)state;
    assert_string_equal(list.jobs[0].name, "a");
    assert_int_equal(list.jobs[0].line, 1);
    assert_int_equal(spec->rw, JOB_READ);
    assert_int_equal(spec->size_count, 1);
    assert_int_equal(spec->sizes[0].sectors, 8);
    assert_int_equal(spec->from, 2048);
    assert_int_equal(spec->sectors, 2048);
    assert_int_equal(spec->align, 8);
    assert_int_equal(spec->ops, 256);
    assert_int_equal(spec->warm, 256);
    assert_int_equal(spec->verify, 1);
    assert_int_equal(spec->chs, 0);
    assert_int_equal(spec->buffer.segment, 0x1000);
    assert_int_equal(spec->buffer.offset, 0);
}

static void
test_every_option(void **state)
{
    const struct job_spec *spec = read_one(
        "# of all jobs\n[global]\nioengine=psync\ndirect=1\nfilename=x\n"
        "group_reporting\niodepth=1\n\n"
        "[a.job_1-x]\n  readwrite = randrw ; a remark\nbssplit=512/25:32256/75\n"
        "offset=64k\nsize=2MiB\nio_size=1048576\nnumber_ios=40\nrandseed=9\n"
        "rwmixwrite=30\nthinktime=250\nverify=0\nblockalign=1k\n"
        "; int13_buffer=2000:0FFF\n#int13_addressing=chs\n ;  int13_warmup=3\n");
    (void)state;
    assert_string_equal(list.jobs[0].name, "a.job_1-x");
    assert_int_equal(spec->rw, JOB_READ | JOB_WRITE | JOB_RANDOM);
    assert_int_equal(spec->size_count, 2);
    assert_int_equal(spec->sizes[0].sectors, 1);
    assert_int_equal(spec->sizes[0].percent, 25);
    assert_int_equal(spec->sizes[1].sectors, 63);
    assert_int_equal(spec->sizes[1].percent, 75);
    assert_int_equal(spec->from, 128);
    assert_int_equal(spec->sectors, 4096);
    assert_int_equal(spec->ops, 40);
    assert_int_equal(spec->seed, 9);
    assert_int_equal(spec->mixread, 70);
    assert_int_equal(spec->think, 250);
    assert_int_equal(spec->verify, 0);
    assert_int_equal(spec->align, 2);
    assert_int_equal(spec->buffer.segment, 0x2000);
    assert_int_equal(spec->buffer.offset, 0xfff);
    assert_int_equal(spec->chs, 1);
    assert_int_equal(spec->warm, 3);
    // As they were given, for the report.
    const json_t *options = list.jobs[0].options;
    assert_string_equal("psync", json_string_value(
                            json_object_get(options, "ioengine")));
    assert_string_equal("2000:0FFF", json_string_value(
                            json_object_get(options, "int13_buffer")));
}

// fio's rule: until the size is done, or number_ios are.
static void
test_number_of_calls(void **state)
{
    (void)state;
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nbs=4k\n")->ops, 16);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nbs=4k\n"
                              "number_ios=5\n")->ops, 5);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nbs=4k\n"
                              "number_ios=50\n")->ops, 16);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nbs=4k\n"
                              "io_size=256k\n")->ops, 64);
}

// Also a section without options of its own.
static void
test_sections(void **state)
{
    (void)state;
    forget();
    assert_int_equal(read_more("[global]\noffset=1m\nsize=1m\nstonewall\n"
                               "[a]\n[b]\nbs=512\n[global]\nrw=write\n[c]\n"
                               , "a.fio"), 0);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.jobs[0].spec.sizes[0].sectors, 8);
    assert_int_equal(list.jobs[1].spec.sizes[0].sectors, 1);
    assert_int_equal(list.jobs[1].spec.rw, JOB_READ);
    assert_int_equal(list.jobs[2].spec.rw, JOB_WRITE);
    assert_int_equal(list.jobs[2].spec.sizes[0].sectors, 8);
    assert_int_equal(list.jobs[2].line, 10);
    // And a second file.
    assert_int_equal(read_more("[d]\noffset=1m\nsize=1m\n", "b.fio"), 0);
    assert_int_equal(list.count, 4);
    assert_int_equal(read_more("[a]\noffset=1m\nsize=1m\n", "c.fio"), -1);
    assert_string_equal(problem
                        , "c.fio:1: a: another job has this name");
}

static void
test_problems(void **state)
{
#define JOB "[a]\noffset=1m\nsize=1m\n"
    (void)state;
    check_problem(JOB "zonemode=zbd\n", "a.fio:4: zonemode: no such option");
    check_problem(JOB "int13_bufer=1\n", "a.fio:4: int13_bufer: no such");
    check_problem(JOB "; int13_bufer=1\n", "a.fio:4: int13_bufer: no such");
    check_problem(JOB "numjobs=2\n", "a.fio:4: numjobs: int13 does one");
    check_problem(JOB "iodepth=16\n", "a.fio:4: iodepth: int13 does one");
    check_problem(JOB "\nruntime=10\n", "a.fio:5: runtime: a job ends after");
    check_problem(JOB "time_based\n", "a.fio:4: time_based: a job ends");
    check_problem(JOB "rw=trim\n", "a.fio:4: rw: must be read");
    check_problem(JOB "bs=128k\n", "a.fio:4: bs: a call moves");
    check_problem(JOB "bs=1000\n", "a.fio:4: bs: a call moves");
    check_problem(JOB "bs=0\n", "a.fio:4: bs: a call moves");
    check_problem(JOB "bs=4k,8k\n", "a.fio:4: bs: a call moves");
    check_problem(JOB "bs=\n", "a.fio:4: bs: a call moves");
    check_problem(JOB "bssplit=4k/50:8k/40\n", "a.fio:4: bssplit: must be SIZE/");
    check_problem(JOB "bssplit=4k\n", "a.fio:4: bssplit: must be SIZE/");
    check_problem(JOB "number_ios=-1\n", "a.fio:4: number_ios: not a number");
    check_problem(JOB "rwmixread=101\n", "a.fio:4: rwmixread: not a number");
    check_problem(JOB "size=50%\n", "a.fio:4: size: not a number of bytes");
    check_problem(JOB ";int13_buffer=1000\n", "a.fio:4: int13_buffer: not");
    check_problem(JOB ";int13_buffer=0:7c00\n", "a.fio:4: int13_buffer: must");
    check_problem(JOB ";int13_addressing=lba\n", "a.fio:4: int13_addressing");
    check_problem("bs=4k\n", "a.fio:1: bs: no section");
    check_problem("# nothing\n", "a.fio:1: no job in this file");
    check_problem("[a b]\n", "a.fio:1: a job's name");
    check_problem("[a\n", "a.fio:1: ");
    check_problem("[a]\noffset=1m\n", "a.fio:1: a: size is missing");
    check_problem("\n[a]\nsize=1m\n", "a.fio:2: a: offset must be 32k");
    check_problem("[a]\noffset=1m\nsize=512\n", "a.fio:1: a: size is less");
    check_problem(JOB JOB, "a.fio:4: a: another job");
    check_problem(JOB "[b]\noffset=1m\nsize=1m\n", "a.fio:4: b: fio would run");
    check_problem("[a]\noffset=1m\nsize=1g\nbs=512\n"
                  , "a.fio:1: a: more than 65536 calls");
}

// Longer than any buffer: not cut, refused.
static void
test_long_line(void **state)
{
    char text[4096] = "[a]\noffset=1m\nsize=1m\nfilename=";
    size_t used = strlen(text);
    (void)state;
    memset(text + used, 'x', sizeof(text) - used - 2);
    text[sizeof(text) - 2] = '\n';
    check_problem(text, "a.fio:4: line too long");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_option),
        cmocka_unit_test(test_number_of_calls),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
