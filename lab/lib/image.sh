# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The dom0 image: made from Debian packages alone, once for each version of its
# inputs, and kept under build/lab. The caller sources common.sh first.
#
# build/lab/image points to the image of the present inputs, a directory with
#   xen             the hypervisor, unpacked (multiboot loaders want plain ELF)
#   vmlinuz         Debian's kernel, and kernel-version its version
#   vmlinux         the same out of its wrapper, for dom0
#   dom0.cpio       dom0's root, uncompressed: the kernel unpacks it faster
#   tree/           the same as a directory (fio and its libraries, say)
#   modules/        all modules of that kernel; use it as modprobe -d modules
#   busybox         statically linked, for initramfs of test guests

readonly image_suite=bookworm
readonly image_root=$tree/build/lab

# Everything that decides what the image holds.
image_key() {
    cat "$lab/lib/image.sh" "$lab"/dom0/{packages,modules,trim,select-modules} |
        sha256sum | cut -c 1-12
}

# Prints this machine's own apt sources for our release, so that its mirrors
# serve us too. On other systems there are none, and mmdebstrap uses its default.
image_sources() {
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
        awk -v suite="$image_suite" '$3 == suite || index($3, suite "-") == 1' | sort -u
}

# Prints this machine's proxy settings, in apt's own words.
image_apt_options() {
    apt-config dump 2>/dev/null | grep -i '^Acquire::[a-z]*::proxy'
}

image_bootstrap() {
    local target=$1 packages
    local -a mirror=() options=()
    packages=$(grep -v '^#' "$lab/dom0/packages" | paste -sd,)
    if image_sources >"${target%/*}/sources.list" && [[ -s ${target%/*}/sources.list ]]; then
        mirror=("${target%/*}/sources.list")
    fi
    if image_apt_options >"${target%/*}/apt.conf"; then
        options=(--aptopt="${target%/*}/apt.conf")
    fi
    run_child mmdebstrap --variant=minbase --include="$packages" "${options[@]}" \
        --customize-hook="$lab/dom0/select-modules" \
        "$image_suite" "$target" "${mirror[@]}"
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
    image_vmlinux "$where/vmlinuz" >"$where/vmlinux" || return
    gunzip -c "$where"/tree/boot/xen-*.gz >"$where/xen"
    cp "$where/tree/usr/bin/busybox" "$where/busybox"
    rm -rf "$where/tree/boot" "$where"/tree/{vmlinuz,initrd.img}*
}

# Prints the kernel inside a bzImage (Linux's boot protocol says where it is).
# If Xen unpacked it, that would take five virtual seconds a boot.
image_vmlinux() {
    local sectors offset length
    sectors=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
    offset=$(od -An -tu4 -j $((0x248)) -N 4 "$1")
    length=$(od -An -tu4 -j $((0x24c)) -N 4 "$1")
    # The payload's last four bytes are its unpacked size. head must come first:
    # behind tail it would end tail with a broken pipe.
    head -c $(((sectors + 1) * 512 + offset + length - 4)) "$1" | tail -c $((length - 4)) | xz -dc
}

image_pack() {
    local where=$1
    (cd "$where/tree" && find . -print0 |
        cpio --quiet --null --create --format=newc --owner=+0:+0) >"$where/dom0.cpio"
}

# Makes the image in the named directory.
image_build() {
    local where=$1
    say "image: fetching and unpacking Debian packages (about 2 minutes)"
    image_bootstrap "$where/debian.tar" >"$image_root/image.log" 2>&1 || {
        tail -n 5 "$image_root/image.log" >&2
        die "$EXIT_SKIP" "cannot build the dom0 image; see $image_root/image.log (no network, or not root and no user namespaces?)"
    }
    say "image: choosing what dom0 keeps"
    image_split "$where" || die "$EXIT_BROKEN" "image: cannot unpack $where/debian.tar (disk full?)"
    say "image: packing"
    image_pack "$where" || die "$EXIT_BROKEN" "image: cannot write dom0.cpio (disk full?)"
    rm "$where"/{debian.tar,sources.list,apt.conf}
}

# Sets $image to the directory of an up-to-date image, building it when there
# is none.
image_ready() {
    local tool
    for tool in mmdebstrap cpio xz:xz-utils flock:util-linux setpriv:util-linux; do
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
