#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `int13bench report`: the same bytes from the same results, one file that
# fetches nothing, a table for each chart, no clock beside another.
# shellcheck source=tests/report/lib.sh
. tests/report/lib.sh

# report NAME [OPTION...]: of those results, to $work/NAME.
report() {
    local name=$1
    shift
    mkdir -p "$work/$name"
    "$program" report --out "$work/$name" "$@" "$work/$name.json"
}

# Elsewhere, in another zone and locale, without a home, from another folder.
same_bytes() {
    local tool=$PWD/$program to=$PWD/$work/again
    mkdir -p "$to"
    (cd "$work" && env -i PATH="$PATH" TZ=Asia/Kathmandu LC_ALL=de_DE.UTF-8 \
        TMPDIR="$to" "$tool" report --out "$to" base.json) || return 1
    diff -r "$work/base" "$to" && [[ $(ls "$to") == $'report-charts\nreport.html\nreport.md' ]]
}

# The command that the report gives, where it says.
made_again_as_told() {
    local to=$work/told command
    mkdir -p "$to" && cp "$work/titled.json" "$to/some results.json" || return
    "$program" report --title "it's" --csv "$to/some results.json" >/dev/null || return
    mv "$to/report"* "$work/titled/"
    command=$(sed -n '/^    int13bench report/p' "$work/titled/report.md")
    (PATH=$(dirname "$PWD/$program"):$PATH && cd "$to" && sh -c "$command") || return
    diff -r "$to/report-charts" "$work/titled/report-charts" && cmp "$to/report.html" "$work/titled/report.html" &&
        cmp "$to/report.csv" "$work/titled/report.csv"
}

# Every picture of report.md is there, each is a whole file of its own, and there is
# no other.
charts_are_files() {
    local dir=$1 links file
    links=$(sed -nE 's/^!\[.*\]\((report-charts\/[a-z0-9-]+\.svg)\)$/\1/p' "$dir/report.md" | sort)
    [[ $links ]] && diff <(echo "$links") <(cd "$dir" && printf '%s\n' report-charts/*) || return
    for file in $links; do
        shows "$dir/$file" '^<svg xmlns="http://www.w3.org/2000/svg" ' '<defs>' && xmllint --noout "$dir/$file" || return
    done
    [[ $(wc -l <<<"$links") == $(grep -c '^<figure>' "$dir/report.html") ]]
}

# Links lead to headings, by the same words on both pages, and no two charts have one
# title.
links_lead_somewhere() {
    local dir=$1 ids
    ids=$(grep -oE '<h[1-3] id="[^"]+"' "$dir/report.html" | cut -d'"' -f2 | sort)
    [[ $ids ]] && ! grep -qE '^s[0-9]+$' <<<"$ids" && [[ ! $(uniq -d <<<"$ids") ]] || return
    [[ ! $(comm -13 <(echo "$ids") <(grep -oE 'href="#[^"]+"' "$dir/report.html" | cut -d'#' -f2 | tr -d '"' | sort -u)) ]] || return
    diff <(grep -oE '<a [^>]*href="#[^"]+"' "$dir/report.html" | cut -d'#' -f2 | tr -d '"') \
        <(grep -oE '\]\(#[^)]+\)' "$dir/report.md" | tr -d '](#)') || return
    [[ ! $(grep '^<figcaption>' "$dir/report.html" | sort | uniq -d) ]]
}

# What could be linked to before can be after there is more in the report.
anchors_last() {
    [[ ! $(comm -23 <(grep -oE ' id="[^"]+"' "$work/base/report.html" | grep -v what-an-int13-call-costs-on | sort) \
        <(grep -oE ' id="[^"]+"' "$work/both/report.html" | sort)) ]]
}

# begins_with NAME REGEX...: report.md has them before its contents.
begins_with() {
    sed '/^- \[/,$d' "$work/$1/report.md" >"$work/head"
    shows "$work/head" "${@:2}" || { cat "$work/head"; return 1; }
}

# in_order FILE REGEX...: each matches a line behind the first that the one before does.
in_order() {
    local file=$1 regex from=1 line
    shift
    for regex; do
        line=$(grep -nE -m 1 -- "$regex" <(tail -n "+$from" "$file")) || { echo "no $regex from line $from"; return 1; }
        ((from += ${line%%:*}))
    done
}

# In boot.json, IDE made the first two of four calls only.
boots_are_summed() {
    shows "$work/boot/report.md" '^\| stock ide +\| +2 \| +30.0 \| 30.0 to 30.0 +\| +15000 \| .*\| +1 \|$' \
        '^\| ours pv/phy +\| +4 \| +10.0 \| 10.0 to 10.0 +\| +2500 \| .*\| +10.0 in the first 2 calls \|$' \
        '^All 4 calls of a boot by grub, replayed, in ms: 10.0 \(this firmware, blkback\)' || return
    # Nor is there a median of it among the ratios.
    ! sed -n '/^### Compared/,/^### Exits/p' "$work/boot/report.md" | grep -w grub
}

captions() {
    grep -o '<figcaption>[^<]*calls by their time[^<]*' "$work/$1/report.html"
}

# One late call in each job does not move its series to another chart, nor the others
# to the edge.
late_calls_move_nothing() {
    diff <(captions base) <(captions late) && shows "$work/late/report.html" '>and [0-9] more<'
}

# Not one address, and no reference to anything but the page's own.
fetches_nothing() {
    ! grep -noiE 'https?:|<script|<link [^>]*stylesheet|@import|url\(|src=|(href|action)=["'\''][^#d][^>]{0,40}' "$1"
}

# Between two headings there is no chart without a table; and there are charts.
charts_have_tables() {
    awk '/^<figure>/ { figures++; all++ }
        /^<table>/ { tables++ }
        /^<h[1-6]/ { if (figures && !tables) bad = 1; figures = tables = 0 }
        END { exit bad || figures || all < 10 }' "$1"
}

# A page of two clocks: the headings of one come before the other begins, and
# its figures are what they are alone.
clocks_apart() {
    local page=$work/both/report.md
    grep -nE '^## .*, in (virtual|wall) time' "$page" | cut -d: -f2 | tr '\n' ' ' |
        grep -qx '## What an int13 call costs, in virtual time ## What an int13 call costs, in wall time ' || return 1
    diff <(sed -n '/^## .*, in virtual/,/^## .*, in wall/p' "$page" | grep -v '^## ') \
        <(sed -n '/^## .*, in virtual/,/^## Invalid/p' "$work/base/report.md" | grep -v '^## ')
}

# The invalid run is listed, and the figures are those of the file without it.
invalid_not_used() {
    grep -qE '^\| seqwrite-63 +\| stock +\| virtio .*trace records were lost' "$work/base/report.md" &&
        diff <(sed '/^## Invalid/,/^## Env/d; /^- .Invalid/d; /runs, measured/d; s/base.json/valid.json/' "$work/base/report.md") \
            <(sed '/^## Env/d; /runs, measured/d' "$work/valid/report.md")
}

# What a label says is shown, not obeyed.
# shellcheck disable=SC2016
labels_are_text() {
    shows "$work/odd/report.html" '&lt;b&gt;\$\(touch x\)`touch y`' &&
        shows "$work/odd/report.md" "a\\\\|b'c\"d" &&
        lacks "$work/odd/report.html" '<b>' && lacks "$work/odd/report.md" '<b>' &&
        [[ ! -e x && ! -e y ]]
}

# Every median of the file is one of the page's.
csv_agrees() {
    local job label median
    [[ $(head -n 1 "$work/titled/report.csv") == clock,job,firmware,* ]] || return
    while IFS=, read -r _ job _ _ _ _ _ _ median _; do
        [[ $median ]] || continue
        label=$(awk -v us="$median" 'BEGIN { printf "%.1f|%.0f", us, us }')
        grep -qE "\\b(${label/./\\.})\\b" "$work/titled/report.md" || { echo "$job: $median is not on the page"; return 1; }
    done < <(tail -n +2 "$work/titled/report.csv")
}

# The medians of our firmware on the page of two are those of a page for each.
both_alone() {
    local name alone
    for name in base slower; do
        alone=$(sed -nE 's/^\| ours pv\/phy +\| +[0-9.]+ +\| +([0-9.]+ \[[^|]*)\|.*/\1/p' "$work/$name/report.md" | head -n 3)
        [[ $alone ]] && diff <(echo "$alone") <(sed -nE \
            "s/^\| ours \($name\) pv\/phy +\| +[0-9.]+ +\| +([0-9.]+ \[[^|]*)\|.*/\1/p" "$work/two/report.md" | head -n 3) || return
    done
}

# A report of merged results differs from one of the same files in its command alone.
merged_is_both() {
    mkdir -p "$work/merged"
    "$program" report --out "$work/two" "$work/slow.json" "$work/slower.json" >/dev/null &&
        "$program" report --out "$work/merged" "$work/merged.json" >/dev/null &&
        diff -r "$work/two/report-charts" "$work/merged/report-charts" || return
    diff <(sed '/^## Environment/,/^## Method/d; /int13bench report/d' "$work/two/report.md") \
        <(sed '/^## Environment/,/^## Method/d; /int13bench report/d' "$work/merged/report.md") &&
        shows "$work/merged/report.md" '^\| slow dom0 kernel ' '^How long GRUB takes'
}

merged_interrupted() {
    "$program" merge --out "$work/merged.json" "$work/base.json" "$work/interrupted.json" >/dev/null &&
        jq -e '.int13bench | .interrupted and .guests_done == 5 and .guests == 12' "$work/merged.json"
}

make_results base
jq 'walk(if . == "xen" then "ide-dma" else . end)' "$work/base.json" >"$work/dma.json"
make_results slower 20 1.2
mkdir -p "$work/two"
make_results titled
make_results wall 20 1.0 wall
jq -s '.[0].jobs += .[1].jobs | .[0]' "$work/base.json" "$work/wall.json" >"$work/both.json"
change base 'del(.jobs[] | select(.int13bench.valid | not))' valid
change base '.jobs |= map(if .int13bench.repetition == 1 then .int13bench.samples_ns[7] *= 1000 else . end)' late
# shellcheck disable=SC2016
change base '.jobs |= map(select(.int13bench.firmware == "ours" and .jobname == "seqread-63"))
    | .jobs[].int13bench.firmware = "<b>$(touch x)`touch y`"
    | .jobs[].jobname = "a|b'\''c\"d\\e{}_^@"' odd
change base '.jobs += [.jobs[] | select(.int13bench.firmware == "stock" and .int13bench.transport == "ide")
    | .int13bench.transport = "twin"]' twin
change base '.jobs[].int13bench.valid = false' invalid
change base '.jobs |= .[0:1] | .jobs[0].int13bench.samples_ns |= .[0:1]' single
change base 'del(.jobs[].int13bench.counters, .jobs[].int13bench.waterfall)' uncounted
change base '.jobs[].int13bench.samples_ns |= map(. * 1000000)' huge
change base '.jobs[3].int13bench.clock = 7' damaged
change base '.int13bench += { interrupted: true, guests_done: 5, guests: 12 }' interrupted
change base '.loads = [
    { loader: "GRUB, ext4", way: "AHCI", backend: "", initrd_mib: 16, ms: 887 },
    { loader: "GRUB, ext4", way: "this firmware", backend: "phy", initrd_mib: 16, ms: 483 },
    { loader: "GRUB, ext4", way: "AHCI", backend: "", initrd_mib: 64, ms: 2657 },
    { loader: "SYSLINUX", way: "this firmware", backend: "phy", initrd_mib: 64, ms: 1002 }]' loads
change loads '.loads[].clock = "wall"' wall-loads
change loads '.loads[].clock = "sun"' sun-loads
change base '.jobs |= map(select(.jobname == "seqread-63")) | .jobs += [.jobs[]
    | select(.int13bench.transport == "ide" and .int13bench.firmware == "stock" or .int13bench.backend == "phy")
    | .jobname = "grub" | del(.int13bench.sectors) | ."job options" = { rw: "read", read_iolog: "x" }
    | .int13bench.samples_ns = if .int13bench.backend == "phy" then [1000000, 2000000, 3000000, 4000000] else [10000000, 20000000] end]' boot
change boot '.jobs |= map(select(.int13bench.backend == "phy" and .jobname == "grub") | .jobname = "reconnect"
    | .int13bench.samples_ns = [1000000, 2000000, 3000000])' reconnect
change loads '.loads += [
    { loader: "GRUB, ext4", way: "stock SeaBIOS, IDE by PIO", backend: "", initrd_mib: 16, latency_us: 0, ms: 32265 },
    { loader: "GRUB, ext4", way: "SeaBIOS as Xen'\''s, IDE by DMA", backend: "", initrd_mib: 16, latency_us: 0, ms: 1804 },
    { loader: "GRUB, ext4", way: "SeaBIOS as Xen'\''s, IDE by DMA", backend: "", initrd_mib: 16, latency_us: 1000, ms: 1836 },
    { loader: "GRUB, ext4", way: "this firmware", backend: "qdisk", initrd_mib: 16, latency_us: 0, ms: 551 },
    { loader: "GRUB, ext4", way: "  built without read-ahead", backend: "phy", initrd_mib: 16, latency_us: 0, ms: 600 },
    { loader: "GRUB, ext4", way: "  built without read-ahead", backend: "qdisk", initrd_mib: 16, latency_us: 0, ms: 700 },
    { loader: "ISOLINUX, CD-ROM", way: "stock SeaBIOS, CD-ROM", backend: "", initrd_mib: 4, latency_us: 0, ms: 11170 },
    { loader: "ISOLINUX, CD-ROM", way: "SeaBIOS as Xen'\''s, CD-ROM", backend: "", initrd_mib: 4, latency_us: 0, ms: 6570 },
    { loader: "ISOLINUX, CD-ROM", way: "this firmware", backend: "phy", initrd_mib: 4, latency_us: 0, ms: 35 },
    { loader: "GRUB, ext4", way: "this firmware", backend: "phy", initrd_mib: 16, latency_us: 1000, ms: 491 },
    { loader: "GRUB, ext4", way: "this firmware", backend: "qdisk", initrd_mib: 16, latency_us: 1000, ms: 555 },
    { loader: "GRUB, ext4", way: "AHCI", backend: "", initrd_mib: 16, latency_us: 100, ms: 20887 },
    { loader: "GRUB, ext4", way: "this firmware", backend: "phy", initrd_mib: 16, latency_us: 100, ms: 491 },
    { loader: "GRUB, ext4", way: "this firmware", backend: "qdisk", initrd_mib: 16, latency_us: 100, ms: 555 }]
    | .jobs += [.jobs[] | .int13bench.latency_us = 1000]' slow

check "a slower one is a report" exits 0 '' report slower
check "a report is made" exits 0 'report.html' report base
check "and made again, it has the same bytes" same_bytes
check "the page fetches nothing" fetches_nothing "$work/base/report.html"
check "its charts are files beside report.md" charts_are_files "$work/base"
check "and all links lead somewhere" links_lead_somewhere "$work/base"
check "each chart has its table" charts_have_tables "$work/base/report.html"
check "the report says where, how, and how to do it again" shows "$work/base/report.md" '^# What an int13 call costs on Xen 4.17, ' \
    '^\| dom0 kernel +\| 6.1.0' '^## Method' 'order statistics' '^## Limits' \
    '^    int13bench run --on lab' '^    int13bench report base.json'
check "and what its words mean, where they come first" in_order "$work/base/report.md" 'A boot loader reads the disk by int13 calls' \
    'An exit is a switch' '\| exits \|' 'A hypercall is' 'hypercalls by name' 'pages in them \(segments\)' '\| segments \|' \
    'p50 is the median' '\| +p50 \|'
check "ports, sleep and dom0's time are in it" shows "$work/base/report.md" \
    '^\| 0x1f7 .* 580 ' '^\| per call .* guest blocked ns \| +dom0 ns \|'
check "a waterfall adds up to its sum" shows "$work/base/report.md" '^seqread-63: instructions:' \
    '^\| ours pv/phy +\| +1500 \| +27000 \| +46600 \| +0 \| +75100 \|'
check "the median is that of all calls" shows "$work/base/report.md" \
    "$(jq -r '[.jobs[] | select(.jobname == "seqread-63" and .int13bench.backend == "phy").int13bench.samples_ns[]]
        | sort | (.[length / 2 - 1] + .[length / 2]) / 2000 | "^\\| ours pv/phy .*\\b" + (. * 10 | round | tostring
        | sub("(?<last>.)$"; "\\.\(.last)"))' "$work/base.json") \["
check "a transport like another is a report" exits 0 '' report twin
check "and it says that there is no difference" shows "$work/twin/report.md" \
    '^\| stock twin .*no difference shown: 1.000 \[0.9'
check "clocks are apart" exits 0 '' report both
check "and one does not change the other's figures" clocks_apart
check "the links of both clocks lead somewhere" links_lead_somewhere "$work/both"
check "and those of one clock lead there as well" anchors_last
check "calls that come late are a report" exits 0 '' report late
check "and move nothing else" late_calls_move_nothing
check "a report without the invalid run is made" exits 0 '' report valid
check "and its figures are the same" invalid_not_used
check "names of any kind are made into reports" exits 0 '' report odd
check "and they are text" labels_are_text
check "no valid run at all is a report, too, but not a good one" exits 1 'invalid.json: no run is valid' report invalid
check "and it says so" shows "$work/invalid/report.md" 'No run of this clock is valid'
check "an interrupted run is a report" exits 0 '' report interrupted
check "and it says how far it came" shows "$work/interrupted/report.md" 'interrupted after 5 of 12 guests'
check "one call is a report" exits 0 '' report single
check "and it says that this is too few" shows "$work/single/report.md" 'too few calls'
check "nothing counted is a report" exits 0 '' report uncounted
check "and it has no charts of that" lacks "$work/uncounted/report.md" 'Exits per MiB|Bytes copied per byte moved:'
check "times of hours are a report" exits 0 '' report huge
check "what loaders took is a report" exits 0 '' report loads
check "and a table of ways by loaders and sizes" shows "$work/loads/report.md" '^## Loading a kernel' \
    '^\| +\| GRUB, ext4, 16 MiB \| GRUB, ext4, 64 MiB \| SYSLINUX, 64 MiB \|$' \
    '^\| AHCI +\| +0.887 \| +2.657 \| +\|$' '^\| this firmware/phy \| +0.483 \| +\| +1.002 \|$'
check "and a chart of the first column" shows "$work/loads/report.html" 'GRUB, ext4, 16 MiB, from storage that answers at once: virtual s, less is better'
check "by the host's clock, they are not called virtual" exits 0 '' report wall-loads
check "but wall time" shows "$work/wall-loads/report.md" 'initrd of 16 MiB, in seconds by the host' \
    '^\| +\| GRUB, ext4, 16 MiB, wall time \|' 'Wall s, from storage' ', in wall time: GRUB from'
check "and a clock has a name" exits 2 'must be virtual, wall or modelled' report sun-loads
check "and without loads it begins with calls" begins_with base 'one that reads or writes 63 sectors \(31.5 KiB\)' \
    '^- [0-9.]+ us: this firmware from a PV disk .* blkback' '^- [0-9.]+ us: emulated IDE by PIO .*, 2[0-9]{2} times as long' 'by DMA .* do not have'
check "by DMA, too, is a report" exits 0 '' report dma
check "and then its call is among them" begins_with dma '^- [0-9.]+ us: emulated IDE by DMA .* as Xen builds SeaBIOS, [0-9.]+ times as long'
check "and nothing is said to be missing" lacks "$work/head" 'do not have'
check "a boot that is replayed is a report" exits 0 '' report boot
check "and it is summed up, and compared by the calls that both made" boots_are_summed
check "what reconnects are of a boot is in its summary" exits 0 '^- A reconnect on phy takes 2.0 ms; 3 in a GRUB boot are 38 % of its 16 ms in int13' \
    "$program" summary "$work/reconnect.json" "$work/boot.json"
check "beside the table, which tells who made fewer calls" exits 0 '^.( [^|]*)PIO .*15000 \(first 2\) \|$' "$program" summary "$work/boot.json"
check "and in a report of both" exits 0 '' "$program" report --out "$work/two" "$work/reconnect.json" "$work/boot.json"
check "as there" shows "$work/two/report.md" '^- A reconnect on phy takes 2.0 ms; 3 in a GRUB boot are 38 %'
check "results that have none of it are told" exits 2 'none of read-1, read-8' "$program" summary "$work/odd.json"
check "no file, too" exits 2 'one to eight files' "$program" summary
check "what they took from slow storage is one" exits 0 '' report slow
check "and has a table for each latency" shows "$work/slow/report.md" 'from storage that answers at once' \
    'from storage that takes 0.1 ms' '^\| AHCI +\| +20.887 \|$' '^\| this firmware/qdisk +\| +0.555 '
check "and a chart of how the times grow, for the fast and for the slow" shows "$work/slow/report.html" \
    'GRUB, ext4, 16 MiB, by what the storage takes for a request, the fastest 3 of 4<' \
    'GRUB, ext4, 16 MiB, by what the storage takes for a request, the slowest<'
check "the first thing that it says is how long loading takes" begins_with slow 'How long GRUB takes .* 16 MiB, in virtual seconds' \
    '^- From a PV disk .* 0.483 s if it is served by blkback .* and 0.551 s by qemu' \
    '^- By emulated IDE with PIO .* Debian.s SeaBIOS reads: 32.3 s, 67 and 59 times as long' \
    '^- By emulated IDE with DMA .* Xen builds SeaBIOS: 1.80 s, 3.7 and 3.3 times as long' \
    '^- If the storage takes 1 ms .*: 1.84 s by DMA, 0.491 s and 0.555 s with this firmware: 3.7 and 3.3 times as fast' \
    '^- From a CD-ROM, by ISOLINUX with 4 MiB: 11.2 s with Debian.s SeaBIOS, 6.57 s with Xen.s, 0.035 s with this firmware: 188 times as fast'
check "and the bars of the slow ones do not flatten the others" shows "$work/slow/report.html" \
    'from storage that answers at once, the fastest 6 of 7: virtual s' 'from storage that answers at once, the slowest: virtual s'
check "and rows have whole names" shows "$work/slow/report.html" '>this firmware, built without read-ahead/qdisk<' \
    '>this firmware, built without read-ahead/phy<'
check "and loading comes before the cells" in_order "$work/slow/report.md" '^## Loading a kernel' '^!\[GRUB' '^## What an int13 call costs'
check "and none of what was measured once" lacks "$work/slow/report.html" 'SYSLINUX, 64 MiB, by what'
check "and calls to slow storage are apart" shows "$work/slow/report.md" '^\| ours pv/phy, 1 ms ' '^\| ours pv/phy '
check "where nothing was loaded there is none" lacks "$work/base/report.md" 'Loading a kernel'
check "the baseline can be chosen" exits 0 '' report base --baseline 'xen ide'
check "and the ratios are beside it" shows "$work/base/report.md" '^### Compared with xen ide'

check "a report has a title, a note and figures for other programs" exits 0 'report.csv' report titled \
    --title "before <b> & 'after'" --note 'is it the cache?' --csv
check "and they are text" shows "$work/titled/report.html" '<h1[^<]*>before &lt;b&gt; &amp;' 'is it the cache\?'
check "and the report says how it was made" shows "$work/titled/report.md" \
    "^    int13bench report --title 'before <b> & .*after.*' --note 'is it the cache\?' --csv titled.json"
check "its figures are those of the page" csv_agrees
check "and say how many runs they are of" shows "$work/titled/report.csv" '^"virtual","seqwrite-63","stock","virtio","[^"]*",2,1,'
check "the report's own command makes it again" made_again_as_told
check "a baseline that is not there is told" \
    exits 2 "nothing is called 'x'; name a row" report base --baseline x
check "a damaged field is named" \
    exits 2 'jobs\[3\].int13bench.clock: must be a string, not a whole' report damaged
check "a missing file is told" exits 2 'none.json: cannot be read' "$program" report "$work/none.json"
check "a folder that cannot be written is told" \
    exits 2 'report-charts: cannot be made: No such' "$program" report --out "$work/no/where" "$work/base.json"
check "a missing gnuplot is told" \
    exits 2 "install Debian's package gnuplot-nox" env PATH=/nonexistent "$PWD/$program" report --out "$work" "$work/base.json"
check "an unknown option is told" exits 2 'Try --help' "$program" report --frobnicate
check "two files are one page" exits 0 'two/report.html' "$program" report --out "$work/two" \
    "$work/base.json" "$work/slower.json"
check "whose rows say of which file they are" shows "$work/two/report.md" '^\| ours \(base\) pv/phy ' \
    '^\| ours \(slower\) pv/phy ' '^\| base: dom0 kernel ' '^\| slower: dom0 kernel ' 'report .*/base.json .*/slower.json$'
check "and each is what it is alone" both_alone
check "files of one name are numbered" exits 0 '' "$program" report --out "$work/two" "$work/base.json" "$work/base.json"
check "by their order" shows "$work/two/report.md" '^\| ours \(base, 1\) pv/phy ' '^\| ours \(base, 2\) pv/phy '
check "one that is damaged is named" exits 2 'damaged.json: ' "$program" report --out "$work/two" "$work/base.json" "$work/damaged.json"
check "two files can be one" exits 0 'merged.json' "$program" merge --out "$work/merged.json" "$work/slow.json" "$work/slower.json"
check "that gives the report of both" merged_is_both
check "and is an interrupted run if one of them was" merged_interrupted
check "two that have loads begin with those of both" exits 0 '' "$program" report --out "$work/two" "$work/slow.json" "$work/loads.json"
check "each by its name" begins_with two '^slow\. How long GRUB takes' '^loads\. How long GRUB takes'
check "so they do when they are merged" exits 0 '' "$program" merge --out "$work/merged.json" "$work/slow.json" "$work/loads.json"
check "and drawn" exits 0 '' "$program" report --out "$work/two" "$work/merged.json"
check "by their names" begins_with two '^slow\. How long GRUB takes' '^loads\. How long GRUB takes'
check "one file is too few to merge" exits 2 'two to eight files' "$program" merge --out "$work/none.json" "$work/base.json"
check "a damaged one is named" exits 2 'damaged.json: jobs' "$program" merge --out "$work/none.json" "$work/base.json" "$work/damaged.json"
check "and nothing is written" [ ! -e "$work/none.json" ]
check "nine files are too many" exits 2 'more than eight files' "$program" report a b c d e f g h i
check "--help has examples" exits 0 'int13bench report results/quick/results.json' "$program" report --help
check "no subcommand is told" exits 2 'usage' "$program"
done_testing
