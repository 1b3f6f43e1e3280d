#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What xenlab does to the folders of --out, without a lab: results are there as soon
# as each guest has ended, and what was there before stays until all is checked.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=lab/lib/common.sh
. lab/lib/common.sh
# shellcheck source=lab/lib/result.sh
. lab/lib/result.sh

machine=$work/machine
outs=("$PWD/$work/first" "$PWD/$work/second" "$PWD/$work/third")
# shellcheck disable=SC2034 # for result.sh
clock=icount smp=1
mkdir -p "$machine" "${outs[@]}"

# guest_ends NUMBER: dom0 sends what a guest left.
guest_ends() {
    local dir
    dir=$work/dom0/$(printf '%03d' $(($1 - 1)))
    mkdir -p "$dir"
    echo "of guest $1" >"$dir/serial.log"
    head -c 300000 /dev/urandom >"$dir/trace.bin"
    echo '{"exit": "until", "status": 0}' >"$dir/result.json"
    tar -c -S -C "$work/dom0" "${dir##*/}" >>"$machine/results.tar"
}

# What the machine has said so far, in the same words.
tells() {
    echo "[5.00 s] guest $1/3: $2" >&"$line"
}

# True once the first of the files is there.
appears() {
    local tries
    for ((tries = 0; tries < 6000; tries++)); do
        [[ ! -e $1 ]] || return 0
        sleep 0.01
    done
    return 1
}

is_delivered() {
    appears "${outs[$1 - 1]}/result.json" && shows "${outs[$1 - 1]}/serial.log" "of guest $1" &&
        cmp "${outs[$1 - 1]}/trace.bin" "$work/dom0/$(printf '%03d' $(($1 - 1)))/trace.bin" &&
        jq -e '.wall_seconds >= 0 and .clock == "icount"' "${outs[$1 - 1]}/result.json"
}

: >"$machine/results.tar"
echo 'lab: [1 s] dom0 is up' >"$machine/qemu.log"
exec {line}> >(result_watch "$machine" >"$work/said" 2>&1)
watcher=$!
tells 1 started
guest_ends 1
tells 1 'ended, status 0'
check "a guest's results are there as soon as it has ended" is_delivered 1
check "what the machine said until then, too" shows "${outs[0]}/qemu.log" 'dom0 is up'
check "and nothing of the next one" test ! -e "${outs[1]}/result.json"
tells 2 started
guest_ends 2
kill -INT "$watcher"
kill -TERM "$watcher"
tells 2 'ended, status 0'
check "nor do signals keep a guest's from it" is_delivered 2
tells 3 started
# Cut short, because the machine is killed meanwhile.
cp "$machine/results.tar" "$work/before.tar"
guest_ends 3
truncate -s -200000 "$machine/results.tar"
tells 3 'ended, status 0'
exec {line}>&-
wait "$watcher"
check "half a guest's are not delivered" test ! -e "${outs[2]}/result.json"
echo 'lab: [9 s] powering off' >>"$machine/qemu.log"
(result_all "$machine" 0) >"$work/all" 2>&1
check "at the end, a guest of which nothing came is broken" jq -e '.status == 3' "${outs[2]}/result.json"
check "and the others' are as they were" is_delivered 2
check "but for what the machine said later" shows "${outs[0]}/qemu.log" 'powering off'

# xenlab as it is when a guest has just ended, and then a signal ends it.
cat >"$work/ended" <<END
#!/bin/bash
. lab/lib/common.sh
. lab/lib/result.sh
clean_up_at_exit
outs=("$PWD/$work/first") clock=icount smp=1
temporaries=("$work/gone")
machine() {
    echo '[5 s] guest 1/1: started'
    cat "$work/late.tar" >>"$work/gone/results.tar"
    echo '[5 s] guest 1/1: ended, status 0'
    : >"$work/running"
    run_child sleep 1000
}
exec {progress}> >(result_watch "$work/gone")
watcher=\$!
machine >&"\$progress"
END
ended() {
    local pid
    mkdir "$work/gone"
    rm -rf "${outs[0]:?}"/* "$work/dom0"
    : >"$work/gone/results.tar"
    mv "$machine/results.tar" "$work/kept.tar"
    guest_ends 1
    mv "$machine/results.tar" "$work/late.tar"
    mv "$work/kept.tar" "$machine/results.tar"
    bash "$work/ended" 2>"$work/said" &
    pid=$!
    appears "$work/running" && kill -TERM "$pid"
    wait "$pid"
    [[ $? == 143 && ! -e $work/gone ]] && is_delivered 1
}
check "a guest that ends just before xenlab does is delivered" ended

# A folder that cannot be written to stands for a full disk.
printf "1.5\n1.5\n1.5\n" >"$machine/wall"
rm -f "$machine/delivered" "${outs[1]}"/*
rmdir "${outs[1]}"
: >"${outs[1]}"
cp "$work/before.tar" "$machine/results.tar"
guest_ends 3
(result_all "$machine" 0) >"$work/all" 2>&1
check "a disk that is full is told" shows "$work/all" 'cannot write results to .*second .disk full'
check "and the next guest's are there all the same" is_delivered 3
rm -f "${outs[1]}"

# keeps REGEX WORD...: a usage error, and what is in the folder stays.
keeps() {
    local regex=$1
    shift
    mkdir -p "$work/kept"
    echo old | tee "$work/kept/serial.log" >"$work/kept/result.json"
    lab/xenlab "$@" >"$work/said" 2>&1
    [[ $? == 2 ]] && shows "$work/said" "$regex" && [[ $(cat "$work"/kept/{serial.log,result.json}) == old$'\n'old ]]
}

truncate -s 1M "$work/disk.img"
printf '%s\n' "--disk $work/disk.img --out $work/kept" "--disk $work/typo.img --out $work/other" >"$work/two"
if command -v qemu-system-x86_64 >/dev/null && command -v cpio >/dev/null; then
    check "a disk that is not there leaves earlier results alone" keeps 'no such disk file: .*typo' \
        run --out "$work/kept" --disk "$work/typo.img"
    check "so does a firmware" keeps 'no such BIOS file' run --out "$work/kept" --bios "$work/none"
    check "and a fault of another guest of the batch" keeps 'no such disk file: .*typo' batch "$work/two"
else
    ok 0 "earlier results # SKIP there is no qemu-system-x86_64 or cpio"
fi
done_testing
