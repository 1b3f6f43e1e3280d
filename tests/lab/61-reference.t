#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The driver takes no more time than in the report that is published for this release of
# Debian in dom0, results/quick or results/quick-trixie: no job is slower by more than 3 %.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

reference=results/quick
[[ ${XENLAB_RELEASE:-bookworm} == bookworm ]] || reference+=-$XENLAB_RELEASE
reference+=/results.json
[[ -f $reference ]] || skip_all "there is no $reference to compare with"
build/bench/int13bench run @bench/sets/check --out "$work/out" >"$work/said" 2>&1
case $? in
77) skip_all "$(tail -n 1 "$work/said")" ;;
0) ok 0 "the driver's jobs of the quick set run" ;;
*)
    ok 1 "the driver's jobs of the quick set run"
    sed 's/^/# /' "$work/said"
    done_testing
    ;;
esac

# Every cell of ours is in the comparison: the reference has more than these.
all_compared() {
    local cells said
    cells=$(jq '[.jobs[] | [.jobname, (.int13bench | .firmware, .backend)]] | unique | length' "$work/out/results.json")
    said=$(grep -E '^[0-9]+ cells: ' "$work/compared")
    echo "$cells of ours; $said"
    [[ $said =~ ^([0-9]+)\ cells:.*,\ ([0-9]+)\ not\ compared ]] &&
        ((BASH_REMATCH[1] - BASH_REMATCH[2] == cells))
}

build/bench/int13bench compare --threshold 3 "$reference" "$work/out/results.json" >"$work/compared" 2>&1
status=$?
check "no job is slower by more than 3 %" sh -c "cat $work/compared; exit $status"
check "all of them were compared" all_compared
done_testing
