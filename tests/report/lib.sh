# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What the tests of the reports share: made-up results, and the program built
# with ASan and UBSan. Sourced by *.t, which prove runs from the top.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# shellcheck disable=SC2034 # for the tests
program=build/tests/harness/int13bench

# make_results NAME [CALLS FACTOR CLOCK]: $work/NAME.json, each run of so many
# calls, our firmware slower by that factor.
make_results() {
    jq -n --argjson calls "${2-20}" --argjson factor "${3-1.0}" \
        --arg clock "${4-virtual}" -f tests/report/results.jq >"$work/$1.json"
}

# change NAME FILTER NEW: $work/NEW.json, as jq's filter changes $work/NAME.json.
change() {
    jq "$2" "$work/$1.json" >"$work/$3.json"
}

# exits STATUS REGEX COMMAND...: the command ends with that status and says so.
exits() {
    local wanted=$1 regex=$2 said status
    shift 2
    said=$("$@" 2>&1)
    status=$?
    ((status == wanted)) && grep -qE -- "$regex" <<<"$said" && return
    printf 'status %d\n%s\n' "$status" "$said"
    return 1
}
