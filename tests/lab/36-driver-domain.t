#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A driver domain serves the disk, as on Qubes: a Linux domain that is not dom0,
# by its own blkback. Ops of all kinds and a boot from it; the kernel finds the
# guest clean. The domain is destroyed while ops are under way, and another one
# serves the disk again, at once or later. It is paused, and then does not answer:
# the waits of POST and of a tick for it have bounds.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh

kernel=build/tests/kernel.bin
kernel_lba=2048
kernel_sectors=$((($(stat -c %s "$kernel") + 511) / 512))

declare -A script dom0

# What dom0's commands use: see 70-faults.t.
helpers='set -e
trap "exit 1" TERM
when() { until grep -qs "mark $1 " $OUT/serial.log; do sleep 0.3; done; }
serve_again() {
    /lab/storage-domain other $DISK0
    xl block-detach --force $DOMID xvde
    xl block-attach $DOMID "format=raw,vdev=xvde,access=rw,backendtype=phy,backend=other,target=/dev/xvda"
}
'

script[ops]='list
edges
random seed=1 ops=300 from=64 to=12000 label=7
cycles count=20 label=7
random seed=2 ops=100 from=64 to=12000 label=7 chs=50
readback'

# Nobody is there for a while: errors, and the drive keeps its number.
script[gone]='list
random seed=1 ops=100 from=64 to=12000 label=7
mark gone .
sleep ticks=60
read lba=64 count=127 expect=fail
read lba=64 count=1 expect=fail
mark again .
sleep ticks=1300
random seed=2 ops=100 from=64 to=12000 label=7
list
readback'
dom0[gone]='when gone
xl destroy storage
when again
serve_again'

# Another one is there at once, for the op that was under way.
script[killed]='list
mark begin .
random seed=1 ops=2000 from=64 to=12000 label=7 maxcount=8
list
readback'
dom0[killed]='when begin
xl pause $DOMID
xl destroy storage
serve_again
xl unpause $DOMID'

# add NAME WORDS [OPTION...]: a guest with a disk that a driver domain serves.
add() {
    local name=$1 words=$2 image=$work/$1.img
    shift 2
    echo "$helpers${dom0[$name]-}" >"$work/$name.sh"
    "$int13img" make "$image" --size 8MiB --label 7 \
        --script <(echo "${script[${name%-*}]}") || ok 1 "image $name"
    guest "$name" --bios "$bios" --disk "$image,vdev=xvde,backend=domain$words" \
        --timeout 150 --until 'PAYLOAD (DONE|STOP)' \
        --file "$work/$name.sh" --dom0 ". \$DIR/$name.sh" "$@"
}

ops=()
if is_long; then
    ops=(killed gone ops ops-untrusted ops-slow)
    add killed ''
    add gone ''
    add ops ''
    add ops-untrusted ,untrusted
    add ops-slow ,latency=8000
fi

# Three disks whose domain is paused when an idle tick wants to disconnect them.
# Interrupts are masked, so that the tick is a call that we can time.
words=()
for letter in f g; do
    words+=(--disk "$work/empty.img,vdev=xvd$letter,backend=domain,discard")
done
"$int13img" make "$work/empty.img" --size 1MiB --no-boot || ok 1 image
script[tick]='read lba=64 label=7
read drive=81 lba=64
read drive=82 lba=64
picmask
mark pause .
delay us=1500000
bios eax=c000
mark unpause .
picunmask'
dom0[tick]='when pause
xl pause storage
when unpause
xl unpause storage'
! is_long || add tick '' "${words[@]}"

# Sixteen disks whose domain is paused in POST, between connecting them and letting
# go of them; and a disk of dom0's, which boots.
"$int13img" make "$work/post.img" --size 2MiB --label 7 -e list \
    -e 'read drive=81 lba=64 expect=fail' -e 'read drive=8f lba=64 expect=fail' \
    -e 'read lba=64 label=7' || ok 1 image
cat >"$work/post.sh" <<'END'
connected() { xenstore-ls -f "/local/domain/$DOMID/device/vbd" | grep -c '/state = "4"'; }
until [ "$(connected)" = 17 ]; do sleep 0.1; done
xl pause storage
END
words=()
for letter in f g h i j k l m n o p q r s t u; do
    words+=(--disk "$work/empty.img,vdev=xvd$letter,backend=domain,discard")
done
! is_long || guest post --bios "$bios" --timeout 60 --until 'PAYLOAD (DONE|STOP)' \
    --disk "$work/post.img,vdev=xvde,backend=phy,discard" "${words[@]}" \
    --file "$work/post.sh" --dom0 '. $DIR/post.sh'

# As in 46-kernels.t.
"$int13img" make "$work/kernel.img" --size 2MiB --label 7 \
    -e "load lba=$kernel_lba count=$kernel_sectors" -e 'bios eax=e820 edx=534d4150 ecx=14' \
    -e 'jump how=freebsd' || ok 1 image
dd if="$kernel" of="$work/kernel.img" bs=512 seek="$kernel_lba" conv=notrunc status=none
guest kernel --bios "$bios" --until 'KERNEL DONE' --timeout 30 \
    --disk "$work/kernel.img,vdev=xvde,backend=domain,discard"

if is_long; then
    make_guest "$work/linux.img" || ok 1 "disk with GRUB: $(tail -n 1 "$work/mkguest.log")"
    sum=$(sha256sum <"$work/linux.img")
    guest linux --bios "$bios" --memory 192 --timeout 90 \
        --until 'LINUX DONE|Kernel panic|GRUB FAILED' \
        --disk "$work/linux.img,vdev=xvda,backend=domain,discard"
fi
run_guests

# intact NAME: what int13 said was written is on the disk, the rest as it was.
intact() {
    "$int13img" verify "$work/$1.img" --label 7 --script <(echo "${script[${1%-*}]}")
}

# by_domain NAME DISK: another domain than dom0 serves it.
by_domain() {
    shows "$work/$1/xen.log" "Xen PV disk $2, .*backend domain [1-9]" &&
        shows "$work/$1/xenstore.txt" '/backend-id = "[1-9]'
}

for name in "${ops[@]}"; do
    check "$name: dom0 did its part" injected "$name"
    check "$name: every call as expected, none hung" passed "$name"
    check "$name: the image holds what was written" intact "$name"
    check "$name: a driver domain serves it" by_domain "$name" xvde
done
if is_long; then
    check "gone: the firmware said so" shows "$work/gone/xen.log" 'xvde: detached'
    check "killed: the connection was lost" shows "$work/killed/xen.log" 'xvde: connection lost'
    check "killed: no op failed" test "$(reported killed xvde errors)" -eq 0
fi

# between GUEST FROM TO: us of Xen's time between two lines of the firmware's.
between() {
    awk -v from="$2" -v to="$3" '
        match($0, /\[ *[0-9.]+\]/) { now = substr($0, RSTART + 1, RLENGTH - 2) }
        !start && $0 ~ from { start = now }
        start && $0 ~ to { print int((now - start) * 1000000); exit }' "$work/$1/xen.log"
}

# in_bounds US LEAST MOST
in_bounds() {
    echo "$1 us, which should be from $2 to $3"
    [[ $1 ]] && (($1 >= $2 && $1 <= $3))
}

if is_long; then
    tick=$(sed -n 's/^bios .*eax=.* us=\([0-9]*\).*/\1/p' "$work/tick/serial.log")
    echo "# a tick that lets go of three disks which do not follow: ${tick:-?} us"
    check "tick: every call as expected" passed tick
    check "tick: it waited for the three disks, and a second in all" in_bounds "$tick" 300000 1050000
    let_go=$(between post 'drive 0x' 'e820 map has')
    echo "# POST lets go of sixteen disks which do not follow: ${let_go:-?} us"
    check "post: the other disk boots, and nothing waits for them again" passed post
    check "post: they were waited for side by side" in_bounds "$let_go" 2400000 3500000
    check "post: 12 s in all" in_bounds "$(between post 'Machine UUID' 'e820 map has')" 2400000 12000000
    check "post: the log says of each that it is not used" test \
        "$(grep -ac 'does not come back: not used' "$work/post/xen.log")" -eq 16
fi
check "kernel: the guest is clean, the kernel has the disk" shows "$work/kernel/serial.log" \
    "^KERNEL found ports=$toolstack_ports grants=2 xenstore=quiet" \
    '^KERNEL device/vbd/51776: 1024 sectors right, 0 not' '^KERNEL DONE'
check "kernel: a driver domain serves it" by_domain kernel xvde
if is_long; then
    check "linux: GRUB loads it by the PV driver, and it has the disk, all data intact" \
        shows "$work/linux/serial.log" "DISK xvda .*sha256=${sum%% *}" 'LINUX DONE'
    check "linux: it has nothing to reset or to wait for" \
        lacks "$work/linux/serial.log" '(xenbus|vbd|blkfront).*([Tt]imeout|[Ww]aiting|reset|fail|error)'
    check "linux: a driver domain serves it" by_domain linux xvda
fi
done_testing
