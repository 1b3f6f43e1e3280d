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

#define RUN_TESTS(tests) \
    (setitimer(ITIMER_PROF, \
        &(struct itimerval){ .it_value.tv_sec = PROGRAM_CPU_S }, NULL) \
     , cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL))

#endif // run.h
