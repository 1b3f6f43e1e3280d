#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Ten disks are found, connected and disconnected in a known time.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# Side by side or not, on one CPU it is a sum: of 10.5 virtual ms that a disk
# takes to connect, xenstored's 28 answers to us are about 2, and most of the
# rest is the backend's own work in dom0, during which we do not run. To let go
# takes 6 (blkback) and 12 to 20 (qemu, the more the more disks it has).
connect_us=15000    # for each further disk
let_go_us=25000

"$int13img" make "$work/first.img" --size 1MiB -e list || ok 1 image
truncate -s 1MiB "$work/empty.img"
mapfile -t backends < <(sample 1 phy qdisk)
for backend in "${backends[@]}"; do
    words=(--bios "$bios" --until 'PAYLOAD (DONE|STOP)' --timeout 20
        --disk "$work/first.img,vdev=xvde,backend=$backend,discard")
    guest "$backend-1" "${words[@]}"
    for letter in f g h i j k l m n; do
        words+=(--disk "$work/empty.img,vdev=xvd$letter,backend=$backend,discard")
    done
    guest "$backend-10" "${words[@]}"
done
# Three backends that never get ready, and a disk that boots.
words=()
for letter in f g h; do
    words+=(--disk "$work/empty.img,vdev=xvd$letter,backend=phy,discard")
done
# shellcheck disable=SC2016 # for dom0's shell
! is_long || guest late --bios "$bios" --until 'PAYLOAD (DONE|STOP)' --timeout 60 \
    --disk "$work/first.img,vdev=xvde,backend=phy,discard" "${words[@]}" \
    --before 'for disk in 51792 51808 51824; do xenstore-write /local/domain/0/backend/vbd/$DOMID/$disk/state 1; done'
# As NetBSD's backend: Connected, though no frontend ever came.
# shellcheck disable=SC2016 # for dom0's shell
guest open --bios "$bios" --until 'PAYLOAD (DONE|STOP)' --timeout 60 \
    --disk "$work/first.img,vdev=xvde,backend=phy,discard" "${words[@]}" \
    --before 'for disk in 51792 51808 51824; do xenstore-write /local/domain/0/backend/vbd/$DOMID/$disk/state 4; done'
run_guests

# at NAME REGEX: when the guest's firmware first said so, in us of Xen's time.
at() {
    sed -nE "/$2/{s/^\(d[0-9]+\) \[ *([0-9]+)\.([0-9]{6})\].*/\1\2/p;q}" \
        "$work/$1/xen.log"
}

# took NAME FROM TO: the time between two lines.
took() {
    local from to
    from=$(at "$1" "$2") to=$(at "$1" "$3")
    [[ $from && $to ]] && echo $((to - from))
}

# connecting NAME: from the end of what comes before the disks in POST to the
# boot menu. letting_go NAME: from the boot menu to the memory map.
connecting() { took "$1" 'Machine UUID' 'Press ESC'; }
letting_go() { took "$1" 'drive 0x' 'e820 map has'; }

# is_less A B
is_less() {
    echo "$1, which should be less than $2"
    [[ $1 && $2 ]] && (($1 < $2))
}

# found NAME COUNT: int13 has that many PV disks, and the driver disconnected them.
found() {
    local disks reports
    disks=$(grep -ac 'xen-blk: Xen PV disk' "$work/$1/xen.log")
    reports=$(grep -ac 'xen-blk: xvd.: calls=1 .*errors=0 connects=1' "$work/$1/xen.log")
    echo "found $disks, let go of $reports"
    ((disks == $2 && reports == $2)) &&
        shows "$work/$1/serial.log" "^drive $(printf %x $((127 + $2))) "
}

echo '# virtual us               1 disk  10 disks  each further'
for backend in "${backends[@]}"; do
    for count in 1 10; do
        check "$backend-$count: boots" passed "$backend-$count"
        check "$backend-$count: all are there" found "$backend-$count" "$count"
    done
    for what in connecting letting_go; do
        one=$("$what" "$backend-1") ten=$("$what" "$backend-10")
        each=$(((${ten:-0} - ${one:-0}) / 9))
        printf '# %-6s %-12s %12d %9d %13d\n' "$backend" "$what" "${one:-0}" \
            "${ten:-0}" "$each"
        limit=$connect_us
        [[ $what == connecting ]] || limit=$let_go_us
        check "$backend: $what: what a further disk costs" is_less "$each" "$limit"
    done
    check "$backend: ten connect in less than ten times what one takes" \
        is_less "$(connecting "$backend-10")" \
        $((10 * $(connecting "$backend-1")))
done

# Side by side: what one such disk costs, and not a sum.
if is_long; then
    late=$(connecting late)
    echo "# late: POST waits $((${late:-0} / 1000)) ms for three disks that do not come"
    check "late: they were waited for, 10 s in all" test "$((${late:-0} / 1000000))" -eq 10
    check "late: the log says which" shows "$work/late/xen.log" \
        'xen-blk: xvdf: backend stays in state 1' 'xen-blk: xvdh: backend stays in state 1'
    check "late: the other disk boots" passed late
fi

# as_found GUEST DISK: nothing was written for that disk.
as_found() {
    local key
    [[ $(node "$1" device "$2" state) == 1 && $(node "$1" backend "$2" state) == 4 ]] ||
        { echo "states"; return 1; }
    for key in ring-ref event-channel protocol feature-persistent; do
        [[ -z $(node "$1" device "$2" "$key") ]] || { echo "$key is left"; return 1; }
    done
}

open=$(connecting open) one=$(connecting phy-1)
check "open: nobody waits for them" is_less "${open:-0}" $((${one:-$(connecting qdisk-1)} + 100000))
check "open: the log says why" shows "$work/open/xen.log" \
    'xen-blk: xvdf: skipped: connected to nobody'
for disk in 51792 51808 51824; do
    check "open: $disk is left as it was found" as_found open "$disk"
done
check "open: the other disk boots" passed open
done_testing
