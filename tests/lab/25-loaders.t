#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Loaders and where they read from, beside GRUB with ext4: SYSLINUX from FAT,
# ISOLINUX from a hybrid ISO image that is a hard disk here, GRUB from XFS, FAT and
# an LVM logical volume. Each boots Debian's kernel from a PV disk; Linux then reads
# that from end to end. And SYSLINUX's memdisk, an emulation of a disk that takes
# int13 over and passes on to ours what is not its own. All these enter Linux in
# real mode, where it asks about memory and then reads the first sector of each
# disk: it must find them all the same as if nobody had.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
. bench/lib.sh
. bench/syslinux.sh

PATH=$PATH:/usr/sbin:/sbin
memdisk=/usr/lib/syslinux/memdisk
for tool in syslinux xorriso mcopy mkfs.fat mkfs.xfs sfdisk "$memdisk"; do
    [[ -f $tool ]] || command -v "$tool" >/dev/null || skip_all "$tool is missing"
done

# For `make check` one loader, and one disk that GRUB reads: LVM's, from which it boots
# the Linux without drivers for Xen.
mapfile -t loaders < <(sample 1 syslinux isolinux)
disks=()
! is_long || disks=(lvm xfs vfat)
declare -A backend=([syslinux]=phy [isolinux]=qdisk [lvm]=qdisk [xfs]=phy [vfat]=qdisk)
declare -A other_backend=([phy]=qdisk [qdisk]=phy)
# Whose Linux is to have no drivers for Xen, so that what it finds stays so.
mapfile -t bare < <(sample 1 linux16 syslinux isolinux memdisk)

# Kernel and initramfs are those of the GRUB guests.
files=$work/files
mkdir -p "$files"
for fs in lvm "${disks[@]:1}"; do
    make_guest "$work/$fs.img" --fs "$fs" --initrd-size 4 --initrd-out "$files/initrd.img" ||
        skip_all "no guest image"
done
cp "$lab_image/vmlinuz" "$files/"

for name in "${loaders[@]}"; do
    check "$name: the disk is made" "make_${name}_disk" "$work/$name.img" "$files" quiet
done
for name in "${loaders[@]}" "${disks[@]}"; do
    guest "$name" --bios "$bios" --memory 192 --until 'LINUX DONE|Kernel panic|GRUB FAILED' \
        --timeout 120 --disk "$work/$name.img,vdev=xvde,backend=${backend[$name]},discard"
done

# make_bare NAME: a disk whose Linux has no drivers for Xen.
make_bare() {
    local image=$work/bare-$1.img
    case $1 in
    linux16) make_guest "$image" --fs lvm --bits 16 --append xen_nopv ;;
    memdisk)
        make_syslinux_disk "$work/memory-linux.img" "$files" 'quiet xen_nopv' &&
            tests/lab/mkguest --kernel "$memdisk" --initrd "$work/memory-linux.img" --bits 16 \
                --append harddisk --out "$image"
        ;;
    *) "make_${1}_disk" "$image" "$files" 'quiet xen_nopv' ;;
    esac
}

"$int13img" make "$work/second.img" --size 1MiB --label 9 --no-boot || ok 1 'the second disk'
for name in "${bare[@]}"; do
    check "$name: the disk is made" make_bare "$name"
    guest "bare-$name" --bios "$bios" --memory 256 --until 'LINUX UP|Kernel panic|GRUB FAILED' \
        --timeout 120 --disk "$work/bare-$name.img,vdev=xvde,backend=${backend[$name]-phy},discard" \
        --disk "$work/second.img,vdev=xvdf,backend=${other_backend[${backend[$name]-phy}]},discard"
done

# The disk in memory is drive 80h, and what GRUB loaded it from 81h.
# Fixed buffers, for memdisk itself is at the end of low memory.
memory=(--size 1MiB --label 7 -e 'read lba=100 count=100 label=7'
    -e 'job drive=82 rw=randrw bs=8/50,63/50 size=1024 ops=100 label=8' -e 'readback drive=82')
other=(--size 8MiB --label 8 --no-boot)
if ! { "$int13img" make "$work/memory.img" "${memory[@]}" &&
    "$int13img" make "$work/other.img" "${other[@]}" &&
    tests/lab/mkguest --kernel "$memdisk" --initrd "$work/memory.img" --bits 16 \
        --append harddisk --out "$work/memdisk.img" 2>"$work/mkguest.log"; }; then
    ok 1 'the disks of memdisk'
fi
guest memdisk --bios "$bios" --memory 64 --until 'PAYLOAD (DONE|STOP)|GRUB FAILED' --timeout 60 \
    --disk "$work/memdisk.img,vdev=xvde,backend=qdisk,discard" \
    --disk "$work/other.img,vdev=xvdf,backend=phy"
run_guests

# asked_for_all GUEST: its second disk, which it does not boot from, was read.
asked_for_all() {
    [[ $(reported "$1" xvdf calls) -ge 2 ]] || { echo "xvdf: $(reported "$1" xvdf calls) calls"; return 1; }
}

for name in "${loaders[@]}" "${disks[@]}"; do
    sum=$(sha256sum <"$work/$name.img")
    check "$name: the firmware read by the PV driver" \
        shows "$work/$name/xen.log" 'xen-blk: xvde: calls=[0-9]{3}'
    check "$name: Linux boots and finds the disk as it is" \
        shows "$work/$name/serial.log" "DISK xvde .*sha256=${sum%% *}" 'LINUX DONE'
    check "$name: the initrd is in memory as it was made" initrd_is_whole "$work/$name"
    check "$name: Linux has nothing to reset" lacks "$work/$name/serial.log" 'triggering reconnect'
done
for name in "${bare[@]}"; do
    check "$name: Linux is entered" shows "$work/bare-$name/serial.log" 'LINUX UP'
    check "$name: it asked for the disks, in real mode" asked_for_all "bare-$name"
    check "$name: and has them as they were" is_let_go "bare-$name" 51776 51792
done
check "memdisk: all calls as expected, of its disk and of a PV disk" passed memdisk
check "memdisk: the PV disk holds what was written" "$int13img" verify "$work/other.img" \
    "${other[@]}" --drive 82 "${memory[@]:4}"
done_testing
