#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# CD-ROMs by the PV driver: El Torito without emulation, as a hard disk and as a
# floppy; in place of the emulated drive, or without one. An empty drive costs
# nothing, and a disc that is ejected or changed is never taken for another
# one: then the emulated drive serves.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh
. bench/syslinux.sh

for tool in xorriso syslinux mcopy mkfs.vfat; do
    PATH=$PATH:/sbin:/usr/sbin command -v "$tool" >/dev/null || skip_all "$tool is missing"
done

files=$work/files
mkdir -p "$files"
make_guest "$work/grub.img" --initrd-size 4 --initrd-out "$files/initrd.img" ||
    skip_all "no guest image"
cp "$lab_image/vmlinuz" "$files/"
make_guest "$work/grub.iso" --initrd-size 4 --fs iso9660 --append disks=0 || skip_all "no disc with GRUB"
check "the disc with ISOLINUX is made" make_isolinux_disk "$work/isolinux.iso" "$files" "quiet disks=0"
truncate -s %2048 "$work/isolinux.iso"

# put ISO BLOCK OFFSET BYTES: BYTES with escapes such as \\x55.
put() {
    printf '%b' "$4" | dd of="$1" bs=1 seek=$(($2 * 2048 + $3)) conv=notrunc status=none
}

# make_el_torito ISO MEDIA IMAGE: a disc that boots from the image in it, as from a
# floppy of 1.44 MB (MEDIA 02) or a hard disk (04). The specification's tables, and
# no file system.
make_el_torito() {
    local iso=$1
    rm -f "$iso"
    truncate -s 40960 "$iso"
    put "$iso" 16 0 '\x01CD001'
    put "$iso" 16 40 'PAYLOAD DISC'
    put "$iso" 17 1 'CD001\x01EL TORITO SPECIFICATION'
    put "$iso" 17 71 '\x12' # The catalogue's block
    put "$iso" 18 0 '\x01'
    put "$iso" 18 30 "\\x55\\xaa\\x88\\x$2"
    put "$iso" 18 38 '\x01\x00\x14' # Sectors, and the image's block
    cat "$3" >>"$iso"
    truncate -s %2048 "$iso"
}

# make_disc ISO MEDIA LABEL SCRIPT: a disc that boots the payload.
make_disc() {
    "$int13img" make "$1.image" --size 4MiB --label "$3" --script <(echo "$4") || return
    # The last sector of the first partition has the geometry.
    put "$1.image" 0 $((446 + 5)) '\x0f\x3f\x08'
    make_el_torito "$1" "$2" "$1.image"
}

# An emulated disk has no EDD. It has 16 heads and 63 sectors. A disc that is changed
# while it is read from is an error for good, as without us: SeaBIOS asks the emulated
# drive why only before it boots.
script='read lba=64 count=63 label=7 chs=1
random ops=150 from=64 to=8000 writes=0 label=7 chs=100 maxcount=63
write lba=64 expect=fail chs=1
mark eject .
sleep ticks=50
read lba=64 count=8 expect=fail chs=1
mark insert .
sleep ticks=50
read lba=100 count=8 expect=fail chs=1'
make_disc "$work/disk.iso" 04 7 "$script" || ok 1 disc
make_disc "$work/other.iso" 04 8 list || ok 1 disc
cat >"$work/change.sh" <<'END'
set -e
trap "exit 1" TERM
when() { until grep -qs "mark $1 " $OUT/serial.log; do sleep 0.3; done; }
when eject
xl cd-eject $DOMID hdc
when insert
xl cd-insert $DOMID hdc $DIR/other.iso
END

# A floppy with SYSLINUX.
make_floppy() {
    local PATH=$PATH:/sbin:/usr/sbin
    printf 'serial 0 115200\nprompt 1\n' >"$work/syslinux.cfg" &&
        rm -f "$work/floppy.img" && mkfs.vfat -C -i 6d6b6775 "$work/floppy.img" 1440 >/dev/null &&
        mcopy -i "$work/floppy.img" "$work/syslinux.cfg" :: && syslinux --install "$work/floppy.img" &&
        make_el_torito "$work/floppy.iso" 02 "$work/floppy.img"
}
check "the disc with a floppy is made" make_floppy
"$int13img" make "$work/empty.img" --size 2MiB --label 7 -e list -e 'read label=7' || ok 1 image

cd_words=(--bios "$bios" --xl 'boot="d"' --timeout 60)
guest isolinux-qdisk "${cd_words[@]}" --memory 192 --until 'LINUX DONE|Kernel panic' \
    --disk "$work/isolinux.iso,vdev=hdc,devtype=cdrom"
# libxl has no CD-ROMs of blkback's here; the backend has no opinion.
is_brief || guest isolinux-phy "${cd_words[@]}" --memory 192 --until 'LINUX DONE|Kernel panic' \
    --disk "$work/isolinux.iso,vdev=xvde,backend=phy,ro" \
    --before 'xenstore-write /local/domain/$DOMID/device/vbd/51776/device-type cdrom'
guest disk "${cd_words[@]}" --until 'PAYLOAD (DONE|STOP)' --disk "$work/disk.iso,vdev=hdc,devtype=cdrom" \
    --file "$work/other.iso" --file "$work/change.sh" --dom0 '. $DIR/change.sh'
# On a guest without a disk.
! is_long || guest grub "${cd_words[@]}" --memory 192 --until 'LINUX DONE|GRUB FAILED|Kernel panic' \
    --disk "$work/grub.iso,vdev=hdc,devtype=cdrom"
is_brief || guest floppy "${cd_words[@]}" --until '^boot: ' --disk "$work/floppy.iso,vdev=hdc,devtype=cdrom"
# Another disc while the boot menu could be called.
is_brief || guest menu "${cd_words[@]}" --until '^boot: ' --disk "$work/disk.iso,vdev=hdc,devtype=cdrom" \
    --file "$work/floppy.iso" \
    --dom0 'sleep 1; xl cd-eject $DOMID hdc && xl cd-insert $DOMID hdc $DIR/floppy.iso'
# hdc is empty and hdd is not; then a disk beside an empty drive, and without it.
is_brief || guest two "${cd_words[@]}" --until '^boot: ' --disk "$work/other.iso,vdev=hdc,devtype=cdrom" \
    --disk "$work/floppy.iso,vdev=hdd,devtype=cdrom" --before 'xl cd-eject $DOMID hdc'
guest empty --bios "$bios" --timeout 60 --until 'PAYLOAD (DONE|STOP)' \
    --disk "$work/empty.img,vdev=xvda,backend=phy,discard" \
    --disk "$work/other.iso,vdev=hdc,devtype=cdrom" --before 'xl cd-eject $DOMID hdc'
run_guests

# takes_place NAME DRIVE: the PV drive was found, and serves.
takes_place() {
    shows "$work/$1/xen.log" "xen-blk: Xen PV CD-ROM $2, " \
        "xen-blk: $2: takes the place of its emulated twin"
}

discs=(isolinux-qdisk)
is_brief || discs+=(isolinux-phy)
for name in "${discs[@]}"; do
    check "$name: Linux boots" shows "$work/$name/serial.log" 'ISOLINUX' 'LINUX DONE'
    check "$name: from the PV drive, which read ahead" shows "$work/$name/xen.log" \
        'xen-blk: Xen PV CD-ROM' 'xen-blk: .*: calls=[0-9]{3} .* ahead=[0-9]{4}.* errors=0'
done
sum=$(sha256sum <"$work/isolinux.iso")
check "isolinux-qdisk: Linux has the emulated drive, and the disc" \
    shows "$work/isolinux-qdisk/serial.log" "CDROM sr0 sha256=${sum%% *}"
! is_long || check "grub: Linux boots" shows "$work/grub/serial.log" 'LINUX DONE'
! is_long || check "grub: from the PV drive" takes_place grub hdc
check "isolinux-qdisk: in place of the emulated drive" takes_place isolinux-qdisk hdc
check "isolinux-qdisk: the drive is as the toolstack made it" is_clean isolinux-qdisk 5632
is_brief || check "isolinux-phy: the drive is as the toolstack made it" is_clean isolinux-phy 51776
check "disk: ops on an emulated disk; ejected or changed, errors" passed disk
check "disk: dom0 did its part" jq -e '.dom0_status == 0' "$work/disk/result.json"
check "disk: the log says so" shows "$work/disk/xen.log" 'xen-blk: hdc: disc changed' \
    'xen-blk: hdc: continues on its emulated twin'
check "empty: the disk boots" passed empty
check "empty: the drive is told" shows "$work/empty/xen.log" 'xen-blk: hdc: skipped: no disc'
! is_brief || done_testing
check "floppy: boots" shows "$work/floppy/serial.log" '^boot: '
check "floppy: from the PV drive" takes_place floppy hdc
check "menu: the new disc boots" shows "$work/menu/serial.log" '^boot: '
check "menu: from the emulated drive" shows "$work/menu/xen.log" 'xen-blk: hdc: disc changed'
check "two: the drive that has a disc boots" shows "$work/two/serial.log" '^boot: '
check "two: the other is empty" shows "$work/two/xen.log" 'xen-blk: hdc: skipped: no disc'
check "two: from the PV drive" shows "$work/two/xen.log" 'xen-blk: Xen PV CD-ROM hdd' \
    'xen-blk: hdd: calls=[0-9]{2} '
done_testing
