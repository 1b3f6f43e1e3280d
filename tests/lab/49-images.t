#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A disk that is lost continues on its emulated twin if both see the same: for a
# block device, whose page cache blkback bypasses, and for qcow2, which qemu has
# open twice, as long as nothing was written. If something was, int13 reports
# errors rather than what may be old.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh

lost='until grep -q "begin" $OUT/serial.log; do sleep 0.2; done; sleep 0.1; xl block-detach --force $DOMID xvda'
ops='random seed=1 ops=2400 from=64 to=12000 writes=50 maxcount=8'
is_long && more=60 || more=15     # Those that go by IDE's PIO are dear
after="random seed=2 ops=$more from=64 to=12000 writes=50"

# A device of dom0's that blkback uses as it is; the file is behind it.
block=(--size 8MiB --label 1 -e 'mark begin' -e "$ops" -e "$after" -e readback)
"$int13img" make "$work/block.img" "${block[@]}" || ok 1 image
guest block --bios "$bios" --until 'PAYLOAD (DONE|STOP)' --timeout 90 \
    --disk "$work/block.img,vdev=xvda,backend=phy,place=host" --dom0 "$lost"

# qcow2 NAME COMMAND...: a guest whose image is one.
qcow2() {
    local name=$1 command
    local -a script=()
    shift
    for command; do script+=(-e "$command"); done
    "$int13img" make "$work/$name.raw" --size 8MiB --label 2 "${script[@]}" ||
        ok 1 "image $name"
    qemu-img convert -f raw -O qcow2 "$work/$name.raw" "$work/$name.img" ||
        ok 1 "qcow2 of $name"
    guest "$name" --bios "$bios" --until 'PAYLOAD (DONE|STOP)' --timeout 90 \
        --disk "$work/$name.img,backend=none,discard" --dom0 "$lost" --xl \
        "disk=['format=qcow2,vdev=xvda,access=rw,backendtype=qdisk,target=@disk0@']"
}

# Once lost, these go by IDE's PIO, which is dear: one of them for `make check`.
mapfile -t lost_guests < <(sample 1 block read)
! is_long || qcow2 read 'mark begin' 'random seed=1 ops=2400 from=64 to=12000 writes=0 maxcount=8 label=2' \
    'random seed=2 ops=60 from=64 to=12000 writes=0 label=2'
qcow2 written 'write lba=100 count=8 label=2' 'read lba=100 count=8 label=2' 'mark begin' \
    'sleep ticks=40' 'read lba=100 count=8 expect=fail' 'read lba=6000 count=1 expect=fail' \
    'write lba=100 count=8 label=2 expect=fail'
run_guests

for name in "${lost_guests[@]}" written; do
    check "$name: all calls as expected" passed "$name"
done
for name in "${lost_guests[@]}"; do
    check "$name: lost on the way, the emulated twin went on" \
        shows "$work/$name/xen.log" 'connection lost' 'continues on its emulated twin'
done
check "block: the device holds what was written, whoever wrote it" \
    "$int13img" verify "$work/block.img" "${block[@]}"
check "qcow2: the log says that the twin will not see writes" \
    shows "$work/written/xen.log" 'takes the place of its emulated twin, which will not see writes'
check "written: the twin was left alone" lacks "$work/written/xen.log" 'continues on'
done_testing
