#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The decoder of Xen's trace, on traces that are made up: what counts for which
# call, with records of several CPUs out of order, with other guests, and with
# records that are lost. tests/lab/60-bench.t compares it with xenalyze.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

exits=build/bench/exits
trace=$work/trace.bin

# u32 NUMBER...: as the file has them.
u32() {
    local n
    for n; do
        # shellcheck disable=SC2059 # made of the number
        printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((n & 255)) $((n >> 8 & 255)) $((n >> 16 & 255)) $((n >> 24 & 255)))"
    done
}

# record EVENT TSC WORD...: with the time in it.
record() {
    local event=$1 tsc=$2
    shift 2
    u32 $((event | $# << 28 | 1 << 31)) "$tsc" 0 "$@"
}

cpu() {
    u32 $((0x1f003 | 2 << 28)) "$1" 0
}

# state TSC DOMAIN OLD NEW: of a domain's vCPU 0. 0 running, 1 runnable, 2
# blocked, 3 offline.
state() {
    record $((0x21001 | $3 << 8 | $4 << 4)) "$1" $(($2 << 16))
}

# vmexit TSC CODE IP
exit_event=0x81002
vmexit() {
    record "$exit_event" "$@"
}

# What comes of it, with the payload's addresses.
counted() {
    "$exits" "$@" "$trace" 1000 1100 1200
}

# counts LINE WORD...: that this is all.
counts() {
    local expected=$1 got
    shift
    got=$(counted "$@") || return 1
    [[ $got == "$expected" ]] && return
    printf 'expected %s\ngot      %s\n' "$expected" "$got"
    return 1
}

# One call of domain 5's: a port, a hypercall, a wait for qemu, and a sleep
# while dom0 maps a page.
one_call() {
    cpu 0
    state 10 5 1 0
    vmexit 20 0x7b 0x2000   # before any call: what was printed
    vmexit 30 0x10 0x1050   # into real mode
    vmexit 40 0x7b 0xf1234
    record 0x82216 41 0x1f0 5
    state 42 5 0 3          # qemu's turn
    state 43 0 1 0
    state 50 0 0 2
    state 51 5 3 1
    state 52 5 1 0
    vmexit 60 0x81 0xf1234
    record 0x82012 61 29
    state 70 5 0 2          # asleep
    state 71 0 1 0
    record 0x10f001 75 5
    record 0x10f001 76 6    # another guest's page
    state 90 0 0 2
    state 95 5 2 1
    state 96 5 1 0
    vmexit 97 0x60 0xf1234
    vmexit 110 0x10 0x1150  # out of it
    vmexit 120 0x7b 0x2000
}
one='2 exits=2 dm=1 interrupts=1 io=1 vmmcall=1 hypercall-29=1 port-1f0=1 grant-maps=1 blocked-ticks=25 dom0-ticks=26'

one_call >"$trace"
check "a call has what happened in it, and dom0's and its own sleep's time" counts "$one" -d 5
check "without a guest's number, of all guests" counts "${one/maps=1/maps=2}"
check "not of another guest" counts '' -d 6
exit_event=0x81003
one_call >"$trace"
check "on a Xen that has another number for AMD's exits" counts "$one" -d 5
exit_event=0x81002

# The same, in windows of two CPUs that come out of order: another guest runs
# on the second one, and dom0 did the mapping there.
{
    cpu 1
    state 15 6 1 0
    vmexit 45 0x7b 0xf1234
    state 65 6 0 2
    state 71 0 1 0
    record 0x10f001 75 5
    state 90 0 0 2
    cpu 0
    state 10 5 1 0
    vmexit 30 0x10 0x1050
    vmexit 40 0x7b 0xf1234
    record 0x82216 41 0x1f0 5
    vmexit 60 0x81 0xf1234
    record 0x82012 61 29
    state 70 5 0 2
    cpu 1
    cpu 0
    state 95 5 2 1
    state 96 5 1 0
    vmexit 110 0x10 0x1150
} >"$trace"
check "records of several CPUs are put in order" counts \
    '1 exits=2 dm=0 interrupts=0 io=1 vmmcall=1 hypercall-29=1 port-1f0=1 grant-maps=1 blocked-ticks=25 dom0-ticks=19' -d 5

{
    cpu 0
    state 10 5 1 0
    vmexit 30 28 0x1050
    vmexit 40 30 0xf1234
    vmexit 50 48 0xf1234
    vmexit 55 49 0xf1234
    vmexit 56 1 0xf1234
    vmexit 57 28 0xf1234
    vmexit 60 28 0x1150
} >"$trace"
check "Intel numbers exits in its own way" counts \
    '1 exits=4 dm=0 interrupts=1 cr-access=1 io=1 mmio=2' -i

one_call >"$trace"
truncate -s -4 "$trace"
check "a trace that is cut short is refused" sh -c "$exits $trace 1 2 3 2>&1 >/dev/null | grep 'cut short'; ! $exits $trace 1 2 3"
{ one_call; record 0x1f001 130 7 0 0 0; } >"$trace"
check "a trace with lost records is refused" sh -c "$exits $trace 1 2 3 2>&1 >/dev/null | grep 'records are lost'; ! $exits $trace 1 2 3"
check "no trace is told" sh -c "$exits $work/none 1 2 3 2>&1 | grep 'cannot be opened'"
check "a word too few is a usage error" sh -c "$exits $trace 1 2; [ \$? = 2 ]"
done_testing
