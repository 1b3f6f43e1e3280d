#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The documents' figures are those of the published results, and the published reports
# are what the results give.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

published=(quick quick-trixie full)

# in_readme FILE: the lines of that file stand in README.md, one behind the other.
in_readme() {
    awk 'NR == FNR { want[++n] = $0; next } $0 == want[i + 1] { if (++i == n) found = 1; next }
        { i = 0 } END { exit !(n && found) }' "$1" README.md || { cat "$1"; return 1; }
}

# made_again NAME...: these of each published report are the same when made again, byte for
# byte.
made_again() {
    local set name status=0
    for set in "${published[@]}"; do
        for name; do
            diff -r "results/$set/$name" "$work/$set/$name" || status=1
        done
    done
    return "$status"
}

make_again() {
    local set
    for set in "${published[@]}"; do
        mkdir "$work/$set" && cp "results/$set/results.json" "$work/$set/" &&
            build/bench/int13bench report "$work/$set/results.json" || return
    done
}

build/bench/int13bench summary results/quick/results.json | sed '/^$/d' >"$work/table"
check "README's table is that of int13bench summary" in_readme "$work/table"
check "those of doc/measurements.md are the reports'" doc/tables --check
check "the reports can be made" make_again
check "report.md is what the results give" made_again report.md
# Another gnuplot says the same in other words.
if [[ $(gnuplot --version) == 'gnuplot 5.4 '* ]]; then
    check "report.html and its charts are what the results give" made_again report.html report-charts
else
    printf 'ok %d # SKIP the published charts are of gnuplot 5.4\n' $((++test_count))
fi
done_testing
