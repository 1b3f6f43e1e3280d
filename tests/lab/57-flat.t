#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Flat addresses (EDD 3.0): a megabyte and more in one call, to its final
# place, above 4 GiB as well, on either backend; what cannot be says so. 64 MiB
# take no more than 0.13 virtual seconds on blkback, and no copy.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# With all but 256 MiB of the first 4 GiB a hole, memory goes on at 4 GiB.
memory=(--memory 320 --xl mmio_hole=3840)
script=$work/all.script
cat >"$script" <<'EOS'
read flat=10000 count=128 label=7
read flat=10000 count=900 lba=1000 label=7
read flat=1000000 count=1 label=7
read flat=1000000 count=2048 label=7
read flat=1000200 count=2047 lba=99 label=7
read flat=2000000 count=40000 lba=1000 label=7
write flat=1000e00 count=3001 lba=5001 label=7
read flat=2000200 count=3001 lba=5001 label=7
read flat=100001000 count=1 label=7
read flat=100001000 count=2048 label=7
write flat=100200200 count=2048 lba=25064 label=7
read flat=100a00000 count=2048 lba=25064 label=7
read flat=1000000 count=2048 lba=25064 label=7
random drive=80 seed=3 ops=100 from=30000 to=34000 writes=50 chs=0 label=7 maxcount=128
memmap
read flat=1000001 count=300 lba=99 label=7
write flat=1000201 count=301 lba=15001 label=7
read flat=100001001 count=8 expect=fail ah=01
read flat=100001001 count=2048 expect=fail ah=01
read flat=ffff0000 count=2048 expect=fail ah=01
read flat=104000000 count=8 expect=fail ah=01
write flat=103ffff00 count=2048 expect=fail ah=01
write flat=ffffffffffffff00 count=1 expect=fail ah=01
read flat=100001000 lba=end-5 count=6 expect=fail ah=01
readback
EOS

# megabytes: a script that reads 64 MiB, one after another.
megabytes() {
    local i
    for ((i = 0; i < 64; i++)); do
        printf 'read flat=%x count=2048 lba=%d label=7\n' \
            $((0x1000000 + i * 0x100000)) $((64 + i * 2048))
    done
    echo memmap
}

# add NAME SIZE SCRIPT WORDS: a guest whose payload runs the script.
add() {
    "$int13img" make "$work/$1.img" --size "$2" --label 7 --script "$3" ||
        ok 1 "image for $1"
    guest "$1" --bios "$bios" --disk "$work/$1.img,vdev=xvde,$4" \
        "${memory[@]}" --until 'PAYLOAD (DONE|STOP)' --timeout 60
}

# took NAME: nanoseconds of its calls for a megabyte. The lab's time stamp
# counter counts those.
took() {
    sed -nE 's/^read .*count=2048 .*ticks=([0-9]+).*/\1/p' "$work/$1/serial.log" |
        awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# shared_nothing NAME: of the driver's grants only those of the ring are left.
shared_nothing() {
    local used ring
    ring=$(ring_grants "$1")
    used=$(used_grants "$1" | tr '\n' ' ')
    [[ $used == "0x000 0x001 $ring " ]] || { echo "in use: $used"; false; }
}

megabytes >"$work/megabytes.script"
{
    echo 'read flat=1000000 count=2048 label=7'
    echo 'read flat=100001000 count=1 expect=fail ah=01'
} >"$work/untrusted.script"
mapfile -t scripts < <(sample 1 qdisk phy)
mapfile -t reads < <(sample 1 phy qdisk)
for backend in "${scripts[@]}"; do
    add "$backend" 24MiB "$script" "backend=$backend"
done
for backend in "${reads[@]}"; do
    add "64-$backend" 66MiB "$work/megabytes.script" "backend=$backend"
done
add untrusted 24MiB "$work/untrusted.script" backend=phy,untrusted
run_guests

for backend in "${scripts[@]}"; do
    check "$backend: every call and every byte as expected" passed "$backend"
    check "$backend: the image is as the script must leave it" \
        "$int13img" verify "$work/$backend.img" --label 7 --script "$script"
    check "$backend: no op was retried" test "$(reported "$backend" xvde retries)" = 0
    check "$backend: no grant of a caller's page is left" shared_nothing "$backend"
done
for backend in "${reads[@]}"; do
    check "$backend: 64 MiB: every byte as expected" passed "64-$backend"
    # POST reads the first sector to memory that does not stick.
    check "$backend: 64 MiB: nothing bounced since POST" \
        test "$(reported "64-$backend" xvde bounced)" -le 1
    check "$backend: 64 MiB: nothing moved" \
        test "$(reported "64-$backend" xvde moved)" = 0
    echo "# $backend: 64 MiB took $(($(took "64-$backend") / 1000)) virtual us in int13"
done
check "phy: 64 MiB take 0.13 virtual seconds at most" test "$(took 64-phy)" -le 130000000
check "an untrusted backend gets bounce pages alone, and what is above 4 GiB fails" \
    passed untrusted
done_testing
