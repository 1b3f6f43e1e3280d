#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What an int13 call costs stays within its budget. Exact, because the lab's
# clock counts instructions.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

words=(@bench/sets/figures)
budgets=bench/budgets
# In brief one guest without a trace. Its dom0 has less memory than the one that the
# budgets were measured in, and calls differ by up to 4 %.
if is_brief; then
    words=(--job bench/jobs/loader.fio --firmware in-place=build/baseline/ours-in-place.bin
        --backend phy --repetitions 1 --no-trace)
    budgets=$work/budgets
    awk '/\/phy\// && $2 == "us" { $3 *= 1.04; print }' bench/budgets >"$budgets"
fi
build/bench/int13bench run "${words[@]}" --out "$work/out" >"$work/said" 2>&1
case $? in
77) skip_all "$(tail -n 1 "$work/said")" ;;
0) exec build/bench/int13bench budgets --tap --budgets "$budgets" "$work/out/results.json" ;;
esac
ok 1 "the jobs of bench/sets/figures run"
sed 's/^/# /' "$work/said"
done_testing
