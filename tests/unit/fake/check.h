// SPDX-License-Identifier: LGPL-3.0-or-later
//
// cmocka, with the headers that it wants before it.
#ifndef __FAKE_CHECK_H
#define __FAKE_CHECK_H

#include <setjmp.h> // jmp_buf
#include <stdarg.h> // va_list
#include <stddef.h> // size_t
#include <stdint.h> // uintmax_t
#include <cmocka.h> // assert_int_equal

#endif // check.h
