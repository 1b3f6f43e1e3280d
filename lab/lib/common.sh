# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What every part of xenlab needs: messages, exit codes, and children and
# temporary files that never outlive us.

readonly EXIT_USAGE=2 EXIT_BROKEN=3 EXIT_SKIP=77

child=              # pid of the child that we wait for, if any
watcher= progress=  # pid of what hands out results, and where it reads until it ends
temporaries=()      # what to remove when we end, whatever ends us

say() {
    printf 'xenlab: %s\n' "$*" >&2
}

# die STATUS MESSAGE...: one clear line, and out.
die() {
    local status=$1
    shift
    say "$*"
    exit "$status"
}

usage_error() {
    die "$EXIT_USAGE" "$* ($self --help)"
}

# need COMMAND PACKAGE: a tool that this machine must have.
need() {
    command -v "$1" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ||
        die "$EXIT_SKIP" "$1 is missing; $([[ $self == xenlab ]] && echo "install the package" || echo "run: lab/packages") $2"
}

# Runs a command in the background and waits for it: while bash waits, it handles
# a signal at once, but while a foreground command runs, only afterwards. If we
# are killed with no chance to clean up, the kernel ends the child.
run_child() {
    setpriv --pdeathsig TERM "$@" &
    child=$!
    wait "$child"
    local status=$?
    child=
    return "$status"
}

# What hands out results ends when nobody writes to it any more; it must, before its
# files are removed. Our standard output may be where it reads.
await_watcher() {
    local tries
    exec >/dev/null {progress}>&-
    for ((tries = 0; tries < 200; tries++)); do
        kill -0 "$watcher" 2>/dev/null || return
        sleep 0.1
    done
}

clean_up() {
    if [[ $child ]]; then
        kill -TERM "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    fi
    [[ ! $watcher ]] || await_watcher
    ((${#temporaries[@]} == 0)) || rm -rf -- "${temporaries[@]}"
}

# To be called once, by the command itself.
clean_up_at_exit() {
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Size of a file or block device in bytes.
size_of() {
    if [[ -b $1 ]]; then
        blockdev --getsize64 "$1"
    else
        stat -L -c %s -- "$1"
    fi
}
