#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The loader in plain QEMU: on a BIOS without flat addresses and on ours, from
# every kind of disk, its kernel gets all that it should, byte for byte. And what
# the loader says if it cannot go on.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/loader/lib.sh
. tests/loader/lib.sh

command -v qemu-system-x86_64 >/dev/null || skip_all "qemu-system-x86_64 is missing"

# Odd sizes: what the kernel gets has each at a multiple of 4 bytes.
pattern "$work/one" 2500001 1
pattern "$work/two" 513 500
pattern "$work/three" 6000002 7
cp "$work/one" "$work/all"
truncate -s %4 "$work/all"
cat "$work/two" >>"$work/all"
truncate -s %4 "$work/all"
cat "$work/three" >>"$work/all"
truncate -s %4 "$work/all"
text='root=/dev/xvda1 "quoted"  console=ttyS0'
initrds=(--initrd "$work/one" --initrd "$work/two" --initrd "$work/three")

# has_all NAME FILE: the kernel got itself, the command line, and the initrd.
has_all() {
    local kernel_sum initrd_sum
    kernel_sum=$(tail -c +1025 "$kernel" | cksum)
    initrd_sum=$(cksum <"$2")
    shows "$work/$1.log" "^WITNESS kernel $kernel_sum\$" '^WITNESS state right$' \
        "^WITNESS command line \\($text\\)\$" '^WITNESS loader ff$' "^WITNESS initrd $initrd_sum at " \
        '^WITNESS memory ([4-9]|[1-9][0-9]), screen 80x25$' '^WITNESS DONE$'
}

disk all.img 16M
check "several initrds" installs "${initrds[@]}" --append "$text" --debugcon "$work/all.img"
for bus in ide ahci virtio nvme; do
    boots "stock-$bus" stock "$bus" "$work/all.img" -debugcon "file:$work/stock-$bus.debug"
    check "stock SeaBIOS, $bus: all is there" has_all "stock-$bus" "$work/all"
    check "stock SeaBIOS, $bus: it came by way of low memory" \
        shows "$work/stock-$bus.log" '^blkload: kernel \.*$' '^blkload: initrd \.{14,16}$' '^blkload: loaded by way of low memory$'
    check "stock SeaBIOS, $bus: the debug port says so, too" \
        shows "$work/stock-$bus.debug" '^blkload: loaded by way of low memory'
    boots "ours-$bus" "$bios" "$bus" "$work/all.img"
    check "this firmware, $bus: all is there" has_all "ours-$bus" "$work/all"
    check "this firmware, $bus: it came straight" \
        shows "$work/ours-$bus.log" '^blkload: initrd \.{14,16}$' '^blkload: loaded flat$'
done
check "without --debugcon it says nothing there" installs --append "$text" "$work/all.img"
boots quiet stock ide "$work/all.img" -debugcon "file:$work/quiet.debug"
: >"$work/none"
check "no initrd" has_all quiet "$work/none"
check "nothing on the debug port" lacks "$work/quiet.debug" blkload

# Both kinds of partition, and a partition that another boot sector boots.
disk mbr.img 16M
printf '%s\n' 'label: dos' start=63,size=20000,type=da | sfdisk -q "$work/mbr.img"
check "into a partition" installs --partition 1 --initrd "$work/two" --append "$text" "$work/mbr.img"
boots mbr "$bios" ahci "$work/mbr.img"
truncate -s %4 "$work/two"
check "a partition: all is there" has_all mbr "$work/two"
disk chain.img 16M
printf '%s\n' 'label: dos' start=4099,size=20000,type=da,bootable | sfdisk -q "$work/chain.img"
loop=
trap '[[ ! $loop ]] || { partx -d "$loop"; losetup -d "$loop"; }' EXIT
if { loop=$(losetup --find --show "$work/chain.img") && partx -a "$loop" && [[ -b ${loop}p1 ]]; } 2>"$work/loop.log"; then
    check "on a partition's device" installs --initrd "$work/two" --append "$text" "${loop}p1"
    dd if=/usr/lib/syslinux/mbr/mbr.bin of="$work/chain.img" conv=notrunc status=none
    boots chain stock ide "$work/chain.img"
    check "chained to: all is there" has_all chain "$work/two"
else
    echo "ok $((++test_count)) - chained to # SKIP no loop devices with partitions here"
fi

# What it says where it cannot go on.
check "an initrd for more memory than there is" installs --initrd "$work/one" \
    --initrd "$work/three" --append "$text" "$work/all.img"
boots memory "$bios" ide "$work/all.img" -m 8
check "too little memory" shows "$work/memory.log" \
    '^blkload: kernel and initrd need [0-9]+ MiB of memory in one piece: give the machine more$' '^Press a key'
boots enough "$bios" ide "$work/all.img" -m 11
check "just enough" shows "$work/enough.log" '^WITNESS DONE$'

# The disk does not read a sector of the initrd.
disk all.img 16M
check "a disk to fail" installs --initrd "$work/three" --append "$text" "$work/all.img"
# fails NAME BIOS
fails() {
    local drive=if=none,id=e,format=raw,file.driver=blkdebug,file.image.driver=file
    drive+=,file.image.filename=$work/all.img
    drive+=,file.inject-error.0.event=read_aio,file.inject-error.0.sector=5000
    boots "$1" "$2" virtio "$work/none" -drive "$drive" -device virtio-blk-pci,drive=e,bootindex=1
}
truncate -s 1M "$work/none"
fails error-stock stock
fails error-ours "$bios"
for name in stock ours; do
    check "$name: a sector that is not read" shows "$work/error-$name.log" \
        '^blkload: drive 8[01]: int13 status [0-9a-f]{2} at or after sector (4[89][0-9]{2}|5000): check the disk, or install again$' \
        '^Press a key'
done

printf '\xa5' | dd of="$work/all.img" bs=1 seek=$((8 * 512 + 3000)) conv=notrunc status=none
boots damaged stock ide "$work/all.img"
check "a damaged map" shows "$work/damaged.log" \
    '^blkload: installation damaged: run blkload again$' '^Press a key to boot something else$'
head -c 1440K "$work/all.img" >"$work/floppy.img"
boots floppy stock ide "$work/none" -drive "file=$work/floppy.img,format=raw,if=floppy" -boot a
check "no EDD" shows "$work/floppy.log" '^blkload: this BIOS has no EDD$' '^Press a key'

# It is on the screen, too, and a key has the BIOS go on.
monitor() {
    until [[ -s $work/key.pid ]]; do sleep 0.1; done
    await "$(<"$work/key.pid")" 60 "$work/key.log" 'Press a key'
    echo "pmemsave 0xb8000 4000 $work/screen"
    echo 'sendkey a'
    await "$(<"$work/key.pid")" 120 "$work/key.debug" 'No bootable device'
    echo quit
}
truncate -s 0 "$work/key.log" "$work/key.debug"
monitor | qemu-system-x86_64 -machine pc -m 64 -display none -monitor stdio -pidfile "$work/key.pid" \
    -serial "file:$work/key.log" -debugcon "file:$work/key.debug" -global isa-debugcon.iobase=0x402 \
    -net none -drive "file=$work/all.img,format=raw,if=ide,snapshot=on" >"$work/key.qemu" 2>&1
check "a key has the BIOS go on" shows "$work/key.debug" 'No bootable device'
tr -d '\007\000' <"$work/screen" >"$work/screen.text"
check "it is on the screen" shows "$work/screen.text" 'blkload: installation damaged: run blkload again'
done_testing
