# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Disks with SYSLINUX and ISOLINUX, to record, time or boot.

# syslinux_config ROOT ARGUMENTS: a configuration that boots Debian's kernel, with
# the files in the directory ROOT.
syslinux_config() {
    printf 'serial 0 115200\ndefault l\nprompt 0\nlabel l\n'
    printf ' kernel %svmlinuz\n append console=ttyS0 %s initrd=%sinitrd.img\n' "$1" "$2" "$1"
}

# install_syslinux DISK FILE...: a FAT32 file system with these files and
# SYSLINUX on the disk, an empty file; the same bytes each time.
install_syslinux() {
    local disk=$1 start=2048 size PATH=$PATH:/sbin:/usr/sbin
    shift
    size=$(($(stat -c %s "$disk") / 1024 - start / 2))
    printf 'label: dos\nlabel-id: 0x6d6b6775\nstart=%d, type=c, bootable\n' "$start" |
        sfdisk -q "$disk" &&
        mkfs.vfat -F 32 -i 6d6b6775 --offset "$start" "$disk" "$size" >/dev/null &&
        mcopy -i "$disk@@$((start * 512))" "$@" :: &&
        syslinux --offset $((start * 512)) --install "$disk" &&
        dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
}

# make_syslinux_disk DISK DIR ARGUMENTS: a disk with SYSLINUX and the kernel and the
# initrd that are in DIR; as large as it needs, but at least 64 MiB.
make_syslinux_disk() {
    local mib
    mib=$(($(du -sm --apparent-size "$2" | cut -f 1) + 16))
    syslinux_config '' "$3" >"$2/syslinux.cfg" &&
        truncate -s 0 "$1" && truncate -s "$((mib < 64 ? 64 : mib))M" "$1" &&
        install_syslinux "$1" "$2"/{syslinux.cfg,vmlinuz,initrd.img}
}

# make_isolinux_disk DISK DIR ARGUMENTS: a hybrid ISO image with the kernel and the
# initrd that are in DIR. It boots as a hard disk, too.
make_isolinux_disk() {
    mkdir -p "$2/isolinux" &&
        syslinux_config / "$3" >"$2/isolinux/isolinux.cfg" &&
        cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$2/isolinux/" &&
        xorriso -as mkisofs -quiet -o "$1" -b isolinux/isolinux.bin -c isolinux/boot.cat \
            -no-emul-boot -boot-load-size 4 -boot-info-table \
            -isohybrid-mbr /usr/lib/ISOLINUX/isohdpfx.bin "$2"
}
