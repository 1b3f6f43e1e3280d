// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Samples come through as they were taken, and a log that was damaged or cut
// short is never taken for a good one.

#include <stdio.h> // open_memstream
#include <stdlib.h> // free
#include <string.h> // strstr

#include "record.h" // record_encode
#include "run.h" // RUN_TESTS
#include "serial.h" // serial_record

#define LINE 72
#define SPEC 0xfeed

// What the payload prints of a job, with the console's line ends.
static char *
make_log(const char *job, const u32 *samples, u32 count)
{
    char *text;
    size_t size;
    u32 i, before = 0, used = 0;
    FILE *log = open_memstream(&text, &size);
    fprintf(log, "PAYLOAD START drive=80\r\nsamples\r\nmemmap result=pass\r\n");
    for (i = 0; i < count; i++) {
        char letters[RECORD_LONGEST];
        u32 length = record_encode(before, samples[i], letters);
        before = samples[i];
        fprintf(log, "%s%.*s", used ? "" : "samples ", (int)length, letters);
        used += length;
        if (used < LINE && i + 1 < count)
            continue;
        fprintf(log, "\r\n");
        used = 0;
    }
    fprintf(log, "job name=%s drive=80 ops=%u spec=0000feed crc=%08x tsc_khz=999999"
            " tsc_source=xen-cpuid result=pass\r\n"
            "PAYLOAD DONE pass=7 fail=0\r\n", job, count
            , record_crc(samples, count));
    fclose(log);
    return text;
}

static void
check_comes_through(const u32 *samples, u32 count)
{
    struct record record;
    const char *problem;
    char *log = make_log("a-job", samples, count);
    assert_int_equal(serial_record(log, "a-job", SPEC, &record, &problem), 0);
    assert_int_equal(record.count, count);
    assert_int_equal(record.tsc_khz, 999999);
    assert_string_equal(record.tsc_source, "xen-cpuid");
    if (count)
        assert_memory_equal(record.samples, samples, count * sizeof(u32));
    free(record.samples);
    free(log);
}

static void
check_refused(const char *log, const char *why)
{
    struct record record;
    const char *problem = NULL;
    assert_int_equal(serial_record(log, "a-job", SPEC, &record, &problem), -1);
    assert_null(record.samples);
    assert_non_null(strstr(problem, why));
}

static void
test_samples(void **state)
{
    static const u32 few[] = { 0, 1, 0, 15, 16, 0xffffffff, 0, 0x80000000, 7 };
    u32 many[1000], i, x = 1;
    (void)state;
    check_comes_through(few, 0);
    check_comes_through(few, 1);
    check_comes_through(few, sizeof(few) / sizeof(few[0]));
    for (i = 0; i < 1000; i++) {
        x = x * 1664525 + 1013904223;
        many[i] = 73000 + (x >> 18);
    }
    check_comes_through(many, 1000);
}

// Known answers: of CRC-32, and of the encoding of source maps.
static void
test_known_answers(void **state)
{
    static const u32 digits[] = { 0x34333231, 0x38373635 }; // "12345678"
    char letters[RECORD_LONGEST];
    (void)state;
    assert_int_equal(record_crc(digits, 2), 0x9ae0daaf);
    assert_int_equal(record_encode(0, 16, letters), 2);
    assert_memory_equal(letters, "gB", 2);
    assert_int_equal(record_encode(1, 0, letters), 1);
    assert_memory_equal(letters, "D", 1);
}

// Any letter changed is noticed.
static void
test_damage(void **state)
{
    static const u32 samples[] = { 73512, 73490, 81000, 73511 };
    char *log = make_log("a-job", samples, 4);
    char *at = strstr(log, "samples ") + strlen("samples ");
    (void)state;
    for (; *at != '\r'; at++) {
        char kept = *at;
        *at = kept == 'A' ? 'B' : 'A';
        check_refused(log, "damaged");
        *at = '?';
        check_refused(log, "damaged");
        *at = kept;
    }
    char *crc = strstr(log, "crc=");
    crc[4] = crc[4] == '0' ? '1' : '0';
    check_refused(log, "damaged");
    free(log);
}

static void
test_truncation(void **state)
{
    u32 samples[64], i;
    (void)state;
    for (i = 0; i < 64; i++)
        samples[i] = 50000 + i * i * 37 % 1000;
    char *log = make_log("a-job", samples, 64);
    size_t end = (size_t)(strstr(log, " result=pass\r\nPAYLOAD") - log)
        + strlen(" result=pass");
    for (; end; end--) {
        log[end - 1] = '\0';
        struct record record;
        const char *problem;
        assert_int_equal(serial_record(log, "a-job", SPEC, &record, &problem), -1);
    }
    free(log);
    // A line is missing.
    log = make_log("a-job", samples, 64);
    char *second = strstr(strstr(log, "samples A") ? strstr(log, "samples ")
                          : log, "\r\nsamples ") + 2;
    char *third = strchr(second, '\n') + 1;
    memmove(second, third, strlen(third) + 1);
    check_refused(log, "damaged");
    free(log);
}

static void
test_other_jobs(void **state)
{
    static const u32 samples[] = { 5, 6 };
    char *log = make_log("a-job-1", samples, 2);
    (void)state;
    check_refused(log, "did not reach it");
    free(log);
    check_refused("FAIL read\r\njob name=a-job drive=80 ops=2 result=fail\r\n"
                  , "reports that it failed");
    check_refused("job name=a-job drive=80 ops=99999999 spec=feed crc=0 tsc_khz=1"
                  " tsc_source=pit result=pass\r\n", "more samples");
    // One that was run for somebody else.
    log = make_log("a-job", samples, 2);
    memset(strstr(log, "spec=") + strlen("spec="), '7', 8);
    check_refused(log, "another job of this name");
    free(log);
}

static void
test_passed(void **state)
{
    (void)state;
    assert_true(serial_passed("x\r\nPAYLOAD DONE pass=3 fail=0\r\n"));
    assert_false(serial_passed("x\r\nPAYLOAD DONE pass=3 fail=1\r\n"));
    assert_false(serial_passed("x\r\nPAYLOAD DONE pass="));
    assert_false(serial_passed(""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_other_jobs),
        cmocka_unit_test(test_passed),
    };
    return RUN_TESTS(tests);
}
