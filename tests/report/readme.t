#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The documents' figures are those of the published results, and the published report
# is what the results give.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

results=results/quick

# in_readme FILE: the lines of that file stand in README.md, one behind the other.
in_readme() {
    awk 'NR == FNR { want[++n] = $0; next } $0 == want[i + 1] { if (++i == n) found = 1; next }
        { i = 0 } END { exit !(n && found) }' "$1" README.md || { cat "$1"; return 1; }
}

# made_again NAME: the report of the published results, byte for byte.
made_again() {
    cmp "$results/$1" "$work/$1"
}

build/bench/int13bench summary "$results/results.json" | sed '/^$/d' >"$work/table"
check "README's table is that of int13bench summary" in_readme "$work/table"
check "those of doc/measurements.md are the reports'" doc/tables --check
cp "$results/results.json" "$work/"
check "the report can be made" build/bench/int13bench report "$work/results.json"
check "report.md is what the results give" made_again report.md
# Another gnuplot says the same in other words.
if [[ $(gnuplot --version) == 'gnuplot 5.4 '* ]]; then
    check "report.html is what the results give" made_again report.html
    check "so are its charts" diff -r "$results/report-charts" "$work/report-charts"
else
    printf 'ok %d # SKIP the published charts are of gnuplot 5.4\n' $((++test_count))
fi
done_testing
