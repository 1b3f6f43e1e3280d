#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# An option's value may follow it or an =, as everywhere else; and --version names
# the command and its version, and does nothing else.
. tests/lab/lib.sh

# says STATUS REGEX COMMAND...
says() {
    local wanted=$1 regex=$2 said status
    shift 2
    said=$("$@" 2>&1 </dev/null)
    status=$?
    ((status == wanted)) && grep -qE -- "$regex" <<<"$said" && return
    printf 'status %d\n%s\n' "$status" "$said"
    return 1
}

# both STATUS REGEX OPTION VALUE COMMAND...: with either.
both() {
    local status=$1 regex=$2 option=$3 value=$4
    shift 4
    says "$status" "$regex" "$@" "$option" "$value" && says "$status" "$regex" "$@" "$option=$value"
}

loaders=bench/scenarios/loaders
check "loaders --initrd" both 2 '^loaders: --initrd: not a number of MiB: many' --initrd many "$loaders"
check "loaders --latency" both 2 '^loaders: --latency: not a number of us: long' --latency long "$loaders"
check "loaders --only" both 2 '^loaders: --only: unknown name: none' --only ours,none "$loaders"
check "loaders --fs, behind another one" both 2 '^loaders: --fs must be ext2.*, not fat=1$' --fs fat=1 "$loaders" --initrd=16
check "loaders with a word too many" says 2 '^loaders: unknown word: x; try' "$loaders" --initrd=16 x
check "loaders without a value" says 2 "requires an argument" "$loaders" --initrd
check "record --log" both 2 '^record: --log wants a file' --log /nonexistent bench/streams/record
check "record --initrd" both 2 '^record: --initrd wants a number' --initrd x bench/streams/record --loader grub
check "record without what to record" says 2 'wants a disk, --log or --loader' bench/streams/record --initrd=16
check "boot-phases --from" both 1 '^boot-phases: no guest has left' --from /nonexistent bench/scenarios/boot-phases
check "profile --from" both 1 '^profile: no counts in' --from /nonexistent bench/profile/run
echo >"$work/kernel"
check "mkguest --bits" both 2 '^usage: tests/lab/mkguest' --bits 17 tests/lab/mkguest --kernel="$work/kernel" --initrd="$work/kernel" --out="$work/d"
check "xenlab --clock" both 2 '^xenlab: .*--clock wants icount or wall' --clock never lab/xenlab run --out "$work/d"
# It looks for its tools first.
if [[ $(lab/xenlab run 2>&1) == *'out DIR is missing'* ]]; then
    check "xenlab --bios" both 2 'no such BIOS file: /non=existent' --bios /non=existent lab/xenlab run --out="$work/d"
    check "xenlab --memory" both 2 '^xenlab: .*--memory wants a number above 0, not 1=2' --memory 1=2 lab/xenlab run
    check "a value of xenlab's that looks like an option" says 2 '^xenlab: .*--xl wants key=value, not --out=x' lab/xenlab run --xl --out=x
    printf '%s\n' "--bios=/none --out=$work/d" >"$work/batch"
    check "xenlab's batches" says 2 'no such BIOS file: /none' lab/xenlab batch "$work/batch"
fi
for command in lab/xenlab bench/profile/run bench/scenarios/{boot-phases,ceilings,demo,full,loaders} bench/streams/record; do
    check "$command --version" says 0 "^${command##*/} [^ ]" "$command" --version
done
done_testing
