#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# bench/streams/record, on a boot whose calls are known: the payload's. And the
# streams of the tree are what they are said to be.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

"$int13img" make "$work/disk.img" --size 32MiB -e 'read lba=64 count=8 buffer=2000:0' \
    -e 'read lba=100 count=127 buffer=3000:1' -e 'read lba=7 count=1 chs=1 expect=any' \
    -e 'write lba=200 count=3' -e 'read lba=200 count=3'

recorded() {
    diff <(bench/streams/record "$work/disk.img") - <<'END'
fio version 2 iolog
disk add
disk open
disk read 0 512 7c00 chs
disk read 512 32256 7e00
disk read 32768 4096 20000
disk read 51200 65024 30001
disk read 3584 512 10000 chs
disk read 102400 1536 10000
disk close
END
}

# bytes FILE LEAST MOST: what a stream reads in all.
bytes() {
    awk -v least="$2" -v most="$3" '$2 == "read" { sum += $4 } END { print sum; exit !(sum >= least && sum <= most) }' "$1"
}

# shares FILE REGEX PERCENT: at least that many of a hundred reads.
shares() {
    awk -v regex="$2" -v percent="$3" '$2 == "read" { all++; hits += $0 ~ regex }
        END { print hits, all; exit !(hits >= all * percent / 100) }' "$1"
}

command -v qemu-system-x86_64 >/dev/null || skip_all "there is no qemu-system-x86_64"
# By a firmware of its own, build/bench/record.bin; fio.t has the log of one.
! is_long || check "a boot's reads are recorded, with their buffers, and nothing else" recorded
! is_long || check "a disk that does not boot is told" sh -c "truncate -s 1M $work/empty.img
    sed 's/^seconds=.*/seconds=0/' bench/streams/record >$work/record
    bash $work/record $work/empty.img 2>&1 | grep 'did not boot Linux'"
check "GRUB's stream is of a kernel and an initrd" bytes bench/streams/grub-2.06-ext4.iolog 24000000 28000000
check "and nearly all of it goes to 0x68000" shares bench/streams/grub-2.06-ext4.iolog ' 68000$' 99
check "SYSLINUX's is of the same" bytes bench/streams/syslinux-6.04-fat.iolog 24000000 28000000
check "and about half of its reads are of 127 sectors" shares bench/streams/syslinux-6.04-fat.iolog ' 65024 ' 45
done_testing
