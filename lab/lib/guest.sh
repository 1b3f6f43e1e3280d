# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# From the words of `xenlab run` to the description of a guest: a directory
# that dom0/run-guest understands, on any Xen host. Only `drives`, which says
# where the lab machine finds the disks, belongs to the lab.

readonly alphabet=abcdefghijklmnopqrstuvwxyz

declare -A guest=()         # the run's options
declare -A guest_config=()  # xl config, key -> value in xl's own syntax
guest_disks=()              # specs of --disk
guest_files=()              # what --file named

guest_reset() {
    guest=([bios]=stock [memory]=64 [vcpus]=1 [timeout]=120)
    guest_config=()
    guest_disks=()
    guest_files=()
}

# True for the options that are followed by a value.
guest_wants_value() {
    case $1 in
    --bios | --disk | --file | --xl | --memory | --vcpus | --until | --timeout | --out | --before | --dom0) ;;
    *) return 1 ;;
    esac
}

# The words that describe one guest. What is not one of them goes to
# $rest, for the caller to judge.
guest_parse() {
    guest_reset
    rest=()
    while (($#)); do
        if [[ $1 == --*=* ]] && guest_wants_value "${1%%=*}"; then
            set -- "${1%%=*}" "${1#*=}" "${@:2}"
        fi
        if guest_wants_value "$1"; then
            (($# >= 2)) || usage_error "$1 wants a value"
            guest_option "$1" "$2"
            shift
        elif [[ $1 == --trace || $1 == --vif ]]; then
            guest[${1#--}]=1
        else
            rest+=("$1")
        fi
        shift
    done
    [[ ${guest[out]-} ]] || usage_error "--out DIR is missing"
}

guest_option() {
    local option=$1 value=$2
    case $option in
    --disk) guest_disks+=("$value") ;;
    --file) guest_files+=("$value") ;;
    --xl)
        [[ $value =~ ^([a-z_0-9]+)\ *=\ *(.+)$ ]] || usage_error "--xl wants key=value, not $value"
        guest_config[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
        # The lab machine must have room for it.
        [[ $value =~ ^memory\ *=\ *([0-9]+)$ ]] && guest[memory]=${BASH_REMATCH[1]}
        ;;
    --memory | --vcpus | --timeout)
        [[ $value =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "$option wants a number above 0, not $value"
        guest[${option#--}]=$value
        ;;
    --until)
        grep -Eqe "$value" </dev/null 2>/dev/null
        (($? <= 1)) || usage_error "--until: not an extended regular expression: $value"
        guest[until]=$value
        ;;
    *) guest[${option#--}]=$value ;;
    esac
}

# guest_set KEY VALUE: a line of the xl config, unless --xl had its say.
guest_set() {
    [[ ${guest_config[$1]+x} ]] || guest_config[$1]=$2
}

guest_defaults() {
    # On another Xen the name must not be that of another guest.
    guest_set name "\"$([[ $on == lab ]] && echo guest || echo "xenlab-$$")\""
    guest_set type '"hvm"'
    guest_set memory "${guest[memory]}"
    guest_set vcpus "${guest[vcpus]}"
    # The lab's CPU has no RDTSCP, so Xen must not emulate the TSC.
    guest_set tsc_mode '"native"'
    guest_set vga '"none"'
    # type=vif keeps qemu from emulating a card beside it.
    [[ ! ${guest[vif]-} ]] || guest_set vif "['type=vif,bridge=lab0,script=vif-lab']"
    guest_set nographic 1
    guest_set serial '"file:@out@/serial.log"'
    # A guest that went down stays, for its traces to be collected.
    guest_set on_poweroff '"preserve"'
    guest_set on_reboot '"preserve"'
    guest_set on_crash '"preserve"'
}

guest_bios() {
    local file=${guest[bios]}
    [[ $file != stock ]] || return 0
    [[ -f $file && -r $file ]] || usage_error "no such BIOS file: $file"
    (($(size_of "$file") <= 256 << 10)) || usage_error "$file is larger than 256 KiB"
    cp -- "$file" "$1/bios.bin" || die "$EXIT_BROKEN" "cannot copy $file"
    guest_set bios_path_override '"@dir@/bios.bin"'
}

# --file: goes with the description as it is.
guest_copy_files() {
    local file
    for file in "${guest_files[@]}"; do
        [[ -f $file && -r $file ]] || usage_error "no such file: $file"
        [[ ! -e $1/${file##*/} ]] || usage_error "--file: two files are named ${file##*/}"
        cp -- "$file" "$1/" || die "$EXIT_BROKEN" "cannot copy $file"
    done
}

# guest_disk DIR NUMBER SPEC: one --disk; adds to $xl_disks and DIR/drives.
guest_disk() {
    local number=$2 words word mode=rw trusted=1 type='' vdev backend=qdisk drive place='' mapper='' latency=0 block=512
    IFS=, read -ra words <<<"$3"
    vdev=xvd${alphabet:number:1}
    for word in "${words[@]:1}"; do
        case $word in
        vdev=*) vdev=${word#*=} ;;
        backend=qdisk | backend=phy | backend=domain | backend=none) backend=${word#*=} ;;
        place=ram | place=host) place=${word#*=} ;;
        ro | discard) mode=$word ;;
        untrusted) trusted=0 ;;
        dm) mapper=dm ;;
        latency=*)
            latency=${word#*=}
            [[ $latency =~ ^[1-9][0-9]{0,6}$ ]] && ((latency <= 1000000)) ||
                usage_error "--disk ${words[0]}: latency wants microseconds from 1 to 1000000, not '$latency'"
            ;;
        block=512 | block=4096) block=${word#*=} ;;
        devtype=cdrom) type=,devtype=cdrom mode=ro ;;
        *) usage_error "--disk ${words[0]}: unknown word '$word'" ;;
        esac
    done
    [[ $vdev =~ ^(xvd[a-z]{1,2}|hd[a-d]|sd[a-z])$ ]] ||
        usage_error "--disk ${words[0]}: '$vdev' is not a vdev such as xvda, hda or sda"
    [[ $mode != ro || $type || $backend == none || ! $vdev =~ ^(xvd|hd)[a-d]$ ]] ||
        usage_error "--disk ${words[0]}: $vdev has an emulated IDE twin, which cannot be read-only; use xvde or later, or discard"
    [[ $on == lab || ($mapper$latency$block == 0512 && $backend != domain) ]] ||
        usage_error "--disk ${words[0]}: dm, latency, block and backend=domain are the lab machine's; --on xl uses disks as they are"
    if ((latency)); then
        [[ $place != host ]] || usage_error "--disk ${words[0]}: a disk with latency is held in memory, so place=host cannot be"
        drive_add_delayed "${words[0]}" "$mode" "$place"
        exact_timers=1
    else
        drive_add "${words[0]}" "$mode" "$place"
    fi
    guest_disk_alone "${words[0]}" "$drive" "$mode" "$latency"
    echo "$number $drive $place $mode $latency $block $mapper" >>"$1/drives"
    [[ $backend != domain ]] || guest_serve_by_domain "$1" "$number"
    guest_xl_disk "$backend" "format=raw,vdev=$vdev,access=$([[ $mode == ro ]] && echo r || echo rw)$type" "$number"
    # xl 4.17 documents the word untrusted but does not accept it.
    ((trusted)) || echo "xenstore-write /local/domain/\$DOMID/device/vbd/$(guest_devid "$vdev")/trusted 0" >>"$1/before"
}

# guest_serve_by_domain DIR NUMBER: has a driver domain serve this disk.
guest_serve_by_domain() {
    echo "$2" >>"$1/domain"
    driver_domain=1
    storage_letter=${alphabet:storage_disks++:1}
}

# guest_disk_alone FILE DRIVE MODE LATENCY: refuses a file of which a guest would
# see two copies: one with latency, and another one.
guest_disk_alone() {
    [[ $3 != discard ]] || return 0
    [[ ! ${disk_latencies[$2]-} || ${disk_latencies[$2]}$4 == 00 ]] ||
        usage_error "--disk $1: with latency, a guest can have a file only once, unless with discard"
    disk_latencies[$2]=$4
}

# The number under which xenstore knows a vdev: xvdb, hda, sdc.
guest_devid() {
    local before kind n
    [[ $1 =~ ^(xvd|hd|sd)(.)(.?)$ ]]
    kind=${BASH_REMATCH[1]}
    before=${alphabet%%"${BASH_REMATCH[2]}"*}
    n=${#before}
    if [[ ${BASH_REMATCH[3]} ]]; then
        before=${alphabet%%"${BASH_REMATCH[3]}"*}
        n=$((26 * (n + 1) + ${#before}))
    fi
    case $kind in
    xvd) echo $((n < 16 ? 202 << 8 | n << 4 : 1 << 28 | n << 8)) ;;
    hd) echo $(((n < 2 ? 3 : 22) << 8 | n % 2 << 6)) ;;
    sd) echo $((8 << 8 | n << 4)) ;;
    esac
}

# Adds one disk to $xl_disks in xl's words.
guest_xl_disk() {
    local target="target=@disk$3@" block_script=block-lab
    [[ $on == lab ]] || block_script=$lab/dom0/block-lab
    case $1 in
    qdisk) xl_disks+=("'$2,backendtype=qdisk,$target'") ;;
    phy) xl_disks+=("'$2,backendtype=phy,script=$block_script,$target'") ;;
    domain) xl_disks+=("'$2,backendtype=phy,backend=storage,target=/dev/xvd$storage_letter'") ;;
    esac
}

# guests_prepare_outs OUT...: prepares the directories for results, and removes
# stale ones. To be called when nothing of what was asked for can be wrong any more.
guests_prepare_outs() {
    local out
    for out; do
        mkdir -p -- "$out" 2>/dev/null && [[ -w $out ]] || usage_error "cannot write to $out"
    done
    for out; do
        rm -f -- "$out"/{serial,xen,qemu,dm,xl,run,create,dom0,trace}.log \
            "$out"/{guest.cfg,xenstore.txt,grants.txt,evtchn.txt,host.txt,trace.bin,result.json}
    done
}

# Writes the description that the parsed words ask for.
guest_write() {
    local dir=$1 i key
    local -a xl_disks=()
    local -A disk_latencies=()  # drive id -> latency, of disks that keep changes
    ram_discarded=0 storage_disks=0
    mkdir -p "$dir"
    : >"$dir/drives"
    guest_bios "$dir"
    guest_copy_files "$dir"
    for i in "${!guest_disks[@]}"; do
        guest_disk "$dir" "$i" "${guest_disks[i]}"
    done
    guest_set disk "[$(IFS=,; echo "${xl_disks[*]}")]"
    guest_defaults
    for key in "${!guest_config[@]}"; do
        printf '%s=%s\n' "$key" "${guest_config[$key]}"
    done | sort >"$dir/config"
    echo "${guest[timeout]}" >"$dir/timeout"
    [[ ! ${guest[until]-} ]] || printf '%s\n' "${guest[until]}" >"$dir/until"
    [[ ! ${guest[before]-} ]] || printf '%s\n' "${guest[before]}" >>"$dir/before"
    [[ ! ${guest[dom0]-} ]] || printf '%s\n' "${guest[dom0]}" >"$dir/command"
    [[ ! ${guest[trace]-} ]] || : >"$dir/trace"
}
