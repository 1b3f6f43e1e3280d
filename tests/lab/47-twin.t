#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A disk that qemu emulates as well: the PV disk has its drive number, and if it
# is lost, at once or while it is used, the emulated twin goes on with no write
# lost. Disks that come and go, and guests that are saved.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh

declare -A script   # of an image: what its payload runs, for int13img

# make_disk NAME LABEL COMMAND...: an image of LABEL plus 7 MiB.
make_disk() {
    local name=$1 label=$2 command
    shift 2
    script[$name]="--size $((label + 7))MiB --label $label"
    for command; do script[$name]+=" -e '$command'"; done
    eval "\"$int13img\" make \"$work/$name.img\" ${script[$name]}" ||
        ok 1 "image $name"
}

# add NAME IMAGE WORD...
add() {
    local name=$1 image=$2
    shift 2
    cp "$work/$image.img" "$work/$name.img"
    guest "$name" --bios "$bios" "$@" --until 'PAYLOAD (DONE|STOP)' --timeout 90
}

# intact NAME IMAGE: every sector is what the payload has left there.
intact() {
    eval "\"$int13img\" verify \"$work/$1.img\" ${script[$2]}"
}

# drives NAME: their numbers and sizes. Stock SeaBIOS has no geometry for SCSI.
drives() {
    sed -n 's/^\(drive .. sectors=[0-9]*\) .*/\1/p' "$work/$1/serial.log"
}

# The same drives in the same order, whatever emulates them.
make_disk order 1 list identify
make_disk second 2 list
make_disk third 3 list
kinds=()
! is_long || kinds=(ide ahci)
for kind in "${kinds[@]}"; do
    for firmware in "$bios" stock; do
        guest "order-$kind-${firmware##*/}" --bios "$firmware" \
            --xl "hdtype=\"$kind\"" \
            --disk "$work/order.img,vdev=hda,backend=qdisk,discard" \
            --disk "$work/second.img,vdev=hdb,backend=phy,discard" \
            --disk "$work/third.img,vdev=sda,backend=qdisk,discard" \
            --until 'PAYLOAD (DONE|STOP)' --timeout 60
    done
done

# Taken away while it is read and written, by force, or politely, which happens
# when the disk is disconnected: the twin goes on.
ops1='random seed=1 ops=400 from=64 to=12000 writes=50'
is_long && ops=60 || ops=15     # Most go by IDE's PIO, which is dear
ops2="random seed=2 ops=$ops from=64 to=12000 writes=50"
make_disk loss 1 'mark begin' "$ops1" 'sleep ticks=30' "$ops2"
make_disk force 1 'mark begin' \
    'random seed=1 ops=3200 from=64 to=12000 writes=50 maxcount=8' "$ops2"
when_begun='until grep -q "begin" $OUT/serial.log; do sleep 0.2; done; '
mapfile -t losses < <(pairs 'force ask' 'phy qdisk' | tr ' ' -)
! is_brief || losses=("${losses[0]}")
for name in "${losses[@]}"; do
    backend=${name#*-}
    case $name in
    force-*)
        add "$name" force --disk "$work/$name.img,vdev=xvda,backend=$backend" \
            --dom0 "$when_begun"'sleep 0.1; xl block-detach --force $DOMID xvda'
        ;;
    ask-*)
        add "$name" loss --disk "$work/$name.img,vdev=hda,backend=$backend" \
            --dom0 "$when_begun"'xl block-detach $DOMID hda'
        ;;
    esac
done
# It cannot be had at all: its backend is not there. All goes by IDE's PIO.
is_long && ops=400 || ops=40
if ! is_brief; then
    make_disk nothing 1 'mark begin' "random seed=1 ops=$ops from=64 to=12000 writes=50" "$ops2"
    add never nothing --disk "$work/never.img,vdev=xvda,backend=phy" \
        --before 'xenstore-rm /local/domain/0/backend/vbd/$DOMID/51712/state'
    losses+=(never)
fi

# No twin: an error, and no wait.
make_disk gone 1 'read lba=64 count=63' 'mark begin' 'sleep ticks=40' \
    'read lba=64 count=8 expect=fail' 'read lba=64 count=8 expect=fail'
mapfile -t gone < <(sample 1 qdisk phy)
! is_brief || gone=()
for backend in "${gone[@]}"; do
    add "gone-$backend" gone --disk "$work/gone-$backend.img,vdev=xvde,backend=$backend,discard" \
        --dom0 "$when_begun"'xl block-detach $DOMID xvde'
done

# Saved and restored: in a menu, where the disks were disconnected, and in the
# middle of it all.
make_disk menu 1 'read lba=64 count=63' 'mark begin' 'sleep ticks=30' \
    'mark again' "$ops1" list
make_disk busy 1 'mark begin' 'random seed=3 ops=2500 from=64 to=12000 writes=20' \
    'mark again' "$ops2" list
save=$when_begun'sleep 0.2; xl save $DOMID $OUT/image && xl restore $OUT/image; rm -f $OUT/image'
mapfile -t saved < <(pairs 'menu busy' 'phy qdisk' | tr ' ' -)
! is_brief || saved=("${saved[1]}")
for name in "${saved[@]}"; do
    add "$name" "${name%-*}" --memory 32 --dom0 "$save" \
        --disk "$work/$name.img,vdev=xvde,backend=${name#*-}"
done
run_guests

for kind in "${kinds[@]}"; do
    check "$kind: all is there once, in the stock firmware's order" \
        diff <(drives "order-$kind-stock") <(drives "order-$kind-bios.bin")
    check "$kind: served by the PV disks" shows "$work/order-$kind-bios.bin/xen.log" \
        'hda: takes the place' 'hdb: takes the place' 'sda: takes the place'
done
for name in "${losses[@]}"; do
    case $name in
    force-*) image=force ;;
    ask-*) image=loss ;;
    never) image=nothing ;;
    esac
    check "$name: all calls as expected, whoever served them" passed "$name"
    check "$name: the image holds what was written" intact "$name" "$image"
done
for name in "${losses[@]}"; do
    if [[ $name == never ]]; then
        check "never: the twin has the drive number" shows "$work/never/serial.log" \
            '^PAYLOAD START drive=80'
        continue
    fi
    lost='connection lost'
    # Asked for in a moment when nobody looks, it is only found to be gone.
    [[ $name != ask-* ]] || lost='hda: (detached|backend stays in state 0|no backend)'
    check "$name: the emulated twin went on" \
        shows "$work/$name/xen.log" "$lost" 'continues on its emulated twin'
done
for backend in "${gone[@]}"; do
    check "gone-$backend: an error and no wait" passed "gone-$backend"
done
for name in "${saved[@]}"; do
    check "$name: goes on where it was saved" passed "$name"
    check "$name: it was another domain" lacks "$work/$name/serial.log" 'mark begin'
    check "$name: the image holds what was written" intact "$name" "${name%-*}"
done
done_testing
