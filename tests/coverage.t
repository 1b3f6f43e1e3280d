#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# How much of the driver the host tests reach: 95 % of the lines, 90 % of the
# branches, and a reason for each of the rest. And that less is noticed.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

enough() {
    env -u MAKEFLAGS -u MAKELEVEL make -s coverage
}

# One test alone reaches too little.
too_little() {
    ! tests/coverage build/tests/coverage build/tests/coverage/test_plan
}

check "the host tests reach enough of the driver" enough
sed 's/^/# /' build/tests/coverage/report
check "too little is noticed" too_little
done_testing
