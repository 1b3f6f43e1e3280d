#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The rivals of bench/baseline do what they are said to do, and correctly:
# random int13 calls to a disk on either backend, every byte compared in the
# guest, and the images on the host.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

script=$work/script
cat >"$script" <<'EOS'
edges drive=80
random drive=80 seed=4 ops=100 from=64 to=4160 writes=40 chs=25 label=7 maxcount=128
random drive=81 seed=5 ops=100 from=64 to=4160 writes=40 chs=25 label=7 maxcount=128
memmap
EOS

# add RIVAL: a guest whose drive 80 is on blkback and whose 81 is on qdisk.
add() {
    local disk
    for disk in "$work/$1-phy.img" "$work/$1-qdisk.img"; do
        "$int13img" make "$disk" --size 8MiB --label 7 --script "$script" ||
            ok 1 "image $disk"
    done
    guest "$1" --bios "build/baseline/$1.bin" --disk "$work/$1-phy.img,vdev=xvde,backend=phy" \
        --disk "$work/$1-qdisk.img,vdev=xvdf,backend=qdisk" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 60
}

# verified RIVAL BACKEND DRIVE: the image holds what the script must leave.
verified() {
    "$int13img" verify "$work/$1-$2.img" --label 7 --script "$script" --drive "$3"
}

# reports RIVAL DISK CONDITION: an arithmetic one, on the driver's last report.
reports() {
    # shellcheck disable=SC2034 # the condition reads them
    local calls requests indirect segments bounced moved notifies retries figure
    for figure in calls requests indirect segments bounced moved notifies retries; do
        printf -v "$figure" %d "$(reported "$1" "$2" "$figure")"
    done
    (($3)) || { grep -a "xen-blk: $2: calls=" "$work/$1/xen.log" | tail -n 1; false; }
}

mapfile -t rivals < <(sample 1 prototype bounce16 bounce16-persistent)
for rival in "${rivals[@]}"; do
    add "$rival"
done
run_guests

for rival in "${rivals[@]}"; do
    check "$rival: every call and every byte as expected" passed "$rival"
    check "$rival: blkback's image is as the script must leave it" verified "$rival" phy 80
    check "$rival: qdisk's image is as the script must leave it" verified "$rival" qdisk 81
    for disk in xvde xvdf; do
        check "$rival, $disk: all went through its buffer" \
            reports "$rival" "$disk" 'bounced > 4000 && bounced <= 8 * segments && !moved && !retries'
    done
done
# One event more is that of the flush at the end.
for disk in xvde xvdf; do
    check "prototype, $disk: a page a request, one in flight" reports prototype "$disk" \
        'requests == segments && notifies >= requests && notifies <= requests + 1'
    ! is_long || check "bounce16, $disk: one event a call" reports bounce16 "$disk" 'notifies <= calls + 1'
done
if is_long; then
    check "bounce16: long calls by indirect requests" reports bounce16 xvde 'indirect > 0'
    check "bounce16-persistent: blkback keeps its mappings" \
        shows "$work/bounce16-persistent/xen.log" 'xvde.*, persistent\)'
    check "bounce16: it does not" lacks "$work/bounce16/xen.log" ', persistent\)'
fi
done_testing
