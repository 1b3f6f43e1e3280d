// SPDX-License-Identifier: LGPL-3.0-or-later
//
// How a test program runs its tests: one that loops forever is one that fails. Its
// limit is in CPU time, so that a busy machine ends none.
#ifndef __FAKE_RUN_H
#define __FAKE_RUN_H

#include <sys/time.h> // setitimer
#include "fake/check.h" // cmocka_run_group_tests_name

// Under valgrind, too, and on a slow machine.
#define PROGRAM_CPU_S 3600

// What must hold after each test, whatever it was about, where the program has
// something of the kind: a teardown function of cmocka's.
extern int after_each_test(void **state) __attribute__((weak));

static inline int
run_each_test(const char *name, const struct CMUnitTest *tests, size_t count)
{
    struct CMUnitTest checked[count];
    size_t i;
    setitimer(ITIMER_PROF
              , &(struct itimerval){ .it_value.tv_sec = PROGRAM_CPU_S }, NULL);
    for (i = 0; i < count; i++) {
        checked[i] = tests[i];
        if (!checked[i].teardown_func)
            checked[i].teardown_func = after_each_test;
    }
    return _cmocka_run_group_tests(name, checked, count, NULL, NULL);
}

#define RUN_TESTS(tests) \
    run_each_test(__FILE__, tests, sizeof(tests) / sizeof((tests)[0]))

#endif // run.h
