// SPDX-License-Identifier: LGPL-3.0-or-later
//
// How a test program runs its tests: one that hangs is one that fails.
#ifndef __FAKE_RUN_H
#define __FAKE_RUN_H

#include <unistd.h> // alarm
#include "fake/check.h" // cmocka_run_group_tests_name

#ifndef PROGRAM_TIMEOUT_S
#define PROGRAM_TIMEOUT_S 120
#endif

#define RUN_TESTS(tests) \
    (alarm(PROGRAM_TIMEOUT_S) \
     , cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL))

#endif // run.h
