# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Copies of the tree, so that the real one is not disturbed. Sourced by the tests of
# the build, after tests/lab/lib.sh.

copy=$work/tree

# The tree's files, and the source of SeaBIOS.
fresh_tree() {
    rm -rf "$copy"
    mkdir -p "$copy"
    git ls-files -z | tar --null -T - -cf - | tar -C "$copy" -xf -
    mkdir -p "$copy/build/download"
    cp build/download/seabios_*.orig.tar.gz "$copy/build/download/"
}

# The same with what make has built of SeaBIOS, but for the driver's links.
built_tree() {
    local tree link
    fresh_tree
    tree=$(cat build/.source)
    cp -a "$tree" build/xen-headers build/.packages build/.source "$copy/build/"
    find "$copy/$tree/src" -type l | while read -r link; do
        ln -sfn "$(readlink "$link" | sed "s,^$PWD/src/,$PWD/$copy/src/,")" "$link"
    done
}

make_in_copy() {
    env -u MAKEFLAGS -u MAKELEVEL make -C "$copy" "$@"
}

