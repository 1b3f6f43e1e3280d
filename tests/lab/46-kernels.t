#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A kernel that takes over right behind its loader finds the guest as if the
# firmware had never touched it, and reads all disks: as FreeBSD and NetBSD do,
# which cannot use a disk that is connected, and as OpenBSD does, which does not
# look. After S3 the firmware leaves alone what belongs to the kernel.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

kernel=build/tests/kernel.bin
kernel_lba=2048
kernel_sectors=$((($(stat -c %s "$kernel") + 511) / 512))

# What a loader does between its last read and the jump. Interrupts are off but
# where it is about a tick: what the kernel finds then is what the call has done.
declare -A last=(
    [nothing]=''
    [tick]=$'picunmask\nsleep ticks=4'
    [age]='delay us=130000
bios eax=c000'
    [e820]='bios eax=e820 edx=534d4150 ecx=14'
    [e801]='bios eax=e801'
    [88]='bios eax=8800'
    [2401]='bios eax=2401'
    [ec00]='bios eax=ec00 ebx=2'
)

guests=()

# add TRIGGER HOW BACKEND WORD...
add() {
    local trigger=$1 how=$2 backend=$3 name=$1-$2-$3
    shift 3
    guests+=("$name")
    "$int13img" make "$work/$name.img" --size 2MiB --label 7 -e picmask \
        -e "load lba=$kernel_lba count=$kernel_sectors" -e "${last[$trigger]:-mark}" \
        -e "jump how=$how" || ok 1 "image $name"
    dd if="$kernel" of="$work/$name.img" bs=512 seek="$kernel_lba" conv=notrunc status=none
    guest "$name" --bios "$bios" --until 'KERNEL DONE' --timeout 20 \
        --disk "$work/$name.img,vdev=xvde,backend=$backend,discard" \
        --disk "$work/other.img,vdev=xvdf,backend=$backend,discard" "$@"
}

"$int13img" make "$work/other.img" --size 1MiB --label 8 --no-boot || ok 1 image
backends=(phy qdisk)
turn=0
while read -r trigger how; do
    add "$trigger" "$how" "${backends[turn++ / 2 % 2 ^ turn % 2]}"
done < <(pairs "$(sample 2 tick age e820 2401 e801 88 ec00 | paste -sd ' ')" 'freebsd openbsd')
clean=("${guests[@]}")
add nothing freebsd phy
add nothing openbsd qdisk
# shellcheck disable=SC2016 # for dom0's shell
wake='until grep -q "KERNEL sleeps" $OUT/serial.log; do sleep 0.5; done; sleep 1; xl trigger $DOMID s3resume'
mapfile -t resumed < <(sample 1 qdisk phy)
for backend in "${resumed[@]}"; do
    add e820 s3 "$backend" --dom0 "$wake"
    clean+=("e820-s3-$backend")
done
run_guests

# is_clean NAME: there is nothing but what the toolstack has made, two grants and
# its event channels; and both disks could be read.
is_clean() {
    local serial=$work/$1/serial.log
    shows "$serial" "^KERNEL found ports=$toolstack_ports grants=2 xenstore=quiet" \
        '^KERNEL device/vbd/51776: 1024 sectors right, 0 not' \
        '^KERNEL device/vbd/51792: 1024 sectors right, 0 not' '^KERNEL DONE' &&
        lacks "$serial" '^KERNEL .*(left|ignored|follow)'
}

for name in "${clean[@]}"; do
    check "$name: the guest is clean, the kernel has the disks" is_clean "$name"
done
# What remains: a loader that calls nothing and jumps at once.
check "nothing-freebsd-phy: such a loader hands over a connected disk" \
    shows "$work/nothing-freebsd-phy/serial.log" \
    '^KERNEL device/vbd/51776: ignored, state 4'
check "nothing-openbsd-qdisk: and its kernel has no answer from it" \
    shows "$work/nothing-openbsd-qdisk/serial.log" \
    '^KERNEL device/vbd/51776: 0 sectors right, 1024 not'
check "the other disk was let go of all the same" \
    shows "$work/nothing-freebsd-phy/serial.log" \
    '^KERNEL device/vbd/51792: 1024 sectors right'
for backend in "${resumed[@]}"; do
    check "s3, $backend: the firmware has run" \
        shows "$work/e820-s3-$backend/xen.log" 'In resume'
    check "s3, $backend: the kernel reads on by its own connection" \
        test "$(grep -c '1024 sectors right, 0 not' "$work/e820-s3-$backend/serial.log")" = 3
done
done_testing
