#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The ring's model: spin finds no interleaving of it that loses a wake-up or leaves
# a grant behind. It has the driver's steps in the driver's order, and neither can
# be changed alone. Each fault that tests/mutants/list has of both is found in both (make check-long).
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

copy=$work/tree

# differs FILE COMMAND: a change of one side alone, by a command of sed's.
differs() {
    local status
    rm -rf "$copy"
    mkdir -p "$copy/tests/model"
    cp -r src "$copy/"
    cp tests/model/ring.pml "$copy/tests/model/"
    sed -i "$2" "$copy/$1"
    ! cmp -s "$1" "$copy/$1" || { echo "$1: nothing to change by $2"; return 1; }
    tests/model/steps "$copy"
    status=$?
    ((status == 1)) || { echo "exit status $status"; return 1; }
}

check "no wake-up is lost, and no grant outlives its op" tests/model/explore tests/model/ring.pml
check "the model has the driver's steps" tests/model/steps
check "a barrier of the driver's alone" \
    differs src/blkfront/ring.c '/machine_mb(); .* req_event/d'
check "a barrier of the model's alone" \
    differs tests/model/ring.pml '0,/^    BARRIER(front_stores);/s///'
check "two steps of the driver's, swapped" \
    differs src/blkfront/ring.c '/^    smp_wmb();/{h;d};/^    sring->req_prod = /G'
check "two steps of the model's, swapped" \
    differs tests/model/ring.pml '/^    FRONT_STORE(RSP_EVENT/{h;d};/^    there = /{s/$/;/;G}'
check "one step more in the driver" \
    differs src/blkfront/xfer.c 's/^    Xfer.result = result;/&\n    ring_reap(\&vbd->ring);/'
check "one step more in the model" \
    differs tests/model/ring.pml 's/^        ring_reap()/&;\n&/;s/^        evtchn_clear();/&\n        ring_reap();/'
! is_long || check "faults of either side are found" tests/mutants/run --steps
done_testing
