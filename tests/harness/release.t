#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The lab with each Debian release, without a lab: which one is taken, from where its
# packages come on a machine of another release, and how its kernel is packed.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
lab=$PWD/lab tree=$PWD/$work
# shellcheck source=lab/lib/common.sh
. lab/lib/common.sh
# shellcheck source=lab/lib/release.sh
. lab/lib/release.sh
# shellcheck source=lab/lib/image.sh
. lab/lib/image.sh

# prints TEXT COMMAND...: that is what the command prints.
prints() {
    local said text=$1
    shift
    said=$("$@" 2>&1)
    [[ $said == "$text" ]] || { echo "$said"; return 1; }
}

unset XENLAB_RELEASE
check "the default is Debian 12" prints 'bookworm 4.17' lab/xenlab release
check "the variable chooses" prints 'trixie 4.20' env XENLAB_RELEASE=trixie lab/xenlab release
check "the option goes before it" prints 'bookworm 4.17' \
    env XENLAB_RELEASE=trixie lab/xenlab release --release bookworm
said='wants one of: bookworm trixie (lab/xenlab --help)'
check "a release that the lab does not have" prints "xenlab: --release $said" \
    lab/xenlab image --release sid
check "the same by the variable" prints "xenlab: the variable XENLAB_RELEASE $said" \
    env XENLAB_RELEASE=12 lab/xenlab batch "$work/batch"
check "a real host has the release that it has" \
    prints "xenlab: --on xl has no --release: it takes the machine's own Xen (lab/xenlab --help)" \
    lab/xenlab batch --on xl --release trixie "$work/batch"

# A machine whose apt has these suites: "CODENAME URI COMPONENT" lines.
mkdir -p "$work/bin" "$work/keys"
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
case $* in
*indextargets*) cat "$SUITES" ;;
*download*) echo asked >>"$SUITES.asked" && cp "$SUITES.deb" ./debian-archive-keyring_1_all.deb ;;
esac
END
chmod +x "$work/bin/apt-get"
export SUITES=$PWD/$work/suites PATH=$PWD/$work/bin:$PATH
cat >"$SUITES" <<'END'
bookworm http://mirror/debian/ main
bookworm-backports http://mirror/debian/ main
bookworm-security http://mirror/security/ main
bookworm-updates http://mirror/debian/ main
END
image_keys=$PWD/$work/keys

# sources RELEASE: the apt sources for that release.
sources() {
    release_choose "$1" test
    image_sources "$work/new"
}
mkdir "$work/new"
check "a machine's own release comes from where the machine has it" prints \
    'deb http://mirror/debian/ bookworm main
deb http://mirror/debian/ bookworm-backports main
deb http://mirror/security/ bookworm-security main
deb http://mirror/debian/ bookworm-updates main' sources bookworm

: >"$image_keys/debian-archive-trixie-stable.gpg"
ours="deb [signed-by=$image_keys/debian-archive-keyring.gpg]"
check "another one comes from the same mirrors" prints \
    "$ours http://mirror/debian/ trixie main
$ours http://mirror/debian/ trixie-updates main
$ours http://mirror/security/ trixie-security main" sources trixie
check "for which no newer keys are needed" test ! -e "$SUITES.asked"

rm "$image_keys/debian-archive-trixie-stable.gpg"
mkdir -p "$work/deb/DEBIAN" "$work/deb/$image_keys"
printf 'Package: debian-archive-keyring\nVersion: 1\nArchitecture: all\nMaintainer: none\nDescription: keys\n' \
    >"$work/deb/DEBIAN/control"
echo keys >"$work/deb/$image_keys/debian-archive-keyring.gpg"
dpkg-deb -b "$work/deb" "$SUITES.deb" >"$work/deb.log"
with_new_keys() {
    sources trixie 2>/dev/null | grep -c "signed-by=$work/new/keyring$image_keys/debian-archive-keyring.gpg" &&
        [[ $(<"$work/new/keyring$image_keys/debian-archive-keyring.gpg") == keys ]]
}
check "where the machine's keys are older than the release, newer ones are fetched" with_new_keys
: >"$SUITES"
check "another system's apt has nothing for us" prints '' sources trixie

# A machine with a QEMU of that version, in whose packages is one of another.
qemu_says() {
    printf '#!/bin/sh\necho "QEMU emulator version %s"\n' "$1"
}
make_qemu() {
    local libraries=lib/x86_64-linux-gnu
    qemu_says "$1" >"$work/bin/qemu-system-x86_64"
    rm -rf "$work/packed-qemu"
    mkdir -p "$work/packed-qemu"/{$libraries,dev}
    qemu_says "$2" >"$work/packed-qemu/$libraries/ld-linux-x86-64.so.2"
    chmod +x "$work/bin/qemu-system-x86_64" "$work/packed-qemu/$libraries/ld-linux-x86-64.so.2"
    cat >"$work/bin/mmdebstrap" <<'END'
#!/bin/sh
echo "$*" >>"$SUITES.packages"
for word; do
    case $word in */qemu.tar) exec tar -cf "$word" -C "$SUITES.packed" . ;; esac
done
exit 1
END
    chmod +x "$work/bin/mmdebstrap"
    ln -sfn "$PWD/$work/packed-qemu" "$SUITES.packed"
    : >"$SUITES.packages"
}

# The lab as it is installed, with a cache of its own.
mkdir "$work/installed" && cp -r "$lab" "$work/installed/"
export XDG_CACHE_HOME=$PWD/$work/cache
installed_qemu() {
    "$work/installed/lab/xenlab" qemu
}
make_qemu 7.2.22 7.2.9
check "QEMU 7 of the machine is the lab's" prints 'QEMU emulator version 7.2.22' installed_qemu
check "and nothing is fetched" test ! -s "$SUITES.packages"
make_qemu 10.0.13 7.2.9
check "another one is not: Debian 12's is unpacked" prints \
    "xenlab: qemu: unpacking that of Debian's bookworm, because this machine's is not of series 7, and 10.0 runs no Linux under Xen
QEMU emulator version 7.2.9" installed_qemu
check "once" prints 'QEMU emulator version 7.2.9' installed_qemu
check "from that release, whatever dom0's is" grep -q -- '--include=qemu-system-x86 bookworm ' "$SUITES.packages"

# bzimage COMMAND...: a kernel with a payload that the command has packed.
bzimage() {
    echo 'the kernel itself' >"$work/kernel"
    "$@" <"$work/kernel" >"$work/packed"
    {
        head -c $((0x1f1)) /dev/zero
        printf '\x01'                               # sectors of setup code
        head -c $((0x248 - 0x1f2)) /dev/zero
        printf '\x80\0\0\0'                         # the payload's offset
        printf '%b' "\\x$(printf %x $(($(stat -c %s "$work/packed") + 4)))" '\0\0\0'
        head -c $((1024 + 0x80 - 0x250)) /dev/zero
        cat "$work/packed"
        printf 'size'                               # of the kernel
        head -c 99 /dev/zero
    } >"$work/bzimage"
}
bzimage xz --check=crc32
check "a kernel packed by xz is unpacked" prints 'the kernel itself' image_vmlinux "$work/bzimage"
bzimage zstd -q
check "so is one packed by zstd" prints 'the kernel itself' image_vmlinux "$work/bzimage"
bzimage gzip
check "another is refused, with the reason" \
    prints "xenlab: $work/bzimage is packed neither by xz nor by zstd" image_vmlinux "$work/bzimage"

# module NAME NEEDED
module() {
    printf 'depends=%s\0' "$2" >"$work/modules/kernel/$1.ko"
}

# initrd NAME [COMMAND...]: the initramfs that mkguest makes of these modules, each
# packed by the command.
initrd() {
    local file=$work/$1
    shift
    rm -rf "$work/modules"
    mkdir -p "$work/modules/kernel"
    module xen-blkfront common
    module ahci common,libahci
    module common ''
    module libahci ''
    ((!$#)) || "$@" "$work"/modules/kernel/*.ko || return
    tests/lab/mkguest --kernel "$work/bzimage" --modules "$work/modules" --busybox /bin/true \
        --initrd-out "$file" --out "$work/disk.img"
}
initrd plain 2>"$work/said"
if (($? == 77)); then
    ok 0 "a guest's modules # SKIP $(tail -n 1 "$work/said")"
else
    for tool in xz 'zstd -q --rm'; do
        read -ra words <<<"$tool"
        check "a guest can be made of modules packed by ${words[0]}" initrd packed "${words[@]}"
        check "they are unpacked" cmp "$work"/{plain,packed}
    done
fi
done_testing
