#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# bench/host-report without a Xen: fake-xl.sh stands in for it. What it refuses, what
# it says, and what is left of a run, whole or ended. tests/lab/63-host-report.t has
# a real dom0, and loaders.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/harness/fake-xl.sh
. tests/harness/fake-xl.sh

out=$PWD/$work/out
cat >"$work/set" <<'END_SET'
--job bench/jobs/bootsector.fio
--firmware ours
--transport pv
--backend qdisk
--repetitions 1
--limit ours/pv=20
END_SET
[[ -e build/baseline/ours-in-place.bin ]] || skip_all "build/baseline/ours-in-place.bin has not been made"
kernel=build/tests/loader-programs/witness
[[ -e $kernel && -e build/loader/blkload ]] || skip_all "the loader or its tests have not been made"
command -v qemu-system-x86_64 >/dev/null || skip_all "there is no qemu-system-x86_64"

# host STATUS REGEX WORD...: what it says and its status.
host() {
    local wanted=$1 regex=$2 said status
    shift 2
    said=$(PATH=$stubs:$PATH bench/host-report --set "$work/set" --out "$out" "$@" 2>&1 </dev/null)
    status=$?
    echo "status $status: $said"
    ((status == wanted)) && grep -qE -- "$regex" <<<"$said"
}

# with STATE-FILE[=TEXT] COMMAND...
with() {
    local file=$STATE/${1%%=*} status
    printf '%s' "${1#*=}" >"$file"
    shift
    "$@"
    status=$?
    rm "$file"
    return "$status"
}

nothing_done() {
    [[ ! -e $out && ! -e $STATE/cfg ]]
}

truncate -s 8M "$work/small.img"
truncate -s 256M "$work/disk.img" "$work/swap.img"
mkswap -q "$work/swap.img" 2>/dev/null || PATH=$PATH:/sbin mkswap -q "$work/swap.img"

check "--help" host 0 '^usage: int13bench-host-report' --help
check "one who is not root is told so" with user host 77 'only root may create guests'
check "a machine without Xen is told so" with not-dom0 host 77 'not the dom0 of a running Xen'
check "memory that is not there" with free=50 host 77 'needs 128 MiB of memory, and Xen has 50 MiB' --loaders none
check "a disk that is not there" host 2 'no such block device or file' --loaders none --disk "$work/none"
check "a disk that is too small" host 2 'has 8 MiB; 256 are needed' --loaders none --disk "$work/small.img"
check "a disk that must not be written to, for it holds something" host 2 'is not empty; .* wipefs -a' \
    --loaders none --disk "$work/swap.img" --write
check "--write without a disk" host 2 'want a --disk' --write
check "an unknown loader" host 2 "there is no 'lilo'" --loaders lilo
check "an unknown word" host 2 'unknown word: disk' disk
check "a loader that is asked for by name must be there" host 2 'no kernel' --loaders blkload --kernel "$work/none"
# A disk of a guest, and one that is mounted; as xenstore-ls has it.
stub xenstore-ls <<END_STUB
echo '/local/domain/0/backend/qdisk/3/51712/params = "aio:$PWD/$work/disk.img"'
echo '/local/domain/0/backend/qdisk/3/5632/params = ""'
END_STUB
check "a disk that a guest has is refused" host 2 'guest 3 has it' --loaders none --disk "$work/disk.img"
check "unless it is only read, and told" host 0 'READ the first 256 MiB of .*, which is in use' --check --in-use \
    --loaders none --disk "$work/disk.img"
check "but not written to" host 2 'exclude each other' --in-use --write --disk "$work/disk.img"
stub xenstore-ls <<<':'
check "--check says what would be done" host 0 '^It will, in .*/out:' --check --loaders none
check "and for how long" host 0 '^About [0-9]+ minutes' --check --loaders none
check "without a terminal nobody can be asked" host 2 'say --yes' --loaders none
check "until now, nothing was done" nothing_done

check "it measures" host 0 'tar.gz: look at it' --yes --loaders blkload --initrd 1 --kernel "$kernel" --disk "$work/disk.img"
check "how long a loader takes, by each disk" jq -e '[.loads[] | select(.loader == "blkload" and .clock == "wall") |
    .backend] | sort == ["", "", "phy", "qdisk"]' "$out/results.json"
check "what it has measured is one file" jq -e '[.jobs[] | .int13bench | .valid and .clock == "wall"] | length > 6 and all' \
    "$out/results.json"
check "and a report" shows "$out/report.md" '^# Xen 4.17.9-here on 4 CPUs, by wall time' 'ours.*\(quick\)' 'ours.*\(disk\)'
check "the disk was only read" cmp -n $((256 << 20)) "$work/disk.img" /dev/zero
mkdir "$work/sent" && tar -C "$work/sent" -xzf "$out"/*.tar.gz
check "what is to be sent has what guests said" shows "$work"/sent/*/raw/quick/ours-pv-qdisk-1/serial.log 'PAYLOAD DONE'
check "but not where the disk, the results and the tree are" \
    sh -c "! grep -rl -e disk.img -e '$out' -e '$PWD/build' -e '^host  *:' $work/sent"
check "nothing of the disk's name is left" test ! -e "$out/disk.link"
check "what is there is not replaced" host 2 'is there already' --yes --loaders none

# Ended while a guest runs, it ends it.
ended() {
    local tries
    rm -rf "$out" "$STATE/pid"
    printf '%s\n' '[slow]' 'size=1m' 'offset=1m' 'number_ios=60000' 'loops=200' 'thinktime=1ms' >"$work/slow.fio"
    sed "s,bench/jobs/bootsector.fio,$work/slow.fio,; /limit/d" "$work/set" >"$work/slow-set"
    PATH=$stubs:$PATH bench/host-report --set "$work/slow-set" --out "$out" --yes --loaders none </dev/null >"$work/ended.log" 2>&1 &
    local host=$!
    until [[ -e $STATE/pid ]]; do
        kill -0 "$host" || { cat "$work/ended.log"; return 1; }
        sleep 0.1
    done
    kill -TERM "$host"
    wait "$host"
    (($? == 143)) || return
    for ((tries = 0; tries < 100; tries++)); do
        [[ -e $STATE/cfg || -e $STATE/pid ]] || return 0
        sleep 0.1
    done
    return 1
}
check "if it is ended, no guest is left" ended
check "and it says where it came to" shows "$work/ended.log" 'ended; what was measured is in'
done_testing
