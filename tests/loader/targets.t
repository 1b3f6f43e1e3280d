#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A table of targets: what is on each, what the install command says about it,
# its exit status, and that what is refused stays as it was, byte for byte.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/loader/lib.sh
. tests/loader/lib.sh

it=$work/it.img
MiB=1048576

# put OFFSET FORMAT [FILE]: those bytes, in printf's words.
put() {
    # shellcheck disable=SC2059 # these are bytes
    printf -- "$2" | dd of="${3-$it}" bs=64K seek="$1" oflag=seek_bytes conv=notrunc status=none
}

# fill OFFSET COUNT: as many bytes that are nobody's.
fill() {
    head -c "$2" /dev/zero | tr '\0' '\245' | dd of="$it" bs=64K seek="$1" oflag=seek_bytes conv=notrunc status=none
}

# blank SIZE
blank() {
    disk it.img "$1"
}

# table TYPE SIZE LINE...: a disk with that partition table.
table() {
    local type=$1
    blank "$2"
    shift 2
    printf '%s\n' "label: $type" "$@" | sfdisk -q "$it"
}

# refused DESCRIPTION REGEX [WORD...]: the target is refused and unchanged.
refused() {
    check "$1" refuses_it "${@:2}"
}
refuses_it() {
    local regex=$1 before
    shift
    before=$(sha256sum <"$it")
    refuses 1 "$regex" --kernel "$kernel" "$@" "$it" || return
    [[ $(sha256sum <"$it") == "$before" ]] || { echo "the image has changed"; return 1; }
}

# accepted DESCRIPTION [WORD...]: it installs, and what is there is intact.
accepted() {
    check "$1" accepts "${@:2}"
}
accepts() {
    local words=()
    installs --append "text $test_count" "$@" "$it" || return
    while (($#)); do
        [[ $1 != --partition ]] || words=(--partition "$2")
        shift
    done
    holds "$it" "text $test_count" "${words[@]}"
}

differs() {
    ! cmp -s -n 440 "$@"
}

# tool NAME [KIND]: is it here? If not, the row says so.
tool() {
    command -v "$1" >/dev/null && return
    echo "ok $((++test_count)) - ${2-$1} # SKIP $1 is not installed"
    return 1
}

# File systems that a tool makes.
while read -r name size command; do
    tool "${command%% *}" "$name" || continue
    blank "$size"
    # shellcheck disable=SC2086 # its words
    check "$command" $command "$it" || continue
    refused "$name" "has data where .*: (.*, )?$name at byte [0-9]+(, .*)?; --force"
done <<'END'
ext2 8M mke2fs -q -t ext2
ext3 8M mke2fs -q -t ext3
ext4 8M mke2fs -q -t ext4
ext4 8M mke2fs -q -t ext4 -b 1024 -O ^resize_inode
vfat 8M mkfs.vfat
vfat 64M mkfs.vfat -F 32
xfs 320M mkfs.xfs -q
swap 8M mkswap
swap 8M mkswap -p 65536
minix 8M mkfs.minix
bfs 8M mkfs.bfs
btrfs 128M mkfs.btrfs -q
f2fs 64M mkfs.f2fs -q
exfat 8M mkfs.exfat
ntfs 8M mkfs.ntfs -q -F
END
if tool xorriso iso9660; then
    blank 0
    mkdir -p "$work/tree"
    echo text >"$work/tree/file"
    xorriso -as mkisofs -quiet -o "$it" "$work/tree" 2>/dev/null
    truncate -s 8M "$it"
    refused "iso9660" 'iso9660 at byte [0-9]+.*--force'
fi

# The others, each as little as libblkid takes for it: NAME SIZE, then places and
# bytes. Places below 0 are counted from the end.
while read -r name size rest; do
    blank "$size"
    read -ra words <<<"$rest"
    for ((i = 0; i < ${#words[@]}; i += 2)); do
        at=${words[i]}
        ((at >= 0)) || at=$(($(stat -c %s "$it") + at))
        put "$at" "${words[i + 1]}"
    done
    refused "$name" "$name at byte [0-9]+.*--force"
done <<'END'
VMFS_volume_member 64M 1048576 \r\320\001\300\005
VMFS 64M 2097152 ^\361\253/
crypto_LUKS 8M 0 LUKS\272\276\000\001
crypto_LUKS 8M 0 LUKS\272\276\000\002
LVM2_member 8M 512 LABELONE\001 536 LVM2\0400010123456789abcdef0123456789abcdef
linux_raid_member 8M 4096 \374\116\053\251\001 4224 \000 4240 \010
linux_raid_member 8M -65536 \374\116\053\251\000\000\000\000\132
squashfs 8M 0 hsqs 28 \004
hfsplus 8M 1024 H+\000\004 1064 \000\000\020\000
bcache 8M 4120 \306\205\163\366\116\032\105\312\202\145\365\177\110\272\155\201 4104 \010
oracleasm 8M 32 ORCLDISK
DM_snapshot_cow 8M 0 SnAp
ddf_raid_member 8M -512 \336\021\336\021 -504 01.02.00
isw_raid_member 8M -1024 Intel\040Raid\040ISM\040Cfg\040Sig.\0401.0.00
vxfs 8M 1024 \365\374\001\245
END

# or_data NAME: of these Debian 13's libblkid wants more than their magic numbers. To
# that one it is data, of nobody in particular.
or_data() {
    echo "($1 at byte [0-9]+|has data where kernel and initrd would go).*--force"
}

blank 8M
put 0 -rom1fs-
refused romfs "$(or_data romfs)"
blank 64M
for label in 0 $((256 * 1024)) $((64 * MiB - 512 * 1024)) $((64 * MiB - 256 * 1024)); do
    for ((i = 4; i < 12; i++)); do
        put $((label + 128 * 1024 + i * 1024)) '\014\261\272'
    done
done
refused "a ZFS vdev" "$(or_data zfs_member)"
accepted "--force overwrites it" --force
accepted "and it is ours then, without --force"
blkid -p "$it" >"$work/said"
check "no label of it is left" lacks "$work/said" zfs
blank 64M
for ((i = 4; i < 12; i++)); do
    put $((64 * MiB - 128 * 1024 + i * 1024)) '\014\261\272'
done
refused "a ZFS vdev's labels at the end alone" "$(or_data zfs_member)"

# Too small for anything.
for size in 512 1024 4096 4608 65537; do
    blank "$size"
    refused "a target of $size bytes" 'is too small: [0-9]+ KiB are needed'
done
blank 0
refused "a target without any" 'is empty: .*truncate'

# Data of which nobody knows whose it is.
for at in 1 439 512 1080 4095 4096 8191 200000 $((MiB - 1)) $((4 * MiB - MiB)) $((4 * MiB - 1)); do
    blank 4M
    put "$at" x
    refused "a byte at $at" "has data where .*first at byte $at\).*--force"
done
pattern "$work/initrd" 2500000 1
blank 16M
put $((2 * MiB)) x
refused "a byte behind the first MiB, where the initrd goes" "first at byte $((2 * MiB))" --initrd "$work/initrd"
accepted "it stays if nothing goes there"
check "it has" cmp -i $((2 * MiB)):0 -n 1 "$it" <(echo x)

blank 64M
pattern "$it" $((64 * MiB)) 3
accepted "--force overwrites a disk that is full" --force --initrd "$work/initrd"
accepted "it has made room for the next one" --initrd "$work/initrd"
accepted "and for the one after that" --initrd "$work/initrd"

# Partition tables on a disk of which no partition is named.
table dos 8M start=2048,size=2048,type=83
refused "a partition table" 'has a partition table: .*--partition'
put 510 '\0\0'
refused "a partition table that has lost its signature" 'has a partition table: .*--partition'
table gpt 8M start=2048,size=2048
refused "a GPT" 'has a partition table: .*--partition'
dd if=/dev/zero of="$it" bs=512 count=1 conv=notrunc status=none
refused "a GPT without its MBR" 'gpt partition table at byte 512; --force'
dd if=/dev/zero of="$it" bs=512 count=34 conv=notrunc status=none
refused "a GPT of which the copy at the end is left" "gpt partition table at byte $((8 * MiB - 512)); --force"
table sun 64M start=0,size=50M
refused "a Sun label" 'has a partition table: .*--partition'
table dos 8M label-id:0x12345678
cp "$it" "$work/before.img"
accepted "an MBR without partitions"
check "the disk's number is as it was" cmp -i 440 -n 72 "$it" "$work/before.img"

# Ours: only with all its sums.
blank 8M
check "an installation, of more than 2 MiB" installs --append old --initrd "$work/initrd" "$it"
cp "$it" "$work/ours.img"
accepted "an installation"
accepted "and the next, where the first one was"
for where in 'map 4104' 'map 8000' 'map 12000' 'kernel 20000' "initrd 2000000" "initrd $(((32 + 608) * 512 + 2499999))"; do
    cp "$work/ours.img" "$it"
    fill "${where#* }" 1
    refused "an installation with another byte at ${where#* }" "an installation whose ${where% *} has changed since; --force"
done
accepted "--force overwrites it" --force
cp "$work/ours.img" "$it"
fill 100 1
accepted "an installation whose boot code is damaged"
cp "$work/ours.img" "$it"
fill 412 1
refused "an installation to which the boot sector does not lead" 'first at byte 0\).*--force'
dd if=/dev/zero of="$it" bs=512 count=1 conv=notrunc status=none
accepted "an installation without boot sector"
cp "$work/ours.img" "$it"
dd if=/dev/zero of="$it" bs=512 count=1 conv=notrunc status=none
put $((4096 + 120)) '\0\0\0\0'
accepted "one of the first version, which had no sum of the map"
cp "$work/ours.img" "$it"
dd if=/dev/zero of="$it" bs=512 count=1 conv=notrunc status=none
fill 12000 1
refused "one with another byte in its stage" 'first at byte 4096\)'
blank 8M
put 4096 BLKLOAD1
refused "the eight bytes of a map alone" 'first at byte 4096\)'
cp "$work/ours.img" "$it"
fill $((4 * MiB)) 100000
refused "data behind an installation, where the next one goes" "first at byte $((4 * MiB))" --initrd "$work/initrd"
check "what is there is intact" holds "$it" old
blank 64M
check "(installed)" installs --initrd "$work/initrd" "$it"
put 2097152 '^\361\253/'
refused "a VMFS within what once was ours" 'VMFS at byte 2097152'
table dos 16M start=2048,size=16384,type=da start=20480,size=4096,type=da
check "(installed in a partition)" installs --partition 1 "$it"
cp "$it" "$work/ours.img"
head -c 8M /dev/zero >"$work/part"
mkswap "$work/part" >/dev/null 2>&1
dd if="$work/part" of="$it" bs=512 seek=2048 count=8 conv=notrunc status=none
refused "a swap area on a partition that once was ours" "has data where .*: swap at byte $((MiB + 4086)); --force" --partition 1
accepted "--force overwrites it" --partition 1 --force
accepted "and it is ours then" --partition 1
cp "$work/ours.img" "$it"
accepted "from one partition to the other" --partition 2
accepted "and back" --partition 1
put 512 'LABELONE\001'
put 536 'LVM2\0400010123456789abcdef0123456789abcdef'
refused "a disk that is a physical volume as a whole, too" 'on the disk as a whole.*: LVM2_member at byte .*wipefs' --partition 1

# Tables that cannot be trusted, or mean something else than they seem to.
# entry NUMBER TYPE START SECTORS: of the MBR.
entry() {
    local value bytes
    bytes='\0\0\2\0'$(printf '\\x%02x' "$2")'\377\377\377'
    for value in "$3" "$4"; do
        bytes+=$(printf '\\x%02x' $((value & 255)) $((value >> 8 & 255)) $((value >> 16 & 255)) $((value >> 24)))
    done
    put $((446 + 16 * ($1 - 1))) "$bytes"
}
hybrid() {
    table gpt 16M label-id:01234567-89AB-CDEF-0123-456789ABCDEF start=2048,size=8192 start=12288,size=8192
}
for place in 2 3 4; do
    hybrid
    entry 1 0x83 12288 8192
    entry "$place" 0xee 1 2047
    cp "$it" "$work/before.img"
    accepted "a hybrid MBR, EEh in entry $place: Linux's partition 1" --partition 1
    check "it is the GPT's" cmp -i $((10240 * 512)) "$it" "$work/before.img"
    check "the tables are as they were" cmp -i 440 -n $((2048 * 512 - 440)) "$it" "$work/before.img"
    check "boot code is there" differs "$it" "$work/before.img"
done
hybrid
put 446 '\002'
cp "$it" "$work/before.img"
accepted "a GPT's MBR with a boot flag that is none" --partition 1
check "it is as it was" cmp -i 440 -n 72 "$it" "$work/before.img"
hybrid
entry 1 0xee 2 1000
refused "an EEh entry that Linux does not take" 'EEh does not begin at sector 1.*gdisk' --partition 1
hybrid
fill $((512 + 56)) 1
refused "a GPT whose header has another checksum" 'damaged GPT: the first copy.*fdisk or gdisk' --partition 1
hybrid
fill $((1024 + 33)) 1
refused "a GPT whose entries have another checksum" 'damaged GPT: the first copy.*fdisk or gdisk' --partition 1
printf 'w\n' | fdisk "$it" >/dev/null 2>&1
accepted "repaired as the message says" --partition 1
hybrid
fill $((512 + 56)) 1
fill $((16 * MiB - 512 + 56)) 1
refused "a GPT of which both copies are damaged" 'damaged GPT: .*both.*--load-backup' --partition 1
hybrid
dd if=/dev/zero of="$it" bs=512 seek=1 count=33 conv=notrunc status=none
refused "a GPT whose first copy is gone" 'damaged GPT: the first copy' --partition 1
refused "--force does not help there" 'damaged GPT: the first copy' --partition 1 --force
hybrid
refused "no such partition of a GPT" 'no partition 3' --partition 3
table dos 16M start=2048,size=8192,type=da start=12288,size=8192,type=83
entry 2 0x83 4096 8192
refused "partitions that overlap" 'partition 1 that shares sectors with partition 2: .*fdisk' --partition 1
entry 2 0x83 30000 8192
refused "a partition beyond the end" 'partition 2 that is not within the disk' --partition 2
put 446 '\001'
refused "a boot flag that is none" 'has no partition table' --partition 1
table dos 16M start=2048,size=8192,type=5 start=4096,size=2048,type=83
refused "an extended partition" 'no partition 1 for data' --partition 1
refused "a logical one" 'no primary partition 5' --partition 5
table sun 64M start=0,size=50M
refused "a Sun label, and a partition named" 'of type sun: only MBR' --partition 1
table dos 16M start=2048,size=8192,type=da
fill $((2048 * 512 + 300)) 1
refused "data in the partition's first sector" "first at byte $((2048 * 512 + 300))" --partition 1
table dos 16M start=2048,size=8192,type=da
put $((2048 * 512)) 'LUKS\272\276\000\001'
refused "LUKS in a partition" "crypto_LUKS at byte $((2048 * 512))" --partition 1

# In use.
blank 8M
mkfifo "$work/held"
python3 -c 'import fcntl, signal, sys
f = open(sys.argv[1], "r+b"); fcntl.lockf(f, fcntl.LOCK_SH, 1, 100)
open(sys.argv[2], "w").write("held\n"); signal.pause()' "$it" "$work/held" &
holder=$!
read -r _ <"$work/held"
refused "an image that QEMU has locked" 'in use by another program' --force
kill "$holder"
wait "$holder" 2>/dev/null
accepted "and once it is released"
blank 8M
cp "$kernel" "$work/self"
check "a target that is the kernel itself" refuses 1 'is the target, too' --force --kernel "$work/self" "$work/self"
check "the kernel is as it was" cmp "$kernel" "$work/self"
loop=
tmpfs=
release() {
    [[ ! $loop ]] || losetup -d "$loop"
    [[ ! $tmpfs ]] || umount "$tmpfs"
}
trap release EXIT
if loop=$(losetup --find --show "$it" 2>/dev/null); then
    refused "an image that is a loop device" "in use as $loop: .*losetup -d"
    losetup -d "$loop"
    loop=
else
    echo "ok $((++test_count)) - an image that is a loop device # SKIP no loop devices here"
fi
mkdir -p "$work/full"
if mount -t tmpfs -o size=256K tmpfs "$work/full" 2>/dev/null; then
    tmpfs=$work/full
    it=$work/full/it.img
    truncate -s 8M "$it"
    refused "an image on a full file system" 'file system it lies on does not have: make room'
    it=$work/it.img
else
    echo "ok $((++test_count)) - an image on a full file system # SKIP needs root"
fi
done_testing
