# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What the lab tests share: TAP, guests by the batch, and the files of the
# firmware and the payload. Sourced by *.t, which prove runs from the top.
set -u -o pipefail

# shellcheck disable=SC2034 # for the tests
bios=build/bios.bin
# shellcheck disable=SC2034
int13img=build/bench/int13img
name=$(basename "$0" .t)
work=build/tests/$name${XENLAB_RELEASE:+-$XENLAB_RELEASE} # images and results of this test alone
# What the lab has: the Debian release, Xen's version, and the image of dom0, once
# make_guest or run_guests has made it.
read -r lab_release lab_xen < <(lab/xenlab release)
# shellcheck disable=SC2034
lab_image=build/lab/$lab_release/image
# Event channels of a guest that it has from the toolstack and can ask Xen about: for
# xenstore and console. A newer Xen also tells of the two that lead to its qemu.
# shellcheck disable=SC2034
toolstack_ports=4
[[ $lab_xen != 4.17 ]] || toolstack_ports=2

test_count=0

# ok STATUS DESCRIPTION: one result.
ok() {
    local verdict=ok
    (($1 == 0)) || verdict='not ok'
    printf '%s %d - %s\n' "$verdict" $((++test_count)) "$2"
    return "$1"
}

# check DESCRIPTION COMMAND...: ok if the command succeeds; what it says is
# shown where it does not.
check() {
    local description=$1 said status
    shift
    said=$("$@" 2>&1 </dev/null)
    status=$?
    ok "$status" "$description" && return
    printf '%s\n' "$said" | tail -n 20 | sed 's/^/# /'
    return 1
}

# shows FILE REGEX...: whether each of the regular expressions is in the file.
shows() {
    local file=$1 regex
    shift
    for regex; do
        grep -aqE -- "$regex" "$file" && continue
        echo "$file does not show: $regex"
        tail -n 15 "$file"
        return 1
    done
}

# lacks FILE REGEX: the opposite.
lacks() {
    ! grep -aE -- "$2" "$1"
}

# Ends the test file; 77 and the like of the lab's are a reason to skip all.
skip_all() {
    printf '1..0 # SKIP %s\n' "$*"
    exit 0
}

done_testing() {
    printf '1..%d\n' "$test_count"
    exit 0
}

# Is this `make check-long`, which covers all that `make check` only samples?
is_long() {
    [[ ${CHECK_LONG-} ]]
}

# Or does another Debian release have all of it, and in this one's dom0 `make check`
# looks at one guest of each kind?
is_brief() {
    [[ ${LAB_BRIEF-} ]] && ! is_long
}

# sample COUNT WORD...: prints the words, a line each; but for `make check` only
# the first COUNT of them, in brief the first.
sample() {
    local count=$1
    shift
    ! is_brief || count=1
    ! is_long || count=$#
    printf '%s\n' "${@:1:count}"
}

# pairs "WORD..." "WORD...": prints each word of the first list with each of the
# second, "A B" a line; for `make check` each of the first list once, with those
# of the second in turn, and in brief the first two.
pairs() {
    local -a first second
    local i k
    read -ra first <<<"$1"
    read -ra second <<<"$2"
    for i in "${!first[@]}"; do
        for k in "${!second[@]}"; do
            is_long || ((i % ${#second[@]} == k)) || continue
            ! is_brief || ((i < 2)) || continue
            echo "${first[i]} ${second[k]}"
        done
    done
}

# guest NAME WORD...: adds a guest to the next run_guests; its results go to
# $work/NAME.
guest() {
    local out=$work/$1
    shift
    printf '%q ' "$@" --out "$out" >>"$work/batch"
    echo >>"$work/batch"
}

# run_guests [OPTION...]: runs the guests added since the last time, in one
# boot of the lab. Options are those of `xenlab batch`.
# shellcheck disable=SC2120 # most have no option
run_guests() {
    local status
    lab/xenlab batch "$@" "$work/batch" >"$work/xenlab.log" 2>&1
    status=$?
    : >"$work/batch"
    sed -n 's/^xenlab: .*ran wild/# the lab: &/p' "$work/xenlab.log"
    case $status in
    77) skip_all "$(tail -n 1 "$work/xenlab.log")" ;;
    0 | 1) ;;   # Each guest's own result tells
    *)
        ok 1 "the lab works: $(tail -n 1 "$work/xenlab.log")"
        done_testing
        ;;
    esac
}

# make_guest FILE OPTION...: a disk with GRUB and Linux, from what the image of
# dom0 holds.
make_guest() {
    local image
    image=$(lab/xenlab image 2>"$work/xenlab.log") ||
        skip_all "$(tail -n 1 "$work/xenlab.log")"
    tests/lab/mkguest --kernel "$image/vmlinuz" \
        --modules "$(echo "$image"/modules/lib/modules/*)" \
        --busybox "$image/busybox" --out "$@" 2>"$work/mkguest.log"
}

# passed NAME: the payload of that guest came to its end without a failure.
passed() {
    shows "$work/$1/serial.log" '^PAYLOAD DONE pass=[0-9]+ fail=0'
}

# injected NAME: what dom0 should have done to that guest, it did.
injected() {
    jq -e '.dom0_status == 0' "$work/$1/result.json" ||
        { cat "$work/$1/dom0.log"; return 1; }
}

# reported NAME DISK KEY: that figure in the last report of the driver.
reported() {
    grep -a "xen-blk: $2: calls=" "$work/$1/xen.log" | tail -n 1 |
        sed -n "s/.* $3=\([0-9]*\).*/\1/p"
}

# used_grants NAME: the references of the guest that a backend has mapped.
used_grants() {
    sed -n '/grant-table for remote d[1-9]/,$p' "$work/$1/grants.txt" |
        sed -nE 's/.*\[(0x[0-9a-f]+)\].*/\1/p'
}

# ring_grants NAME: the references of the ring, which has two pages where there are
# no indirect requests; NAME says which backend it is.
ring_grants() {
    [[ $1 == *phy* ]] && echo 0x1ff || echo "0x1fe 0x1ff"
}

# guest_ports NAME: how many event channels the guest has.
guest_ports() {
    sed -n '/information for domain [1-9]/,$p' "$work/$1/evtchn.txt" |
        grep -cE ' +[0-9]+ \[[01]/'
}

# node GUEST END DISK KEY: its value in xenstore; END is device or backend.
node() {
    sed -nE "s,^/local/domain/[0-9]+/$2/[a-z]+(/[0-9]+)?/$3/$4 = \"(.*)\",\2,p" \
        "$work/$1/xenstore.txt" | head -n 1
}

# is_clean GUEST DISK: as the toolstack has made the device, and no other
# frontend ever came.
is_clean() {
    local key
    [[ $(node "$1" device "$2" state) == 1 ]] || { echo "frontend's state"; return 1; }
    [[ $(node "$1" backend "$2" state) == 2 ]] || { echo "backend's state"; return 1; }
    for key in ring-ref ring-page-order ring-ref{0,1} event-channel protocol feature-persistent; do
        [[ -z $(node "$1" device "$2" "$key") ]] || { echo "$key is left"; return 1; }
    done
}

# has_nothing GUEST: the guest shares no page and has no event channel but
# those that the toolstack made: xenstore, console, two for its qemu.
has_nothing() {
    local grants ports
    grants=$(used_grants "$1" | tr '\n' ' ')
    [[ $grants == "0x000 0x001 " ]] || { echo "grants: $grants"; return 1; }
    ports=$(guest_ports "$1")
    [[ $ports == 4 ]] || { echo "event channels: $ports"; return 1; }
}

# is_let_go GUEST [DISK...]: all of that, for each of its disks (xvde).
is_let_go() {
    local guest=$1 disk
    shift
    for disk in "${@:-51776}"; do
        is_clean "$guest" "$disk" || return
    done
    has_nothing "$guest"
}

# libraries PROGRAM...: what these are linked with, beside libc.
libraries() {
    ldd "$@" | sed -n 's/.* => \(\/[^ ]*\/lib[^ ]*\) .*/\1/p' |
        grep -v '/lib\(c\|m\|dl\|pthread\)\.so\|/ld-linux' | sort -u
}

# reads_job: prints a job of 64 random reads of 63 sectors.
reads_job() {
    printf '%s\n' '[reads]' rw=randread offset=1m size=2064384 bs=32256
}

rm -rf "$work"
mkdir -p "$work"
: >"$work/batch"
