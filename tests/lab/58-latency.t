#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Disks with latency: a read for the first time takes the latency longer, on
# either backend and emulated; several requests at a time take one latency; what
# a guest writes comes back to the file; and the next guest has none of it.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh

# What is timed is what a request takes.
in_place=build/baseline/ours-in-place.bin

latencies=(50 100 1000 8000)
backends=(phy qdisk)
until=(--until 'PAYLOAD (DONE|STOP)' --timeout 60)
# Single sectors far apart, so that none is read ahead by dom0.
time='calls=64 warm=4 stride=random lba=2048'
megabyte='flat=1000000 count=2048 label=7'

# make_disk NAME COMMAND...: an image whose payload runs the commands.
make_disk() {
    printf '%s\n' "${@:2}" >"$work/$1.script"
    "$int13img" make "$work/$1.img" --size 16MiB --label 7 --script "$work/$1.script" ||
        ok 1 "image $1"
}

# The disk "kept" has latency when dom0 writes it, and none before and after that,
# when dom0 has a copy in its memory.
head -c 1M /dev/zero >"$work/kept.img"
kept=(--disk "$work/kept.img,backend=none")
make_disk plain list

# Three IDE disks, twins of disks on either backend, and two that are not Xen's.
make_disk emulated "time drive=80 $time" "time drive=81 $time" "time drive=82 $time" \
    "time drive=83 $time" "time drive=84 $time"
ahci="'-device','ahci,id=a'"
for i in 3 4; do
    ahci+=",'-drive','file=@disk$i@,if=none,id=d$i,format=raw','-device','ide-hd,drive=d$i,bus=a.$i'"
done
guest emulated --bios stock "${until[@]}" --disk "$work/emulated.img,discard" \
    --disk "$work/plain.img,discard,latency=1000" \
    --disk "$work/plain.img,backend=phy,discard,latency=8000" \
    --disk "$work/plain.img,backend=none,discard,latency=1000" \
    --disk "$work/plain.img,backend=none,discard,latency=8000" \
    --xl "device_model_args_hvm=[$ahci]" "${kept[@]}" --dom0 'cat "$DISK5" >"$OUT/kept"'

# On each backend a disk without latency and one with each, as drives 82 to 8b. A
# guest's first two disks take 12 us less a call on blkback, so none of them is compared:
# one is booted, the other waits. Two are written.
words=(--disk "$work/late.img,vdev=xvde,discard" --disk "$work/plain.img,vdev=xvdf,discard")
script=()
for backend in "${backends[@]}"; do
    for latency in 0 "${latencies[@]}"; do
        printf -v drive %x $((0x82 + ${#script[@]}))
        script+=("time drive=$drive $time")
        file=$work/plain.img,discard
        [[ $latency != 100 ]] || file=$work/$backend.img
        word=,latency=$latency
        ((latency)) || word=
        words+=(--disk "$file,vdev=xvd$(tr 2-9ab g-p <<<"${drive#8}"),backend=$backend$word")
    done
done
writes='ops=30 from=64 to=2000 label=7'
# The second time dom0 has mapped the pages.
script+=("read drive=82 $megabyte" "read drive=82 $megabyte" "read drive=86 $megabyte"
    "read drive=86 $megabyte" "random drive=84 $writes" "random drive=89 $writes")
for name in late "${backends[@]}"; do make_disk "$name" "${script[@]}"; done
guest late --bios "$in_place" "${until[@]}" "${words[@]}" --disk "$work/kept.img,backend=none,latency=100" \
    --dom0 'printf written >"$DISK12"'

guest after --bios "$in_place" "${until[@]}" --disk "$work/plain.img,discard,latency=1" "${kept[@]}" \
    --dom0 'cat "$DISK1" >"$OUT/kept"; ls /sys/block >"$OUT/disks"'
sum=$(sha256sum <"$work/plain.img")
run_guests

# took GUEST DRIVE [WHICH]: nanoseconds of a read, the median or the least.
took() {
    sed -nE "s/^time drive=$(printf %x "$2") .* ${3-median}=([0-9]+) .*/\1/p" "$work/$1/serial.log"
}

# is_about NAME US WANTED [PERCENT]: says both, which differ by no more than 5 %,
# or by that many.
is_about() {
    echo "# $1: $2 us longer, of $3" >&3
    awk -v is="$2" -v want="$3" -v percent="${4-5}" \
        'BEGIN { off = is - want; exit (off < 0 ? -off : off) > want * percent / 100 }'
}

# is_later NAME GUEST DRIVE GUEST DRIVE US [PERCENT]: a read of the first one
# takes so much longer than of the second.
is_later() {
    is_about "$1" $((($(took "$2" "$3") - $(took "$4" "$5")) / 1000)) "${@:6}"
}

# is_cold GUEST DRIVE US: not even the fastest read was faster than that.
is_cold() {
    (($(took "$1" "$2" min) >= $3 * 1000))
}

# megabytes: nanoseconds of reading one, of each disk that is asked to.
megabytes() {
    sed -nE 's/^read .*count=2048 .*ticks=([0-9]+) .*/\1/p' "$work/late/serial.log"
}

exec 3>&1
for name in emulated late after; do
    check "$name: every call as expected" passed "$name"
done
plain=0x82
for backend in "${backends[@]}"; do
    drive=$plain
    for latency in "${latencies[@]}"; do
        name="$backend, $latency us"
        ((++drive))
        check "$name: none was in dom0's page cache" is_cold late $drive "$latency"
        # A disk without latency costs dom0 something else, because it is a file in
        # tmpfs, read through a loop device by blkback and without a sleep by qemu.
        # That shows below 1 ms, so 100 us are also held against 50.
        off=5
        ((latency >= 1000)) || off=$((4000 / latency))
        check "$name: longer by that than without" \
            is_later "$name" late $drive late $plain "$latency" $off
        ((latency != 100)) || check "$backend: 100 us take 50 us longer than 50 us" \
            is_about "$backend, 100 us instead of 50" \
            $((($(took late $drive min) - $(took late $((drive - 1)) min)) / 1000)) 50
    done
    ((plain += 5))
done
{ read -r _; read -r without; read -r _; read -r with; } < <(megabytes)
check "phy, 8000 us: a call of eight requests takes as long as one" \
    is_about 'phy, eight requests' $(((with - without) / 1000)) 8000 15
check "IDE, the twin of a disk on qdisk" is_later 'IDE, qdisk' emulated 0x81 emulated 0x80 1000
check "IDE, the twin of a disk on blkback" is_later 'IDE, phy' emulated 0x82 emulated 0x80 8000
# Both sleep, which costs QEMU 10 0.1 ms.
check "AHCI" is_later 'AHCI, 8000 us instead of 1000' emulated 0x84 emulated 0x83 7000

check "phy: what the guest has written is in the file" "$int13img" verify "$work/phy.img" \
    --label 7 --script "$work/phy.script" --drive 84
check "qdisk: what the guest has written is in the file" "$int13img" verify "$work/qdisk.img" \
    --label 7 --script "$work/qdisk.script" --drive 89
check "discard: the file is as it was" test "$(sha256sum <"$work/plain.img")" = "$sum"
check "what dom0 has written is in the file" grep -aq ^written "$work/kept.img"
check "a guest before it had it as it was" cmp -n 1M "$work/emulated/kept" /dev/zero
check "a guest after it has it as it is" cmp "$work/after/kept" "$work/kept.img"
check "only the guest's own disk is there" test "$(grep latency "$work/after/disks")" = latency0
done_testing
