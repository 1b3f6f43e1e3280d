#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Discs that people have boot from the PV CD-ROM to their first screen, in a guest with
# a disk and in one without: GRUB's rescue disc, and, for make check-long, Debian's
# installer by ISOLINUX, and memtest86+, which is a floppy in a disc. What is written to
# the screen by the BIOS, SeaBIOS writes to the serial port as well.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh
. bench/syslinux.sh

rescue=/usr/lib/grub-rescue/grub-rescue-cdrom.iso
memtest=/usr/lib/memtest86+/memtest86+x64.iso
[[ -f $rescue ]] || skip_all "$rescue is missing; run: lab/packages grub-rescue-pc"

"$int13img" make "$work/disk.img" --size 2MiB --label 7 -e 'read label=7' || ok 1 image

# The installer of any release, as the package has it for a boot from the network.
make_installer() {
    local -a installer
    installer=(/usr/lib/debian-installer/images/*/amd64/text/debian-installer/amd64)
    mkdir -p "$work/files" && cp "${installer[0]}/linux" "$work/files/vmlinuz" &&
        cp "${installer[0]}/initrd.gz" "$work/files/initrd.img" &&
        make_isolinux_disk "$work/installer.iso" "$work/files" 'DEBIAN_FRONTEND=text loglevel=3' &&
        truncate -s %2048 "$work/installer.iso"
}

declare -A disc=([rescue]=$rescue [installer]=$work/installer.iso [memtest]=$memtest)
# GRUB says each second what it will do: SeaBIOS may write the cursor's place to the
# serial port in the middle of any text.
declare -A shown=([rescue]='executed automatically in' [installer]='relatively little free memory|Choose the language')
mapfile -t places < <(sample 1 disk alone)
# GRUB's menu counts seconds, and the lab looks when a guest is quiet: it is ended.
declare -A seconds=([rescue]=8 [installer]=60 [memtest]=6)
declare -A memory=([rescue]=64 [installer]=512 [memtest]=64)
discs=(rescue)
if is_long; then
    check "the disc with the installer is made" make_installer && discs+=(installer)
    check "there is the disc of memtest86+" test -f "$memtest" && discs+=(memtest)
fi

# memtest86+ writes to the screen's memory, so its guest has a screen, and dom0 takes
# pictures of it.
cat >"$work/pictures" <<'END'
while xl qemu-monitor-command "$DOMID" "screendump $OUT/new.ppm"; do
    mv "$OUT/new.ppm" "$OUT/screen.ppm"
    sleep 0.5
done
END

# is_blue FILE: half of the picture has the blue of the text mode.
is_blue() {
    perl -0777 -ne '/^P6\s+\d+\s+\d+\s+255\s/g or exit 1; $all = (length() - pos()) / 3;
        while (/\G(...)/gs) { $blue++ if $1 =~ /^\0\0[\xa0-\xaf]/ } exit($blue < $all / 2)' "$1"
}

for name in "${discs[@]}"; do
    for beside in "${places[@]}"; do
        words=(--bios "$bios" --xl 'boot="d"' --memory "${memory[$name]}" --timeout "${seconds[$name]}")
        [[ $beside == alone ]] || words+=(--disk "$work/disk.img,vdev=xvda,backend=phy,discard")
        words+=(--disk "${disc[$name]},vdev=hdc,devtype=cdrom")
        if [[ $name == memtest ]]; then
            words+=(--xl 'vga="stdvga"' --file "$work/pictures" --dom0 '. $DIR/pictures')
        else
            words+=(--until "${shown[$name]}" --before
                'xenstore-write /local/domain/$DOMID/bios-strings/oem-1 seabios:etc/sercon-port=0x3f8')
        fi
        guest "$name-$beside" "${words[@]}"
    done
done
run_guests

# by_pv NAME: the drive that served was the PV one.
by_pv() {
    shows "$work/$1/xen.log" 'xen-blk: Xen PV CD-ROM hdc' 'hdc: calls=[0-9]{2}.* errors=0' &&
        lacks "$work/$1/xen.log" 'continues on'
}

for name in "${discs[@]}"; do
    for guest in "${places[@]/#/$name-}"; do
        if [[ $name == memtest ]]; then
            check "$guest: its first screen" is_blue "$work/$guest/screen.ppm"
        else
            check "$guest: its first screen" shows "$work/$guest/serial.log" "${shown[$name]}"
        fi
        check "$guest: from the PV drive" by_pv "$guest"
    done
done
done_testing
