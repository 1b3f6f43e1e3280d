#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The loader of the tree (loader/) on real Xen: it has the firmware read Debian's
# kernel and an initrd straight to where they run, the firmware copies nothing
# and hands the disk over clean, and Linux reads that from end to end. On a disk
# with an emulated twin and one without, on either backend; on the stock
# firmware by way of low memory.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh

blkload=build/loader/blkload
kernel=$lab_image/vmlinuz
# The initrd's 64 MiB, in virtual s.
declare -A budget=([phy]=0.130 [qdisk]=0.190)

make_guest "$work/grub.img" --initrd-size 64 --initrd-out "$work/initrd.img" ||
    skip_all "no guest image"
rm "$work/grub.img"

install() {
    truncate -s 80M "$work/disk.img" &&
        "$blkload" --kernel "$kernel" --initrd "$work/initrd.img" --append 'console=ttyS0 quiet' \
            --debugcon "$work/disk.img"
}
check "installed" install
sum=$(sha256sum <"$work/disk.img")

mapfile -t guests < <(pairs 'xvda xvde' 'qdisk phy' | tr ' ' -)
is_long || guests=("${guests[0]}") # 20-grub.t takes the disk over on both
for guest in "${guests[@]}"; do
    guest "$guest" --bios "$bios" --memory 256 --until 'LINUX DONE|Kernel panic|Press a key' \
        --timeout 300 --disk "$work/disk.img,vdev=${guest%-*},backend=${guest#*-},discard"
done
# tests/loader/boot.t has other firmware in plain QEMU.
! is_long || guest stock --bios stock --memory 256 --until 'LINUX DONE|Kernel panic|Press a key' --timeout 150 \
    --xl "hdtype='ahci'" --disk "$work/disk.img,vdev=xvda,backend=qdisk,discard"
# One that stays in the loader, to be looked at: too little memory for it.
guest waits --bios "$bios" --memory 96 --until 'Press a key' --timeout 120 \
    --disk "$work/disk.img,vdev=xvde,backend=phy,discard"
run_guests

# copied NAME DISK: sectors that the firmware has copied since POST.
copied() {
    sed -nE "s/.*xen-blk: $2: calls=.* bounced=([0-9]+) moved=([0-9]+) .*/\1 \2/p" "$work/$1/xen.log" |
        awk '{ n = $1 + $2 } NR == 1 { first = n } END { if (!NR) exit 1; print n - first }'
}

copies_nothing() {
    local sectors
    sectors=$(copied "$@")
    echo "${sectors:-no report} sectors"
    [[ $sectors == 0 ]]
}

in_budget() {
    local took
    took=$(blkload_seconds "$work/$1" initrd)
    echo "$took virtual s, budget ${budget[${1#*-}]}"
    awk -v t="$took" -v b="${budget[${1#*-}]}" 'BEGIN { exit !(t > 0 && t <= b) }'
}

die() {
    echo "$*"
    return 1
}

for guest in "${guests[@]}"; do
    serial=$work/$guest/serial.log
    check "$guest: read straight to where it runs" shows "$serial" 'blkload: loaded flat'
    check "$guest: the firmware copied nothing" copies_nothing "$guest" "${guest%-*}"
    check "$guest: the firmware let go of the disk before Linux" \
        shows "$work/$guest/xen.log" "xen-blk: ${guest%-*}: calls=.* connects=3"
    check "$guest: Linux takes the disk over, all data intact" \
        shows "$serial" "DISK ${guest%-*} .*sha256=${sum%% *}" 'LINUX DONE'
    check "$guest: Linux has nothing to reset or to wait for" \
        lacks "$serial" '(xenbus|vbd|blkfront).*([Tt]imeout|[Ww]aiting|reset|fail|error)'
    check "$guest: in time" in_budget "$guest"
    echo "# $guest: 64 MiB of initrd in $(blkload_seconds "$work/$guest" initrd) virtual s; with a kernel" \
        "of 7.9 MiB, reconnecting the disk and its own output $(blkload_seconds "$work/$guest")"
done
if is_long; then
    check "stock: by way of low memory" shows "$work/stock/serial.log" 'blkload: loaded by way of low memory'
    check "stock: Linux has all of it" shows "$work/stock/serial.log" "DISK .*sha256=${sum%% *}" 'LINUX DONE'
fi
check "too little memory is said" shows "$work/waits/serial.log" 'need [0-9]+ MiB of memory in one piece'
check "the disk is let go of there, too" is_let_go waits
done_testing
