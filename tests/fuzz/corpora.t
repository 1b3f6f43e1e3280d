#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Replays the kept corpora of the fuzz targets, and lets each search for a
# moment: always from the same seed, so that a run is like the one before.
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
    check "$target: ${runs[$target]} new inputs find none" \
        fuzz "$target" -runs="${runs[$target]}" -seed=1 -max_len=512 -len_control=0 \
        "$work/$target" "$corpus"
done
done_testing
