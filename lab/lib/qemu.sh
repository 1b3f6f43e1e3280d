# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Which QEMU the lab's machine is. QEMU 10.0 takes a read of CR2 in a guest for one of
# CR0, which Xen intercepts: the first page fault of 64-bit Linux is its last. So unless
# this machine has QEMU 7, which is right, that of Debian 12 is unpacked below build/lab,
# and not installed. Figures do not depend on the host's release then. The caller sources
# image.sh first.

readonly qemu_release=bookworm
readonly qemu_root=$cache/qemu-$qemu_release

# Prints its version.
qemu_version() {
    "${qemu_command[@]}" --version 2>&1 | head -n 1
}

# qemu_at ROOT: sets $qemu_command to the QEMU there, which has its own loader and libraries.
qemu_at() {
    local libraries=lib/x86_64-linux-gnu
    qemu_command=(env QEMU_MODULE_DIR="$1/usr/$libraries/qemu"
        "$1/$libraries/ld-linux-x86-64.so.2" --argv0 qemu-system-x86_64
        --library-path "$1/usr/$libraries:$1/$libraries:$1/usr/$libraries/pulseaudio"
        "$1/usr/bin/qemu-system-x86_64" -L "$1/usr/share/qemu" -L "$1/usr/share/seabios")
}

# Sets $qemu_command, unpacking that QEMU if there is none.
qemu_ready() {
    qemu_command=(qemu-system-x86_64)
    [[ $(qemu_version) != 'QEMU emulator version 7.'* ]] || return 0
    mkdir -p "$image_root" || die "$EXIT_USAGE" "cannot write $image_root"
    [[ -d $qemu_root ]] || alone qemu_make
    qemu_at "$qemu_root"
}

qemu_make() {
    [[ ! -d $qemu_root ]] || return 0
    local new
    need mmdebstrap mmdebstrap
    new=$(mktemp -d "$image_root/new.XXXXXX")
    temporaries+=("$new")
    say "qemu: unpacking that of Debian's $qemu_release, because this machine's is not of series 7, and 10.0 runs no Linux under Xen"
    qemu_unpack "$new" >"$cache/qemu.log" 2>&1 || {
        tail -n 5 "$cache/qemu.log" >&2
        die "$EXIT_SKIP" "cannot unpack QEMU; see $cache/qemu.log (no network, or no $qemu_release on this machine's mirror?)"
    }
    # Another release's lab may have been faster.
    mv -T "$new/root" "$qemu_root" 2>/dev/null || [[ -d $qemu_root ]] || die "$EXIT_BROKEN" "cannot make $qemu_root"
}

qemu_unpack() {
    local where=$1
    release=$qemu_release image_fetch "$where" qemu.tar --variant=extract --include=qemu-system-x86 &&
        mkdir "$where/root" &&
        tar -x -C "$where/root" --no-same-owner --exclude='./dev/*' -f "$where/qemu.tar" &&
        qemu_at "$where/root" && qemu_version && [[ $(qemu_version) == 'QEMU emulator'* ]]
}
