#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `int13bench budgets`: what is over its budget fails, what was not measured or has
# no budget is told with what to do about it, and no line of the file is guessed at.
# shellcheck source=tests/report/lib.sh
. tests/report/lib.sh

# held STATUS REGEX NAME [OPTION...]: those results, by $work/budgets.
held() {
    local status=$1 regex=$2 name=$3
    shift 3
    exits "$status" "$regex" "$program" budgets --budgets "$work/budgets" "$@" "$work/$name.json"
}

# with LINE...: as held, by the budgets and these lines.
with() {
    local status=$1 regex=$2 name=$3
    shift 3
    { cat "$work/budgets"; printf '%s\n' "$@"; } >"$work/more"
    exits "$status" "$regex" "$program" budgets --peers --budgets "$work/more" "$work/$name.json"
}

# refused REGEX LINE: a file of that line is.
refused() {
    printf '# one line\n\n%s\n' "$2" >"$work/wrong"
    exits 2 "^budgets: $work/wrong:3: $1" "$program" budgets --budgets "$work/wrong" "$work/good.json"
}

make_results base
change base 'del(.jobs[].int13bench | select(.firmware == "xen" or .firmware == "baseline"))
    | .jobs |= map(select(.int13bench.firmware and .jobname != "oddread-63"))
    | (.jobs[].int13bench.counters | select(.exits)) |= (.median_exits = (.exits | add) / .calls)' good
cat >"$work/budgets" <<'E2'
# Comments, and lines without words, say nothing.
ours/pv/phy/seqread-1     us 52   # behind a line, too
ours/pv/phy/seqread-8     us 49
ours/pv/phy/seqread-63    us 75
ours/pv/phy/seqread-127   us 98
ours/pv/phy/*-63          us 75
ours/pv/qdisk/*           us 200

ours/pv/*/*               exits 2
ours/pv/*/*               qemu 0
ours/pv/*/seqread-63      firmware 1500
stock/*/qemu/*            slower-than ours 1
stock/ide/qemu/seqread-63 slower-than ours 100
E2

check "all within their budgets" held 0 '^([0-9]+) of \1 figures are as they should be\.$' good
check "a table of them" held 0 '^ours/pv/phy/seqread-63 +7[0-9.]+ +75 +2 +2 +1500 +1500 +0 +0$' good
check "peers are not asked for" held 0 '^ours/pv/qdisk/seqread-8 ' good
check "they are: all slower" held 0 '^stock/ide/qemu/seqread-63 +17[0-9]+ +2[0-9.]+ +1[0-9.]+ +240 +580$' good --peers
check "as tests" held 0 '^ok 1 - ours/pv/phy/seqread-1: 5[0-9.]+ virtual us, budget 52$' good --tap
check "with their number" held 0 '^1\.\.[0-9]+$' good --tap --peers

# Over budget: 2 % are allowed, and no more.
change good '(.jobs[] | select(.jobname == "seqread-8").int13bench | select(.backend == "phy").samples_ns) |= map(49900)' little
check "1.8 % above a budget" held 0 'as they should be\.$' little
change good '(.jobs[] | select(.jobname == "seqread-8").int13bench | select(.backend == "phy").samples_ns) |= map(50000)' slow
check "2.04 % above it" held 1 '^ours/pv/phy/seqread-8: 50 virtual us, budget 49$' slow
check "among those that are not" held 1 '^[0-9]+ of [0-9]+ figures are as they should be; these are not:$' slow
check "as a test" held 1 '^not ok 2 - ours/pv/phy/seqread-8: 50 virtual us, budget 49$' slow --tap
change good '(.jobs[].int13bench | select(.backend == "qdisk").counters) |= (.median_exits = 3)' exits
check "an exit too many" held 1 '^ours/pv/qdisk/seqread-1: 3 exits, budget 2$' exits
change good '(.jobs[].int13bench | select(.backend == "qdisk").counters) |= (.qemu_round_trips = 1)' qemu
check "a call that needs qemu" held 1 '^ours/pv/qdisk/seqread-1: 0\.05 round trips to qemu, budget 0$' qemu
change good '(.jobs[].int13bench.waterfall | select(.)) |= (.firmware = 1600)' firmware
check "instructions of the firmware" held 1 '^ours/pv/phy/seqread-63: 1600 instructions of the firmware, budget 1500$' firmware

# Peers.
change good '(.jobs[].int13bench | select(.transport == "nvme").samples_ns) |= map(60000)' fast
check "a peer that is faster" held 1 '^stock/nvme/qemu/seqread-63: takes 0\.[78][0-9] times as long as ours on phy, goal 1$' fast --peers
check "on either backend" held 1 '^stock/nvme/qemu/seqread-63: takes 0\.4[0-9] times as long as ours on qdisk, goal 1$' fast --peers
check "nobody asked" held 0 'as they should be\.$' fast
check "a goal that is missed" with 1 '^stock/ide/qemu/seqread-63: takes 13[0-9.]+ times as long as ours on qdisk, goal 500$' good \
    'stock/ide/qemu/seqread-63 slower-than ours 500'
change base 'del(.jobs[] | select(.int13bench.firmware == "xen" or .jobname == "oddread-63"))
    | .jobs[].int13bench.counters.median_exits = 2' rival
check "a rival on a PV disk is compared on its backend" with 1 '^baseline/pv/qdisk/seqread-8: takes 1\.1[0-9]* times as long as ours on qdisk, goal 2$' rival \
    'baseline/pv/*/* slower-than ours 2'
check "and not on another one" bash -c "! '$program' budgets --peers --budgets '$work/more' '$work/rival.json' | grep 'baseline/pv.* on phy'"

# What is missing.
check "a job that was not run" with 2 '^ours/pv/phy/seqread-2: there is a budget for it in .*/more, but no result; run this: make figures$' good \
    'ours/pv/phy/seqread-2 us 50'
check "a peer that was not run" with 2 '^ahead/ide/qemu/\*: there is a budget for it in .*, but no result; run this: make peers$' good \
    'ahead/ide/qemu/* slower-than ours 1'
check "a peer that nobody knows" held 2 '^baseline/pv/qdisk/seqread-8: there is no line for it in .*/budgets; add one, such as: baseline/pv/qdisk/seqread-8 us 9[0-9.]+$' rival --peers
check "which does not matter without --peers" held 0 'as they should be\.$' rival
change good '.jobs += [.jobs[] | select(.jobname == "seqread-8" and .int13bench.backend == "phy") | .jobname = "seqread-9"]' unheld
check "a job of ours without a budget" held 2 '^ours/pv/phy/seqread-9: there is no line for it in .*; add one, such as: ours/pv/phy/seqread-9 us 4[0-9.]+$' unheld
check "as a test" held 2 '^not ok [0-9]+ - ours/pv/phy/seqread-9: there is no line for it' unheld --tap
change good 'del(.jobs[].int13bench.counters)' uncounted
check "exits that were not counted" held 2 '^ours/pv/phy/seqread-1: its exits were not counted; run this: make figures$' uncounted
change good '(.jobs[] | select(.jobname == "seqread-1").int13bench | select(.backend == "phy")) |= (.valid = false | .reason = "it fell")' invalid
check "a job without a valid run" held 2 '^ours/pv/phy/seqread-1: no run of it is valid \(it fell\); run this again: make figures$' invalid
check "it is not in the table" bash -c "! '$program' budgets --budgets '$work/budgets' '$work/invalid.json' | grep -E '^ours/pv/phy/seqread-1 '"
change good 'del(.jobs[] | select(.int13bench.backend == "qdisk" and .jobname == "seqread-1"))' half
check "nothing to compare a peer with" held 2 '^stock/ide/qemu/seqread-1: there is no ours/pv/qdisk/seqread-1 to compare it with; run this: make peers$' half --peers
make_results wall 20 1.0 wall
check "wall time" held 2 'nothing in it was timed in virtual time, which budgets are of; run this: make figures$' wall
check "as a test" held 2 '^not ok 1 - .*nothing in it was timed in virtual time' wall --tap

# The results are of Xen 4.17.5.
check "a budget for another Xen" with 0 'as they should be\.$' good 'ours/pv/phy/seqread-8 us 10 xen=4.20'
check "for one whose version begins alike" with 0 'as they should be\.$' good 'ours/pv/phy/seqread-8 us 10 xen=4.1'
check "for this one" with 1 '^ours/pv/phy/seqread-8: 4[0-9.]+ virtual us, budget 10$' good 'ours/pv/phy/seqread-8 us 10 xen=4.17'
check "it takes the place of that for any" with 0 'as they should be\.$' slow 'ours/pv/phy/seqread-8 us 50 xen=4.17'

# The file.
check "a line without a job" refused 'ours/pv/phy is not FIRMWARE/TRANSPORT/BACKEND/JOB$' 'ours/pv/phy us 5'
check "an unknown figure" refused 'ms is not one of us, exits, firmware, qemu and slower-than$' 'ours/pv/phy/* ms 5'
check "no figure" refused 'the figure is missing' 'ours/pv/phy/*'
check "no number" refused 'the number is missing' 'ours/pv/phy/* us'
check "a number that is none" refused 'fast is not a number of 0 or more$' 'ours/pv/phy/* us fast'
check "a negative one" refused '-1 is not a number of 0 or more$' 'ours/pv/phy/* us -1'
check "a peer without a firmware" refused 'slower-than wants a firmware, and how many times$' 'a/b/c/d slower-than 5'
check "a word too many" refused '6 is a word too many' 'ours/pv/phy/* us 5 6'
check "words behind xen=" refused 'more is a word too many' 'ours/pv/phy/* us 5 xen=4.17 more'
check "a line without an end" refused 'the line is longer than 510 characters$' "$(printf 'x%.0s' {1..600})"
check "an empty file" exits 2 '/dev/null: there is no budget in it$' "$program" budgets --budgets /dev/null "$work/good.json"
check "no file" exits 2 'none: cannot be read: No such file or directory; name a file of budgets with --budgets$' \
    "$program" budgets --budgets "$work/none" "$work/good.json"
check "a folder" exits 2 'cannot be read any further$' "$program" budgets --budgets "$work" "$work/good.json"
check "no results" exits 2 'none.json: cannot be read: No such file' "$program" budgets --budgets "$work/budgets" "$work/none.json"
check "no results named" exits 2 'wants one file of results; try --help$' "$program" budgets
check "bench/budgets is what it reads without --budgets" exits 2 'there is a budget for it in bench/budgets, but no result; run this: make figures$' \
    "$program" budgets "$work/good.json"
done_testing
