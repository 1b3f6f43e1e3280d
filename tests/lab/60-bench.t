#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# int13bench, on real Xen: every sample is there, the counters are those
# that the driver is known for, and fio's own tool reads the results.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

out=$work/out
results=$out/results.json
cat >"$work/two.fio" <<'END'
[global]
offset=1m
size=2064384
bs=32256
stonewall
[read-63]
rw=randread
[write-63]
rw=write
END

# 50-figures.t has both.
mapfile -t backends < <(sample 1 qdisk phy)
build/bench/int13bench run --job "$work/two.fio" --repetitions 1 \
    --backend "$(IFS=, && echo "${backends[*]}")" --out "$out" \
    >"$work/said" 2>&1
case $? in
77) skip_all "$(tail -n 1 "$work/said")" ;;
0) ok 0 "int13bench runs" ;;
*)
    ok 1 "int13bench runs"
    sed 's/^/# /' "$work/said"
    done_testing
    ;;
esac

# every FILTER: true for each job of the results.
every() {
    jq -e "[.jobs[] | $1] | all" "$results" >/dev/null && return
    jq -c ".jobs[] | select($1 | not) | [.jobname, .int13bench]" "$results"
    return 1
}

# holds FILTER: true for the results.
holds() {
    jq -e "$1" "$results"
}

csv() {
    fio_jsonplus_clat2csv "$results" "$work/clat.csv" &&
        fio_jsonplus_clat2csv "$results" "$work/clat.csv" --validate
}

# What xenalyze counts of a domain in a trace, "NAME NUMBER" a line, by the names
# of bench/trace/exits.c.
xenalyze_counts() {
    # By its own libraries, which may be newer than this machine's, and by the loader
    # among them: the one in usr/lib64 is a link to this machine's.
    local tree=$lab_image/tree libraries=$lab_image/tree/usr/lib/x86_64-linux-gnu
    local -a xenalyze mode=()
    xenalyze=("$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$tree/usr/bin/xenalyze")
    # Xen 4.20's finds out by itself, and knows no such word.
    [[ $("${xenalyze[@]}" --help) != *--svm-mode* ]] || mode=(--svm-mode)
    "${xenalyze[@]}" "${mode[@]}" --summary --with-pio-enumeration "$1" 2>/dev/null |
        awk -v domain="$2" '
            BEGIN {
                n = split("CR0_READ cr0-read CR0_WRITE cr0-write VINTR interrupt-window CPUID cpuid HLT hlt" \
                    " IOIO io MSR msr VMMCALL vmmcall NPF mmio INTR interrupts", words)
                for (i = 1; i < n; i += 2) name["VMEXIT_" words[i]] = words[i + 1]
                split("memory_op 12 xen_version 17 grant_table_op 20 sched_op 29 evtchn_op 32 hvm_op 34", words)
                for (i = 1; i < 12; i += 2) number[words[i]] = words[i + 1]
            }
            /^\|-- Domain/ { d = $3 }
            d == 0 && $1 == "running:" { printf "dom0-ticks %.0f\n", $2 * $4 }
            d != domain { next }
            $1 == "blocked:" && vcpu { printf "blocked-ticks %.0f\n", $2 * $4 }
            /^-- v0/ { vcpu = 1 }
            $1 in name { print name[$1], $2 }
            sub(/^ *\[ */, "") { sub(/\]/, " "); if ($1 in number) print "hypercall-" number[$1], $2 }
            $1 == "e9:[w]" { print "port-e9", $2 }'
}

# Whether our decoder counts the same in the trace of that guest. The last exit
# of all may be one that xenalyze does not see the end of, and it takes dom0 for
# running before the first record that says so.
agrees_with_xenalyze() {
    local dir=$out/$1 domain name theirs ours seen=0
    domain=$(jq .domid "$dir/result.json")
    build/bench/exits -t -d "$domain" "$dir/trace.bin" | tr ' ' '\n' >"$work/ours"
    while read -r name theirs; do
        ours=$(sed -n "s/^$name=//p" "$work/ours")
        echo "$name: ours ${ours:=0}, xenalyze's $theirs"
        case $name in
        dom0-ticks) ((ours >= theirs * 95 / 100 && ours <= theirs * 102 / 100)) || return 1 ;;
        blocked-ticks) ((ours >= theirs * 999 / 1000 && ours <= theirs * 1001 / 1000)) || return 1 ;;
        *) ((ours == theirs || ours == theirs + 1)) || return 1 ;;
        esac
        ((++seen))
    done < <(xenalyze_counts "$dir/trace.bin" "$domain")
    ((seen >= 16))
}

for backend in "${backends[@]}"; do
    check "$backend: each job once" holds "[.jobs[] | select(.int13bench.backend == \"$backend\").jobname] |
        sort == [\"read-63\", \"write-63\"]"
    check "$backend: xenalyze counts the same" agrees_with_xenalyze "ours-pv-$backend-traced"
done
check "all are valid" every '.int13bench.valid and .error == 0'
check "64 samples each" every '.int13bench.samples_ns | length == 64 and min > 0'
check "in the right direction" every '.[.jobname | split("-")[0]] |
    .total_ios == 64 and .io_bytes == 64 * 32256 and .clat_ns.N == 64'
check "the bins hold them all" every '[.read, .write] |
    map(.clat_ns.bins // {} | add // 0) | add == 64'
check "two hypercalls a call" every '.int13bench.counters.hypercalls ==
    {event_channel_op: 64, sched_op: 64}'
check "no round trip to qemu" every '.int13bench.counters.qemu_round_trips == 0'
# What the driver counts is less what it counted in a warming up of as many
# calls: there a backend may have been awake, and one notify too many.
check "one request and one notify a call, nothing copied" every \
    '.int13bench.counters | .calls == 64 and .requests == 64 and
    (.notifies | . >= 62 and . <= 66) and .bytes_copied == 0'
check "the guest slept, and dom0 worked, for part of the time" every \
    '.int13bench.counters | .guest_blocked_ns > 64 * 10000 and .dom0_ns > .guest_blocked_ns'
check "the instructions add up to the time, within 2 %" every '
    (.int13bench.waterfall | add) / ((.read, .write) | select(.total_ios > 0).clat_ns.mean) |
    . > 0.98 and . < 1.02'
check "and are those of all who take part" every '.int13bench |
    .waterfall.firmware > 500 and .waterfall.xen > 5000 and .waterfall."dom0 kernel" > 5000 and
    (.backend == "phy" or .waterfall.backend > 5000)'
check "nobody takes it for fio's" holds '."fio version" | test("not fio")'
check "all of the environment is known" holds '.int13bench.environment |
    [.qemu, .xen, ."dom0 kernel", .cpu, .project, .firmware.ours.sha256,
    .firmware.ours.version] | all'
check "fio_jsonplus_clat2csv reads them" csv
done_testing
