# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A disk with SYSLINUX, for whoever records or boots one.

# install_syslinux DISK FILE...: a FAT32 file system with these files and
# SYSLINUX on the disk, an empty file of 64 MiB; the same bytes each time.
install_syslinux() {
    local disk=$1 start=2048 PATH=$PATH:/sbin:/usr/sbin
    shift
    printf 'label: dos\nlabel-id: 0x6d6b6775\nstart=%d, type=c, bootable\n' "$start" |
        sfdisk -q "$disk" &&
        mkfs.vfat -F 32 -i 6d6b6775 --offset "$start" "$disk" $((63 * 1024)) >/dev/null &&
        mcopy -i "$disk@@$((start * 512))" "$@" :: &&
        syslinux --offset $((start * 512)) --install "$disk" &&
        dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
}
