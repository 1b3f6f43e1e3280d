#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The unit tests on a driver without sanitizers under valgrind, which knows
# what was never written.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

check "valgrind finds nothing in the unit tests" env -u MAKEFLAGS -u MAKELEVEL make -s valgrind
done_testing
