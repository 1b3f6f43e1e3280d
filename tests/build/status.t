#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# blkfront-status: what it says of one of Xen's logs, in each of its formats, and when
# it knows nothing. xl is a stand-in.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

command=packaging/blkfront-status
log=tests/build/status.log
mkdir -p "$work/bin"
rm -f "$work"/*.prom
cat >"$work/bin/xl" <<END
#!/bin/sh
case \$1 in
list) printf '%s\n' 'Name    ID   Mem VCPUs State Time' 'Domain-0   0  512 1 r----- 1.0' \
    'web.1  2  64 1 -b---- 1.0' 'db  4  64 1 -b---- 1.0' ;;
dmesg) cat $log ;;
esac
END
printf '#!/bin/sh\necho "Permission denied" >&2\nexit 1\n' >"$work/bin/not-xl"
chmod +x "$work"/bin/*

# says STATUS WORD...: what it says goes to $work/said.
says() {
    local wanted=$1
    shift
    PATH=$PWD/$work/bin:$PATH "$command" "$@" >"$work/said" 2>&1 </dev/null
    (($? == wanted)) || { echo "not status $wanted"; cat "$work/said"; return 1; }
}

# holds FILTER: that jq filter is true of the JSON.
holds() {
    jq -e "$1" "$work/said" >/dev/null || { cat "$work/said"; return 1; }
}

check "a guest that boots by PV" says 0 --log "$log" 2
check "it is told how" shows "$work/said" '^domain 2 .*: boots by paravirtual disks$' \
    'firmware: SeaBIOS 1.16.2-blkfront-1.0' 'seconds: 1.250 ' \
    'disk xvda, 10 GiB, backend domain 0, in place of its emulated twin' \
    '1540 calls by 605 requests; 48 MiB of pages granted, 24 MiB copied' \
    'connected 1000 times, released 2 times' 'xvde, 64 MiB, backend domain 3, blocks of 4096 bytes, read-only, not trusted' \
    'CD-ROM hdc, 600 MiB'
check "another firmware" says 1 --log "$log" 1
check "it is called so" shows "$work/said" 'another firmware'
check "switched off" says 1 --log "$log" 3
check "it says by what" shows "$work/said" 'switched off by xen-blk=off'
check "a disk that was given up" says 1 --log "$log" 4
check "all that went wrong is told" shows "$work/said" 'xvda, 64 MiB, backend domain 0, NOT USED' \
    'problem: xvdb: skipped: 100 sectors' 'problem: xvda: no answer: disk stopped' 'problem: unknown option'
check "an op that failed" says 1 --log "$log" 6
check "a firmware whose banner is gone" shows "$work/said" 'banner is not in the log'
check "a guest of which nothing is known" says 3 --log "$log" 7
check "why that may be" shows "$work/said" 'guest_loglvl=all'

check "JSON of all" says 3 --json --log "$log" 7 6 5 4 3 2 1
check "it has them in the order of the question" holds '[.guests[].domid] == [7, 6, 5, 4, 3, 2, 1]'
check "and their states" holds '[.guests[].state] == ["unknown", "pv", "pv", "no pv disk", "off", "pv", "other firmware"]'
check "text is quoted" holds '.guests[3].problems[1] | startswith("unknown option \"xen-blk.\\x41\"")'
check "a line that Xen has cut is one" holds '.guests[2].disks[0] |
    .sleeps == 4000000000 and .retries == 3 and .connects == 12 and .copied_bytes == 2048000001536'
check "blocks are told" holds '[.guests[5].disks[].block] == [null, 4096, null]'
check "midnight passes" holds '.guests[2].seconds == 2'
check "without times there are no seconds" holds '.guests[1].seconds == null and .guests[1].firmware == null'

check "Prometheus" says 1 --prometheus --all --out "$work/it.prom"
check "nothing else is said" test ! -s "$work/said"
check "it has the metrics of the guests that run" shows "$work/it.prom" \
    '^xen_blkfront_boot_info\{guest="web.1",domid="2",state="pv",firmware="1.16.2-blkfront-1.0"\} 1$' \
    '^xen_blkfront_boot_problems\{guest="db"\} 4$' '^xen_blkfront_boot_calls\{guest="web.1",disk="xvda"\} 1540$' \
    '^xen_blkfront_boot_disk_stopped\{guest="db",disk="xvda"\} 1$' \
    '^# TYPE xen_blkfront_boot_seconds gauge$'
check "and of no others" lacks "$work/it.prom" 'domid="1"'
# shellcheck disable=SC2016 # awk's
check "each metric is announced once" test -z "$(awk '$2 == "TYPE" { print $3 }' "$work/it.prom" | sort | uniq -d)"
check "no file of half is left" test ! -e "$work/it.prom.new"

check "a guest by its name" says 0 web.1
check "it is called by it" shows "$work/said" '^web.1 \(domain 2\): boots'
check "a guest that does not run" says 2 mail
check "it says so" shows "$work/said" 'no guest called mail runs here'
mv "$work/bin/not-xl" "$work/bin/xl"
check "xl that does not work" says 77 web.1
check "it says why" shows "$work/said" 'Permission denied.*as root in dom0'

check "no guest" says 2
check "all, and one" says 2 --all 2
check "an unknown option" says 2 --jsn 2
check "a name that is none" says 2 'a;b'
check "a name with --log" says 2 --log "$log" web.1
check "a log that is not there" says 2 --log "$work/none" 2
check "--help" says 0 --help
check "--version" says 0 --version
check "it has one" shows "$work/said" '^blkfront-status [0-9]'
done_testing
