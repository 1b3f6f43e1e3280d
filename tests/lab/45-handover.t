#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The firmware lets go of the disks before an OS can come, and each is then as
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
for backend in phy qdisk; do
    again int18 "$backend" 3 'bios int=18'
    again int19 "$backend" 3 'bios int=19'
    again reset "$backend" 10 reset --xl 'on_reboot="restart"'
done
for backend in phy qdisk; do
    for trigger in connected idle e820 cycles; do
        add "$trigger" "$backend"
    done
done
add e801 phy
add 88 phy
add 2401 qdisk
add ec00 qdisk
run_guests

for backend in phy qdisk; do
    for trigger in connected idle e820 cycles; do
        check "$trigger-$backend: all calls as expected" passed "$trigger-$backend"
    done
    check "$backend: without a trigger the disk stays connected" \
        is_connected "connected-$backend"
    check "$backend: another disk was let go of in POST" \
        is_clean "connected-$backend" 51792
    check "$backend: all is let go of after two ticks" let_go "idle-$backend"
    check "$backend: all is let go of at E820" let_go "e820-$backend"
    check "$backend: nothing is left after $cycles connections" \
        let_go "cycles-$backend"
    check "$backend: the driver counts these connections" \
        test "$(reported "cycles-$backend" xvde connects)" -ge $((cycles + 2))
done

fails_with_end_of() {
    tail "$1"
    return 1
}

# let_go_between NAME: between the end of one boot and the begin of the next
# the driver has let go of the disk, and it was there again.
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

for backend in phy qdisk; do
    check "int18-$backend: nothing else boots, and all is let go of" \
        is_alone "int18-$backend"
    check "int18-$backend: by the call itself" shows "$work/int18-$backend/xen.log" \
        'mark end' 'xen-blk: xvde: calls='
    check "int19-$backend: let go of, and the same disk boots again" \
        let_go_between "int19-$backend"
    check "reset-$backend: the disk boots again" boots_again "reset-$backend"
    check "reset-$backend: all reads are as expected" \
        lacks "$work/reset-$backend/xen.log" FAIL
done
for name in e801-phy 88-phy 2401-qdisk ec00-qdisk; do
    check "$name: all is let go of" let_go "$name"
done
done_testing
