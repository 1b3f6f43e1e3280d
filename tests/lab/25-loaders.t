#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Other loaders than GRUB: SYSLINUX from a FAT file system, and ISOLINUX from a
# hybrid ISO image that is a hard disk here. Each boots Debian's kernel from a
# PV disk; Linux then reads that from end to end.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
. bench/syslinux.sh

PATH=$PATH:/usr/sbin:/sbin
for tool in syslinux xorriso mcopy mkfs.fat sfdisk; do
    command -v "$tool" >/dev/null || skip_all "$tool is missing"
done

# Kernel and initramfs are those of the GRUB guests.
files=$work/files
mkdir -p "$files/isolinux"
make_guest "$work/grub.img" --initrd-size 4 --initrd-out "$files/initrd.img" ||
    skip_all "no guest image"
cp build/lab/image/vmlinuz "$files/"

# make_config ROOT: SYSLINUX's, with the files in the directory ROOT.
make_config() {
    printf 'serial 0 115200\ndefault l\nprompt 0\nlabel l\n'
    printf ' kernel %svmlinuz\n append console=ttyS0 quiet initrd=%sinitrd.img\n' "$1" "$1"
}

make_fat() {
    make_config '' >"$work/syslinux.cfg"
    truncate -s 64M "$work/fat.img" &&
        install_syslinux "$work/fat.img" "$work/syslinux.cfg" "$files"/{vmlinuz,initrd.img}
}

make_iso() {
    make_config / >"$files/isolinux/isolinux.cfg"
    cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$files/isolinux/" &&
        xorriso -as mkisofs -quiet -o "$work/iso.img" -b isolinux/isolinux.bin -c isolinux/boot.cat \
            -no-emul-boot -boot-load-size 4 -boot-info-table \
            -isohybrid-mbr /usr/lib/ISOLINUX/isohdpfx.bin "$files"
}

# add NAME BACKEND
add() {
    check "$1: the image is made" "make_$1"
    guest "$1" --bios "$bios" --memory 192 --until 'LINUX DONE|Kernel panic' --timeout 120 \
        --disk "$work/$1.img,vdev=xvde,backend=$2,discard"
}

add fat phy
add iso qdisk
run_guests

for name in fat iso; do
    sum=$(sha256sum <"$work/$name.img")
    check "$name: the firmware read by the PV driver" \
        shows "$work/$name/xen.log" 'xen-blk: xvde: calls=[0-9]{3}'
    check "$name: Linux boots and finds the disk as it is" \
        shows "$work/$name/serial.log" "DISK xvde .*sha256=${sum%% *}" 'LINUX DONE'
done
done_testing
