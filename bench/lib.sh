# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What the measuring scripts share: their tools, the emulated disks, and the
# timing of boot loaders. The caller defines die, and runs from the top of the
# tree.

# Says which tree this is of.
print_version() {
    echo "${0##*/} $(packaging/version)"
}

# takes_no_words WORD...: for a script without options: --help shows what its head
# says of it, and any other word is an error, before anything is done.
takes_no_words() {
    case ${1-} in
    '') return ;;
    -h | --help)
        sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
        exit
        ;;
    --version)
        print_version
        exit
        ;;
    esac
    echo "${0##*/}: takes no arguments, but was given '$1'" >&2
    exit 2
}

# xen_of DIR: the version of the lab's Xen, such as 4.20, on which the guest ran whose
# results are in DIR; nothing if that is not known.
xen_of() {
    sed -nE 's/.*Xen version ([0-9]+\.[0-9]+).*/\1/p; T; q' "$1/qemu.log" 2>/dev/null
}

# results_of COMMAND KEY FILE DIR: the objects on standard input as results that
# int13bench can report, as an array of that name; FILE is replaced when all is written.
# DIR has the results of one of the guests.
results_of() {
    local project
    project=$(packaging/version) || project='not known'
    jq -s --arg command "$1" --arg key "$2" --arg version "bench/${0##*bench/}" --arg project "$project" --arg xen "$(xen_of "$4")" '{
        "fio version": ($version + " (not fio)"), timestamp: (now | floor),
        int13bench: {schema: 1, on: "lab", $command, environment: ({$project} + if $xen == "" then {} else {$xen} end)},
        jobs: [], ($key): .}' >"$3.tmp" || die "$3 cannot be written"
    mv "$3.tmp" "$3"
}

# show_report FILE: draws such results beside them, if int13bench is there.
show_report() {
    [[ ! -x build/bench/int13bench ]] || build/bench/int13bench report "$1"
}

# Checks that make has built what we measure, and the tools that measure it.
need_tools() {
    local file
    for file in build/bios.bin build/bench/{int13img,stage.nm,exits,count.so}; do
        [[ -f $file ]] || die "$file is missing; run: make measure"
    done
}

# await PID SECONDS FILE REGEX: waits until the file shows the regex. Fails when the
# process has ended, has used that many seconds of CPU time, or waits itself: it has
# used less than a tenth of five minutes. None of that depends on how fast the
# machine is.
await() {
    local pid=$1 limit=$2 ticks stat since=$SECONDS
    ticks=$(getconf CLK_TCK)
    until grep -aqsE -- "$4" "$3"; do
        read -r stat 2>/dev/null <"/proc/$pid/stat" || return
        read -r -a stat <<<"${stat##*) }"
        [[ ${stat[0]} != Z ]] && ((stat[11] + stat[12] < limit * ticks)) || return
        ((SECONDS - since < 300 || stat[11] + stat[12] > 30 * ticks)) || return
        sleep 0.2
    done
}

# The emulated disks: QEMU's words for each, as a list in xl's syntax.
declare -A peers=()

# Fills it in.
read_peers() {
    local name words
    while read -r name words; do
        [[ $name != \#* ]] || continue
        peers[$name]="'${words// /\',\'}'"
    done <bench/transports
}

# make_guest_disk FILE OPTION...: a disk with GRUB, Debian's kernel and an
# initrd; options are those of tests/lab/mkguest.
make_guest_disk() {
    local image
    image=$(lab/xenlab image) || exit $?
    tests/lab/mkguest --kernel "$image/vmlinuz" \
        --modules "$(echo "$image"/modules/lib/modules/*)" \
        --busybox "$image/busybox" --out "$@" || die "$1 could not be made"
}

# initrd_is_whole DIR: true if the checksum that Linux printed of its initrd's
# padding, in the guest whose results are in DIR, is that of mkguest's padding.
initrd_is_whole() {
    local bytes sum status
    read -r bytes sum < <(sed -nE 's/.*INITRD bytes=([0-9]+) sha256=([0-9a-f]+).*/\1 \2/p' "$1/serial.log")
    echo "Linux found $bytes bytes of padding in its initrd, $sum"
    ((bytes >= 1 << 20)) && build/bench/int13img make "$1/padding" --no-boot --size "$bytes" --label 1 &&
        [[ $(sha256sum <"$1/padding") == "$sum "* ]]
    status=$?
    rm -f "$1/padding"
    return "$status"
}

# load_seconds DIR: virtual seconds that GRUB took for `linux` and `initrd` in
# the guest whose results are in DIR. It writes a line before and after, which
# Xen's console stamps, or bench/scenarios/stamp-console.
load_seconds() {
    seconds_between "$1" G L
}

# host_load_seconds DIR: the same of a guest on a host, by its serial port.
host_load_seconds() {
    seconds_between "$1" '.*GRUB LOADS.*' '.*GRUB LOADED.*'
}

# syslinux_seconds DIR: the same for SYSLINUX and ISOLINUX, from the line that they
# print once their configuration has opened the serial port to the last one.
syslinux_seconds() {
    seconds_between "$1" '.*(SYS|ISO)LINUX [0-9].*' 'Loading .*initrd.img.*ok'
}

# direct_seconds DIR: the same for a guest whose kernel xl.cfg names, from SeaBIOS's
# last line to Linux's first.
direct_seconds() {
    seconds_between "$1" 'Booting from ROM\.\.\.' 'early console in setup code'
}

# blkload_seconds DIR [initrd]: the same for our loader (loader/), from its first
# line to its last, or for the initrd alone. Needs blkload --debugcon.
blkload_seconds() {
    case ${2-} in
    initrd) seconds_between "$1" 'blkload: kernel \.*' 'blkload: initrd \.*' ;;
    *) seconds_between "$1" 'blkload: .* initrd [0-9]+ MiB' 'blkload: loaded .*' ;;
    esac
}

# seconds_between DIR REGEX REGEX: virtual seconds between the first lines that
# match each.
seconds_between() {
    local start end
    start=$(load_stamp "$1" "$2")
    end=$(load_stamp "$1" "$3")
    [[ $start && $end ]] || die "this guest did not load its kernel; see $1/serial.log"
    awk -v s="$start" -v e="$end" 'BEGIN { printf "%.3f", e - s }'
}

load_stamp() {
    cat "$1"/{xen,stamps}.log 2>/dev/null |
        sed -nE "s/^(\(d[0-9]+\) )?\[ *([0-9.]+)\] $2\r?\$/\2/p" | head -n 1
}
