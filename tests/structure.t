#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# tests/structure: the tree keeps its rules, and a violation of each of them,
# planted in a copy, is found and named.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

copy=$work/tree

fresh_copy() {
    rm -rf "$copy"
    mkdir -p "$copy"
    cp -r src DESIGN.md "$copy/"
}

# plant FILE LINE...: adds lines to the end of a file in a fresh copy.
plant() {
    fresh_copy
    add "$@"
}

add() {
    local file=$copy/$1
    shift
    printf '%s\n' "$@" >>"$file"
}

# change FILE COMMAND: edits a file in a fresh copy by a command of sed's.
change() {
    fresh_copy
    sed -i "$2" "$copy/$1"
    ! cmp -s "$1" "$copy/$1" || { echo "$1: nothing to change by $2"; return 1; }
}

# finds REGEX: the copy fails, and one of the complaints matches.
finds() {
    local status
    tests/structure "$copy" >"$work/said" 2>&1
    status=$?
    ((status == 1)) && grep -qE -- "$1" "$work/said" && return
    echo "exit status $status"
    cat "$work/said"
    return 1
}

# names REGEX: so it is, and there is no other complaint.
names() {
    finds "$1" || return
    [[ $(wc -l <"$work/said") == 1 ]] || { cat "$work/said"; return 1; }
}

check "the tree keeps its rules" tests/structure
fresh_copy
check "so does a copy of it" tests/structure "$copy"
check "--help says how it is called" eval "tests/structure --help | grep -q '^usage: tests/structure'"

change DESIGN.md '/ src\/blkfront\/trigger /d'
check "a file that is in no layer" names '^src/blkfront/trigger\.c:1: \[list\]'
change DESIGN.md 's, src/gref_pool , src/gref_tank ,'
check "a layer of a file that is not there" finds '^DESIGN\.md:[0-9]+: \[list\] there is no src/gref_tank'
change DESIGN.md 's,^    3   src/xen/,    5   src/xen/,'
check "layers out of order" finds '^DESIGN\.md:[0-9]+: \[list\] layer 5 comes after layer 2'

plant src/blkfront/ring.c '#include "blkfront/xfer.h" // enum xfer_result' 'enum xfer_result RingResult;'
check "an include that goes up" names '^src/blkfront/ring\.c:[0-9]+: \[include\] includes src/blkfront/xfer\.h '
plant src/blkfront/window.c '#include "blkfront/op.h" // struct op_s' 'struct op_s WindowOp;'
check "an include that goes down is none" tests/structure "$copy"
plant src/blkfront/stream.c '#include "blkfront/ring.h" // struct ring_s' 'struct ring_s StreamRing;'
check "an include that goes sideways" names '^src/blkfront/stream\.c:[0-9]+: \[include\] .* the same layer'
plant src/blkfront/internal.h '#include "blkfront/ring.h" // struct ring_s' 'struct ring_s *op32_ring(void);'
check "an include of internal.h's" names '^src/blkfront/internal\.h:[0-9]+: \[include\]'
plant src/blkfront/readahead.c '#include "blkfront/blkfront.h" // blkfront_tick' \
    'static int readahead_x(void) { blkfront_tick(); return 0; }'
check "the interface to SeaBIOS, included to call it" finds '^src/blkfront/readahead\.c:[0-9]+: \[include\] .*SeaBIOS'

plant src/blkfront/ring.c 'extern int vbd_connect(void *);' \
    'int ring_x(void) { return vbd_connect(0); }'
check "a call that goes up by a declaration of its own" \
    names '^src/blkfront/ring\.c:[0-9]+: \[refer\] uses vbd_connect of src/blkfront/vbd\.c '
plant src/blkfront/vbd.c 'void vbd_x(void) { flat_setup(); }'
check "a call that goes up by way of internal.h" \
    names '^src/blkfront/vbd\.c:[0-9]+: \[refer\] uses flat_setup of src/blkfront/flat\.c '
plant src/blkfront/flat.c 'void flat_x(struct vbd_s *vbd) { window_close(vbd); }'
check "a call that goes sideways" names '^src/blkfront/flat\.c:[0-9]+: \[refer\] .* the same layer'
plant src/blkfront/xfer.c '#define XFER_X() readahead_read(0, 0)'
check "a call that goes up in a macro" names '^src/blkfront/xfer\.c:[0-9]+: \[refer\] uses readahead_read '
plant src/blkfront/ring.c 'extern struct blkfront_drive_s *DriveList;' \
    'int ring_x(void) { return !DriveList; }'
check "a variable of a higher layer" \
    names '^src/blkfront/ring\.c:[0-9]+: \[refer\] uses DriveList of src/blkfront/drive\.c '
plant src/blkfront/op.h 'static inline int' 'op_x(void)' '{ return core_run(0, 0); }'
check "a call from a header to a higher layer" \
    names '^src/blkfront/op\.h:[0-9]+: \[refer\] uses core_run '

# In layers such as these all goes down, and yet no folder could be had alone.
change DESIGN.md 's,^\(    \)10  src/blkfront/vbd ,\1    src/xen/xen_disk          planted\n&,'
add src/xen/xen_disk.c '#include "blkfront/ring.h" // struct ring_s' 'struct ring_s XenDisk;'
check "a circle of folders" names '^src/xen/xen_disk\.c:1: \[folder\] .*src/xen needs src/blkfront'

plant src/xen/evtchn.c 'static int' 'send_x(void)' '{' '    return 0;' '}'
check "a static function without its file's name" names '^src/xen/evtchn\.c:[0-9]+: \[name\] the function send_x '
plant src/xen/evtchn.c 'static int' 'xen_x(void)' '{' '    return 0;' '}'
check "a static function with the folder's name" names '\[name\] the function xen_x .* with that of evtchn$'
plant src/xen/evtchn.c 'static int' 'evtchnal(void)' '{' '    return 0;' '}'
check "a name that only begins alike" names '\[name\] the function evtchnal '
plant src/blkfront/flat.c 'static u8 State[2] = { 1, 2 };'
check "a variable without its file's name" names '^src/blkfront/flat\.c:[0-9]+: \[name\] the variable State '
plant src/blkfront/window.c '#define PARTS 4'
check "a macro without its file's name" names '^src/blkfront/window\.c:[0-9]+: \[name\] the macro PARTS '
plant src/blkfront/xfer.h 'enum { DONE_X };'
check "an enumerator without its file's name" names '^src/blkfront/xfer\.h:[0-9]+: \[name\] the enumerator DONE_X '
plant src/xen/evtchn.c 'static u32 EvtchnPort VARLOW, Evtchn_Other;' '#define EVTCHN_X 1' \
    '// static int comment(void) { return "static int string(void) {";'
check "names that are as they should be are none" tests/structure "$copy"

change src/blkfront/ring.c 's,"string.h" // memset,"string.h" // memmove,'
check "an include for what is not used" \
    names '^src/blkfront/ring\.c:[0-9]+: \[comment\] says that string\.h is for "memmove"'
change src/blkfront/ring.c 's,"string.h" // memset,"string.h",'
check "an include that does not say what it is for" names '^src/blkfront/ring\.c:[0-9]+: \[comment\] does not say'
change src/blkfront/ring.c 's,"string.h" // memset,"string.h" // for the compiler,'
check "an include for another header is none" tests/structure "$copy"

mkdir -p "$work/empty"
check "a folder without sources is an error of its own" \
    eval "tests/structure $work/empty; ((\$? == 2))"
done_testing
