#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Emulated disks: they work as with the stock firmware if there is no PV disk or
# no Xen; and a PV disk has its emulated twin's geometry and drive number.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh

stock=/usr/share/seabios/bios-256k.bin

# make_disk NAME SIZE COMMAND...: an image whose payload runs the commands.
make_disk() {
    local file=$work/$1.img size=$2 command words=()
    shift 2
    for command; do words+=(-e "$command"); done
    "$int13img" make "$file" --size "$size" --label 9 "${words[@]}" ||
        ok 1 "image $file"
}

# partition NAME LAST_HEAD LAST_SECTOR: a partition in the image's table that
# ends there, as the tools write it from which QEMU guesses the geometry.
partition() {
    printf '\x80\x01\x01\x00\x83%b%b\x10\x3f\x00\x00\x00\x00\x40\x00\x00' \
        "\\x$(printf %02x "$2")" "\\x$(printf %02x "$3")" |
        dd of="$work/$1.img" bs=1 seek=446 conv=notrunc status=none
}

# alone NAME FIRMWARE IMAGE DEVICE...: boots it in plain QEMU, without Xen.
alone() {
    local name=$1 firmware=$2 image=$3 serial=$work/$1/serial.log
    shift 3
    mkdir -p "$work/$name"
    : >"$serial"
    qemu-system-x86_64 -machine pc -accel tcg -m 64 -display none -nic none \
        -monitor none -serial "file:$serial" -bios "$firmware" -snapshot \
        -drive "file=$work/$image.img,format=raw,if=none,id=d0" "$@" &
    await $! 60 "$serial" 'PAYLOAD (DONE|STOP)'
    kill $!
    wait $! 2>/dev/null
}

# same NAME NAME: both saw the same drives with the same geometry.
same() {
    diff <(grep -a '^drive ' "$work/$1/serial.log") \
        <(grep -a '^drive ' "$work/$2/serial.log")
}

make_disk plain 16MiB list 'edges drive=80' \
    'random drive=80 seed=4 ops=60 from=64 to=8000 writes=40 chs=30 label=9'
# SeaBIOS's NVMe driver cannot read to odd addresses.
make_disk aligned 16MiB list 'edges drive=80' \
    'read drive=80 lba=100 count=63 buffer=1000:0000 expect=pattern label=9' \
    'read drive=80 lba=200 count=127 buffer=2000:0200 expect=pattern label=9'

# Flat addresses (EDD 3.0): no more than 64 KiB, below 4 GiB.
make_disk flat 16MiB 'read flat=10000 count=127 label=9' \
    'read flat=200000 count=128 lba=100 label=9' 'read flat=400200 count=8 label=9' \
    'write flat=500000 count=100 lba=1000 label=9' \
    'read flat=900000 count=100 lba=1000 label=9' \
    'read flat=400000 count=129 expect=fail ah=09' \
    'write flat=400000 count=65535 lba=0 expect=fail ah=09' \
    'read flat=fffffe00 expect=fail ah=01' 'read flat=100001000 expect=fail ah=01' \
    'write flat=fffffffffffffe00 count=2 expect=fail ah=01' readback
# By PIO, for an odd address.
make_disk odd 16MiB 'read flat=400001 count=63 label=9' 'write flat=500001 count=9 lba=900 label=9' readback

# Xen, emulated IDE alone.
ide=(--disk "$work/plain.img,backend=none,discard" --xl
    "device_model_args_hvm=['-drive','file=@disk0@,if=ide,index=0,format=raw']"
    --until 'PAYLOAD (DONE|STOP)' --timeout 120)
if is_long; then
    guest xen-stock --bios stock "${ide[@]}"
    guest xen-ours --bios "$bios" "${ide[@]}"
fi

# A size and a partition table for each of QEMU's rules.
make_disk twin0 100MiB list
make_disk twin1 600MiB list
make_disk twin2 700MiB list
partition twin2 254 63
make_disk twin3 300MiB list
partition twin3 15 32
twins=()
for i in 0 1 2 3; do
    twins+=(--disk "$work/twin$i.img,vdev=xvd$(tr 0-3 a-d <<<$i),backend=qdisk,discard,place=host")
done
for firmware in ours stock; do
    file=$bios
    [[ $firmware == ours ]] || file=stock
    guest "twins-$firmware" --bios "$file" "${twins[@]}" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 60
done
run_guests

if is_long; then
    check "Xen without PV disks: all calls as expected" passed xen-ours
    check "Xen without PV disks: stock firmware, too" passed xen-stock
    check "Xen without PV disks: the same drives as with stock firmware" \
        same xen-stock xen-ours
fi
check "PV disks have the places and the geometry of their emulated twins" \
    same twins-stock twins-ours
check "these are the PV disks, and no twin is unplugged" \
    shows "$work/twins-ours/xen.log" 'xvd[a-d]: takes the place of' \
    'found ata0-1:|ata1-1: QEMU'

ahci=(-device 'ahci,id=a' -device 'ide-hd,drive=d0,bus=a.0')
for kind in ide-hd,drive=d0 virtio-blk-pci,drive=d0 nvme,drive=d0,serial=x ahci; do
    device=(-device "$kind")
    [[ $kind != ahci ]] || device=("${ahci[@]}")
    name=${kind%%,*} image=plain
    [[ $name != nvme ]] || image=aligned
    alone "$name-ours" "$bios" "$image" "${device[@]}"
    alone "$name-stock" "$stock" "$image" "${device[@]}"
    check "without Xen: $name: all calls as expected" passed "$name-ours"
    alone "$name-flat" "$bios" flat "${device[@]}"
    check "without Xen: $name: flat addresses" passed "$name-flat"
    check "without Xen: $name: the same drives as with stock firmware" \
        same "$name-stock" "$name-ours"
done
alone ide-odd "$bios" odd -device ide-hd,drive=d0
check "without Xen: ide-hd: odd flat addresses" passed ide-odd
done_testing
