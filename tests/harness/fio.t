#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Job files are fio's: Debian's fio takes each as it is, and makes as many
# calls of the same sizes as int13bench would.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

int13bench=build/bench/int13bench
disk=$work/disk.img
truncate -s 32M "$disk"

# fio_calls FILE: "JOB CALLS" as fio has made them.
fio_calls() {
    fio --output-format=json --filename="$disk" --replay_redirect="$disk" "$1" 2>"$work/fio.err" |
        jq -r '.jobs[] | "\(.jobname) \(.read.total_ios + .write.total_ios)"'
}

# our_calls FILE: those that the payload would make.
our_calls() {
    "$int13bench" script "$1" | sed -E 's/^job name=(\S+) .*\bops=([0-9]+) .*/\1 \2/'
}

same_calls() {
    diff <(our_calls "$1") <(fio_calls "$1")
}

# The rules of when a job ends.
cat >"$work/agree.fio" <<'END'
[global]
ioengine=psync
offset=1m
stonewall
; int13_buffer=1000:0001
[to-the-end]
bs=4k
size=1m
[short]
rw=write
bs=32256
size=1m
number_ios=7
[twice]
rw=randread
bs=512
size=64k
io_size=128k
norandommap
END

refused_by_both() {
    local said
    printf '[a]\noffset=1m\nsize=1m\nno_such_option=1\n' >"$work/bad.fio"
    said=$("$int13bench" script "$work/bad.fio" 2>&1)
    (($? == 2)) || { echo "exit status is not 2: $said"; return 1; }
    [[ $said == *"bad.fio:4: no_such_option: "* ]] || { echo "$said"; return 1; }
    ! fio --parse-only "$work/bad.fio"
}

# damaged TEXT REGEX: a stream with that line in it is refused with that reason.
damaged() {
    local said
    printf 'fio version 2 iolog\ndisk add\n%s\n' "$1" >"$work/bad.iolog"
    printf '[a]\nread_iolog=%s\n' "$work/bad.iolog" >"$work/bad.fio"
    said=$("$int13bench" script "$work/bad.fio" 2>&1)
    (($? == 2)) && grep -qE "bad.fio:2: read_iolog: $work/bad.iolog:3: $2" <<<"$said" && return
    echo "$said"
    return 1
}

# The log that a firmware leaves on a Xen host, other drives and other calls in
# it, comes to this stream.
converts() {
    printf '%s\r\n' '(d3) [12.5] enter handle_13:' '(d3) [12.5]    a=00000201  b=00000000  c=00000001  d=00000080 ds=0000' \
        '(d3) [12.5] disk_op d=0x1 lba=0 buf=0x00007c00 count=1 cmd=2' \
        '(d3) [12.6] enter handle_13:' '(d3) [12.6]    a=00004100  b=000055aa  c=00000000  d=00000080 ds=0000' \
        '(d3) [12.6] enter handle_13:' '(d3) [12.6]    a=00004200  b=00000000  c=00000000  d=00000081 ds=0000' \
        '(d3) [12.6] disk_op d=0x2 lba=9 buf=0x00010000 count=1 cmd=2' \
        '(d3) [12.6] disk_op d=0x1 lba=5 buf=0x00010000 count=1 cmd=2' \
        '(d3) [12.7] enter handle_13:' '(d3) [12.7]    a=00004200  b=00000000  c=00000000  d=00000080 ds=0000' \
        '(d3) [12.7] disk_op d=0x1 lba=8388608 buf=0x00068000 count=63 cmd=2' >"$work/xl-dmesg"
    diff <(bench/streams/record --log "$work/xl-dmesg") - <<'END'
fio version 2 iolog
disk add
disk open
disk read 0 512 7c00 chs
disk read 4294967296 32256 68000
disk close
END
}

for file in bench/jobs/*.fio "$work/agree.fio"; do
    check "fio accepts ${file##*/}" fio --parse-only "$file"
    check "fio makes the calls of ${file##*/}" same_calls "$file"
done
check "an unknown option is an error that names file and line" refused_by_both
check "a stream's call that int13 cannot do is told" damaged 'disk read 0 131072' 'int13 reads 512 to 64k'
check "and one of half a sector" damaged 'disk read 256 512' 'int13 reads'
check "and a write" damaged 'disk write 0 512' 'must be FILE add, open, close or read'
check "an empty stream is told" damaged 'disk close' 'it has no reads'
check "what a Xen host's log tells is a stream" converts
check "no log is told" sh -c 'bench/streams/record --log /dev/null; [ $? = 1 ]'
check "no file is a usage error" sh -c "$int13bench script; [ \$? = 2 ]"
check "a word too many is a usage error" \
    sh -c "$int13bench run --job bench/jobs/mix.fio --out $work/x y; [ \$? = 2 ]"
check "--help has examples" sh -c "$int13bench --help | grep -q '^  int13bench run --job'"
done_testing
