# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The dom0 image: made from Debian packages alone, once for each version of its
# inputs, and kept under build/lab. The caller sources common.sh and release.sh
# first.
#
# build/lab/RELEASE/image points to the image of the present inputs, a directory
# with
#   xen             the hypervisor, unpacked (multiboot loaders want plain ELF)
#   vmlinuz         Debian's kernel, and kernel-version its version
#   vmlinux         the same out of its wrapper, for dom0
#   dom0.cpio       dom0's root, uncompressed: the kernel unpacks it faster
#   tree/           the same as a directory (fio and its libraries, say)
#   modules/        all modules of that kernel; use it as modprobe -d modules
#   busybox         statically linked, for initramfs of test guests

image_keys=/usr/share/keyrings    # where debian-archive-keyring has them

# Everything that decides what the image holds.
image_key() {
    { cat "$lab/lib/image.sh" "$lab"/dom0/{packages,modules,trim,select-modules} &&
        echo "$release $release_xen"; } | sha256sum | cut -c 1-12
}

# Prints the names, mirrors and components of all Debian suites that this machine
# has as apt sources: "bookworm-updates http://... main".
image_suites() {
    apt-get indextargets --format '$(CODENAME) $(REPO_URI) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' 2>/dev/null | sort -u
}

# image_sources DIR: prints apt sources for our release from this machine's own, so
# that its mirrors serve us too. A machine of another release has the same mirrors
# with that release's names in place of ours. On other systems there are none, and
# mmdebstrap uses its default. DIR is for what is needed until these are used.
image_sources() {
    local suites keyring
    suites=$(image_suites)
    if grep -qE "^$release(-| )" <<<"$suites"; then
        sed -nE "s/^($release(-[a-z-]+)?) ([^ ]+) /deb \3 \1 /p" <<<"$suites"
    elif [[ $suites ]]; then
        keyring=$(image_keyring "$1") || return
        sed -nE "s,^[a-z]+(-updates|-security)? ([^ ]+) ,deb [signed-by=$keyring] \2 $release\1 ,p" \
            <<<"$suites" | sort -u
    fi
}

# image_keyring DIR: prints the name of a file with the keys that sign our release.
# Where debian-archive-keyring is older than the release, this machine's sources
# have a newer one, which is unpacked in DIR and not installed.
image_keyring() {
    local new=$1/keyring
    if [[ -e $image_keys/debian-archive-$release-stable.gpg ]]; then
        echo "$image_keys/debian-archive-keyring.gpg"
        return
    fi
    mkdir "$new" &&
        (cd "$new" && apt-get -q download debian-archive-keyring && dpkg-deb -x ./*.deb .) >&2 &&
        chmod 755 "$1" && echo "$new$image_keys/debian-archive-keyring.gpg"
}

# Prints this machine's proxy settings, in apt's own words.
image_apt_options() {
    apt-config dump 2>/dev/null | grep -i '^Acquire::[a-z]*::proxy'
}

# image_fetch DIR FILE WORD...: makes DIR/FILE from packages of our release, by mmdebstrap's words.
image_fetch() {
    local where=$1 target=$1/$2
    local -a mirror=() options=()
    shift 2
    image_sources "$where" >"$where/sources.list" || return
    [[ ! -s $where/sources.list ]] || mirror=("$where/sources.list")
    if image_apt_options >"$where/apt.conf"; then
        options=(--aptopt="$where/apt.conf")
    fi
    run_child mmdebstrap "$@" "${options[@]}" "$release" "$target" "${mirror[@]}"
}

image_bootstrap() {
    local packages
    packages=$(grep -v '^#' "$lab/dom0/packages" | sed "s/@xen@/$release_xen/" | paste -sd,)
    image_fetch "$1" debian.tar --variant=minbase --include="$packages" \
        --customize-hook="$lab/dom0/select-modules"
}

# Splits the Debian tree into what dom0 keeps and what others may need of it.
image_split() {
    local where=$1 version
    mkdir "$where/tree" "$where/modules"
    run_child tar -x -C "$where/tree" --no-same-owner \
        --anchored --wildcards --exclude-from=<(grep -v '^#' "$lab/dom0/trim") \
        -f "$where/debian.tar" || return
    version=$(ls "$where/tree/usr/lib/modules")
    echo "$version" >"$where/kernel-version"
    mkdir "$where/modules/lib"
    mv "$where/tree/usr/lib/modules" "$where/modules/lib/modules"
    mv "$where/tree/dom0-modules/lib/modules" "$where/tree/usr/lib/modules"
    rm -r "$where/tree/dom0-modules"
    mv "$where/tree/boot/vmlinuz-$version" "$where/vmlinuz"
    image_vmlinux "$where/vmlinuz" >"$where/vmlinux" || die "$EXIT_BROKEN" \
        "image: cannot unpack the kernel $version into $where/vmlinux"
    gunzip -c "$where"/tree/boot/xen-*.gz >"$where/xen"
    cp "$where/tree/usr/bin/busybox" "$where/busybox"
    rm -rf "$where/tree/boot" "$where"/tree/{vmlinuz,initrd.img}*
}

# Prints the kernel inside a bzImage (Linux's boot protocol says where it is).
# If Xen unpacked it, that would take five virtual seconds a boot.
image_vmlinux() {
    local sectors offset length packed
    sectors=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
    offset=$(od -An -tu4 -j $((0x248)) -N 4 "$1")
    length=$(od -An -tu4 -j $((0x24c)) -N 4 "$1")
    ((offset += (sectors + 1) * 512, length -= 4))
    packed=$(od -An -tx1 -j "$offset" -N 4 "$1")
    # The payload's last four bytes are its unpacked size. head must come first:
    # behind tail it would end tail with a broken pipe.
    head -c $((offset + length)) "$1" | tail -c "$length" | case $packed in
    ' fd 37 7a 58') xz -dc ;;
    ' 28 b5 2f fd') zstd -qdc ;;
    *) say "$1 is packed neither by xz nor by zstd" && false ;;
    esac
}

image_pack() {
    local where=$1
    (cd "$where/tree" && find . -print0 |
        cpio --quiet --null --create --format=newc --owner=+0:+0) >"$where/dom0.cpio"
}

# Makes the image in the named directory.
image_build() {
    local where=$1
    say "image: fetching and unpacking packages of Debian's $release (about 2 minutes)"
    image_bootstrap "$where" >"$image_root/image.log" 2>&1 || {
        tail -n 5 "$image_root/image.log" >&2
        die "$EXIT_SKIP" "cannot build the dom0 image; see $image_root/image.log (no network, no $release on this machine's mirror, or not root and no user namespaces?)"
    }
    say "image: choosing what dom0 keeps"
    image_split "$where" || die "$EXIT_BROKEN" "image: cannot unpack $where/debian.tar (disk full?)"
    say "image: packing"
    image_pack "$where" || die "$EXIT_BROKEN" "image: cannot write dom0.cpio (disk full?)"
    rm -r "$where"/{debian.tar,sources.list,apt.conf}
    rm -rf "$where/keyring"
}

# Sets $image to the directory of an up-to-date image, building it when there
# is none.
image_ready() {
    local tool
    for tool in mmdebstrap cpio xz:xz-utils zstd flock:util-linux setpriv:util-linux; do
        need "${tool%:*}" "${tool#*:}"
    done
    mkdir -p "$image_root" || die "$EXIT_USAGE" "cannot write $image_root"
    image=$image_root/image-$(image_key)
    [[ -d $image ]] || alone image_make
    ln -sfnT "${image##*/}" "$image_root/image"
}

image_make() {
    [[ ! -d $image ]] || return 0
    local new
    new=$(mktemp -d "$image_root/new.XXXXXX")
    temporaries+=("$new")
    image_build "$new"
    chmod 755 "$new"
    mv -T "$new" "$image"
    say "image: ready, $(du -sh --apparent-size "$image/dom0.cpio" | cut -f 1)"
}

# alone COMMAND: runs it while no other lab makes something under build/lab. The
# command itself must check whether another lab has made it meanwhile.
alone() {
    local lock status
    exec {lock}>"$image_root/lock"
    run_child flock "$lock" || die "$EXIT_BROKEN" "cannot lock $image_root/lock"
    "$1"
    status=$?
    exec {lock}>&-
    return "$status"
}
