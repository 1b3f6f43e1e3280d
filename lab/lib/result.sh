# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What came back from the lab machine: unpacked, completed with what only the
# host knows, and put where each run wants it.

# Prints in one line why the machine failed; nothing if it did not.
result_machine_trouble() {
    local work=$1 status=$2
    if [[ -s $work/hung ]]; then
        echo "the lab machine hung and was killed: $(<"$work/hung")"
    elif ((status != 0)); then
        echo "QEMU failed: $(grep -v warning: "$work/qemu.err" | tail -n 1)"
    elif ! grep -q 'lab: .*powering off' "$work/qemu.log"; then
        echo "Xen or dom0 did not come up or died"
    fi
}

# Makes the result of a run from which nothing came back.
result_missing() {
    local from=$1 reason=$2
    mkdir -p "$from"
    jq -n --arg reason "$reason" '{exit: "broken", reason: $reason, status: 3}' >"$from/result.json"
}

# Completes one run's result and copies its files to OUT.
result_copy() {
    local from=$1 out=$2 log=$3 wall=$4
    jq --arg clock "$clock" --argjson smp "$smp" --argjson wall "$wall" \
        '. + {clock: $clock, smp: $smp, wall_seconds: $wall}' \
        "$from/result.json" >"$out/result.json" &&
        rm "$from/result.json" &&
        cp -r --sparse=always "$from/." "$log" "$out/"
}

# Copies one run's files to its OUT; sets $status.
result_deliver() {
    local from=$1 out=$2 log=$3 trouble=$4 wall=$5
    [[ -s $from/result.json ]] ||
        result_missing "$from" "${trouble:-run-guest failed, see run.log}"
    if ! result_copy "$from" "$out" "$log" "$wall" 2>/dev/null; then
        say "cannot write results to $out (disk full?)"
        status=$EXIT_BROKEN
        return
    fi
    status=$(jq .status "$out/result.json")
    ((status < EXIT_BROKEN)) ||
        say "broken: $(jq -r .reason "$out/result.json"); see $out/run.log and $out/${log##*/}"
}

# result_all WORK STATUS: delivers all; exits with the worst status.
result_all() {
    local work=$1 trouble i status worst=0 walls
    trouble=$(result_machine_trouble "$work" "$2")
    : >>"$work/boot.log"
    cat "$work"/{boot,qemu}.log | tr -d '\r' >"$work/console"
    cat "$work/qemu.err" >>"$work/console"
    mv "$work/console" "$work/qemu.log"
    : >>"$work/wall"
    mapfile -t walls <"$work/wall"
    mkdir "$work/results"
    # One archive after another, the last perhaps cut short.
    tar -x -i -C "$work/results" --no-same-owner -f "$work/results.tar" 2>/dev/null
    for i in "${!outs[@]}"; do
        result_deliver "$work/results/$(printf '%03d' "$i")" "${outs[i]}" \
            "$work/qemu.log" "$trouble" "${walls[i]-null}"
        ((status <= worst)) || worst=$status
    done
    exit "$worst"
}
