// SPDX-License-Identifier: LGPL-3.0-or-later
// cmocka, with what it wants included before it.
#ifndef TESTS_HARNESS_RUN_H
#define TESTS_HARNESS_RUN_H

#include <setjmp.h> // jmp_buf
#include <stdarg.h> // va_list
#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

#include <cmocka.h> // cmocka_run_group_tests

#define RUN_TESTS(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif
