#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The series for SeaBIOS's maintainers is all of the driver, and git am takes it; Xen's
# headers that come with it are Xen's. To build and boot each step is expensive: `make
# check-series` and `make check-long` do.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

# generate_fails REGEX WORD...: it makes nothing, and says why.
generate_fails() {
    local regex=$1 said
    shift
    said=$(patches/series/generate "$@" 2>&1) && { echo "it succeeded"; return 1; }
    grep -qE -- "$regex" <<<"$said" || { echo "$said"; return 1; }
}

# with_src FILE COMMAND: a copy of what makes the series, in which a source is changed.
with_src() {
    rm -rf "$work/copy"
    mkdir -p "$work/copy/build/download"
    cp -r patches results src "$work/copy/"
    cp build/download/seabios_*.orig.tar.gz "$work/copy/build/download/"
    sed -i "$2" "$work/copy/$1"
}

says_which_diff() {
    local said
    with_src src/blkfront/setup.c 's/SETUP_MIN_AHEAD/SETUP_LEAST_AHEAD/'
    said=$("$work/copy/patches/series/generate" "$work/out" 2>&1) && { echo "it succeeded"; return 1; }
    grep -q 'before-readahead.diff does not apply: .*README' <<<"$said" || { echo "$said"; return 1; }
}

says_what_is_left() {
    local said
    with_src src/blkfront/blkfront.h ''
    echo '// SPDX-License-Identifier: LGPL-3.0-or-later
//
// In no step.' >"$work/copy/src/blkfront/extra.c"
    said=$("$work/copy/patches/series/generate" "$work/out" 2>&1) && { echo "it succeeded"; return 1; }
    [[ $said == *'does not bring all'*extra.c* ]] || { echo "$said"; return 1; }
}

# Every file that it adds has SeaBIOS's sentence and a copyright line, but for Xen's.
has_their_header() {
    local file
    git -C "$work/check/1.16.2/seabios" diff --name-only --diff-filter=A seabios series |
        grep -v '^src/std/xen/' | while read -r file; do
        head -n 30 "$work/check/1.16.2/seabios/$file" |
            grep -c -e '^// Copyright (C) 20.. ' -e '^// This file may be distributed under the terms of the GNU LGPLv3 license\.$' |
            grep -qx 2 || { echo "$file"; return 1; }
    done
}

says_nothing_of_xen_headers() {
    ! grep -l 'XEN_HEADERS' "$work"/check/1.16.2/*.patch
}

# constants FOLDER: the values of all macros of src/std/xen, with Xen's headers from there. All that
# xen_abi.h asserts of structures is asserted, too.
constants() {
    {
        grep -rhoE '^#define [A-Z_]\w+ ' src/std/xen | sort -u |
            sed -nE '/ (__DEFINE|XEN_GUEST|__XEN|DEFINE|__CONST|XEN_IO_PROTO|_)/d; s/^#define (\w+) $/long long value_\1 = (long long)(\1);/p'
        echo 'const char *protocol = XEN_IO_PROTO_ABI_NATIVE;'
    } >"$work/constants.c"
    gcc -m32 -ffreestanding -S -o - -iquote "$1" -iquote src -include src/xen/xen_abi.h "$work/constants.c"
}

headers_agree() {
    [[ -f build/xen-headers/driver/std/xen/xen.h ]] || { echo "no build/xen-headers"; return 1; }
    constants src >"$work/ours.s" && constants build/xen-headers/driver >"$work/theirs.s" || return 1
    (($(grep -c '^value_' "$work/ours.s") > 30)) || { echo "no constants were found"; return 1; }
    diff <(grep -v '\.file' "$work/ours.s") <(grep -v '\.file' "$work/theirs.s")
}

steps=${STEPS-}
if is_long; then
    steps=$(sed -n 's/^=== //p' patches/series/steps | tr '\n' ' ')
    export SERIES_XEN=1
fi
check "git am takes the series" \
    env STEPS="$steps" patches/series/check "$work/check"
check "every file that it adds has SeaBIOS's licence sentence and a copyright line" has_their_header
check "it needs no headers from outside" says_nothing_of_xen_headers
check "Xen's headers in src/std/xen have the values of Xen's own" headers_agree
check "a hook that has changed is told with its file" says_which_diff
check "a file that is in no step is told" says_what_is_left
check "a folder without SeaBIOS is told" generate_fails 'not a SeaBIOS source folder' "$work/out" "$work"
check "a folder with something else in it is left alone" generate_fails 'not made by this command' src
SIGNOFF=somebody check "a sign-off that is none is told" \
    generate_fails 'SIGNOFF has to be' "$work/out"
done_testing
