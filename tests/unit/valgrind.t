#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The unit tests on a driver without sanitizers under valgrind, which knows
# what was never written: those that do not take long, or all (make check-long).
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

if is_long; then
    tests=valgrind
else
    tests=check-valgrind
fi
check "valgrind finds nothing in the unit tests ($tests)" env -u MAKEFLAGS -u MAKELEVEL make -s "$tests"
done_testing
