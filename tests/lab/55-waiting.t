#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The driver learns whether to look for an answer or to sleep until it comes: on
# one CPU and on two, beside a busy guest and beside a busy dom0.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# Each call waits for an answer of its own.
in_place=build/baseline/ours-in-place.bin

# make_disk NAME TICKS DRIVES CALLS COUNT...: Drive 80h is served by blkback, 81h by
# qemu. The break lets what is to be busy begin. TICKS is picmask where the
# timer's are held back, because what they cost is not the driver's.
make_disk() {
    local name=$1 ticks=$2 drives=$3 calls=$4 count drive
    local -a script=(-e 'sleep ticks=9' -e "$ticks")
    shift 4
    for count; do
        for drive in $drives; do
            script+=(-e "time drive=$drive lba=2048 $calls count=$count")
        done
    done
    "$int13img" make "$work/$name.img" --size 4MiB "${script[@]}" \
        -e 'read drive=80 lba=2048 count=127' \
        -e 'read drive=81 lba=2048 count=127 label=2' \
        -e 'bios eax=e820 edx=534d4150 ecx=14' || ok 1 "image $name"
}

# add SITUATION DISK OPTION...
add() {
    local situation=$1 disk=$2
    shift 2
    guest "$situation" --bios "$in_place" \
        --disk "$work/$disk.img,vdev=xvde,backend=phy,discard" \
        --disk "$work/other.img,vdev=xvdf,backend=qdisk,discard" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 20 "$@"
}

# A second guest that says so and then spins forever: mov dx,3f8; mov al,'S';
# out dx,al; jmp $.
truncate -s 1MiB "$work/spin.img"
printf '\xba\xf8\x03\xb0\x53\xee\xeb\xfe' |
    dd of="$work/spin.img" conv=notrunc status=none
printf '\x55\xaa' | dd of="$work/spin.img" bs=1 seek=510 conv=notrunc status=none
cat >"$work/neighbour.cfg" <<'END'
name="neighbour"
type="hvm"
memory=32
vga="none"
nographic=1
tsc_mode="native"
serial="file:neighbour.log"
disk=['format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=spin.img']
END
# It boots while our guest does, a little ahead of it. Both it and the loop in
# dom0 end when the guest is done: each second that something spins costs
# several of ours. Should the guest never be done, the lab ends both.
# shellcheck disable=SC2016 # for dom0's shell
start_neighbour='cd $DIR && sed -i "s,neighbour.log,$OUT/&,; s,spin.img,$DIR/&," neighbour.cfg &&'
start_neighbour+=' xl create -e neighbour.cfg'
# shellcheck disable=SC2016
in_time='grep -q "^time" $OUT/serial.log || echo busy in time; '
# shellcheck disable=SC2016
till_done='until grep -q "PAYLOAD DONE" $OUT/serial.log; do sleep 0.5; done; '
# shellcheck disable=SC2016
end_neighbour='until [ -s $OUT/neighbour.log ]; do sleep 0.2; done; '$in_time$till_done
end_neighbour+='xl destroy neighbour; rm -f /var/log/xen/*neighbour*'
# shellcheck disable=SC2016
load_dom0='sleep 2.8; (while :; do :; done) & '$in_time$till_done'kill $!'

make_disk both picmask '80 81' 'calls=64 warm=48' 8 63
# With dom0 busy each letter that is printed takes 10 ms: one series only. And
# many ticks are due at once when a call returns: they must not disconnect the
# disk.
make_disk short picunmask 80 'calls=32 warm=16' 8
"$int13img" make "$work/other.img" --size 4MiB --label 2 --no-boot || ok 1 image
add idle both
add neighbour both --file "$work/neighbour.cfg" --file "$work/spin.img" \
    --before "$start_neighbour" --dom0 "$end_neighbour"
situations=(idle neighbour)
if is_long; then
    situations+=(dom0)
    add dom0 short --dom0 "$load_dom0"
fi
run_guests
# That machine is not one that is kept and resumed: it has to boot.
if is_long; then
    situations+=(smp)
    add smp both
    run_guests --smp 2
fi

# timed SITUATION DRIVE COUNT KEY: that figure of the time command, in us. A tick
# is a nanosecond.
timed() {
    local ticks
    ticks=$(sed -nE "s/^time drive=$2 .* count=$3 .* $4=([0-9]+) .*/\1/p" \
        "$work/$1/serial.log")
    [[ $ticks ]] && echo $((ticks / 1000))
}

# is_less A B
is_less() {
    echo "$1, which should be less than $2"
    [[ $1 && $2 ]] && (($1 < $2))
}

# stays_below SITUATION KEY US: that figure of all series of the guest.
stays_below() {
    local drive count value found=0
    for drive in 80 81; do
        for count in 8 63; do
            value=$(timed "$1" "$drive" "$count" "$2") || continue
            echo "drive $drive, $count sectors: $value us"
            ((++found, value < $3)) || return 1
        done
    done
    ((found))
}

# probes_only SITUATION DISK: no more than one wait in ten was spun.
probes_only() {
    local spins calls
    spins=$(reported "$1" "$2" spins) calls=$(reported "$1" "$2" calls)
    echo "spins: $spins of $calls"
    [[ $spins && $calls ]] && ((calls > 48 && spins * 10 <= calls))
}

# is_near: beside a busy neighbour the usual call is as fast as without.
is_near() {
    local drive count
    for drive in 80 81; do
        for count in 8 63; do
            is_less "$(timed neighbour "$drive" "$count" median)" \
                $(($(timed idle "$drive" "$count" median) * 5 / 4)) || return 1
        done
    done
}

echo '# virtual us  drive sectors median  mean   max | calls spins sleeps'
for situation in "${situations[@]}"; do
    for drive in 80:xvde 81:xvdf; do
        for count in 8 63; do
            disk=${drive#*:}
            median=$(timed "$situation" "${drive%:*}" "$count" median) || continue
            printf '# %-11s %-5s %7d %6d %5d %5d | %5d %5d %6d\n' "$situation" \
                "$([[ $disk == xvde ]] && echo phy || echo qdisk)" "$count" "$median" \
                "$(timed "$situation" "${drive%:*}" "$count" mean)" \
                "$(timed "$situation" "${drive%:*}" "$count" max)" \
                "$(reported "$situation" "$disk" calls)" \
                "$(reported "$situation" "$disk" spins)" \
                "$(reported "$situation" "$disk" sleeps)"
        done
    done
done

for situation in "${situations[@]}"; do
    check "$situation: all calls as expected" passed "$situation"
done
for situation in "${situations[@]:1:2}"; do
    check "$situation: was busy when the first call was timed" \
        shows "$work/$situation/dom0.log" '^busy in time'
done
on_one=(idle:xvde idle:xvdf neighbour:xvde neighbour:xvdf)
! is_long || on_one+=(dom0:xvde)
for situation in "${on_one[@]}"; do
    check "$situation: on one CPU only probes are spun" \
        probes_only "${situation%:*}" "${situation#*:}"
done

# A slice is 10 ms (credit2's CSCHED2_MAX_TIMER).
check "idle: no call takes a slice" stays_below idle max 10000
# Who has got a CPU keeps it for a millisecond (Xen's sched_ratelimit_us), and a
# call needs dom0 and then us: at most twice, and seldom. What else dom0 has to
# do at that moment comes on top.
check "neighbour: the usual call is no slower than without" is_near
check "neighbour: a call takes less than half a millisecond on average" \
    stays_below neighbour mean 500
check "neighbour: no call takes a slice" stays_below neighbour max 10000
is_long || done_testing

# The same limit keeps us from taking the CPU back when the answer comes, and
# dom0, which was alone when it began, was given a whole slice of 10 ms. To
# spin instead would cost a slice of ours besides.
check "dom0: no call takes two slices" stays_below dom0 max 20000
check "dom0: ticks that were missed do not let go of the disk" \
    is_less "$(reported dom0 xvde connects)" 6

# Always sleeping takes 84, and QEMU lets the two CPUs run by turns: where one
# looks, the other has half the time.
check "smp: most answers of blkback are seen while looking" \
    is_less $(($(reported smp xvde sleeps) * 4)) "$(reported smp xvde calls)"
check "smp: a call to blkback is faster than by sleeping" \
    is_less "$(timed smp 80 8 median)" 80
check "smp: no call takes a slice" stays_below smp max 10000
done_testing
