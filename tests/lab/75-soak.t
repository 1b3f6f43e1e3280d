#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A long life: SOAK_OPS random reads and writes on each backend, every byte
# compared in the guest and the image afterwards, and SOAK_CYCLES times a disk
# disconnected and connected again, which leaves nothing behind. `make soak` has
# 100,000 ops.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh

is_long && most=1000 || most=50
ops=${SOAK_OPS:-1000} cycles=${SOAK_CYCLES:-$most}
[[ $ops =~ ^[1-9][0-9]*$ && $cycles =~ ^[1-9][0-9]*$ ]] ||
    skip_all "SOAK_OPS and SOAK_CYCLES must be numbers above 0"

# Each with another seed, and some with interrupts held back.
soak=$(for ((left = ops, seed = 1; left > 0; left -= 10000, seed++)); do
    ((seed % 2)) && echo picunmask || echo picmask
    echo "random seed=$seed ops=$((left < 10000 ? left : 10000)) from=64 to=8256" \
        "writes=50 chs=10 label=7"
done
echo readback)

mapfile -t soaks < <(sample 1 qdisk phy)
mapfile -t cycled < <(sample 1 phy qdisk)
for backend in "${soaks[@]}"; do
    "$int13img" make "$work/soak-$backend.img" --size 8MiB --label 7 \
        --script <(echo "$soak") || ok 1 "image of $backend"
    guest "soak-$backend" --bios "$bios" \
        --disk "$work/soak-$backend.img,vdev=xvde,backend=$backend" \
        --until 'PAYLOAD (DONE|STOP)' --timeout $((60 + ops / 50))
done
for backend in "${cycled[@]}"; do
    "$int13img" make "$work/cycles-$backend.img" --size 1MiB --label 7 -e picmask \
        -e "cycles count=$cycles label=7" -e 'bios eax=e801' || ok 1 "image of $backend"
    guest "cycles-$backend" --bios "$bios" \
        --disk "$work/cycles-$backend.img,vdev=xvde,backend=$backend,discard" \
        --until 'PAYLOAD (DONE|STOP)' --timeout $((60 + cycles / 10)) \
        --dom0 'xl list $DOMID; until grep -qs ^cycles $OUT/serial.log; do sleep 2; done; xl list $DOMID'
done
run_guests

# intact NAME: the image is as the script must have left it.
intact() {
    "$int13img" verify "$work/$1.img" --label 7 --script <(echo "$soak")
}

# same_memory NAME: Xen gives the guest as much at the end as at the beginning.
same_memory() {
    awk '/^guest/ { seen[$3]++ } END { for (mib in seen) exit seen[mib] != 2; exit 1 }' \
        "$work/$1/dom0.log"
}

for backend in "${soaks[@]}"; do
    check "$backend: $ops random ops, every byte as expected" passed "soak-$backend"
    check "$backend: the image is as they must leave it" intact "soak-$backend"
done
for backend in "${cycled[@]}"; do
    check "$backend: $cycles connections, every byte as expected" passed "cycles-$backend"
    check "$backend: the driver counts them" \
        test "$(reported "cycles-$backend" xvde connects)" -ge "$cycles"
    check "$backend: nothing is left of them" is_let_go "cycles-$backend"
    check "$backend: nor is memory gone" same_memory "cycles-$backend"
    sed -n "s/^cycles .* us=\([0-9]*\) max=\([0-9]*\) .*/# $backend: \1 virtual us a cycle, \2 at most/p" \
        "$work/cycles-$backend/serial.log"
done
done_testing
