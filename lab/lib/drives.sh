# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Disk files of the host and the drives through which the lab machine sees
# them. A file is one drive, however many guests use it, so that the next guest finds
# one's changes; only a big disk whose changes are to be thrown away is a drive of its
# own for each guest.

readonly ram_limit=$((512 << 20))   # bigger files stay on the host by default
readonly drives_limit=191           # 24 slots of 8 functions on the root bus, less the jobs' one

declare -A drive_ids=()     # "file" or "file discard N" -> drive id
declare -A drive_files=()   # id -> file
declare -A drive_modes=()   # id -> rw, ro or discard
declare -A drive_places=()  # id -> ram or host, for those that keep changes
declare -A drive_kept=()    # id -> 1 when dom0 keeps a copy in its memory
ram_kept=0                  # bytes of memory for such copies
ram_discarded=0             # and for copies that one guest has to itself
ram_discarded_most=0

# Checks a disk file and prints its size in bytes.
drive_check() {
    local file=$1 mode=$2 size
    [[ -f $file || -b $file ]] || usage_error "no such disk file: $file"
    [[ -r $file ]] || usage_error "cannot read $file"
    [[ $mode != rw || -w $file ]] || usage_error "cannot write $file; add ,ro or ,discard"
    size=$(size_of "$file")
    ((size > 0)) || usage_error "$file is empty"
    ((size % 512 == 0)) || usage_error "the size of $file is not a multiple of 512 bytes"
    echo "$size"
}

# drive_add FILE MODE PLACE: sets $drive to the id of the file's drive and
# $place to where the guest uses it. MODE is rw, ro or discard; PLACE ram, host
# or empty for the default. With a fourth word the caller counts the memory.
drive_add() {
    local file=$1 mode=$2 size key
    place=$3
    size=$(drive_check "$file" "$mode") || exit
    file=$(realpath "$file")
    if [[ ! $place ]]; then
        place=host
        [[ -b $file ]] || ((size > ram_limit)) || place=ram
    fi
    key=$file
    [[ $mode == discard && $place == host ]] && key="$file discard ${#drive_ids[@]}"
    drive=${drive_ids[$key]-}
    if [[ ! $drive ]]; then
        drive=d${#drive_ids[@]}
        drive_ids[$key]=$drive
        drive_files[$drive]=$file
        drive_modes[$drive]=ro
        ((${#drive_ids[@]} <= drives_limit)) || usage_error "more than $drives_limit disks"
    fi
    if [[ $mode != discard ]]; then
        [[ ${drive_places[$drive]:=$place} == "$place" ]] ||
            usage_error "$file: place=ram in one run and place=host in another"
    fi
    [[ $place == host || ${4-} ]] || drive_count_ram "$mode" "$size"
    case $mode in
    rw) drive_modes[$drive]=rw ;;
    discard) [[ $place == ram ]] || drive_modes[$drive]=discard ;;
    esac
}

# drive_add_delayed FILE MODE PLACE: the same for a disk that has latency. While
# the guest lives, dom0 has a copy of its own in memory, whatever MODE is.
drive_add_delayed() {
    local file=$1 size
    size=$(drive_check "$file" "$2") || exit
    [[ $3 == ram ]] || ((size <= ram_limit)) ||
        usage_error "$file is larger than $((ram_limit >> 20)) MiB, and with latency it is held in memory; add place=ram if there is enough"
    ((size % (1 << 20) == 0)) ||
        usage_error "$file: latency wants a disk of whole MiB; this one has $size bytes"
    drive_add "$file" "$2" ram delayed
    drive_count_ram discard "$size"
}

# Counts the memory that a copy of the drive takes. The caller sets
# ram_discarded to 0 for each guest.
drive_count_ram() {
    local mode=$1 size=$2
    if [[ $mode == discard ]]; then
        ((ram_discarded += size))
        ((ram_discarded <= ram_discarded_most)) || ram_discarded_most=$ram_discarded
    elif [[ ! ${drive_kept[$drive]-} ]]; then
        drive_kept[$drive]=1
        ((ram_kept += size))
    fi
}

# drive_qemu ID OPTIONS FILE SLOT: adds QEMU's words for one drive to $qemu.
drive_qemu() {
    local id=$1 options=$2 file=$3 slot=$4
    # QEMU wants a comma in a value doubled.
    qemu+=(-drive "if=none,id=$id,format=raw,cache=writeback,$options,file=${file//,/,,}"
        -device "virtio-blk-pci,drive=$id,serial=$id,multifunction=on,addr=$(printf '%#x.%d' $((4 + slot / 8)) $((slot % 8)))")
}

# Adds the drive with the jobs and the drives of all disks. Locking guards a file
# that is written; readers go without, or else a file could not be read by one
# guest and written by another.
drives_qemu() {
    local id options n
    drive_qemu jobs readonly=on,file.locking=off "$1" 0
    for ((n = 0; n < ${#drive_files[@]}; n++)); do
        id=d$n
        case ${drive_modes[$id]} in
        rw) options=discard=unmap,detect-zeroes=unmap ;;
        ro) options=readonly=on,file.locking=off ;;
        discard) options=snapshot=on,file.locking=off ;;
        esac
        drive_qemu "$id" "$options" "${drive_files[$id]}" $((n + 1))
    done
}
