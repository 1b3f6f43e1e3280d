#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The loader's install command: what it refuses and how it says so, what it
# leaves alone, and what an installation that is interrupted anywhere leaves.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/loader/lib.sh
. tests/loader/lib.sh

pattern "$work/initrd" 70001 1
disk good.img 4M

# refused DESCRIPTION STATUS REGEX WORD...
refused() {
    local description=$1
    shift
    check "$description" refuses "$@"
}

# same DESCRIPTION: what was refused has changed nothing of $work/it.img.
same() {
    check "$1" cmp "$work/it.img" "$work/before.img"
}

# changed_kernel NAME OFFSET BYTES: the kernel with some bytes of it changed.
changed_kernel() {
    cp "$kernel" "$work/$1"
    # shellcheck disable=SC2059 # these are bytes
    printf "$3" | dd of="$work/$1" bs=1 seek=$(($2)) conv=notrunc status=none
}

# The command line.
says() {
    "$blkload" "$@" >"$work/said"
}
check "--help" says --help
check "it tells" shows "$work/said" 'usage: blkload' '--append TEXT' '^Exit status:' '^ +2 +usage error'
check "--version" says --version
check "it has one" shows "$work/said" "^blkload $(<build/version) \(libblkid [0-9.]+\)$"
refused "no target" 2 'name one disk' --kernel "$kernel"
refused "two targets" 2 'name one disk' --kernel "$kernel" "$work/good.img" "$work/good.img"
refused "no kernel" 2 '--kernel is missing' "$work/good.img"
refused "--check and --kernel" 2 'exclude each other' --check --kernel "$kernel" "$work/good.img"
refused "an unknown word" 2 'unrecognized option' --kernal "$kernel" "$work/good.img"
for number in 0 -1 ' 1' 1x 129 '' 18446744073709551617; do
    refused "partition '$number'" 2 '--partition wants a number' --kernel "$kernel" "--partition=$number" "$work/good.img"
done

# Kernel and initrd.
disk text 0
pattern "$work/text" 30000 1
head -c 600 "$kernel" >"$work/short"
head -c 100000 "$kernel" >"$work/cut"
changed_kernel old 0x206 '\004\002'
changed_kernel low 0x211 '\000'
for words in "nowhere:cannot be opened: No such file" "text:is not a bzImage" "short:is not a bzImage" \
    "cut:is cut short: 100000 bytes of 309" "old:is too old: boot protocol 2.04; 2.10" "low:is a zImage"; do
    refused "kernel: ${words%%:*}" 1 "$work/${words%%:*}: ${words#*:}" \
        --kernel "$work/${words%%:*}" "$work/good.img"
done
refused "kernel: a directory" 1 'is not a regular file' --kernel "$work" "$work/good.img"
refused "initrd: none there" 1 'nowhere: cannot be opened' --kernel "$kernel" \
    --initrd "$work/nowhere" "$work/good.img"
: >"$work/empty"
refused "initrd: empty" 1 'empty: is empty' --kernel "$kernel" --initrd "$work/empty" "$work/good.img"
refused "initrd: a pipe" 1 'is not a regular file' --kernel "$kernel" --initrd <(cat "$work/initrd") "$work/good.img"
refused "a command line that this kernel does not take" 1 '256 characters; .* take at most 255' \
    --kernel "$kernel" --append "$(printf %256s x)" "$work/good.img"
check "none of these has written" cmp "$work/good.img" <(head -c 4M /dev/zero)

# Targets.
refused "no such disk" 1 'nowhere: cannot be opened' --kernel "$kernel" "$work/nowhere"
refused "a directory" 1 "$work: " --kernel "$kernel" "$work"
refused "a device that is no disk" 1 'neither a disk nor an image' --kernel "$kernel" /dev/null
refused "an empty image" 1 'truncate -s' --kernel "$kernel" "$work/empty"
disk small.img 300K
refused "too small a disk" 1 'too small: [0-9]+ KiB are needed, 300 are there' \
    --kernel "$kernel" "$work/small.img"
check "a command line of the longest" installs --append "$(printf %255s x)" "$work/good.img"
check "nothing to check" refuses 1 'nothing is installed there' --check "$work/small.img"

# What must not be overwritten.
for type in ext4 vfat swap; do
    disk it.img 4M
    case $type in
    ext4) mke2fs -q -t ext4 "$work/it.img" ;;
    vfat) mkfs.vfat "$work/it.img" >/dev/null ;;
    swap) mkswap "$work/it.img" >/dev/null 2>&1 ;;
    esac
    cp "$work/it.img" "$work/before.img"
    refused "$type is there" 1 'has data where .*--force' --kernel "$kernel" "$work/it.img"
    same "$type is as it was"
done
check "--force overwrites it" installs --force --append forced "$work/it.img"
check "and all is there" holds "$work/it.img" forced
disk it.img 4M
echo end | dd of="$work/it.img" bs=1 seek=4194000 conv=notrunc status=none
refused "something at the end is there" 1 'byte 4194000' --kernel "$kernel" "$work/it.img"

# Partitions.
# table TYPE LINE...: a disk with such a table, with code where boot code is.
table() {
    local type=$1
    shift
    disk it.img 16M
    printf '%s\n' "label: $type" "$@" | sfdisk -q "$work/it.img"
}
partition=(--kernel "$kernel" "$work/it.img" --partition)
table dos label-id:0x6d6b6775 start=63,size=8192,type=da start=10240,size=100,type=da \
    start=12288,size=8192,type=5
cp "$work/it.img" "$work/before.img"
refused "a partition table, and no partition named" 1 'has a partition table: .*--partition' \
    --kernel "$kernel" "$work/it.img"
refused "no such partition" 1 'no partition 4' "${partition[@]}" 4
refused "a logical partition" 1 'no primary partition 5' "${partition[@]}" 5
refused "an extended partition" 1 'no partition 3 for data' "${partition[@]}" 3
refused "too small a partition" 1 'too small: .* 50 are there' "${partition[@]}" 2
same "the disk is as it was"
check "into a partition" installs --partition 1 --append mbr "$work/it.img"
check "and all is there" holds "$work/it.img" mbr --partition 1
check "the disk's number and the table are as they were" cmp -i 440 -n 72 "$work/it.img" "$work/before.img"
check "nothing before the partition, but the boot sector" \
    cmp -i 512 -n $((62 * 512)) "$work/it.img" "$work/before.img"
check "nothing behind it" cmp -i $((8255 * 512)) "$work/it.img" "$work/before.img"
check "again, without --force" installs --partition 1 --append again "$work/it.img"
refused "the partition not named this time" 1 'has a partition table: .*--partition' \
    --kernel "$kernel" "$work/it.img"
cp "$work/it.img" "$work/saved.img"
dd if=/dev/zero bs=512 count=$((8192 - 1)) of="$work/part" status=none
mkswap "$work/part" >/dev/null 2>&1
dd if="$work/part" of="$work/it.img" bs=512 seek=63 count=8 conv=notrunc status=none
printf '\0\0\0\0' | dd of="$work/it.img" bs=1 seek=$((512 - 2 - 64 - 34)) conv=notrunc status=none
refused "somebody else's since, in front of an old map" 1 'has .*--force' "${partition[@]}" 1
cp "$work/saved.img" "$work/it.img"
echo data | dd of="$work/it.img" bs=1 seek=$((10240 * 512 + 1080)) conv=notrunc status=none
refused "data in another partition" 1 'has data where .*--force' "${partition[@]}" 2
check "the first one is as it was" holds "$work/it.img" again --partition 1
dd if="$kernel" of="$work/it.img" bs=440 skip=3 count=1 conv=notrunc status=none
cp "$work/it.img" "$work/before.img"
refused "another boot loader" 1 'another boot loader' "${partition[@]}" 1
same "it is as it was"
check "--force replaces it" installs --partition 1 --force --append back "$work/it.img"
check "and all is there" holds "$work/it.img" back --partition 1
table gpt start=2048,size=8192 start=12288,size=2048
cp "$work/it.img" "$work/before.img"
refused "no such partition of a GPT" 1 'no partition 3' "${partition[@]}" 3
check "into a partition of a GPT" installs --partition 1 --append gpt "$work/it.img"
check "and all is there" holds "$work/it.img" gpt --partition 1
check "GPT is as it was" cmp -i 440 -n $((2048 * 512 - 440)) "$work/it.img" "$work/before.img"
disk it.img 4M
refused "no partition table" 1 'has no partition table' "${partition[@]}" 1

# Damage is found.
check "a disk to be damaged" installs --initrd "$work/initrd" --append sound "$work/it.img"
cp "$work/it.img" "$work/sound.img"
# damaged WHAT SECTOR REGEX
damaged() {
    cp "$work/sound.img" "$work/it.img"
    printf '\xa5' | dd of="$work/it.img" bs=1 seek=$(($2 * 512 + 7)) conv=notrunc status=none
    refused "a damaged $1 is found" 1 "$3" --check "$work/it.img"
}
damaged map 8 'nothing is installed there, or its map is damaged'
damaged kernel 32 'the kernel has changed since it was installed'
damaged initrd $((32 + 604 + 4)) 'the initrd has changed since it was installed'

# Interrupted. Each time either the old or the new is there, whole.
# interrupted IMAGE WRITE: installs "new" on it, cut at that write.
interrupted() {
    CUT_AT=$2 LD_PRELOAD=$programs/cut.so "$blkload" --kernel "$kernel" --initrd "$work/big" \
        --append new "$1" >"$work/cut.log" 2>&1
}

# either_way SIZE [WORD]: at every write; the word is none where there is no
# room for both.
either_way() {
    local write status old=0
    disk it.img "$1"
    installs --initrd "$work/initrd" --append old "$work/it.img" || return
    cp "$work/it.img" "$work/before.img"
    for ((write = 1; write < 100; write++)); do
        cp "$work/before.img" "$work/it.img"
        interrupted "$work/it.img" "$write"
        status=$?
        ((status != 0)) || break
        ((status == 9)) || { cat "$work/cut.log"; return 1; }
        cp "$work/it.img" "$work/next.img"
        { installs --append next "$work/next.img" && installs --append last "$work/next.img" &&
            holds "$work/next.img" last; } || return
        if holds "$work/it.img" old >/dev/null; then
            ((++old))
        elif [[ ${2-} != none ]]; then
            echo "write $write: neither old nor new"
            return 1
        elif holds "$work/it.img" new; then
            echo "write $write: the new is there before its end"
            return 1
        fi
    done
    echo "$old of $write"
    [[ ${2-} != none ]] && ((old == write - 1 && old > 4)) || ((old == 1)) || return 1
    holds "$work/it.img" new
}
pattern "$work/big" 2500000 3
check "interrupted anywhere, the old is there" either_way 8M
check "without room for both it is the old or none" either_way 3M none
check "that is said" shows "$work/cut.log" 'no room for the old and the new kernel at once'
cp "$work/before.img" "$work/it.img"
interrupted "$work/it.img" 3
check "what is there then is not booted" refuses 1 'nothing is installed there' --check "$work/it.img"
check "installed again" installs --initrd "$work/big" --append more "$work/it.img"
check "and all is there" holds "$work/it.img" more
printf 'foreign' | dd of="$work/it.img" bs=1 seek=4096 conv=notrunc status=none
cp "$work/it.img" "$work/before.img"
refused "somebody else's since, behind our boot sector" 1 'has data where .*--force' \
    --kernel "$kernel" "$work/it.img"
same "it is as it was"
table dos start=63,size=5000,type=da start=10240,size=100,type=da
install_cut() {
    installs --partition 1 --initrd "$work/initrd" --append old "$work/it.img" || return
    local write
    for ((write = 1; write < 8; write++)); do
        cp "$work/it.img" "$work/cut.img"
        CUT_AT=$write LD_PRELOAD=$programs/cut.so "$blkload" --partition 1 --kernel "$kernel" \
            --initrd "$work/initrd" "$work/cut.img" >"$work/cut.log" 2>&1
        installs --partition 1 --initrd "$work/initrd" --append again "$work/cut.img" || return
    done
}
check "a partition that was given up is taken again" install_cut

# A disk that does not take it: full (ENOSPC), failing (EIO).
for error in 28:'No space left' 5:'Input/output error'; do
    disk it.img 8M
    check "a disk to fail with ${error#*:}" installs --append old "$work/it.img"
    fails() {
        CUT_ERRNO=${error%%:*} interrupted "$work/it.img" 3 || grep -E "${error#*:}" "$work/cut.log"
    }
    check "a write fails: ${error#*:}" fails
    check "it says what boots" shows "$work/cut.log" 'what was installed there before still boots; .* run blkload again$'
    check "the old is there" holds "$work/it.img" old
done

# Devices: what is mounted is not overwritten, a partition is one of its own.
loop=
release() {
    ! mountpoint -q "$work/mnt" || umount "$work/mnt"
    [[ ! $loop ]] || { partx -d "$loop"; losetup -d "$loop"; }
}
trap release EXIT

on_loop() {
    mkdir -p "$work/mnt"
    loop=$(losetup --find --show "$work/it.img") && partx -a "$loop" && [[ -b ${loop}p1 ]] &&
        mke2fs -q "${loop}p2" && mount "${loop}p2" "$work/mnt"
}
table dos start=2048,size=8192,type=da start=12288,size=8192,type=83
if on_loop 2>"$work/loop.log"; then
    check "on a partition's device" installs --append device "${loop}p1"
    check "and all is there" holds "${loop}p1" device
    check "--check" says --check "${loop}p1"
    check "its place on the disk is known" shows "$work/said" 'at sector 2056:'
    check "the disk's own boot sector has not changed" cmp -n 440 "$work/it.img" /dev/zero
    refused "a mounted partition's device" 1 'is in use: unmount it' --force --kernel "$kernel" "${loop}p2"
    refused "a mounted partition" 1 'in use: unmount it' --force --partition 2 --kernel "$kernel" "$loop"
    check "another partition of that disk" installs --partition 1 --append beside "$loop"
    check "and all is there" holds "$loop" beside --partition 1
else
    echo "ok $((++test_count)) - devices # SKIP no loop devices with partitions here"
fi
done_testing
