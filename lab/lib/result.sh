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

# Completes one run's result and copies its files to OUT. result.json comes last and
# at once, so that where it is, everything is.
result_copy() {
    local from=$1 out=$2 log=$3 wall=$4
    jq --arg clock "$clock" --argjson smp "$smp" --argjson wall "$wall" \
        '. + {clock: $clock, smp: $smp, wall_seconds: $wall}' \
        "$from/result.json" >"$out/result.new" &&
        rm "$from/result.json" &&
        cp -r --sparse=always "$from/." "$log" "$out/" &&
        mv "$out/result.new" "$out/result.json"
}

# Copies one run's files to its OUT; sets $status.
result_deliver() {
    local from=$1 out=$2 log=$3 trouble=$4 wall=$5
    [[ -s $from/result.json ]] ||
        result_missing "$from" "${trouble:-run-guest failed, see run.log}"
    if ! result_copy "$from" "$out" "$log" "$wall" 2>/dev/null; then
        rm -f "$out/result.new"
        say "cannot write results to $out (disk full?)"
        status=$EXIT_BROKEN
        return
    fi
    status=$(jq .status "$out/result.json")
    ((status < EXIT_BROKEN)) ||
        say "broken: $(jq -r .reason "$out/result.json"); see $out/run.log and $out/${log##*/}"
}

# result_console WORK: puts together what the machine has said so far.
result_console() {
    local work=$1
    touch "$work"/{boot.log,qemu.log,qemu.err}
    mkdir -p "$work/console"
    { cat "$work"/{boot,qemu}.log | tr -d '\r'; cat "$work/qemu.err"; } >"$work/console/qemu.log"
}

# result_early WORK NUMBER WALL: hands out the results of the guest that has just
# ended, from what has been added to the archive since the last one did. Leaves them
# to result_all if they are not complete.
result_early() {
    local work=$1 number=$2 wall=$3 size status=0 name
    name=$(printf '%03d' $((number - 1)))
    size=$(size_of "$work/results.tar") || return
    mkdir -p "$work/results"
    tail -c "+$((result_taken + 1))" "$work/results.tar" |
        tar -x -i -C "$work/results" --no-same-owner -f - "$name" 2>/dev/null &&
        [[ -s $work/results/$name/result.json ]] || return
    result_taken=$size
    result_console "$work"
    result_deliver "$work/results/$name" "${outs[number - 1]}" "$work/console/qemu.log" '' "$wall"
    [[ -e ${outs[number - 1]}/result.json ]] || return
    echo "$name $status" >>"$work/delivered"
    rm -rf "$work/results/$name"
}

# result_watch WORK: shows the lab's progress lines, hands out the results of each
# guest that ends, and notes in WORK/wall how much wall time each took. Goes on until
# the machine is gone, whatever signal arrives, so that nothing is half done.
result_watch() {
    local work=$1 line began=0 ran number result_taken=0
    trap '' HUP INT TERM
    while IFS= read -r line; do
        case $line in
        *'] guest '*': started') began=${EPOCHREALTIME/[.,]/} ;;
        *'] guest '*': ended'*)
            ran=$((${EPOCHREALTIME/[.,]/} - began))
            ran=$(printf '%d.%06d' $((ran / 1000000)) $((ran % 1000000)))
            echo "$ran" >>"$work/wall"
            number=${line#*] guest }
            result_early "$work" "${number%%/*}" "$ran"
            ;;
        esac
        say "$line"
    done
}

# result_all WORK STATUS: delivers what has not been delivered; exits with the worst
# status.
result_all() {
    local work=$1 trouble i status worst=0 walls name delivered
    trouble=$(result_machine_trouble "$work" "$2")
    result_console "$work"
    touch "$work"/{wall,delivered}
    mapfile -t walls <"$work/wall"
    rm -rf "$work/results"
    mkdir "$work/results"
    # One archive after another, the last perhaps cut short: then it does not count,
    # even if its result.json is among what is there.
    tar -x -i -C "$work/results" --no-same-owner -f "$work/results.tar" 2>/dev/null ||
        find "$work/results" -mindepth 1 -maxdepth 1 | sort | tail -n 1 | xargs -r -I{} rm -f {}/result.json
    for i in "${!outs[@]}"; do
        name=$(printf '%03d' "$i")
        delivered=$(sed -n "s/^$name //p" "$work/delivered")
        if [[ $delivered ]]; then
            status=$delivered
            cp "$work/console/qemu.log" "${outs[i]}/" 2>/dev/null
        else
            result_deliver "$work/results/$name" "${outs[i]}" "$work/console/qemu.log" \
                "$trouble" "${walls[i]-null}"
        fi
        ((status <= worst)) || worst=$status
    done
    exit "$worst"
}
