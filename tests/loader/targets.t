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
done_testing
