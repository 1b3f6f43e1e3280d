#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What an int13 call costs stays within its budget. Exact, because the lab's
# clock counts instructions.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

build/bench/int13bench run @bench/sets/figures --out "$work/out" >"$work/said" 2>&1
case $? in
77) skip_all "$(tail -n 1 "$work/said")" ;;
0) exec build/bench/int13bench budgets --tap "$work/out/results.json" ;;
esac
ok 1 "the jobs of bench/sets/figures run"
sed 's/^/# /' "$work/said"
done_testing
