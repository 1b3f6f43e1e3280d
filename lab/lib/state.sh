# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The booted lab machine: Xen and dom0 come up the same way each time, so that
# is done once for each version of their inputs, and kept under build/lab.
#
# build/lab/RELEASE/state-IMAGE-KEY-SIZES is a directory with
#   ram         the machine's memory, which each run maps privately
#   devices     the state of its CPU and devices, in QEMU's migration format
#   boot.log    the console until then
# The saved machine waits for its jobs (dom0/init). Only with icount does a
# resumed machine go on as if nothing had happened.

# Everything that decides what the state holds, beside image and sizes.
state_key() {
    { cat "$lab/dom0/init" "$lab"/lib/{machine,state}.sh && qemu_version; } |
        sha256sum | cut -c 1-12
}

# Sets $state to the directory of an up-to-date state, making it if there is
# none. Fails if that is not possible: then the machine has to boot.
state_ready() {
    local clock=$1 smp=$2
    [[ $clock == icount && $smp == 1 && ! $sched && ! $store ]] || return
    state_kind=state-${image##*/image-}-$(state_key)
    state=$image_root/$state_kind-$dom0_mib-$machine_mib${exact_timers:+-exact}
    [[ -d $state ]] || alone state_make
    [[ -d $state ]]
}

# Boots the machine and saves its state.
state_make() {
    [[ ! -d $state ]] || return 0
    local new
    new=$(mktemp -d "$image_root/new.XXXXXX") || return
    temporaries+=("$new")
    say "dom0: booting once, so that later runs can resume it (half a minute)"
    if state_boot "$new" && [[ -s $new/devices ]] && state_trim "$new"; then
        state_remove_old
        mv -T "$new" "$state"
    else
        say "dom0: cannot be saved, so each run has to boot (disk full?)"
        sed 's/^/xenlab: /' "$new/qemu.err" >&2
        rm -rf "$new"
    fi
}

state_boot() {
    local work=$1 monitor talker status
    local -a qemu
    local -x XENLAB_DEVICES=$work/devices
    machine_words "$work" icount 1 "$work/progress"
    machine_boots "$work"
    state_words "$work" "$work/ram" on
    mkfifo "$work/monitor.in" && exec {monitor}<>"$work/monitor.in" || return
    state_save "$work" >&"$monitor" &
    talker=$!
    machine_guarded "$work" 900
    status=$?
    kill "$talker" 2>/dev/null
    exec {monitor}>&-
    return "$status"
}

# Tells QEMU's monitor to save the state once dom0 waits for its jobs; ends with
# xenlab. QEMU runs the command in a shell.
# shellcheck disable=SC2016
state_save() {
    until grep -qs 'lab: ready' "$1/qemu.log"; do
        sleep 0.2
        kill -0 "$$" || return
    done
    printf '%s\n' 'migrate_set_capability x-ignore-shared on' \
        'migrate "exec:cat >$XENLAB_DEVICES"' quit
}

# shellcheck disable=SC2016
state_load() {
    printf '%s\n' 'migrate_set_capability x-ignore-shared on' \
        'migrate_incoming "exec:cat <$XENLAB_DEVICES"'
}

# state_words WORK RAM SHARE: adds the memory, which is in the file RAM and not
# part of the state of the devices, and a monitor, which reads WORK/monitor.in.
# Writes to memory go to the file if SHARE is on.
state_words() {
    : >"$1/monitor.out"
    qemu+=(-object "memory-backend-file,id=ram,size=${machine_mib}M,mem-path=${2//,/,,},share=$3"
        -machine memory-backend=ram
        -global migration.store-global-state=off    # else it would load as stopped
        -chardev "pipe,id=monitor,path=${1//,/,,}/monitor" -mon chardev=monitor)
}

# Keeps only what a run needs; memory that was never written takes no room.
state_trim() {
    mv "$1/qemu.log" "$1/boot.log" &&
        rm "$1"/{initrd,monitor.in,monitor.out,progress,qemu.err,results.tar} &&
        { fallocate --dig-holes "$1/ram" 2>/dev/null || true; } &&
        chmod 755 "$1"
}

# A state takes a gigabyte. Those of the same inputs stay: machines of several
# sizes may be in use.
state_remove_old() {
    find "$image_root" -maxdepth 1 -name 'state-*' ! -name "$state_kind-*" -exec rm -rf {} +
}

# state_resume WORK SECONDS: machine_run, but from the saved state.
state_resume() {
    local work=$1
    local -a qemu
    local -x XENLAB_DEVICES=$state/devices
    machine_words "$work" icount 1 /dev/stdout
    state_words "$work" "$state/ram" off
    qemu+=(-incoming defer)
    cp "$state/boot.log" "$work/boot.log" && state_load >"$work/monitor.in" &&
        machine_run "$work" "$2"
}
