#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `int13bench compare`: what counts as a regression, and what cannot be
# compared.
# shellcheck source=tests/report/lib.sh
. tests/report/lib.sh

compare() {
    "$program" compare "$@"
}

# compares STATUS REGEX A B [OPTION...]: of those results.
compares() {
    local status=$1 regex=$2 a=$3 b=$4
    shift 4
    exits "$status" "$regex" compare "$@" "$work/$a.json" "$work/$b.json"
}

# Of A and B, the rows with that verdict are of our firmware alone.
ours_alone() {
    local rows
    rows=$(compare "$work/$1.json" "$work/$2.json" | grep -F "| $3 ")
    [[ $rows ]] && ! grep -v '| ours ' <<<"$rows"
}

make_results base
make_results slower 20 1.2
make_results little 20 1.08
make_results faster 20 0.8
make_results wall 20 1.0 wall
make_results few 2
change base 'del(.jobs[] | select(.int13bench.firmware == "ours"))' theirs
change base '(.jobs[] | select(.jobname == "seqread-63" and .int13bench.transport == "ahci")
    .int13bench.valid) = false' broken
change base '(.jobs[]."job options".int13_buffer) = "2000:0000"' elsewhere
change base '(.jobs[]."job options".number_ios) = "1000"' longer
change base '(.jobs[].int13bench.counters.exits.PIO) += 1000' exits
change base 'del(.jobs[7].int13bench.samples_ns)' damaged
# A job of calls that differ by a factor of up to 20; and the same, each 5 % slower.
change base '.jobs |= map(select(.jobname == "seqread-63" and .int13bench.backend == "phy"))
    | .jobs[].int13bench.samples_ns |= (to_entries | map((.key * 7 % 20 + 1) * 10000 + .key))' mixed
change mixed '.jobs[].int13bench.samples_ns |= map(. * 1.05 | floor)' mixed-slower
change mixed '.jobs[].int13bench.samples_ns |= (map(. * 1.05 | floor) + [1000])' mixed-longer
change base '.int13bench += { interrupted: true, guests_done: 5, guests: 12 }' interrupted
head -c 50000 "$work/base.json" >"$work/cut.json"

check "the same results have no regression" \
    compares 0 ' 0 slower .* 55 without a difference shown' base base
check "20 % more time is a regression" compares 1 '^55 cells: 14 slower by more than 3 %' base slower
check "and it is that of the rows that changed" ours_alone base slower SLOWER
check "a regression is one beyond the threshold" \
    compares 0 ' 14 changed less' base little --threshold 10
check "the threshold is an option" compares 1 '14 slower by more than 1 %' base little --threshold 1
check "less time is none" compares 0 ' 14 faster' base faster
check "and it is that of the rows that changed" ours_alone base faster faster
check "a job that fails now is a regression" compares 1 'NO VALID RUN IN B' base broken
check "cells of one file alone are listed" compares 0 'only in a' base theirs
check "counted figures that changed are listed" compares 0 'Counted figures that changed' base exits
check "length does not make another job" compares 0 ' 0 not compared' base longer

check "an interrupted run is told" compares 0 'interrupted.json is of a run that was interrupted after 5 of 12' base interrupted

check "calls are compared with the same ones" compares 1 '^1 cells: 1 slower' mixed mixed-slower
check "and as a whole where there are more" compares 0 '1 without a difference shown' mixed mixed-longer

check "other clocks cannot be compared" \
    compares 2 'virtual time and .* wall time, which cannot be compared; measure both' base wall
check "other jobs of the same name cannot be compared" \
    compares 2 'no job in common.*measure both with the same job files' base elsewhere
check "few calls tell nothing" compares 2 'too few calls in every cell: at least seven' few few
check "a damaged field is named" \
    compares 2 'damaged.json: jobs\[7\].int13bench.samples_ns: is missing' base damaged
check "a file that is cut off is told" compares 2 'cut.json: line [0-9]+.*cut off' cut base
check "a missing file is told" compares 2 'none.json: cannot be read' base none

check "one file is too few" exits 2 'two files of results' compare "$work/base.json"
check "an unknown option is told" exits 2 'Try --help' compare --frobnicate a b
check "a threshold must be a number" exits 2 'must be a percentage' compare --threshold x a b
check "--help has examples" exits 0 'compare --threshold 1 before.json after.json' compare --help
done_testing
