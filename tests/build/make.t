#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# `make`: what it makes, that a second run does nothing, and that wrong or
# missing inputs stop it with one line that says what to do.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/build/lib.sh
. tests/build/lib.sh

other=$PWD/$work/other
# That of SeaBIOS's source.
tarball=$(printf '%s\n' build/download/seabios_*.orig.tar.gz | tail -n 1)

# change FILE COMMAND: edits one file of the driver's in the copy, whose other
# ones are as they were; what SeaBIOS compiles beside the driver is kept.
change() {
    cp -r src "$copy/"
    sed -i "$2" "$copy/src/blkfront/$1"
}

# fails_with REGEX WORD...: make fails, and its message says so.
fails_with() {
    local regex=$1 said
    shift
    said=$(make_in_copy "$@" 2>&1) && { echo "make succeeded"; return 1; }
    grep -qE -- "$regex" <<<"$said" || { echo "$said"; return 1; }
}

at_most_256_kib() {
    local size
    size=$(stat -c %s build/bios.bin)
    ((size > 0 && size <= 262144)) || { echo "$size bytes"; return 1; }
}

does_nothing() {
    local before said
    before=$(stat -c %y build/bios.bin)
    said=$(env -u MAKEFLAGS -u MAKELEVEL make 2>&1)
    [[ $before == "$(stat -c %y build/bios.bin)" ]] || { echo "made again: $said"; return 1; }
    ! grep -q building <<<"$said" || { echo "$said"; return 1; }
}

# Bytes that the driver may take: 26 KiB that stay, 1 KiB of data below 1 MiB. SeaBIOS lays sections out in steps
# of 32, and has its version in them, so the two sizes that are compared may each be
# a step off. And Debian 13's gcc 14 makes 64 bytes more of what stays than Debian
# 12's gcc 12.
within_limits() {
    local tree said number
    tree=$(cat build/.source)
    said=$(patches/size "$tree/base.log" "$tree/out.log" build/bios.bin \
        "$(patches/stack "$tree/out")")
    # resident 32-bit code, 16-bit code, init code, data
    read -r -a number <<<"$(sed -E '1d; s/(16|32)-bit|1 MiB|int13//g' <<<"$said" |
        grep -oE '[0-9]+' | tr '\n' ' ')"
    ((number[0] + number[1] <= 26624 + 128 && number[2] <= 5632 && number[3] <= 1024 + 64)) ||
        { echo "$said"; return 1; }
}

check "bios.bin fits hvmloader" at_most_256_kib
check "the driver keeps its limits in code" within_limits
check "a second make does nothing" does_nothing

# Libgcc's helpers for 64-bit division, which the firmware does not have.
no_long_division() {
    local said
    said=$(nm "$(cat build/.source)"/out/code*.o | grep -E '__u?(div|mod|divmod)di[34]') || return 0
    echo "$said"
    return 1
}
check "nothing divides in 64 bits" no_long_division

# Each build of SeaBIOS is dear: `make check` has one violation.
built_tree
if is_long; then
    # POST's allocator is not there after POST: SeaBIOS's linker looks for that.
    change vbd.c '/^vbd_disconnect(/,/^{/ s/^{/{\n    free(malloc_high(16));/'
    check "code for POST alone that is used after it stops make" \
        fails_with 'VARVERIFY32INIT but used from'
fi

# A buffer on the stack of the path of each op.
change xfer.c '/^xfer_run(/,/^{/ s/^{/{\n    volatile u8 much[1200];\n    much[op->write] = 1;\n    if (!much[0])\n        return XFER_RING_FULL;/'
check "too much stack for int13 stops make" fails_with 'bytes of stack, more than 1200'
if is_long; then
    check "and stops it again" fails_with 'bytes of stack, more than 1200'
    # Without what makes a 64-bit division, SeaBIOS does not link.
    change xfer.c '/^xfer_check(/,/^{/ s/^{/{\n    if (op->lba \/ (op->count | 1) == 3)\n        return DISK_RET_EPARAM;/'
    check "a 64-bit division stops make" fails_with 'divdi3'
fi

fresh_tree
echo 'not SeaBIOS' >"$copy/$tarball"
check "a wrong checksum stops make" \
    fails_with 'does not have the checksum.*remove it and run make again'

# An apt that has these versions of SeaBIOS's source, and fetches what is in $found.
mkdir -p "$work/bin"
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
echo "apt-get $*"
case $* in
*" source "*) cp "$found"/* . ;;
esac
END
cat >"$work/bin/apt-cache" <<'END'
#!/bin/sh
printf 'seabios | %s | a mirror\n' $versions
END
chmod +x "$work"/bin/apt-*
mkdir -p "$work/found"

# fetches VERSIONS REGEX...: what patches/prepare says and notes of fetching where
# apt has these.
fetches() {
    local versions=$1
    shift
    fresh_tree
    rm "$copy"/build/download/*
    env versions="$versions" found="$PWD/$work/found" PATH="$PWD/$work/bin:$PATH" \
        "$copy/patches/prepare" "$PWD/$work/prepared" >"$work/said" 2>&1
    cat "$copy/build/download/fetch.log" >>"$work/said"
    shows "$work/said" "$@"
}
echo 'not SeaBIOS' >"$work/found/seabios_1.17.0.orig.tar.gz"
check "a Debian with another SeaBIOS stops it" fetches 1.17.0-1 \
    'has another version.*put one of seabios_1.16.2.orig.tar.gz seabios_1.16.3.orig.tar.gz '
rm "$work"/found/*
cp "$tarball" "$work/found/"
check "the newest that is known is taken" fetches '1.17.0-1 1.16.3-2 1.16.2-1' ' seabios=1.16.3-2$'
check "or an older one" fetches '1.16.2-1 1.16.1-2' ' seabios=1.16.2-1$'
check "and unpacked" test -f "$work/prepared/src/post.c"

fresh_tree
check "SEABIOS_SRC without SeaBIOS stops make" \
    fails_with 'is not a SeaBIOS source folder' SEABIOS_SRC="$PWD/$work"

fresh_tree
mkdir "$other"
tar -xzf "$tarball" -C "$other" --strip-components=1
sed -i 's/ata_setup/atax_setup/' "$other/src/block.c"
check "a patch that does not apply stops make" \
    fails_with '000[0-9]-.*does not apply.*use 1.16.2, 1.16.3 or a tree near SeaBIOS.s master' \
    SEABIOS_SRC="$other"
sed -i 's/atax_setup/ata_setup/' "$other/src/block.c"
! is_long || check "SEABIOS_SRC with SeaBIOS builds" make_in_copy SEABIOS_SRC="$other"

fresh_tree
check "missing Xen headers stop what needs all of them" \
    fails_with 'no Xen headers.*install libxen-dev' XEN_INCLUDE=/nonexistent build/bench/exits

if is_long; then
    fresh_tree
    check "each patch builds on its own" make_in_copy SERIES=1
fi
done_testing
