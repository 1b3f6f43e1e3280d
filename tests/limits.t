#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# A test program is ended for its CPU time and that of all that it started, or if
# all of it stands still; never for the time that passes.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

limit=build/tests/limit
count='for ((i = 0; i < 100000; i++)); do :; done'

# ends STATUS CPU_SECONDS IDLE_SECONDS COMMAND: what bash makes of it ends so.
ends() {
    local status
    "$limit" "$2" "$3" "$work/cpu" bash -c "$4"
    status=$?
    ((status == $1)) || { echo "status $status"; return 1; }
}

# took LEAST MOST: CPU seconds of the last one.
took() {
    awk -v least="$1" -v most="$2" '{ print } END { exit !($1 >= least && $1 <= most) }' "$work/cpu"
}

# A descendant that nobody has waited for.
nothing_is_left() {
    ends 124 1000 3 "echo \$\$ >$work/pid; sleep 1000" && ! kill -0 "$(<"$work/pid")"
}

check "a program that ends by itself has its own status" ends 7 1000 1000 "$count; exit 7"
check "and what it used is told" took 0.02 20
check "one that a signal ended has 128 and its number" ends 139 1000 1000 'kill -SEGV $$'
check "one that uses too much is ended" ends 124 1 1000 'while :; do :; done'
check "soon" took 1 10
check "so is one that leaves it to others" ends 124 1 1000 'bash -c "while :; do :; done"; :'
check "or to one that it forgets" \
    ends 124 1 1000 '(setsid bash -c "while :; do :; done" &); sleep 1000'
check "one that uses nothing is ended" ends 124 1000 3 'sleep 1000'
check "with all that it started" nothing_is_left
check "one that waits for another that works is not" \
    ends 0 1000 10 "(setsid bash -c 'for n in {1..12}; do $count; sleep 1; done; : >$work/done' &)
        until [ -e $work/done ]; do sleep 1; done"

# release PROGRAM: what tests/limited has told the program of the release.
release() {
    # shellcheck disable=SC2016 # for the program
    printf '#!/bin/sh\necho "${XENLAB_RELEASE-none}"\n' >"$work/program"
    chmod +x "$work/program"
    env -u XENLAB_RELEASE -u TEST_CPU tests/limited "$work/program$1"
}
of() {
    [[ $(release "$1") == "$2" ]]
}
check "a test of the lab has the release behind its name" of @trixie trixie
check "and otherwise the default" of '' none
done_testing
