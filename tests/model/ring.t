#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Has spin look at all interleavings of the ring's model: none loses a wake-up
# or leaves a grant behind, and without any of the driver's precautions one does.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# explore [PRECAUTION_LEFT_OUT]: what spin's verifier says.
explore() {
    local dir=$work/${1:-all}
    mkdir -p "$dir"
    (cd "$dir" && spin ${1:+"-D$1"} -a "$OLDPWD/tests/model/ring.pml" &&
        gcc -O2 -w -DSAFETY -o pan pan.c && ./pan -m400000) >"$dir/log" 2>&1
    cat "$dir/log"
}

holds() {
    explore >"$work/said"
    shows "$work/said" 'errors: 0$' && lacks "$work/said" 'max search depth too small|out of memory'
}

# broken_without PRECAUTION ASSERTION
broken_without() {
    explore "$1" >"$work/said"
    shows "$work/said" "assertion violated *$2"
}

check "no wake-up is lost, and no grant outlives its op" holds
check "the model needs the barrier of the push" broken_without NO_PUSH_BARRIER unreliable
check "the model needs the barrier of the arming" broken_without NO_ARM_BARRIER unreliable
check "the model needs the port to be cleared first" broken_without CLEAR_AFTER_ARM unreliable
check "the model needs the look after the arming" broken_without NO_LOOK_AFTER_ARM unreliable
check "the model needs the backend closed before grants end" \
    broken_without REVOKE_BEFORE_CLOSED '[(]?!'
done_testing
