#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The firmware disconnects the disks before an OS can come, and each is then as
# if it had never been touched: seen from dom0, after each of the triggers.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# What the guest does last, with timer interrupts held back: what is found
# then is what that call has done.
declare -A last=(
    [connected]=''
    [idle]=$'picunmask\nsleep ticks=6'
    [e820]='bios eax=e820 edx=534d4150 ecx=14'
    [e801]='bios eax=e801'
    [88]='bios eax=8800'
    [2401]='bios eax=2401'
    [ec00]='bios eax=ec00 ebx=2'
)

# Let go of and come back many times: nothing may be left behind.
cycles=40
last[cycles]="cycles count=$cycles label=7"$'\n'${last[e820]}

# add TRIGGER BACKEND
add() {
    local image=$work/$1-$2.img
    "$int13img" make "$image" --size 4MiB --label 7 -e picmask \
        -e 'read lba=64 count=127 label=7' -e "${last[$1]:-mark}" ||
        ok 1 "image for $1"
    guest "$1-$2" --bios "$bios" --disk "$image,vdev=xvde,backend=$2,discard" \
        --disk "$work/other.img,vdev=xvdf,backend=$2,discard" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 60
}

# let_go GUEST: both of its disks are.
let_go() {
    is_let_go "$1" 51776 51792
}

# The same for a guest that has only one.
is_alone() {
    is_clean "$1" 51776 && has_nothing "$1"
}

is_connected() {
    [[ $(node "$1" device 51776 state) == 4 && $(node "$1" backend 51776 state) == 4 ]] ||
        { echo "states"; return 1; }
    [[ $(guest_ports "$1") == 5 ]] || { echo "event channels: $(guest_ports "$1")"; return 1; }
}

# again NAME BACKEND SECONDS COMMAND WORD...: a guest that does COMMAND at its end,
# which boots it once more, and so on. Its lines are on Xen's console as well,
# between the firmware's; timer interrupts are held back.
again() {
    local name=$1 backend=$2 seconds=$3 image=$work/$1-$2.img
    "$int13img" make "$image" --size 4MiB --label 7 -e debugcon -e picmask \
        -e 'mark begin' -e 'read lba=64 count=127 label=7' -e 'mark end' -e "$4" ||
        ok 1 "image for $name"
    shift 4
    guest "$name-$backend" --bios "$bios" "$@" --timeout "$seconds" \
        --disk "$image,vdev=xvde,backend=$backend,discard"
}

"$int13img" make "$work/other.img" --size 1MiB --label 8 --no-boot || ok 1 image
mapfile -t boots < <(pairs 'int18 int19 reset' 'phy qdisk')
for boot in "${boots[@]}"; do
    read -r kind backend <<<"$boot"
    case $kind in
    int18 | int19) again "$kind" "$backend" 3 "bios int=${kind#int}" ;;
    reset) again reset "$backend" 10 reset --xl 'on_reboot="restart"' ;;
    esac
done
mapfile -t guests < <(pairs 'connected idle e820' 'phy qdisk')
# 75-soak.t has more cycles, and 46-kernels.t a kernel that looks after others.
! is_long || guests+=('cycles phy' 'cycles qdisk' 'e801 phy' '88 phy' '2401 qdisk' 'ec00 qdisk')
for guest in "${guests[@]}"; do
    # shellcheck disable=SC2086 # two words
    add $guest
done
run_guests

# check_guest TRIGGER BACKEND
check_guest() {
    local name=$1-$2
    check "$name: all calls as expected" passed "$name"
    case $1 in
    connected)
        check "$2: without a trigger the disk stays connected" is_connected "$name"
        check "$2: another disk was let go of in POST" is_clean "$name" 51792
        ;;
    cycles)
        check "$2: nothing is left after $cycles connections" let_go "$name"
        check "$2: the driver counts these connections" \
            test "$(reported "$name" xvde connects)" -ge $((cycles + 2))
        ;;
    *) check "$name: all is let go of" let_go "$name" ;;
    esac
}

for guest in "${guests[@]}"; do
    # shellcheck disable=SC2086 # two words
    check_guest $guest
done

fails_with_end_of() {
    tail "$1"
    return 1
}

# let_go_between NAME: between the end of one boot and the begin of the next
# the driver has disconnected the disk, and it was there again.
let_go_between() {
    awk '/mark end/ { ended = 1; gone = 0 }
        /xen-blk: xvde: calls=/ { gone = 1 }
        /mark begin/ { if (ended && !gone) exit 1; again += ended; ended = 0 }
        /FAIL/ { exit 1 }
        END { exit !again }' "$work/$1/xen.log" || fails_with_end_of "$work/$1/xen.log"
}

# boots_again NAME: the disk was read in a second life of the guest's.
boots_again() {
    test "$(grep -ac 'mark end' "$work/$1/xen.log")" -ge 2 ||
        fails_with_end_of "$work/$1/xen.log"
}

for boot in "${boots[@]/ /-}"; do
    case $boot in
    int18-*)
        check "$boot: nothing else boots, and all is let go of" is_alone "$boot"
        check "$boot: by the call itself" shows "$work/$boot/xen.log" \
            'mark end' 'xen-blk: xvde: calls='
        ;;
    int19-*) check "$boot: let go of, and the same disk boots again" let_go_between "$boot" ;;
    reset-*)
        check "$boot: the disk boots again" boots_again "$boot"
        check "$boot: all reads are as expected" lacks "$work/$boot/xen.log" FAIL
        ;;
    esac
done
done_testing
