#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The driver with its read-ahead: what a caller gets is what is on the disk,
# for random calls with writes between, and for what GRUB and SYSLINUX ask for;
# nearly all of that was read ahead.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

firmware=build/baseline/ours-readahead.bin
script=$work/script
# Streams of calls of all sizes up to 16 sectors, with a write into what was
# read ahead now and then.
streams() {
    local drive=$1 lba=4200 count
    for count in {1..16..3} 16; do
        for _ in {1..8}; do
            echo "read drive=$drive lba=$lba count=$count label=7"
            ((lba += count))
        done
        echo "write drive=$drive lba=$((lba + 2)) count=3 label=7"
    done
}
{
    echo 'edges drive=80'
    for drive in 80 81; do
        echo "random drive=$drive seed=6 ops=200 from=64 to=4160 writes=20 chs=25 label=7 maxcount=64"
        streams "$drive"
        echo memmap
    done
} >"$script"
for backend in phy qdisk; do
    "$int13img" make "$work/$backend.img" --size 8MiB --label 7 --script "$script" || ok 1 image
done
guest random --bios "$firmware" --disk "$work/phy.img,vdev=xvde,backend=phy" \
    --disk "$work/qdisk.img,vdev=xvdf,backend=qdisk" --until 'PAYLOAD (DONE|STOP)' --timeout 60
run_guests
check "random calls and streams: every byte as expected" passed random
for disk in xvde xvdf; do
    check "$disk: some of it was read ahead" test "$(reported random "$disk" ahead)" -gt 500
done
check "random calls and streams: blkback's image is as the script must leave it" \
    "$int13img" verify "$work/phy.img" --label 7 --script "$script" --drive 80
check "random calls and streams: qdisk's image is as the script must leave it" \
    "$int13img" verify "$work/qdisk.img" --label 7 --script "$script" --drive 81

jobs=4 words=()
is_long || jobs=1 words=(--backend qdisk --skip '*/syslinux')
build/bench/int13bench run --firmware "ahead=$firmware" --job bench/jobs/boot.fio --repetitions 1 \
    "${words[@]}" --out "$work/out" >"$work/said" 2>&1
check 'the streams of loaders: int13bench runs' test $? = 0

# every FILTER: true for each job of the results.
every() {
    jq -e "[.jobs[] | $1] | length == $jobs and all" "$work/out/results.json" >/dev/null && return
    jq -c '.jobs[] | [.jobname, .int13bench.backend, .int13bench.counters]' "$work/out/results.json"
    return 1
}
check 'every byte of each call as expected' every '.int13bench.valid and .error == 0'
check 'nine tenths of all bytes were read ahead' every \
    '.int13bench.counters.ahead_sectors * 512 > .read.io_bytes * 9 / 10'
check 'a call in three, at most, waits for the backend' every \
    '.int13bench.counters | .sleeps < .calls / 3'
jq -r '.jobs[] | "# \(.int13bench.backend) \(.jobname): \(.read.clat_ns.mean / 100 | round / 10)" +
    " virtual us a call"' "$work/out/results.json"

is_long || done_testing

# With a CPU of dom0's own the next window is filled while the caller computes:
# what a call takes, which is the time that its caller is blocked, falls.
build/bench/int13bench run --firmware "ours,ahead=$firmware" --job bench/jobs/overlap.fio --no-trace \
    --repetitions 1 --smp 2 --out "$work/overlap" >"$work/said" 2>&1
check 'two CPUs: int13bench runs, every byte as expected' test $? = 0

check 'two CPUs: and so say the results' \
    jq -e '.int13bench.environment.cpus == "2"' "$work/overlap/results.json"

# blocked FIRMWARE BACKEND JOB: ns a call.
blocked() {
    jq -r --arg f "$1" --arg b "$2" --arg j "$3" '.jobs[] | select(.jobname == $j and
        .int13bench.firmware == $f and .int13bench.backend == $b) | .read.clat_ns.mean | round' \
        "$work/overlap/results.json"
}

# is_less A B
is_less() {
    echo "$1, which should be less than $2"
    [[ $1 && $2 ]] && (($1 < $2))
}

for backend in phy qdisk; do
    at_once=$(blocked ahead $backend at-once) computing=$(blocked ahead $backend computing)
    echo "# two CPUs, $backend: ns blocked a call: $at_once at once, $computing while the caller computes," \
        "in place $(blocked ours $backend at-once) and $(blocked ours $backend computing)"
    check "two CPUs, $backend: blocked less than two thirds as long while the caller computes" \
        is_less $((computing * 3)) $((at_once * 2))
    check "two CPUs, $backend: blocked less than two fifths as long as in place" \
        is_less $((computing * 5)) $(($(blocked ours $backend computing) * 2))
done
done_testing
