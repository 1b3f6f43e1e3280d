#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# GRUB loads Debian's kernel and an initramfs from the PV disk; Linux takes the
# disk over, at once, and reads it from end to end. On a disk with an emulated
# twin (xvda) and on one without (xvde), on either backend. A Linux without PV
# drivers finds the emulated twin, and a guest that is saved while GRUB's menu
# waits boots where it is restored.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
. bench/lib.sh

make_guest "$work/linux.img" --initrd-size 4 || skip_all "no guest image"
sum=$(sha256sum <"$work/linux.img")

mapfile -t guests < <(pairs 'xvda xvde' 'phy qdisk')
! is_brief || guests=("${guests[0]}")
for guest in "${guests[@]}"; do
    read -r vdev backend <<<"$guest"
    cp --sparse=always "$work/linux.img" "$work/$vdev-$backend.img"
    guest "$vdev-$backend" --bios "$bios" --memory 192 \
        --disk "$work/$vdev-$backend.img,vdev=$vdev,backend=$backend" \
        --until 'LINUX DONE|Kernel panic|GRUB FAILED' --timeout 90
done
# With the stock firmware, which loads all this through emulated IDE by PIO: minutes.
! is_long || guest stock --bios stock --memory 192 \
    --disk "$work/linux.img,vdev=xvda,backend=phy,discard" \
    --until 'LINUX DONE|Kernel panic|GRUB FAILED' --timeout 90
# 25-loaders.t has another guest without PV drivers; 47-twin.t has guests that are saved
# in the middle of reads, and in a menu.
if is_long; then
    make_guest "$work/nopv.img" --append xen_nopv || ok 1 "image nopv"
    nopv_sum=$(sha256sum <"$work/nopv.img")
    guest nopv --bios "$bios" --memory 192 \
        --disk "$work/nopv.img,vdev=hda,backend=qdisk,discard" \
        --until 'LINUX DONE|Kernel panic|GRUB FAILED' --timeout 90
    make_guest "$work/menu.img" --menu 4 || ok 1 "image menu"
    menu_sum=$(sha256sum <"$work/menu.img")
fi
# shellcheck disable=SC2016 # for dom0's shell
save='until grep -q "GRUB MENU" $OUT/serial.log; do sleep 0.2; done; sleep 1;'
# shellcheck disable=SC2016
save+=' xl save $DOMID $OUT/image && xl restore $OUT/image; rm -f $OUT/image'
! is_long || guest menu --bios "$bios" --memory 160 --dom0 "$save" \
    --disk "$work/menu.img,vdev=xvde,backend=phy,discard" \
    --until 'LINUX DONE|Kernel panic|GRUB FAILED' --timeout 90
run_guests

# has_disk NAME: hundredths of a second of Linux's from its start to the disk.
has_disk() {
    sed -nE 's/.*LINUX DISKS 1 ([0-9]+)\.([0-9]+).*/\1\2/p' "$work/$1/serial.log"
}

# no_slower NAME: than with the stock firmware, give or take 30 ms, which is how
# finely the figures repeat.
no_slower() {
    local ours stock
    ours=$(has_disk "$1") stock=$(has_disk stock)
    echo "$ours, stock $stock (10 ms each)"
    [[ $ours && $stock ]] && ((ours <= stock + 3))
}

for guest in "${guests[@]}"; do
    read -r vdev backend <<<"$guest"
    serial=$work/$vdev-$backend/serial.log
    check "$vdev on $backend: GRUB loads Linux" shows "$serial" 'LINUX UP'
    check "$vdev on $backend: the firmware read by the PV driver" \
        shows "$work/$vdev-$backend/xen.log" "xen-blk: $vdev: calls=[0-9]{3}"
    check "$vdev on $backend: Linux takes the disk over, all data intact" \
        shows "$serial" "DISK $vdev .*sha256=${sum%% *}" 'LINUX DONE'
    check "$vdev on $backend: Linux has nothing to reset or to wait for" \
        lacks "$serial" '(xenbus|vbd|blkfront).*([Tt]imeout|[Ww]aiting|reset|fail|error)'
    ! is_long || check "$vdev on $backend: Linux is as fast as with the stock firmware" \
        no_slower "$vdev-$backend"
    check "$vdev on $backend: the initrd is in memory as it was made" \
        initrd_is_whole "$work/$vdev-$backend"
    check "$vdev on $backend: nothing was written to it" \
        cmp "$work/linux.img" "$work/$vdev-$backend.img"
done
if is_long; then
    check "nopv: the firmware read by the PV driver" \
        shows "$work/nopv/xen.log" "xen-blk: hda: calls=[0-9]{3}"
    check "nopv: Linux without PV drivers has the emulated twin, all data intact" \
        shows "$work/nopv/serial.log" "DISK sda .*sha256=${nopv_sum%% *}" 'LINUX DONE'
    check "menu: saved in GRUB's menu, restored, and booted" \
        shows "$work/menu/serial.log" "DISK xvde .*sha256=${menu_sum%% *}" 'LINUX DONE'
    check "menu: it was another domain" lacks "$work/menu/serial.log" 'GRUB MENU'
fi
for guest in "${guests[@]/ /-}" ${CHECK_LONG:+stock}; do
    echo "# $guest: Linux has the disk after $(has_disk "$guest")0 ms of its own"
done
done_testing
