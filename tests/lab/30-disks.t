#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Disks of every kind: many, read-only, huge, odd names, CD-ROMs; their order,
# their names in the boot menu, and boot from another disk than the first.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# make_disk NAME LABEL OPTION...: an image with a label of its own.
make_disk() {
    local file=$work/$1.img label=$2
    shift 2
    "$int13img" make "$file" --label "$label" "$@" || ok 1 "image $file"
}

# drives NAME LABEL...: int13 has these disks from 80h on, and no other.
drives() {
    local out=$work/$1/serial.log drive=128 label hex
    shift
    for label; do
        printf -v hex %02x $((drive++))
        shows "$out" "^drive $hex label=$label " || return 1
    done
    printf -v hex %02x "$drive"
    lacks "$out" "^drive $hex label="
}

say_disks=(-e list -e 'identify lba=last' -e memmap)

# Six disks, each backend serving three; the fifth is chosen in the boot menu.
words=()
for i in 1 2 3 4 5 6; do
    make_disk "six$i" $((10 + i)) --size $((i + 1))MiB "${say_disks[@]}"
    backend=phy
    ((i % 2)) || backend=qdisk
    words+=(--disk "$work/six$i.img,vdev=xvd$(tr 1-6 a-f <<<"$i"),backend=$backend,discard")
done
guest six --bios "$bios" "${words[@]}" --until 'PAYLOAD (DONE|STOP)' --timeout 60
# The keyboard of the firmware's boot menu, by the monitor of the guest's qemu.
# shellcheck disable=SC2016 # DIR is for dom0's shell
guest fifth --bios "$bios" "${words[@]}" --until 'PAYLOAD (DONE|STOP)' --timeout 60 \
    --file tests/lab/boot-menu --dom0 'sh $DIR/boot-menu 5'

# Sixteen disks with names from everywhere: what int13 can number.
words=()
label=20
for vdev in hda hdb sda sdc xvdc xvdd xvde xvdf xvdp xvdq xvdz xvdaa xvdaz xvdba \
    xvdcz xvdzz; do
    make_disk "$vdev" $((++label)) --size 1MiB "${say_disks[@]}"
    words+=(--disk "$work/$vdev.img,vdev=$vdev,backend=qdisk,discard")
done
names=(six fifth ro cdrom)
! is_long || names+=(sixteen)
! is_long || guest sixteen --bios "$bios" "${words[@]}" --until 'PAYLOAD (DONE|STOP)' --timeout 90

# What cannot be written, what is beyond 32 bits, and what is not a disk.
make_disk ro 3 --size 2MiB -e list \
    -e 'write drive=80 lba=100 count=8 expect=fail ah=03' \
    -e 'write drive=80 lba=200 count=1 expect=fail ah=03' \
    -e 'read drive=80 lba=100 count=8 expect=pattern label=3'
make_disk huge 4 --size 3TiB --sparse -e list -e 'identify lba=last' \
    -e 'read drive=80 lba=6442450943 count=1 expect=pattern label=4' \
    -e 'read drive=80 lba=6442450816 count=127 expect=pattern label=4' \
    -e 'read drive=80 lba=4294967290 count=16 expect=zero'
make_disk cd 5 --size 2MiB "${say_disks[@]}"
# Only Linux's backend serves read-only disks: that of qemu 7.2 does not
# start for one ("Block node is read-only").
guest ro --bios "$bios" --disk "$work/ro.img,vdev=xvde,backend=phy,ro" \
    --until 'PAYLOAD (DONE|STOP)' --timeout 60
mapfile -t huge < <(sample 1 qdisk phy)
for backend in "${huge[@]}"; do
    guest "huge-$backend" --bios "$bios" \
        --disk "$work/huge.img,vdev=xvdf,backend=$backend,discard" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 60
done
guest cdrom --bios "$bios" --disk "$work/cd.img,vdev=xvda,backend=qdisk,discard" \
    --disk "$work/ro.img,vdev=hdc,backend=qdisk,devtype=cdrom" \
    --until 'PAYLOAD (DONE|STOP)' --timeout 60
run_guests

for name in "${names[@]}" "${huge[@]/#/huge-}"; do
    check "$name: boots, and all calls are as expected" passed "$name"
done
check "six: all are there, once and in order" drives six 11 12 13 14 15 16
check "six: named for a person" shows "$work/six/xen.log" \
    'Xen PV disk xvda, 2 MiB' 'Xen PV disk xvdf, 7 MiB'
check "fifth: the boot menu's choice is drive 80h" \
    shows "$work/fifth/serial.log" '^PAYLOAD START drive=80' \
    '^drive 80 label=15 ' '^drive 81 label=11 '
# Where the stock firmware would have the emulated ones, IDE's and then SCSI's;
# the others behind them.
! is_long || check "sixteen: hd*, sd* and xvd*, extended ones included" \
    drives sixteen 21 22 25 26 23 24 $(seq 27 36)
check "ro: said to be read-only" \
    shows "$work/ro/xen.log" 'Xen PV disk xvde, 2 MiB, read-only'
for backend in "${huge[@]}"; do
    check "huge-$backend: its size in full" shows \
        "$work/huge-$backend/serial.log" '^drive 80 sectors=6442450944 '
done
check "cdrom: told as such" shows "$work/cdrom/xen.log" 'xen-blk: Xen PV CD-ROM hdc, '
done_testing
