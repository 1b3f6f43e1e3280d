# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Commands of the names that a dom0 has, in $stubs, to stand in for it: a "guest" is
# QEMU booting the disk of the xl.cfg, so that what comes back was measured, by the
# clock on the wall. Files in $STATE say how it is. Sourced behind tests/lab/lib.sh.
# shellcheck disable=SC2034 # for the tests
int13bench=build/bench/int13bench
stubs=$PWD/${work:?}/stubs
export STATE=$PWD/$work/state
mkdir -p "$stubs" "$STATE"

# stub NAME: a command, from standard input.
stub() {
    { echo '#!/bin/bash'; cat; } >"$stubs/$1"
    chmod +x "$stubs/$1"
}

stub xl <<'END'
echo "$*" >>"$STATE/calls"
case $1 in
info) printf 'host : here\nrelease                : 6.1.0-here\nnr_cpus                : 4\nxen_version            : 4.17.9-here\nxen_caps               : xen-3.0-x86_64 hvm-3.0-x86_64\nfree_memory            : %s\n' "$(cat "$STATE/free" 2>/dev/null || echo 900)" ;;
dmesg) echo '(d7) SeaBIOS (version rel-here)' ;;
create)
    [[ ! -e $STATE/refuse ]] || { echo "xl: error: no memory"; exit 1; }
    cp "$3" "$STATE/cfg"
    ;;
domid) [[ -e $STATE/cfg && $(<"$STATE/cfg") == *"name=\"$2\""* ]] && echo 7 ;;
unpause)
    mapfile -t disks < <(sed -n '/^disk=/p' "$STATE/cfg" | grep -o "target=[^']*" | sed 's/^target=//')
    # Those that qemu emulates are words for it.
    mapfile -t drives < <(sed -n 's/^device_model_args_hvm=//p' "$STATE/cfg" | grep -o "'[^']*'" | tr -d "'")
    for disk in "${disks[@]}"; do
        drives+=(-drive "file=$disk,format=raw")
    done
    serial=$(sed -n 's/^serial="\(.*\)"/\1/p' "$STATE/cfg")
    # QEMU does not begin before somebody reads from it.
    if [[ $serial == pty ]]; then
        rm -f "$STATE/tty"
        mkfifo "$STATE/tty"
        serial=file:$STATE/tty
    fi
    qemu-system-x86_64 -accel tcg -m 64 -display none -serial "$serial" -no-reboot \
        "${drives[@]}" </dev/null >/dev/null 2>&1 &
    echo $! >"$STATE/pid"
    ;;
destroy)
    kill "$(<"$STATE/pid")" 2>/dev/null # it may have ended by itself
    rm "$STATE/cfg" "$STATE/pid"
    ;;
esac
END
# shellcheck disable=SC2016 # the stub's, not ours
stub xenstore-read <<'END'
case $1 in
*/tty) echo "$STATE/tty" ;;
*) [[ ! -e $STATE/not-dom0 ]] && echo 0 ;;
esac
END
stub xenstore-ls <<<':'
stub xenstore-list <<<':'
stub xentrace <<<'exec env --default-signal=INT sleep 100'
# shellcheck disable=SC2016
stub id <<<'[[ $1 == -u && ! -e $STATE/user ]] && echo 0 || echo 1000'
