#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The unit tests on a driver without sanitizers under valgrind, which knows
# what was never written: those that do not take long. `make valgrind` runs all.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

check "valgrind finds nothing in the short unit tests" \
    env -u MAKEFLAGS -u MAKELEVEL make -s check-valgrind
done_testing
