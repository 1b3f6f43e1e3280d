#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The payload reads and writes a PV-only disk by random int13 calls, on either
# backend; every byte is compared in the guest, and the image on the host.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

size=24MiB              # 49152 sectors
script=$work/script
cat >"$script" <<'EOS'
list
edges drive=80
random drive=80 seed=1 ops=500 from=64 to=8256 writes=40 chs=25 label=7 maxcount=128
random drive=80 seed=2 ops=300 from=40960 to=49152 writes=40 chs=10 label=7 maxcount=128
picmask
random drive=80 seed=3 ops=100 from=64 to=8256 writes=50 chs=0 label=7 maxcount=128
picunmask
memmap
lidt
read drive=80 lba=20000 count=127 label=7
sleep ticks=6
lidt
picmask
read drive=80 lba=16384 count=127 label=7
EOS

# disk NAME: a disk with the payload, its script and the pattern.
disk() {
    "$int13img" make "$work/$1.img" --size "$size" --label 7 --script "$script"
}

# no_data_grant NAME: of the driver's references, counted from the top of the
# first frame, only those of the ring are in use; 0 and 1 are the toolstack's.
no_data_grant() {
    local used ring
    ring=$(ring_grants "$1")
    used=$(used_grants "$1" | tr '\n' ' ')
    [[ $used == "0x000 0x001 $ring " ]] || { echo "in use: $used"; false; }
}

# silent_ring NAME: nothing in xenstore says that the ring has two pages.
silent_ring() {
    local key
    for key in ring-page-order ring-ref0 ring-ref1; do
        [[ -z $(node "$1" device 51776 "$key") ]] || { echo "$key is there"; return 1; }
    done
    [[ $(node "$1" device 51776 state) == 4 ]] || { echo "it is not connected"; return 1; }
}

# sticky_grants NAME: those in use are the toolstack's two, the two of the
# ring, and at least one for the pages of ops, in the window below.
sticky_grants() {
    local gref count=0
    for gref in $(used_grants "$1"); do
        ((gref < 2 || gref >= 0x14e && gref <= 0x1ff)) ||
            { echo "not of this driver: $gref"; return 1; }
        count=$((count + (gref >= 0x14e && gref < 0x1fe)))
    done
    ((count > 0)) || { echo "no page is mapped"; return 1; }
}

# compared NAME: the image holds what the payload's script must have left.
compared() {
    "$int13img" verify "$work/$1.img" --label 7 --script "$script"
}

# counted NAME KEY MIN MAX: a figure of the driver's last report is in bounds.
counted() {
    local figure
    figure=$(reported "$1" xvde "$2")
    ((figure >= $3 && figure <= $4)) || { echo "$2 is $figure"; false; }
}

add() {
    local name=$1 words=$2
    disk "$name" || ok 1 "image for $name"
    guest "$name" --bios "$bios" --disk "$work/$name.img,vdev=xvde,$words" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 60
}

mapfile -t untrusted < <(sample 1 untrusted-phy untrusted-qdisk)
! is_brief || untrusted=()
add phy backend=phy
add qdisk backend=qdisk
for name in "${untrusted[@]}"; do
    add "$name" "backend=${name#*-},untrusted"
done
run_guests

for name in phy qdisk "${untrusted[@]}"; do
    check "$name: every call and every byte as expected" passed "$name"
    check "$name: the image is as the script must leave it" compared "$name"
done
for name in qdisk "${untrusted[@]}"; do
    check "$name: no grant of a caller's page is left" no_data_grant "$name"
done
check "qdisk: an OS that finds the disk connected finds no long ring" silent_ring qdisk
check "phy: what the backend keeps are sticky grants alone" sticky_grants phy
for name in phy qdisk; do
    check "$name: no aligned op was retried" counted "$name" retries 0 0
    check "$name: unaligned writes bounced" counted "$name" bounced 1 100000
    check "$name: unaligned reads moved in place" counted "$name" moved 1 100000
done
check "phy: long ops went by indirect requests" counted phy indirect 1 100000
check "qdisk: no indirect request" counted qdisk indirect 0 0
is_brief || check "untrusted: nothing but bounce pages granted" \
    counted untrusted-phy moved 0 0
done_testing
