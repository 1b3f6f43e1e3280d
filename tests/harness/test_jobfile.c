// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Job files: each option arrives where the payload finds it, and what int13
// cannot follow is an error that names file and line.

#include <stdlib.h> // free
#include <string.h> // strlen

#include "jobfile.h" // jobfile_read
#include "run.h" // RUN_TESTS

static struct job_list list;

// Returns how many problems there are.
static int
read_more(const char *text, const char *name)
{
    FILE *file = fmemopen((void *)text, strlen(text), "r");
    jobfile_read(file, name, &list);
    fclose(file);
    return (int)list.problems.wrong;
}

// All problems, or all notes, as they are printed; to be freed.
static char *
printed(enum severity severity)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    problems_print(&list.problems, severity, to);
    fclose(to);
    return text;
}

static void
forget(void)
{
    job_list_free(&list);
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
        fail_msg("%s", printed(SEVERITY_PROBLEM));
    assert_int_equal(list.count, 1);
    return &list.jobs[0].spec;
}

// One problem, in one line.
static void
check_problem(const char *text, const char *expected)
{
    forget();
    assert_int_equal(read_more(text, "a.fio"), 1);
    char *said = printed(SEVERITY_PROBLEM);
    if (!strstr(said, expected))
        fail_msg("\"%s\" is not in \"%s\"", expected, said);
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    free(said);
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
        "[a.job_1-x]\n  readwrite =randrw ; a remark\nbssplit=512/25:32256/75\n"
        "offset=64k\nsize=2MB\nio_size=1048576\nnumber_ios=40\nrandseed=9\n"
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
    assert_int_equal(read_more("[a]\noffset=1m\nsize=1m\n", "c.fio"), 1);
    char *said = printed(SEVERITY_PROBLEM);
    assert_string_equal(said, "c.fio:1: [a]: another job has this name, and"
                        " results are by name: choose another\n");
    free(said);
}

#define JOB "[a]\noffset=1m\nsize=1m\n"

static void
test_problems(void **state)
{
    (void)state;
    check_problem(JOB "zonemode=zbd\n", "a.fio:4: zonemode=zbd: int13 knows no");
    check_problem(JOB "zonmode=zbd\n", "a.fio:4: zonmode=zbd: fio has no such"
                  " option; did you mean zonemode?");
    check_problem(JOB "int13_bufer=1\n", "a.fio:4: int13_bufer=1: fio refuses");
    check_problem(JOB "; int13_bufer=1\n", "did you mean int13_buffer?");
    check_problem(JOB "numjobs=2\n", "a.fio:4: numjobs=2: int13 does one");
    check_problem(JOB "ioengine=libaio\niodepth=16\n"
                  , "a.fio:5: iodepth=16: int13 does one");
    check_problem(JOB "\nruntime=10\n", "a.fio:5: runtime=10: a job ends after");
    check_problem(JOB "time_based\n", "a.fio:4: time_based: a job ends");
    check_problem(JOB "rw=trim\n", "a.fio:4: rw=trim: int13 cannot trim: must");
    check_problem(JOB "bs=128k\n", "a.fio:4: bs=128k: fio reads 131072;");
    check_problem(JOB "bs=1000\n", "a.fio:4: bs=1000: fio reads 1000 bytes");
    check_problem(JOB "bs=4KiB\n", "a.fio:4: bs=4KiB: fio reads 4000 bytes");
    check_problem(JOB "bs=0\n", "a.fio:4: bs=0: fio reads 0;");
    check_problem(JOB "bs=4k,8k\nrw=rw\n", "a.fio:1: [a]: reads and writes");
    check_problem(JOB "bs=\n", "a.fio:4: bs=: needs a value");
    check_problem(JOB "bssplit=4k/50:8k/40\n", "a.fio:4: bssplit=4k/50:8k/40: ");
    check_problem(JOB "number_ios=-1\n", "a.fio:4: number_ios=-1: fio reads -1");
    check_problem(JOB "rwmixread=101\n", "a.fio:4: rwmixread=101: fio reads");
    check_problem(JOB "size=50%\n", "a.fio:4: size=50%: a share");
    check_problem(JOB "size=17592186044417m\n", "too large");
    check_problem(JOB ";int13_buffer=1000\n", "a.fio:4: int13_buffer=1000: not");
    check_problem(JOB ";int13_buffer=0:7c00\n", "int13_buffer=0:7c00: must");
    check_problem(JOB ";int13_addressing=lba\n", "a.fio:4: int13_addressing");
    check_problem(JOB "fsync=1\nrw=write\n", "a.fio:4: fsync=1: int13 cannot");
    check_problem(JOB "random_distribution=zipf\nrw=randread\n", "a.fio:4: ran");
    check_problem(JOB "hipri\n", "a.fio:4: hipri: an option of another engine");
    check_problem(JOB "filename=a:b\n", "a.fio:4: filename=a:b: several");
    // fio reads what is given again behind it, too.
    check_problem(JOB "rw=raed\nrw=read\n", "a.fio:4: rw=raed: no such value");
    check_problem(JOB "bs=x\nbs=4k\n", "a.fio:4: bs=x: not a number");
    check_problem(JOB "bs=0\nbs=4k\n", "a.fio:4: bs=0: not a number");
    check_problem(JOB "wait_for=b\n", "a.fio:1: [a]: wait_for names no job");
    check_problem("bs=4k\n", "a.fio:1: bs=4k: no section");
    check_problem("# nothing\n", "a.fio:1: no job in this file");
    check_problem("[a\n", "a.fio:1: [a: a section is [NAME]");
    check_problem("[a]\noffset=1m\n", "a.fio:1: [a]: size is missing");
    check_problem("[a]\noffset=1m\nsize=512\n", "a.fio:1: [a]: size is less");
    check_problem(JOB "[b]\noffset=1m\nsize=1m\n", "a.fio:4: [b]: fio would");
    check_problem("[a]\noffset=1m\nsize=1g\nbs=512\n"
                  , "a.fio:1: [a]: more than 65536 calls");
    check_problem("[a]\noffset=1m\nsize=1m\nrw=rw\nio_size=2m\n"
                  , "a.fio:1: [a]: io_size is more than size");
}

// All of them at once, by line; those of [global] once, not for each job.
static void
test_all_problems(void **state)
{
    (void)state;
    forget();
    assert_int_equal(read_more("[global]\nbs=1000\nstonewall\n[a]\nsize=64k\n"
                               "rw=x\n[b]\niodepth=y\n", "a.fio"), 4);
    char *said = printed(SEVERITY_PROBLEM);
    assert_string_equal(said, "a.fio:2: bs=1000: fio reads 1000 bytes, which are"
        " not whole sectors of 512\n"
        "a.fio:6: rw=x: must be read, write, rw, randread, randwrite or randrw\n"
        "a.fio:7: [b]: size is missing: fio would take the file's, and here is"
        " none\n"
        "a.fio:8: iodepth=y: not a number\n");
    free(said);
}

static void
check_note(const char *text, const char *expected)
{
    read_one(text);
    char *said = printed(SEVERITY_NOTE);
    if (!strstr(said, expected))
        fail_msg("\"%s\" is not in \"%s\"", expected, said);
    free(said);
}

static void
test_notes(void **state)
{
    (void)state;
    check_note(JOB "direct=1\n", "a.fio:4: note: direct=1: ignored: how fio");
    check_note(JOB "fsync=1\n", "a.fio:4: note: fsync=1: ignored: it has no");
    check_note(JOB "iodepth=9\n", "a.fio:4: note: iodepth=9: ignored: it has");
    check_note("[a]\nsize=1m\n", "a.fio:1: note: [a]: the region begins 32 KiB");
    assert_int_equal(list.jobs[0].spec.from, 64);
    check_note("[a b]\noffset=1m\nsize=1m\n", "[a b]: is called a-b here");
    assert_string_equal(list.jobs[0].name, "a-b");
    read_one("[a]\nname=other\noffset=1m\nsize=1m\n");
    assert_string_equal(list.jobs[0].name, "other");
}

// fio reads some numbers in another way than they look.
static void
test_numbers(void **state)
{
    (void)state;
    assert_int_equal(read_one("[a]\noffset=010m\nsize=64k\n")->from, 20480);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=65k\nbs=0x200\n")->ops, 130);
    assert_int_equal(read_one("[a]\noffset=1MiB\nsize=64KiB\nkb_base=1000\n")
                     ->sectors, 128);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nbs=4kilo\n")->ops, 16);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nthinktime=3ms\n")->think
                     , 3000);
    assert_int_equal(read_one("[a]\noffset=1m\nsize=64k\nrw=write\nbs=4k,8k\n")
                     ->ops, 8);
    // The sections that come before are read with their own.
    assert_int_equal(read_one("[global]\noffset=1m\n[global]\nkb_base=1000\n"
                              "[a]\nsize=64KiB\n")->from, 2048);
    assert_int_equal(read_one("[global]\noffset=1m\n[a]\nkb_base=1000\n"
                              "size=64KiB\n")->from, 2048);
}

// Longer than any buffer: not cut, refused.
static void
test_long_line(void **state)
{
    char text[16384] = JOB "filename=";
    size_t used = strlen(text);
    (void)state;
    memset(text + used, 'x', sizeof(text) - used - 2);
    text[4000] = '\n';
    text[4001] = '\0';
    read_one(text);
    text[4000] = text[4001] = 'x';
    text[sizeof(text) - 2] = '\n';
    check_problem(text, "a.fio:4: is longer than 8191 characters");
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
        cmocka_unit_test(test_all_problems),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
