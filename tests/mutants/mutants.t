#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The host tests notice a sample of the faults in tests/mutants/list, or all (make
# check-long). A list that has rotted is noticed, too, and so is a fault that no
# test finds.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

mkdir -p "$work"

# ends STATUS REGEX LINE...: what becomes of a list with these lines.
ends() {
    local status=$1 regex=$2 got
    shift 2
    printf '%s\n' "$@" >"$work/list"
    tests/mutants/run --list "$work/list" >"$work/said" 2>&1
    got=$?
    ((got == status)) && grep -qE -- "$regex" "$work/said" && return
    echo "exit status $got"
    cat "$work/said"
    return 1
}

# refuses REGEX WORD...: a usage error.
refuses() {
    local regex=$1 got
    shift
    tests/mutants/run "$@" >"$work/said" 2>&1
    got=$?
    ((got == 2)) && grep -qE -- "$regex" "$work/said" && return
    echo "exit status $got"
    cat "$work/said"
    return 1
}

check "each fault of the list can be planted" tests/mutants/run --check
check "a text that is not there" ends 2 ':3: the text is in src/indirect.c 0 times' \
    '# a comment' '' 'src/indirect.c: rotten' '-rotten' '+ripe'
check "a text that is there twice" ends 2 ':1: the text is in src/indirect.c [2-9] times' \
    'src/indirect.c: which' '-        return -1;'
check "a file that is not there" ends 2 ':1: there is no src/orange.c' 'src/orange.c: rotten' '-x'
check "a test that is not there" ends 2 ':1: there is no tests/unit/test_orange.c' \
    'src/indirect.c: rotten' 'tests orange' '-    plan->nr_requests = 0;'
check "a line that means nothing" ends 2 ':1: cannot read "test plan": an entry has ' \
    'src/indirect.c: rotten' 'test plan' '-    plan->nr_requests = 0;'
check "a fault that changes nothing" ends 2 ':1: changes nothing' \
    'src/indirect.c: none' '-    plan->nr_requests = 0;' '+    plan->nr_requests = 0;'
check "the same fault twice" ends 2 ':4: line 1 has that, too' \
    'src/indirect.c: twice' '-    plan->nr_requests = 0;' '' \
    'src/indirect.c: twice' '-    plan->nr_requests = 0;'
check "an option that is none" refuses 'see --help' --orange
check "a word that is in no entry" refuses 'no mutant has "orange" in' orange
check "--help says how it is called" eval "tests/mutants/run --help | grep -q '^usage: tests/mutants/run'"

check "a fault that does not build" ends 2 'does not build: see ' \
    'src/indirect.c: a typo' 'tests plan' '-    plan->nr_requests = 0;' '+    plan->nr_requests = O;'
check "a fault that a test finds, though it has a reason to survive" \
    ends 1 'has a reason to survive, but is killed by ring:init' \
    'src/blkfront/ring.c: no first event' 'survives for no reason' '-    shared->req_event = 1;'
check "a test that takes too long" ends 0 'killed 1 of 1 mutants' \
    'src/blkfront/geometry.c: forever' 'tests geometry' '-        heads *= 2;'
# The model of the ring is one program alone.
check "a fault that no test finds" ends 1 'survive without a reason' \
    'tests/model/ring.pml: a barrier that x86 does not need' '-    STORE_BARRIER;'
check "unless it has a reason" ends 0 'killed 0 of 1 mutants' \
    'tests/model/ring.pml: a barrier that x86 does not need' \
    'survives x86 stores in order' '-    STORE_BARRIER;'

if is_long; then
    check "all faults are found" tests/mutants/run
else
    check "a sample of the faults is found" tests/mutants/run --sample
fi
done_testing
