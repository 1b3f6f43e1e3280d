#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Replays the kept corpora of the fuzz targets, and lets each search for a
# moment.  Every run is the same: from one seed, with the kept inputs in the same
# order, and without what it compared, which includes addresses.  New faults are for
# `make fuzz` to find, not for whoever runs the check.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# Inputs that take some three seconds.
declare -A runs=([gref_pool]=30000 [history]=600 [plan]=400000 [ring]=150000 [xenstore]=10000)

# fuzz TARGET ARGUMENT...
fuzz() {
    local target=$1
    shift
    "build/tests/fuzz/$target" -timeout=1200 -artifact_prefix="$work/$target-" "$@"
}

for source in tests/fuzz/fuzz_*.c; do
    target=${source##*/fuzz_}
    target=${target%.c}
    corpus=tests/fuzz/corpus/$target
    mkdir -p "$work/$target"   # What it finds new goes to the first folder
    check "$target: $(find "$corpus" -type f | wc -l) kept inputs find no fault" \
        fuzz "$target" -runs=0 "$corpus"
    printf '%s\n' "$corpus"/* | paste -sd , >"$work/$target.inputs"
    check "$target: ${runs[$target]} new inputs find none" \
        fuzz "$target" -runs="${runs[$target]}" -seed=1 -max_len=512 -len_control=0 \
        -use_cmp=0 -seed_inputs="@$work/$target.inputs" "$work/$target"
done
done_testing
