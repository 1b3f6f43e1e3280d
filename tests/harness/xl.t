#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `--on xl` without a Xen: fake-xl.sh stands in for it. tests/lab/62-xl.t has a real
# dom0.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# shellcheck source=tests/harness/fake-xl.sh
. tests/harness/fake-xl.sh

cat >"$work/job.fio" <<'END'
[read-8]
offset=1m
size=256k
bs=4k
number_ios=20
[grub]
stonewall
read_iolog=bench/streams/grub-2.06-ext4.iolog
number_ios=200
END

# on_xl STATUS REGEX OUT WORD...: runs the job; what it says and its status.
on_xl() {
    local wanted=$1 regex=$2 out=$work/$3 said status
    shift 3
    said=$(PATH=$stubs:$PATH "$int13bench" run --on xl --job "$work/job.fio" --firmware ours \
        --backend qdisk --repetitions 1 --out "$out" "$@" 2>&1)
    status=$?
    echo "status $status: $said"
    ((status == wanted)) && grep -qE -- "$regex" <<<"$said"
}

# with STATE-FILE COMMAND...
with() {
    local file=$STATE/$1 status
    : >"$file"
    shift
    "$@"
    status=$?
    rm "$file"
    return "$status"
}

holds() {
    jq -e "$1" "$work/$2/results.json"
}

# Without the command of that name.
without_xl() {
    local dir=$work/few status
    mkdir -p "$dir"
    for tool in bash sh id printf env mv jq dirname sed setpriv cat realpath stat mktemp mkdir rm xargs sort cp sha256sum git grep tail nproc; do
        ln -sf "$(type -P "$tool")" "$dir/$tool"
    done
    cp "$stubs/id" "$dir/id.new" && mv "$dir/id.new" "$dir/id"
    PATH=$PWD/$dir "$int13bench" run --on xl --job "$work/job.fio" --out "$work/no-xl" >"$work/said" 2>&1
    status=$?
    cat "$work/said"
    ((status == 77)) && grep -q 'xl is missing; run: ' "$work/said"
}

nothing_left() {
    [[ ! -e $STATE/cfg && ! -e $STATE/pid ]]
}

# Ended while the guest runs.
interrupted() {
    local tries
    rm -f "$STATE/calls"
    PATH=$stubs:$PATH lab/xenlab run --on xl --disk "$work/sleeps.img,discard" \
        --until 'NEVER' --out "$work/ended" >"$work/ended.log" 2>&1 &
    local lab=$!
    until [[ -e $STATE/pid ]]; do
        kill -0 "$lab" || return
        sleep 0.1
    done
    kill -TERM "$lab"
    wait "$lab"
    # What it ended takes a moment to end.
    for ((tries = 0; tries < 6000; tries++)); do
        nothing_left && return
        sleep 0.1
    done
    return 1
}

two_clocks() {
    build/bench/int13bench report --out "$work/plain" "$work/plain/results.json" >/dev/null &&
        shows "$work/plain/report.md" '^## What an int13 call costs, in wall time' '^\| xen +\| 4.17.9-here' &&
        lacks "$work/plain/report.md" '^## .*in virtual time'
}

# The same disk with one byte changed in a sector that the stream reads last.
damaged_stream() {
    local sector
    sector=$(awk '$2 == "read" && ++n == 150 { print $3 / 512 }' bench/streams/grub-2.06-ext4.iolog)
    cp --sparse=always "$work/plain/disk0.img" "$work/damaged.img"
    printf X | dd of="$work/damaged.img" bs=1 seek=$((sector * 512 + 100)) conv=notrunc status=none
    PATH=$stubs:$PATH lab/xenlab run --on xl --disk "$work/damaged.img,discard" --until 'PAYLOAD DONE' \
        --out "$work/damaged" >"$work/damaged.log" 2>&1
    shows "$work/damaged/serial.log" "FAIL read edd .* lba=$sector .*wrong data" '^job name=grub .*result=fail'
}

command -v qemu-system-x86_64 >/dev/null || skip_all "there is no qemu-system-x86_64"
check "one who is not root is told so" with user on_xl 77 'only root may create guests; run it with sudo' user
check "a machine without Xen is told so" with not-dom0 on_xl 77 'this is not the dom0 of a running Xen; .*--on lab' not-dom0
check "a machine without xl is told so" without_xl
check "--help has examples" sh -c "lab/xenlab --help | grep -q '^  sudo lab/xenlab run --on xl'"
check "the lab's clock is not there" sh -c \
    "lab/xenlab run --on xl --clock icount --disk $work/job.fio --out $work/x 2>&1 | grep 'has no --clock icount'"
# refuses REGEX WORD...: a disk with these words is a usage error.
refuses() {
    lab/xenlab run --disk "$work/disk.img$2" "${@:3}" --out "$work/x" >"$work/said" 2>&1
    [[ $? == 2 ]] && shows "$work/said" "$1"
}

head -c 1M /dev/zero >"$work/disk.img"
head -c 1536 /dev/zero >"$work/small.img"
for words in dm discard,dm latency=100; do
    check "$words is not for a host's disks" refuses 'latency.*are the lab machine' ",$words" --on xl
done
for words in latency=0 latency=1000001 latency=1ms latency=; do
    check "$words is none" refuses 'latency wants microseconds from 1 to 1000000' ",$words"
done
check "a disk with latency cannot stay on the host" refuses 'place=host cannot' ,latency=9,place=host
truncate -s 513M "$work/big.img"
check "nor be too big for memory" refuses 'add place=ram' '' --disk "$work/big.img,latency=9"
check "and it has whole MiB" refuses 'of whole MiB' '' --disk "$work/small.img,latency=9"
check "and no copy that is written, too" refuses 'only once' ,latency=9 --disk "$work/disk.img"
rm "$work/big.img"
check "jobs run by xl" on_xl 0 'guest 1 of 1: ours pv qdisk, repetition 1' plain --no-trace --xl 'cpus="2"'
check "in wall time, and so say the results" holds \
    '.int13bench | .on == "xl" and .clock == "wall" and .environment.xen == "4.17.9-here"
    and .environment."dom0 kernel" == "6.1.0-here" and .environment.firmware.ours.version == "rel-here"' plain
check "every sample is there" holds '[.jobs[] | .error == 0 and .int13bench.clock == "wall"
    and .int13bench.valid] == [true, true] and
    [.jobs[].int13bench.samples_ns | length] == [20, 200]' plain
check "a recorded stream's calls are those that were recorded" sh -c "
    jq -r '.jobs[1].int13bench.samples_sectors[]' $work/plain/results.json >$work/sectors
    awk '\$2 == \"read\" && n++ < 200 { print \$4 / 512 }' bench/streams/grub-2.06-ext4.iolog | diff - $work/sectors"
check "and each was compared: data that is not the disk's fails the job" damaged_stream
check "nothing is counted without a trace" holds '.jobs[0].int13bench.counters == {}' plain
check "the guest's name is no one else's" shows "$work/plain/ours-pv-qdisk-1/guest.cfg" '^name="xenlab-[0-9]+"'
check "the config has what --xl said" shows "$work/plain/ours-pv-qdisk-1/guest.cfg" '^cpus="2"'
check "the guest is gone" nothing_left
check "the report keeps the clock to itself" two_clocks
check "phy needs no hotplug script of the host's" sh -c "$(cat <<END
PATH=$stubs:\$PATH lab/xenlab run --on xl --disk $work/plain/disk0.img,vdev=xvde,backend=phy,discard \
    --until 'PAYLOAD DONE' --out $work/phy >$work/phy.log 2>&1 &&
    grep 'script=/.*/lab/dom0/block-lab,' $work/phy/guest.cfg
END
)"
check "a disk to be discarded is a copy" shows "$work/phy/guest.cfg" 'target=[^,]*/once-0'

# A disk of the user's, beside the one that is booted from.
truncate -s 8M "$work/user.img"
printf '[read-8]\nrw=randread\noffset=1m\nsize=2m\nbs=4k\nnumber_ios=20\n' >"$work/reads.fio"
printf '[write-8]\nrw=randwrite\noffset=1m\nsize=2m\nbs=4k\nnumber_ios=20\n' >"$work/writes.fio"

# on_disk STATUS REGEX OUT JOBS WORD...
on_disk() {
    local wanted=$1 regex=$2 out=$work/$3 said status
    said=$(PATH=$stubs:$PATH "$int13bench" run --on xl --job "$4" --disk "$work/user.img" --repetitions 1 \
        --no-trace --out "$out" "${@:5}" 2>&1)
    status=$?
    echo "status $status: $said"
    ((status == wanted)) && grep -qE -- "$regex" <<<"$said"
}

zeroes() {
    cmp -n $((8 << 20)) "$work/user.img" /dev/zero
}

check "jobs run on a disk of the user's" on_disk 0 'guest 1 of 1: ours pv phy' user "$work/reads.fio"
check "each call is there, and none came before" holds '.int13bench.environment.disk == "file, 8 MiB, only read" and
    (.jobs[0].int13bench | .valid and (.samples_ns | length == 20))' user
check "it is not what the guest boots from" shows "$work/user/ours-pv-phy-1/serial.log" '^job name=read-8 drive=81 '
check "and read-only" shows "$work/user/ours-pv-phy-1/guest.cfg" "vdev=xvdf,access=r,.*target=[^']*/user.img"
check "no job that writes may have it" on_disk 2 'job write-8 writes.*add --write' user "$work/writes.fio"
check "nor one that replays a stream" on_disk 2 'job grub replays a recorded stream' user "$work/job.fio"
check "nor one that is larger" on_disk 2 'has 8 MiB, and the job read-1 wants' user bench/jobs/loader.fio
check "nor qemu" on_disk 2 'serves no read-only disks' user "$work/reads.fio" --backend qdisk
check "until now, nothing was written" zeroes
check "with --write, a job may write" on_disk 0 'guest 1 of 1: ours pv qdisk' user-w "$work/writes.fio" --write --backend qdisk
check "and has written" sh -c "! cmp -s -n $((8 << 20)) $work/user.img /dev/zero"
check "an emulated disk has one of its kind beside it" with refuse on_disk 3 'xl create failed' user-e \
    "$work/reads.fio" --firmware stock --transport ide,ahci
check "to which nothing goes that is written" shows "$work/user-e/stock-ide-qemu-1/guest.cfg" \
    "user.img,if=ide,index=1,format=raw,snapshot=on'"
check "on a controller of its own" shows "$work/user-e/stock-ahci-qemu-1/guest.cfg" \
    "user.img,if=none,id=d1,format=raw,snapshot=on','-device','ahci,id=a1','-device','ide-hd,drive=d1,bus=a1.0'"
check "--write wants a disk" on_xl 2 'say to which disk' user-x --write

check "the lab's CPUs are not there" on_xl 2 '\-\-smp is for the lab' smp --smp 2 --no-trace
check "nor its storage with latency" on_xl 2 '\-\-latency is for the lab' slow --latency 0,100
check "nor are they counted on" sh -c "$int13bench run --job $work/job.fio --smp 2 --out $work/x 2>&1 |
    grep -e '--smp .* wants --no-trace'"
check "a trace that is cut short makes jobs invalid" on_xl 1 '2 jobs are not valid' traced
check "and the results say why" holds '.jobs[0].int13bench | .valid == false and
    (.reason | test("trace lost records or is cut short"))' traced
check "what xl refuses is told" with refuse on_xl 3 'xl create failed.* no memory' refused --no-trace
build/bench/int13img make "$work/sleeps.img" --size 32MiB -e 'sleep ticks=2000'
check "a run that is ended leaves no guest" interrupted
done_testing
