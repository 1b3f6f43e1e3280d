#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Disks of 4096-byte blocks, which the caller sees as disks of 512-byte sectors, as
# their emulated twins are: random calls, a kernel by GRUB and by blkload, on blkback,
# which shows the guest such blocks, and on qdisk, which does not. What is aligned
# costs no more than on a disk of 512-byte blocks.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh

in_place=build/baseline/ours-in-place.bin
script=$work/script
cat >"$script" <<'EOS'
list
edges drive=80
random drive=80 seed=1 ops=300 from=64 to=8256 writes=40 chs=25 label=7 maxcount=128
random drive=80 seed=2 ops=100 from=40960 to=49152 writes=40 chs=0 label=7 maxcount=16
read drive=80 lba=16384 count=2048 flat=1000000 label=7
read drive=80 lba=16385 count=2048 flat=1000200 label=7
EOS
until=(--until 'PAYLOAD (DONE|STOP)' --timeout 60)

# random NAME DISK-WORDS: a guest that reads and writes.
random() {
    "$int13img" make "$work/$1.img" --size 24MiB --label 7 --script "$script" || ok 1 "image for $1"
    guest "$1" --bios "$bios" --disk "$work/$1.img,$2" "${until[@]}"
}

random phy vdev=xvde,backend=phy,block=4096
random qdisk vdev=xvde,backend=qdisk,block=4096
random late vdev=xvde,backend=phy,block=4096,latency=1000
calling=(phy qdisk late)
if is_long; then
    random twin vdev=xvda,backend=phy,block=4096
    random untrusted vdev=xvde,backend=phy,block=4096,untrusted
    calling+=(twin untrusted)
fi

# Beside a disk of 512-byte blocks; neither is among the first two.
times='calls=64 warm=16 stride=seq lba=2048'
printf "time drive=%s count=%s $times\n" 82 8 83 8 82 64 83 64 82 128 83 128 >"$work/times.script"
"$int13img" make "$work/times.img" --size 24MiB --label 7 --script "$work/times.script" || ok 1 "image for times"
words=()
for word in vdev=xvde vdev=xvdf vdev=xvdg vdev=xvdh,block=4096; do
    words+=(--disk "$work/times.img,backend=phy,discard,$word")
done
guest times --bios "$in_place" "${words[@]}" "${until[@]}"

make_guest "$work/grub.img" --initrd-size 4 --initrd-out "$work/initrd.img" || skip_all "no guest image"
mapfile -t loading < <(sample 1 grub-phy grub-qdisk blkload)
for name in "${loading[@]}"; do
    [[ $name == grub-* ]] || continue
    guest "$name" --bios "$bios" --memory 256 --until 'INITRD bytes.*|GRUB FAILED|Kernel panic' --timeout 90 \
        --disk "$work/grub.img,vdev=xvde,backend=${name#*-},block=4096,discard"
done
if is_long; then
    truncate -s 24M "$work/blkload.img"
    build/loader/blkload --kernel "$lab_image/vmlinuz" --initrd "$work/initrd.img" --append 'console=ttyS0 quiet' \
        --debugcon "$work/blkload.img" >"$work/blkload.log" || ok 1 blkload
    guest blkload --bios "$bios" --memory 256 --until 'INITRD bytes.*|Press a key|Kernel panic' --timeout 90 \
        --disk "$work/blkload.img,vdev=xvde,backend=phy,block=4096,discard"
fi
run_guests

has_blocks() {
    shows "$work/$1/xen.log" "xen-blk: $2: blocks of 4096 bytes"
}

# by_pv NAME DISK: the disk was not left to its twin, and no call was tried twice.
by_pv() {
    lacks "$work/$1/xen.log" 'continues on' && [[ $(reported "$1" "$2" retries) == 0 ]]
}

# took DRIVE COUNT: virtual ns of a call.
took() {
    sed -nE "s/^time drive=$1 .*count=$2 .* median=([0-9]+) .*/\1/p" "$work/times/serial.log"
}

# is_as_cheap COUNT: at most 3 % dearer than with blocks of 512 bytes.
is_as_cheap() {
    echo "# $1 sectors in place: $(took 83 "$1") ns, and $(took 82 "$1") with blocks of 512 bytes" >&3
    (($(took 83 "$1") * 100 <= $(took 82 "$1") * 103))
}

exec 3>&1
for name in "${calling[@]}"; do
    check "$name: every call and every byte as expected" passed "$name"
    check "$name: the image is as the script must leave it" \
        "$int13img" verify "$work/$name.img" --label 7 --script "$script"
done
for name in phy late; do
    check "$name: the blocks were seen" has_blocks "$name" xvde
done
if is_long; then
    check "untrusted: the blocks were seen" has_blocks untrusted xvde
    check "twin: the blocks were seen" has_blocks twin xvda
    check "twin: it is hidden, and not used" by_pv twin xvda
fi
check "phy: no call was tried twice" by_pv phy xvde
check "qdisk: it shows 512 bytes" lacks "$work/qdisk/xen.log" 'blocks of'
for count in 8 64 128; do
    check "aligned reads of $count sectors cost the same" is_as_cheap "$count"
done
for name in "${loading[@]}"; do
    check "$name: Linux has the initrd" initrd_is_whole "$work/$name"
done
done_testing
