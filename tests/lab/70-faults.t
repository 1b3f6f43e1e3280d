#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Real backends that misbehave: bad sectors, a disk that fails now and then, is
# slow, stands still or is full; a backend that goes and comes back in the
# middle of an op; a slow and a dead xenstored; a dom0 that cannot map. int13
# tells what failed and how much was done, nothing hangs, what it said was good
# is there, and the drive keeps its number.
# shellcheck source=tests/lab/lib.sh
# shellcheck disable=SC2016 # variables of dom0's shell
. tests/lab/lib.sh

# A guest's script waits this long behind each mark, for dom0 to act on it.
pause='sleep ticks=20'

# What dom0's commands use: `when MARK` waits for the guest, `table NAME` loads
# a table of the device-mapper's from its standard input. They mend what they
# broke also where they are ended too early.
helpers='set -e
trap "exit 1" TERM
when() { until grep -qs "mark $1 " $OUT/serial.log; do sleep 0.3; done; }
table() {
    dmsetup suspend --noudevsync $1
    dmsetup load $1
    dmsetup resume --noudevsync $1
}
'

declare -A script dom0 before   # of each kind of guest

# add KIND BACKEND WORDS [OPTION]: a guest with a disk on that backend.
add() {
    local kind=$1 backend=$2 image=$work/$1-$2.img
    echo "$helpers${dom0[$kind]}" >"$work/$kind.sh"
    # shellcheck disable=SC2086 # an option of int13img's, or none
    "$int13img" make "$image" --size 8MiB --label 7 ${4-} \
        --script <(echo "${script[$kind-$backend]-${script[$kind]}}") || ok 1 "image for $kind"
    guest "$kind-$backend" --bios "$bios" \
        --disk "$image,vdev=xvde,backend=$backend$3" --timeout 150 \
        --until 'PAYLOAD (DONE|STOP)' --before "${before[$kind]-:}" \
        --file "$work/$kind.sh" --dom0 ". \$DIR/$kind.sh"
}

# Sixteen bad sectors. Of 128 sectors one request on phy has all, while of the
# two on qdisk the first one has 88. Then a disk that fails for one second of
# four, seen through a second's delay: what failed at first succeeds when it
# is tried again. Then one that stands still for five seconds.
script[disk]="list
mark bad .
$pause
read lba=8128 count=64 label=7
read lba=8192 expect=fail ah=0c
read lba=8207 expect=fail ah=0c
read lba=8208 count=64 label=7
read lba=8100 count=128 expect=fail ah=0c
write lba=8192 count=16 label=7 expect=fail ah=0c
write lba=8100 count=128 label=7 expect=fail ah=0c
read lba=8188 count=8 expect=fail ah=0c chs=1
write lba=8100 count=92 label=7
write lba=8208 count=20 label=7
random seed=1 ops=100 from=64 to=8064 label=7
mark flaky .
$pause
random seed=2 ops=20 from=64 to=8064 label=7
mark slow .
$pause
mark slower .
random seed=3 ops=400 from=64 to=8064 label=7
readback
list"
dom0[disk]='modprobe -a dm-delay dm-flakey
set -- $(dmsetup table lab0)
size=$2 disk=$4
when bad
printf "%s\n" "0 8192 linear $disk 0" "8192 16 error" \
    "8208 $((size - 8208)) linear $disk 8208" | table lab0
when flaky
dmsetup create flaky --noudevsync --addnodeoncreate \
    --table "0 $size flakey $disk 0 3 1"
dmsetup mknodes
echo "0 $size delay /dev/mapper/flaky 0 1100" | table lab0
when slow
echo "0 $size linear $disk 0" | table lab0
when slower
sleep 0.2
dmsetup suspend --noudevsync lab0
sleep 5
dmsetup resume --noudevsync lab0'

# qemu writes through dom0's page cache, which fails later, to nobody: there
# the reads alone tell. (Debian's qemu for Xen does without O_DIRECT.)
script[disk-qdisk]=$(sed -e '/^write .*expect=fail/d' -e '/seed=2/d' <<<"${script[disk]}")

# A file with holes, and no room to fill them; then there is room.
script[full]="mark full .
$pause
write lba=4096 count=64 label=7 expect=fail ah=0c
read lba=4096 count=64 expect=zero
write lba=end-64 count=32 label=7
mark room .
$pause
write lba=4096 count=64 label=7
readback"
dom0[full]='trap "mount -o remount,size=95% /disks" EXIT
when full
mount -o remount,size=$(df --output=used -k /disks | tail -n 1 | tr -d " ")k /disks
when room'

# The backend goes away under an op, and another one is there at once.
script[killed]="list
mark begin .
random seed=1 ops=9000 from=64 to=12000 label=7 maxcount=8
list
readback"
dom0[killed]='when begin
xl pause $DOMID
case $(xenstore-list /local/domain/0/backend) in
*qdisk*) type=backendtype=qdisk ;;
*) type=backendtype=phy,script=block-lab ;;
esac
xl block-detach --force $DOMID xvde
xl block-attach $DOMID "format=raw,vdev=xvde,access=rw,$type,target=$DISK0"
xl unpause $DOMID'

# It does not answer for longer than the driver waits, and does so later.
script[stuck]="mark stop .
$pause
read lba=12000 count=127 expect=fail ah=80
read lba=12000 expect=fail ah=aa
mark over .
sleep ticks=600
read lba=12000 expect=fail ah=aa
list"
# Connected all the while: what waits is the op. Not until a mark: qemu, which
# waits for its disk, cannot pass it on.
before[stuck]='xenstore-write /local/domain/$DOMID/bios-strings/oem-1 xen-blk.idle=0'
dom0[stuck]='when stop
dmsetup suspend --noudevsync lab0
sleep 60
dmsetup resume --noudevsync lab0'

# xenstored sleeps for two seconds again and again; then for so long that the
# client gives it up, and with it the disk for a minute.
script[store]="mark slow .
cycles count=40 label=7
mark dead .
$pause
read lba=64 label=7 expect=fail
mark again .
sleep ticks=1200
read lba=64 count=127 label=7
cycles count=3 label=7
list"
dom0[store]='store=$(cat /run/xenstored.pid)
trap "kill -CONT $store" EXIT
when slow
for i in 1 2 3; do
    sleep 0.03
    kill -STOP $store
    sleep 2
    kill -CONT $store
done
when dead
kill -STOP $store
when again'

# Not even the ring can be mapped.
script[unmapped]="read lba=64 count=127 label=7
mark begin .
$pause
read lba=64 expect=fail
mark again .
sleep ticks=1200
read lba=64 count=127 label=7
list"
dom0[unmapped]='limit=/sys/module/xen_gntdev/parameters/limit
was=$(cat $limit)
trap "echo $was >$limit" EXIT
when begin
echo 0 >$limit
when again'

# Each fault with one of the backends for `make check`; one of them in brief.
mapfile -t faults < <(pairs 'disk full killed stuck store' 'phy qdisk')
! is_brief || faults=('disk phy')
for fault in "${faults[@]}"; do
    read -r kind backend <<<"$fault"
    case $kind in
    disk | stuck) add "$kind" "$backend" ,dm ;;
    full) add full "$backend" '' --sparse ;;
    *) add "$kind" "$backend" '' ;;
    esac
done
is_brief || add unmapped qdisk ''
run_guests

# intact NAME [OPTION]: what int13 said was written is on the disk, and the
# rest as it was.
intact() {
    # shellcheck disable=SC2086 # an option of int13img's, or none
    "$int13img" verify "$work/$1.img" --label 7 ${2-} \
        --script <(echo "${script[$1]-${script[${1%-*}]}}")
}

# moved NAME OP LBA COUNT: so many sectors were done by the call that failed.
moved() {
    shows "$work/$1/serial.log" "^$2 drive=80 lba=$3 .* cf=1 ah=0c moved=$4 "
}

# same_drives NAME: they are after the fault what they were before.
same_drives() {
    grep -a '^drive ' "$work/$1/serial.log" | sort | uniq -c |
        awk '$1 != 2 { print; bad = 1 } END { exit bad || !NR }'
}

# check_fault NAME: what is special about that kind of fault.
check_fault() {
    local name=$1 done=0 errors=6
    case $name in
    disk-*)
        [[ $name == *-phy ]] || done=88 errors=4
        check "$name: $done sectors were read before the bad ones" \
            moved "$name" read 8100 "$done"
        check "$name: CHS counts the same" moved "$name" read 8188 0
        check "$name: what fails for good is not hidden" \
            test "$(reported "$name" xvde errors)" -eq "$errors"
        check "$name: the drives are the same" same_drives "$name"
        ;;
    killed-*)
        check "$name: the drives are the same" same_drives "$name"
        check "$name: no op failed" test "$(reported "$name" xvde errors)" -eq 0
        check "$name: connected to the new backend" \
            shows "$work/$name/xen.log" 'xvde: connection lost'
        ;;
    stuck-*) check "$name: stopped after its time" \
        shows "$work/$name/xen.log" 'xvde: no response: disk stopped' ;;
    store-*) check "$name: xenstored was late" \
        shows "$work/$name/xen.log" 'xenstore does not answer' ;;
    esac
}

for name in "${faults[@]/ /-}"; do
    option=
    [[ $name != full-* ]] || option=--sparse
    check "$name: dom0 did its part" injected "$name"
    check "$name: every call as expected, none hung" passed "$name"
    check "$name: the image holds what was written" intact "$name" "$option"
    check_fault "$name"
done
check "disk-phy: nor were any written" moved disk-phy write 8100 0
check "disk-phy: what fails once is hidden by another try" \
    test "$(reported disk-phy xvde retries)" -gt 6
if ! is_brief; then
    check "unmapped-qdisk: dom0 did its part" injected unmapped-qdisk
    check "unmapped-qdisk: an error, and all is well later" passed unmapped-qdisk
fi
done_testing
