# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What the loader's tests share, beside tests/lab/lib.sh: a kernel, initrds, the
# install command and QEMU. Sourced from the top.
# shellcheck disable=SC2034 # for the tests
# shellcheck source=bench/lib.sh
. bench/lib.sh

programs=build/tests/loader-programs
blkload=$programs/blkload
kernel=$programs/witness
PATH=$PATH:/usr/sbin:/sbin
export ASAN_OPTIONS=verify_asan_link_order=0

# pattern FILE BYTES SEED: a file of numbers.
pattern() {
    seq "$3" 1000000 2>/dev/null | head -c "$2" >"$1"
}

# disk NAME SIZE: an empty image.
disk() {
    rm -f "$work/$1"
    truncate -s "$2" "$work/$1"
}

# installs WORD...: whether the command succeeds, and says nothing.
installs() {
    local said
    said=$("$blkload" --kernel "$kernel" "$@" 2>&1) || { echo "$said"; return 1; }
    [[ -z $said ]] || { echo "it said: $said"; return 1; }
}

# refuses STATUS REGEX WORD...: one line that says this, and that status.
refuses() {
    local status=$1 regex=$2 said got
    shift 2
    said=$("$blkload" "$@" 2>&1)
    got=$?
    ((got == status)) || { echo "status $got, not $status: $said"; return 1; }
    [[ $said =~ $regex ]] || { echo "it said: $said"; return 1; }
    [[ $said != *$'\n'* ]] || { echo "more than a line: $said"; return 1; }
}

# holds IMAGE TEXT [WORD...]: --check finds an installation with that command
# line.
holds() {
    local said image=$1 text=$2
    shift 2
    said=$("$blkload" --check "$@" "$image" 2>&1) || { echo "$said"; return 1; }
    [[ $said == *"command line: $text" ]] || { echo "$said"; return 1; }
}

# bus_words BUS IMAGE: QEMU's words for that disk.
bus_words() {
    local drive="file=$2,format=raw,if=none,id=d,snapshot=on"
    case $1 in
    ide) echo "-drive $drive -device ide-hd,drive=d" ;;
    ahci) echo "-drive $drive -device ahci,id=a -device ide-hd,drive=d,bus=a.0" ;;
    virtio) echo "-drive $drive -device virtio-blk-pci,drive=d" ;;
    nvme) echo "-drive $drive -device nvme,drive=d,serial=1" ;;
    esac
}

# boots NAME BIOS BUS IMAGE [WORD...]: runs QEMU until the kernel powers it off
# or a text that ends a boot is there; what COM1 said is in $work/NAME.log.
boots() {
    local log=$work/$1.log bios=$2 words pid
    read -ra words < <(bus_words "$3" "$4")
    [[ $bios == stock ]] || words+=(-bios "$bios")
    shift 4
    : >"$log"
    qemu-system-x86_64 -machine pc -accel tcg -m 64 -display none -no-reboot \
        -serial "file:$log" "${words[@]}" "$@" </dev/null >"$log.qemu" 2>&1 &
    pid=$!
    await "$pid" 60 "$log" 'Press a key'
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    tr -d '\r' <"$log" >"$log.lines"
    mv "$log.lines" "$log"
}
