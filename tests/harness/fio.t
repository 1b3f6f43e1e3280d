#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Job files are fio's: what int13bench takes, Debian's fio takes as it is, and makes
# as many calls of the same sizes at the same places; what fio refuses, int13bench
# refuses. Held against the tree's jobs, against odd files, and against 240 made by
# fio_files, of which make check has 60.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

int13bench=build/bench/int13bench
disk=$work/disk.img
truncate -s 32M "$disk"

# fio_calls FILE OUT [OPTION...]: "JOB CALLS" as fio has made them.
fio_calls() {
    fio --output-format=json --output="$2.json" --filename="$disk" --replay_redirect="$disk" "${@:3}" \
        "$1" >"$2.said" 2>&1 || { cat "$2.said"; return 1; }
    sed -n '/^{/,$p' "$2.json" | jq -r '.jobs[] | "\(.jobname) \(.read.total_ios + .write.total_ios)"'
}

# Those that the payload would make, of the script on standard input.
our_calls() {
    sed -E 's/^job name=(\S+) .*\bops=([0-9]+) .*/\1 \2/'
}

# The places of a sequential job's calls, of the script on standard input, in bytes.
our_places() {
    tr ' ' '\n' | awk -F '[=/]' '{ word[$1] = $2 } END {
        for (at = n = 0; n < word["ops"]; n++) {
            if (word["size"] - at < word["bs"])
                at = 0
            printf "%d %d\n", (word["offset"] + at) * 512, word["bs"] * 512
            at += word["bs"]
        }
    }'
}

# fio_places IOLOG: fio's, moved to behind the program if they begin in it.
fio_places() {
    awk '$3 == "read" || $3 == "write" {
        moved = n++ ? moved : $4 < 32768 ? 32768 : 0
        print $4 + moved, $5
    }' "$1"
}

same_calls() {
    diff <("$int13bench" script "$1" 2>/dev/null | our_calls) <(fio_calls "$1" "$work/same")
}

# compare FILE: prints "both", if it is the same to both, "fio" if only fio takes it,
# "none", or "BAD" and what differs.
compare() {
    local name=$work/${1##*/} said
    rm -f "$name.iolog"
    if ! "$int13bench" script "$1" >"$name.ours" 2>"$name.err"; then
        said=$(grep -vE "^$1:[0-9]+: .+: .+" "$name.err") && { echo "BAD $1: $said"; return; }
        fio --parse-only "$1" >/dev/null 2>&1 && echo "fio $1" || echo "none $1"
        return
    fi
    if ! said=$(fio --parse-only "$1" 2>&1); then
        echo "BAD $1: fio refuses it: $said"
    elif grep -q 'bs=[0-9]*/[0-9]*,' "$name.ours"; then
        echo "both $1 (sizes by chance)"
    elif ! said=$(diff <(our_calls <"$name.ours") <(fio_calls "$1" "$name" --write_iolog="$name.iolog")); then
        echo "BAD $1: other calls:" "$said"
    elif (($(wc -l <"$name.ours") == 1)) && grep -qE ' rw=(read|write) ' "$name.ours" &&
        ! said=$(diff <(our_places <"$name.ours") <(fio_places "$name.iolog")); then
        echo "BAD $1: other places:" "$said"
    else
        echo "both $1"
    fi
}

# Prints what comes of each file of a directory. fio mostly sleeps.
compare_all() {
    find "$1" -name '*.fio' | sort | xargs -P 8 -I{} bash -c 'compare {}'
}
export -f compare our_calls our_places fio_calls fio_places
export work disk int13bench

none_is_bad() {
    ! grep -A 5 ^BAD "$1" | cut -c 1-300
}

# counts LEAST VERDICT FILE
counts() {
    local count
    count=$(grep -c "^$2 " "$3")
    echo "$count $2"
    ((count >= $1))
}

# verdict WHAT TEXT [REGEX...]: a file of that text, with printf's escapes, is the same
# to both (WHAT is both), is taken by fio only, or by none; then it is refused with
# these reasons, all at once.
verdict() {
    local what=$1 file=$work/verdict.fio got regex
    # shellcheck disable=SC2059 # with escapes
    printf "$2" >"$file"
    shift 2
    got=$(compare "$file")
    [[ $got == "$what "* ]] || { echo "$got"; cat "$file.err"; return 1; }
    for regex; do
        shows "$file.err" "$regex" || return
    done
    (($# == 0 || $(wc -l <"$file.err") == $#))
}

# taken NAME TEXT: a file that is the same to both.
taken() {
    check "$1 is the same to fio" verdict both "$2"
}

# refused NAME WHO TEXT REGEX...: one that is refused.
refused() {
    check "$1 is refused, with what is wrong" verdict "${@:2}"
}

readonly job='[a]\noffset=1m\nsize=64k\n'

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
[over-the-end]
bs=32256
size=1m
[and-again]
bs=48k
size=64k
io_size=200k
[less-than-a-call-left]
bs=48k
size=64k
io_size=100k
[no-place-twice]
rw=randread
bs=48k
size=256k
io_size=600k
[three-times]
bs=4k
size=32k
loops=3
number_ios=7
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
    [[ $said == *"bad.fio:4: no_such_option=1: "* ]] || { echo "$said"; return 1; }
    ! fio --parse-only "$work/bad.fio"
}

# damaged TEXT REGEX: a stream with that line in it is refused with that reason.
damaged() {
    local said
    printf 'fio version 2 iolog\ndisk add\n%s\n' "$1" >"$work/bad.iolog"
    printf '[a]\nread_iolog=%s\n' "$work/bad.iolog" >"$work/bad.fio"
    said=$("$int13bench" script "$work/bad.fio" 2>&1)
    (($? == 2)) && grep -qE "bad.fio:1: .*read_iolog=.*: $work/bad.iolog:3: $2" <<<"$said" && return
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

# Each name in the table, aliases too, is an option of fio's.
every_option_is_fios() {
    local name missing=0
    fio --cmdhelp=all | sed -E 's/^ *([^ ]+) *:.*/\1/' >"$work/options"
    for engine in io_uring libaio pvsync2; do
        fio --enghelp="$engine"
    done | sed -E 's/ *:.*//' >>"$work/options"
    while read -r name; do
        grep -qx -- "$name" "$work/options" || [[ $name == int13_* ]] && continue
        printf '[a]\n%s=1\n' "$name" >"$work/name.fio"
        fio --parse-only "$work/name.fio" 2>&1 | grep -q 'Bad option' || continue
        echo "fio has no $name"
        missing=1
    done < <(sed -nE 's/^    \{ "([^"]+)", ("([^"]+)"|NULL).*/\1\n\3/p' bench/harness/{fio,job}option.c | grep .)
    return "$missing"
}

for file in bench/jobs/*.fio "$work/agree.fio"; do
    check "fio accepts ${file##*/}" fio --parse-only "$file"
    check "fio makes the calls of ${file##*/}" same_calls "$file"
done

taken 'a comment behind a value' "${job}bs=4k # four\n"
taken 'one without a blank' "${job}bs=4k;four\n"
taken 'one behind flags and sections' '[global]\ndirect=1    #unbuffered\nstonewall   #one by one\n[a] # x\noffset=1m\nsize=64k\n[b];\noffset=2m\nsize=64k\nrw=randread\n'
taken 'a number with a leading zero' '[a]\noffset=010m\nsize=040k\nbs=04k\n'
taken 'a unit of the other base' '[a]\noffset=1MiB\nsize=64KiB\nbs=8KiB\nkb_base=1000\n'
taken 'a section that begins with global' '[global-x]\noffset=1m\nbs=8k\n[a]\nsize=64k\n'
taken 'a second [global]' "${job}[global]\nbs=8k\n[b]\nstonewall\noffset=1m\nsize=64k\n"
taken 'the last of two' "${job}bs=8k\nbs=512\n"
taken 'a long line' "${job}description=$(printf '%0500d' 0)\n; $(printf '%08000d' 0)\n"
taken 'a line of control characters' "$job\001\002\nbs=8k\n"
taken "a line's end of DOS" '[a]\r\noffset=1m\r\nsize=64k\r\nstonewall\r\n'
taken 'no end of the last line' "${job}bs=8k"
taken 'a size for each direction' "${job}bs=4k,8k\nrw=write\n"
taken 'what follows a number' "${job}bs=4kilo\n"
taken "a variable of the environment" "${job}bs=8\${NOT_THERE}k\n"
taken 'an engine with one call in flight' "${job}ioengine=sync\niodepth=16\n"
taken "a pause with a unit" "${job}thinktime=1ms\nnumber_ios=3\n"
taken 'more number_ios than there are' "${job}number_ios=1k\n"
taken 'a job that waits for the one before' "${job}[b]\nwait_for=a\noffset=1m\nsize=64k\n"
printf 'bs=16k\n; int13_addressing=chs\n' >"$work/included.inc"
taken 'an included file' "${job}include $work/included.inc\nnumber_ios=2\n"
check "and what it says holds" shows "$work/verdict.fio.ours" 'bs=32/100 .*ops=2 .* chs=1'

refused '4KiB with the usual kb_base' fio "${job}bs=4KiB\n" ':4: bs=4KiB: .*4000 bytes.*4k is 4096'
refused 'a size that would wrap' fio '[a]\noffset=1m\nsize=17592186044417m\n' ':3: size=17592186044417m: too large'
refused 'a job beside another' fio "${job}[b]\nstonewall=0\noffset=1m\nsize=64k\n" ':4: \[b\]: .* add stonewall'
refused 'a blank before a value' none "${job}rw = read\n" ':4: rw= read: must be'
refused 'a byte order mark' none "\xef\xbb\xbf$job" ':1: .*byte order mark.*: save'
refused 'an own option outside a comment' none "${job}int13_buffer=1000:0\n" ':4: int13_buffer=1000:0: .*as a comment'
refused 'a section without its end' fio '[abc\noffset=1m\nsize=64k\n' ':1: \[abc: a section is \[NAME\]'
refused 'a byte of 0' fio "${job}bs=4k\\0x\n" ':4: .*byte of 0'
refused 'a file of several names' fio "${job}filename=a:b\n" ':4: filename=a:b: several files'
refused 'calls in flight' fio "${job}ioengine=libaio\niodepth=8\n" ':5: iodepth=8: .*: leave it out, or write 1'
refused 'a figure of the machine' fio "${job}bs=\$pagesize\n" ':4: bs=.pagesize: .*write the number'
refused 'an include of itself' fio "${job}include $work/verdict.fio\n" ': .*no sections' \
    ':4: include .*include each other'
refused 'everything at once' none '[a]\nbs=1000\nrunime=4\nnumjobs=4\ndirect=5\n[a]\nrw=trim\niodepth=x\n' \
    ':1: \[a\]: size is missing' ':2: bs=1000: .*512' ':3: runime=4: .*did you mean runtime' ':4: numjobs=4: .*or write 1' \
    ':5: direct=5: write 0 or 1' ':6: \[a\]: another job' ':6: \[a\]: .*stonewall' ':6: \[a\]: size' ':7: rw=trim: .*cannot trim' \
    ':8: iodepth=x: not a number'
check "nothing of a file is sent to the terminal as it is" sh -c "printf '[a]\033[31m\n[b]\nbs=4k\033]0;x\007\nsize=\302\233\n' |
    $int13bench check - >$work/raw; [ \$? = 2 ] && ! LC_ALL=C grep '[[:cntrl:]]' $work/raw && grep -F '\x1b' $work/raw"
check "check says what is ignored, and why" sh -c "printf '${job}direct=1\nthread\n' | $int13bench check - |
    grep -c '^standard input:[45]: note: .*: ignored: ' | grep -x 2"
check "and how many calls each job makes" sh -c "printf '${job}' | $int13bench check - | grep -x 'a: 16 calls'"
check "a run says that there is more to read" sh -c "printf '${job}direct=1\n' | $int13bench script - 2>&1 >/dev/null | grep 'int13bench check FILE'"
check "a folder is told" sh -c "$int13bench check $work >$work/said; [ \$? = 2 ] && grep 'cannot be read: Is a directory' $work/said"
check "fio has each option that int13bench ignores" every_option_is_fios

is_long && made=240 || made=60
tests/harness/fio_files "$work/made" "$made"
compare_all "$work/made" >"$work/verdicts"
check "$made made files are to int13bench what they are to fio" none_is_bad "$work/verdicts"
check "of which enough are taken" counts $((made * 5 / 12)) both "$work/verdicts"
check "and enough refused by fio" counts $((made / 12)) none "$work/verdicts"
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
