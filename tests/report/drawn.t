#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What `make boots` and `make profile` leave, as recorded: their tables, their
# results, the folded stacks, and how the report draws them.
# shellcheck source=tests/report/lib.sh
. tests/report/lib.sh

# The lines of Xen's console that end each phase of a boot.
ends=('HVM Loader' 'Invoking SeaBIOS ...' 'Machine UUID 1' 'Scan for option roms' 'Press ESC for boot menu.'
    'Searching bootorder for: HALT' 'Booting from Hard Disk...' 'Booting from 0000:7c00' G L U)

# console WAY MS...: xen.log of a boot with phases of that many ms.
console() {
    local dir=$work/boots/$1 i=0 at=1000 ms
    mkdir -p "$dir"
    shift
    for ms in 0 "$@"; do
        ((at += ms))
        printf '(d1) [%5d.%03d000] %s\r\n' $((at / 1000)) $((at % 1000)) "${ends[i++]}"
    done >"$dir/xen.log"
}
console ide 65 8 10 2 2580 5 2 469 32385 6403
console ide-dma 65 8 10 2 2580 5 2 300 1804 6403
console pv-qdisk 65 8 23 2 2601 16 7 133 475 6412
console pv-phy 64 8 26 2 2577 12 10 130 438 6408

boots() {
    bench/scenarios/boot-phases --from "$work/boots" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
    shows "$work/said" '^virtual ms +ide +ide-dma +pv-qdisk +pv-phy$' '^GRUB loads kernel and initrd +32385.0 +1804.0 +475.0 +438.0$' \
        '^from power-on to the first process +41929.0 '
}

boots_have_results() {
    jq -e '[.boots[] | {way, backend, load: [.phases[] | select(.name == "GRUB loads kernel and initrd").us][0]}] == [
        {way: "stock SeaBIOS, IDE by PIO", backend: "", load: 32385000},
        {way: "SeaBIOS as Xen'\''s, IDE by DMA", backend: "", load: 1804000},
        {way: "this firmware", backend: "qdisk", load: 475000}, {way: "this firmware", backend: "phy", load: 438000}] and
        .int13bench.environment.xen == "4.20"' \
        "$work/boots/results.json"
}

draws() {
    local name=$1
    shift
    "$program" report "$work/$name/results.json" >/dev/null && shows "$work/$name/report.html" "$@"
}

cut_off() {
    sed -i '$d' "$work/boots/ide/xen.log"
    bench/scenarios/boot-phases --from "$work/boots" >"$work/said" 2>&1
    [[ $? == 1 ]] && shows "$work/said" 'not all phases of this boot were seen; see .*boots/ide/xen.log'
}

# guest NAME MS COUNTERS: what a guest of the demo's leaves.
guest() {
    mkdir -p "$work/demo/$1"
    printf '(d1) [   10.000000] G\r\n(d1) [%5d.%03d000] L\r\n%s\n' $((10 + $2 / 1000)) $(($2 % 1000)) "$3" >"$work/demo/$1/xen.log"
}
mkdir -p "$work/demo/ide-dma-0"
xen_line='(XEN) [    0.000000] Xen version %s (Debian %s+13) (team@tracker) (x86_64-linux-gnu-gcc (Debian 12.2.0) 12.2.0) debug=n'
# shellcheck disable=SC2059 # the format is ours
{
    printf "$xen_line\n" 4.17.7 4.17.7 >"$work/demo/ide-dma-0/qemu.log"
    printf "$xen_line\n" 4.20.2 4.20.2 >"$work/boots/ide/qemu.log"
}
counted='(d1) [   11.0] xen-blk: xvda: calls=1540 requests=%d bounced=15 moved=0 ahead=49101'
guest ide-pio-0 32444 ''
for latency in 0 1000; do
    guest ide-dma-$latency 1827 ''
    # shellcheck disable=SC2059 # the format is ours
    guest pv-qdisk-$latency 473 "$(printf "$counted" 605)"
    # shellcheck disable=SC2059
    guest pv-phy-$latency 435 "$(printf "$counted" 118)"
done

demo() {
    bench/scenarios/demo --from "$work/demo" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
    shows "$work/said" '^Xen 4.17, storage that answers' "^IDE by PIO \\(Debian's SeaBIOS\\) +32.444 +0.06x +- +-$" '^this firmware, PV disk on phy +0.435 +4.20x +0.435 +4.20x$' \
        '^this firmware, PV disk on phy +1540 +118 +25147392$' && lacks "$work/said" '.{81}'
}

# README has it as it is printed, but for the column of slow storage.
demo_in_readme() {
    local line
    grep -E '^(Xen|kernel|what|IDE by PIO|.*25147392$)' "$work/said" | while IFS= read -r line; do
        grep -qxF "    ${line%"${line##*[! ]}"}" README.md || { echo "README.md lacks: $line"; return 1; }
    done
}

# A profile of two backends: the table that came from the addresses.
mkdir -p "$work/profile"/{phy,qdisk}
printf '%s\n' '1 calls 240' '2 calls 240' >"$work/profile/counts"
echo 'job drive=80 offset=2048 ops=256 bs=63' >"$work/profile/script"
printf '%s\n' '30000.4 Xen vmx_vmexit_handler' '20000 kernel do_blkif' '1500.0 firmware process_op' '100 Xen csched_schedule' \
    '0.001 Xen never' >"$work/profile/phy/profile"
printf '%s\n' '31000 Xen vmx_vmexit_handler' '33000 user -' '1500 firmware process_op' >"$work/profile/qdisk/profile"

profile() {
    bench/profile/run --from="$work/profile" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
    shows "$work/said" '^phy: instructions per call, mean of 240 calls \(bs=63\)$' '^ +30000.4 +vmx_vmexit_handler$'
}

# As flamegraph.pl takes them: frames, a blank, a whole number.
stacks_are_folded() {
    diff "$work/profile/phy.folded" - <<'END'
Xen;vmx_vmexit_handler 7200096
dom0 kernel;do_blkif 4800000
firmware;process_op 360000
Xen;csched_schedule 24000
END
    diff "$work/profile/qdisk.folded" <(printf '%s\n' 'Xen;vmx_vmexit_handler 7440000' 'dom0 programs 7920000' 'firmware;process_op 360000')
}

check "boots as recorded have phases" boots
check "and they are results" boots_have_results
check "that are a timeline, the slow one on its own" draws boots '<h1[^>]*>Where the time of a boot goes on Xen 4.20, ' \
    'From power-on to the first process' '>GRUB loads kernel and initrd<' '>stock SeaBIOS, IDE by PIO<' '>41.93<' '>9.68<'
check "and a table" shows "$work/boots/report.md" '^\| GRUB loads kernel and initrd +\| +32385.0 \| +1804.0 \| +475.0 \| +438.0 \|$' \
    '^\| in all +\| +41929.0 ' '^!\[From power-on.*report-charts/from-power-on'
check "a boot that did not end is told" cut_off
check "nothing that was left is told" exits 1 'no guest has left a xen.log in .*; run: make boots' \
    bench/scenarios/boot-phases --from "$work/profile"
check "a demo as recorded is a table that fits the terminal" demo
check "as README has it" demo_in_readme
check "a profile as recorded is a table" profile
check "and folded stacks" stacks_are_folded
check "that are a flame graph" draws profile '<h1[^>]*>Where the instructions of a call go on Xen' \
    '>one call: 51600 instructions<' '>vmx_vmexit_handler<' '>dom0 kernel<' '<td class="number">58.1</td>'
check "and no counts are told" exits 1 'no counts in .*; run: make profile' bench/profile/run --from "$work/boots"
make_results base
check "they can be on the page of other results" exits 0 report.html "$program" report --out "$work" "$work/base.json" \
    "$work/boots/results.json" "$work/profile/results.json"
check "which are called as they are without them" shows "$work/report.md" '^\| ours pv/phy ' '^## Where the time of a boot goes' \
    '^## Where the instructions of a call go'
check "and be one file" exits 0 all.json "$program" merge --out "$work/all.json" "$work/base.json" "$work/boots/results.json" \
    "$work/profile/results.json"
check "with the same report" exits 0 report.html "$program" report --out "$work/boots" "$work/all.json"
check "to the byte, in its charts" diff -r "$work/report-charts" "$work/boots/report-charts"
check "a phase that is damaged is named" exits 2 'boots\[0\].phases\[1\].us: must be' sh -c \
    "jq '.boots[0].phases[1].us = \"x\"' '$work/all.json' >'$work/damaged.json'; '$program' report '$work/damaged.json'"
check "so are stacks" exits 2 'profiles\[0\].calls: must not be 0' sh -c \
    "jq '.profiles[0].calls = 0' '$work/all.json' >'$work/damaged.json'; '$program' report '$work/damaged.json'"
done_testing
