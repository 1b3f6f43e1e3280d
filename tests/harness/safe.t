#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Whatever ends a run, what was measured is there, nothing of it is half, and nothing
# of another run is among it. The lab is a script that takes its time to hand out
# what the payload has said in QEMU.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

command -v qemu-system-x86_64 >/dev/null || skip_all "there is no qemu-system-x86_64"

top=$PWD
tree=$top/$work/tree
export STATE=$top/$work/state
mkdir -p "$tree"/{lab,bench,build/bench} "$STATE"
ln -s "$top/bench/transports" "$tree/bench/"
ln -s "$top"/build/bench/{int13img,stage.nm,exits,count.so,int13bench} "$tree/build/bench/"
: >"$tree/build/bios.bin"

# The lab: each guest takes a moment, in which its results are half there. With a
# file STATE/full, the second one fills the disk.
cat >"$tree/lab/xenlab" <<'END'
#!/bin/bash
trap 'exit 143' TERM
trap '' INT HUP
file=${*: -1} number=0
while read -r line; do
    eval "words=($line)"
    for ((i = 0; i < ${#words[@]}; i++)); do
        [[ ${words[i]} == --out ]] && out=${words[i + 1]}
    done
    echo "xenlab: [1.00 s] guest $((++number))/$(wc -l <"$file"): started" >&2
    echo "$out" >>"$STATE/started"
    mkdir -p "$out"
    head -c 600 "$STATE/serial.log" >"$out/serial.log"
    [[ ! -e $STATE/hang ]] || { : >"$STATE/hangs"; while :; do sleep 0.05; done; }
    sleep 0.03
    if [[ -e $STATE/full ]] && ((number == 3)); then
        cat /dev/zero >"$out/../fill" 2>/dev/null
        echo "xenlab: cannot write results to $out (disk full?)" >&2
        exit 3
    fi
    tail -c +601 "$STATE/serial.log" >>"$out/serial.log"
    printf '(XEN) SeaBIOS (version rel-fake)\n' >"$out/xen.log"
    echo '{"exit": "until", "status": 0, "domid": 1}' >"$out/result.new"
    mv "$out/result.new" "$out/result.json"
    echo "xenlab: [2.00 s] guest $number/$(wc -l <"$file"): ended, status 0" >&2
done <"$file"
END
chmod +x "$tree/lab/xenlab"

cat >"$tree/job.fio" <<'END'
[first]
offset=1m
size=128k
bs=4k
[second]
stonewall
rw=randread
offset=1m
size=64k
bs=512
END
sed 's/size=128k/size=64k/' "$tree/job.fio" >"$tree/other.fio"
guests=6

cd "$tree" || exit
bench=build/bench/int13bench
words=(--job job.fio --no-trace --repetitions 3 --out)

# What the payload says to the jobs.
build/bench/int13img make serial.img --size 32MiB --script <("$bench" script job.fio && echo 'readback drive=80' && echo poweroff)
timeout 300 qemu-system-x86_64 -accel tcg -m 64 -display none -serial "file:$STATE/serial.log" -no-reboot \
    -drive file=serial.img,format=raw </dev/null >/dev/null 2>&1
rm serial.img

# holds OUT FILTER
holds() {
    jq -e "$2" "$1/results.json"
}

# Each job there is whole, and of a guest that has ended.
is_whole() {
    [[ ! -e $1/results.json ]] || holds "$1" '[.jobs[] | (.int13bench.valid and
        (.int13bench.samples_ns | length) == {first: 32, second: 128}[.jobname])] | all'
}

# has OUT GUESTS: both jobs of so many guests, all of them whole.
has() {
    is_whole "$1" && holds "$1" "(.jobs | length) == $(($2 * 2))"
}

guests_ended() {
    find "$1" -mindepth 2 -name result.json 2>/dev/null | wc -l
}

complete_run() {
    "$bench" run "${words[@]}" "$1" >stdout 2>stderr || { cat stderr; return 1; }
    has "$1" "$guests" && holds "$1" '.int13bench | has("interrupted") | not'
}

# Until the lab has a guest that hangs.
await_hang() {
    until [[ -e $STATE/hangs ]]; do
        kill -0 "$1" || return
        sleep 0.02
    done
}

# begin OUT: a run whose lab hangs in its third guest; sets $run.
begin() {
    rm -f "$STATE"/{hang,hangs,started}
    # What a shell starts in the background ignores Ctrl-C, and under nohup the loss
    # of its terminal.
    env --default-signal=INT,HUP "$bench" run "${words[@]}" "$1" >stdout 2>stderr &
    run=$!
    until (($(wc -l 2>/dev/null <"$STATE/started" || echo 0) >= 2)); do
        kill -0 "$run" || return
        sleep 0.005
    done
    : >"$STATE/hang"
    await_hang "$run"
}

# ended_by SIGNAL STATUS: what there was is there, and the rest can be done.
ended_by() {
    local out=by-$1 ended status
    begin "$out" || { cat stderr; return 1; }
    kill -"$1" "$run"
    wait "$run"
    status=$?
    rm -f "$STATE"/{hang,hangs}
    ended=$(guests_ended "$out")
    ((status == $2 && ended >= 1)) || { echo "status $status, $ended done"; cat stderr; return 1; }
    shows stderr "interrupted after $ended of $guests guests" "run --resume --out $out" || return
    has "$out" "$ended" && holds "$out" ".int13bench | .interrupted and .guests_done == $ended and .guests == $guests" || return
    shows "$out/xenlab.log" 'guest 1/6: started' || return
    : >"$STATE/started"
    "$bench" run --resume --out "$out" >stdout 2>stderr || { cat stderr; return 1; }
    (($(grep -c 'guest 1/.*started' "$out/xenlab.log") == 2)) || return
    holds "$out" ".int13bench.command == \"int13bench run ${words[*]} $out\"" || return
    has "$out" "$guests" && (($(wc -l <"$STATE/started") == guests - ended))
}

# Many runs are killed at any moment of as long as one takes here, and resumed.
killed_at_random() {
    local round out ended delay took
    took=$(date +%s%N)
    complete_run killed || return
    took=$((($(date +%s%N) - took) / 1000000))
    rm -rf killed
    RANDOM=7
    for ((round = 0; round < 50; round++)); do
        out=killed-$round
        delay=$((RANDOM * took / 32768))
        delay=$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))
        "$bench" run "${words[@]}" "$out" >stdout 2>stderr &
        run=$!
        sleep "$delay"
        kill -KILL "$run" 2>/dev/null
        wait "$run" 2>/dev/null
        # What it has started ends, too, and releases the folder.
        [[ ! -e $out/lock ]] || flock "$out/lock" true
        ended=$(guests_ended "$out")
        is_whole "$out" || { echo "round $round: not whole"; return 1; }
        if [[ -e $out/results.json ]]; then
            holds "$out" "(.jobs | length) / 2 <= $ended" >/dev/null || { echo "round $round: too many"; return 1; }
        fi
        : >"$STATE/started"
        if [[ -e $out/session.json ]]; then
            "$bench" run --resume --out "$out" >stdout 2>stderr
        else
            "$bench" run "${words[@]}" "$out" >stdout 2>stderr
        fi || { echo "round $round"; cat stderr; return 1; }
        has "$out" "$guests" >/dev/null || { echo "round $round: not complete"; return 1; }
        (($(wc -l <"$STATE/started") == guests - ended)) || { echo "round $round: done twice"; return 1; }
        echo "round $round: $ended" >>rounds
        rm -rf "$out"
    done 2>/dev/null
}

# Some were killed before, and some after the first guest had ended.
rounds_differ() {
    sort -k3 -u rounds | awk '{ print $3 }' | sort -u | wc -l | awk '{ exit $1 < 4 }' || { cat rounds; return 1; }
}

two_at_a_time() {
    local status said
    begin locked || return
    said=$("$bench" run --job other.fio --no-trace --out locked 2>&1)
    status=$?
    kill -TERM "$run"
    wait "$run"
    rm -f "$STATE"/{hang,hangs}
    echo "$said"
    ((status == 2)) && grep -q "locked is in use by process $run since 20.*: int13bench run" <<<"$said" &&
        "$bench" run --resume --out locked >stdout 2>stderr && has locked "$guests"
}

other_job() {
    "$bench" run --job other.fio --no-trace --repetitions 1 --backend phy --out mixed >stdout 2>stderr
    (($? == 1)) && holds mixed '.jobs[0].int13bench | .valid == false and (.reason | test("ran another job"))'
}

# refuses REGEX WORD...: a usage error that leaves the results as they were.
refuses() {
    local before
    before=$(find kept -type f -exec sha256sum {} + | sort)
    "$bench" run "${@:2}" >stdout 2>stderr
    [[ $? == 2 ]] && shows stderr "$1" && diff <(echo "$before") <(find kept -type f -exec sha256sum {} + | sort)
}

earlier_results() {
    local sum
    sum=$(sha256sum <kept/results.json)
    complete_run kept && [[ $(sha256sum <kept/results.old.json) == "$sum" ]]
}

interrupted_anew() {
    jq '.int13bench += { interrupted: true, guests_done: 1, guests: 6 }' kept/results.json >again/results.json &&
        complete_run again && shows stderr 'again had an interrupted run.*--resume would have'
}

# What a report gives as the command that has measured.
done_again_as_told() {
    local command
    "$bench" report kept/results.json >/dev/null || return
    command=$(sed -n 's/^    int13bench run/int13bench run/p' kept/report.md)
    : >"$STATE/started"
    PATH=$PWD/build/bench:$PATH sh -c "$command" >stdout 2>stderr && has kept "$guests" && (($(wc -l <"$STATE/started") == guests))
}

new_firmware() {
    : >"$STATE/started"
    echo new >build/bios.bin
    "$bench" run --resume --out kept >stdout 2>stderr && (($(wc -l <"$STATE/started") == guests)) && has kept "$guests"
}

# In a file system of its own with so many KiB, in a mount namespace of its own.
on_small_disk() {
    mkdir -p small
    unshare -m bash -c "mount -t tmpfs -o size=$1k none small && cd . && $2"
}
export bench
full_in_a_run() {
    : >"$STATE/full"
    on_small_disk 36000 "\"\$bench\" run ${words[*]} small/d 2>stderr; echo \$? >status; cp small/d/results.json full.json"
    rm "$STATE/full"
    [[ $(<status) == 3 ]] && shows stderr 'cannot write results' 'the 2 of 6 guests' || return
    jq -e '.int13bench.interrupted and .int13bench.guests_done == 2 and (.jobs | length) == 4' full.json
}

full_at_once() {
    on_small_disk 9000 "\"\$bench\" run ${words[*]} small/d 2>stderr; echo \$? >status"
    [[ $(<status) == 2 ]] && shows stderr 'disk0.img.*(make room|No space left)' && lacks stderr Success
}

narrow() {
    [[ -s stdout ]] && ! grep -E '^.{81}' stdout && shows stdout '^median us a call +ours pv/qdisk +ours pv/phy$' '^first +[0-9.]+ +[0-9.]+$'
}

check "a run is complete" complete_run kept
check "and at its end is a table that fits the terminal" narrow
check "its first words are what is to come" shows stderr '^int13bench: 6 guests to run, the first one is ours pv qdisk; no earlier run'
check "a run like it knows how long it takes" sh -c "$bench run ${words[*]} again 2>&1 >/dev/null | head -n 1 | grep -E 'about [0-9]+:[0-9]{2} left'"
check "earlier results are set aside" earlier_results
for words_of in '--job none.fio --out kept' '--job job.fio --transport none --out kept' '--job job.fio --firmware x=none --out kept' \
    '--job job.fio --repetition 0 --out kept' '--job job.fio --frob --out kept' '--resume --out kept --repetitions 2' \
    '--job - --out kept'; do
    # shellcheck disable=SC2086 # words
    check "an error leaves them alone: $words_of" refuses . $words_of
done
check "the command that its report gives does it again" done_again_as_told
check "a run that was interrupted is not begun anew without a word" interrupted_anew
check "what is not there cannot be resumed" refuses 'no run has begun in none' --resume --out none
check "a new firmware's guests are all run again" new_firmware
check "two runs cannot have one folder" two_at_a_time
check "figures of another job are not valid" other_job
check "a run is ended by Ctrl-C, and resumed" ended_by INT 130
check "by a signal to terminate" ended_by TERM 143
check "by the loss of its terminal" ended_by HUP 129
check "50 runs are killed at any moment, and resumed" killed_at_random
check "those moments were of all kinds" rounds_differ
if unshare -m true 2>/dev/null; then
    check "a disk that becomes full loses nothing" full_in_a_run
    check "one that is full at once is told" full_at_once
else
    ok 0 "a full disk # SKIP only root can mount a small one"
fi
check "a wrong command is told in two lines, with the right one" sh -c "$bench rnu >stdout 2>stderr; [ \$? = 2 ] &&
    [ \$(wc -l <stderr) = 2 ] && grep -q 'no command rnu' stderr && grep -q 'Did you mean int13bench run' stderr"
check "and nothing of it harms the terminal" sh -c "! $bench \"\$(printf 'r\\033[31m')\" 2>stderr && ! grep '[[:cntrl:]]' stderr && grep -F '\\x1b' stderr"
check "so is a wrong option" sh -c "$bench run --jbo=x 2>stderr; [ \$? = 2 ] && grep -q 'Did you mean --job' stderr"
for command in run check script report compare; do
    check "$command --help is harmless" sh -c "$bench $command --out kept --help | grep -q '^usage: int13bench $command' &&
        $bench $command x --version | grep -q '^int13bench '"
done
done_testing
