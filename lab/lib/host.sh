# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Guests on this machine's own Xen, if it is a dom0: the same descriptions, the
# same run-guest and the same results as in the lab machine.

# host_check TRACE: exits with a message if something is missing.
host_check() {
    local trace=$1
    (($(id -u) == 0)) || die "$EXIT_SKIP" "--on xl: only root may create guests; run it with sudo"
    need xl xen-utils-common
    need xenstore-read xenstore-utils
    [[ $(xenstore-read domid 2>/dev/null) == 0 ]] || die "$EXIT_SKIP" \
        "--on xl: this is not the dom0 of a running Xen; boot the machine with Xen (Debian: xen-system-amd64, and then systemctl status xenstored), or use the lab, --on lab"
    xl info >"$work/host.txt" 2>&1 || die "$EXIT_SKIP" \
        "--on xl: xl does not work: $(tail -n 1 "$work/host.txt"); see: xl info"
    ((!trace)) || need xentrace xen-utils-common
    sed -n 's/^model name[^:]*: /cpu_model              : /p' /proc/cpuinfo | head -n 1 >>"$work/host.txt"
}

# host_disk_path NUMBER DRIVE PLACE MODE: prints the path of a guest's disk; see
# drives.sh. Copies a file that must not change. PLACE does not matter here.
host_disk_path() {
    local number=$1 file=${drive_files[$2]} mode=$4
    if [[ $mode == discard ]]; then
        [[ ! -b $file ]] || { echo "$file: discard is for files only with --on xl; use ro for a block device, or copy it" >&2; return 1; }
        cp --sparse=always --reflink=auto -- "$file" "$work/once-$number" || return
        file=$work/once-$number
    fi
    echo "$file"
}

host_prepare_disks() {
    local number drive place mode path
    while read -r number drive place mode _; do
        path=$(host_disk_path "$number" "$drive" "$place" "$mode") || return
        echo "$number $path"
    done <"$1/drives" >"$1/disks"
}

# host_run_guest JOB OUT: one guest.
host_run_guest() {
    local job=$1 out=$2 status
    mkdir -p "$out"
    if host_prepare_disks "$job" 2>"$out/run.log"; then
        run_child timeout -k 30 $(($(<"$job/timeout") + 300)) \
            "$lab/dom0/run-guest" "$job" "$out" >>"$out/run.log" 2>&1
        status=$?
    else
        echo "cannot prepare the disks" >>"$out/run.log"
        status=3
    fi
    rm -f "$work"/once-*
    return "$status"
}

# Runs all guests one after another; exits with the worst status.
host_run_all() {
    local i number began ran status worst=0 up
    host_check "${trace:-0}"
    guests_prepare_outs "${outs[@]}"
    mkdir -p "$work/results"
    for i in "${!outs[@]}"; do
        number=$(printf '%03d' "$i")
        read -r up _ </proc/uptime
        say "[$up s] guest $((i + 1))/${#outs[@]}: started"
        began=${EPOCHREALTIME/[.,]/}
        host_run_guest "$work/jobs/lab/jobs/$number" "$work/results/$number"
        status=$?
        ran=$((${EPOCHREALTIME/[.,]/} - began))
        read -r up _ </proc/uptime
        result_deliver "$work/results/$number" "${outs[i]}" "$work/host.txt" \
            "run-guest failed, see run.log" "$(printf '%d.%06d' $((ran / 1000000)) $((ran % 1000000)))"
        say "[$up s] guest $((i + 1))/${#outs[@]}: ended, status $status"
        rm -rf "$work/results/$number"
        ((status <= worst)) || worst=$status
    done
    exit "$worst"
}
