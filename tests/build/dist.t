#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What `make dist` makes: the same bytes from the same commit, with a version, and
# nothing of what is not committed.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

clone=$work/clone
git rev-parse -q --verify HEAD >/dev/null 2>&1 ||
    skip_all "this tree is of a tarball, and no git repository"
# As of the commit, but for the program itself.
git clone -q . "$clone"
cp packaging/dist packaging/version "$clone/packaging/"
git -C "$clone" -c user.name=x -c user.email=x@example.org commit -q -a -m x >/dev/null || true
version=$("$clone/packaging/version")
name=seabios-blkfront-$version
echo firmware >"$work/bios.bin"

# dist DIR WORD...: makes it in $work/DIR, after the words.
dist() {
    local dir=$1
    shift
    "$@" "$clone/packaging/dist" "$work/$dir" "$work/bios.bin"
}

refuses() {
    ! dist "$2" 2>"$work/said" && grep -q -- "$1" "$work/said"
}

unpacked() {
    mkdir "$work/unpacked"
    tar -C "$work/unpacked" -xzf "$work/one/$name.tar.gz"
}

check "it is made" dist one
check "and again, later" dist two env TZ=Pacific/Auckland faketime -f +400d
check "with the same bytes" diff -r "$work/one" "$work/two"
check "the sums are right" env -C "$work/one" sha256sum --check --strict SHA256SUMS
check "there are two of them" test "$(wc -l <"$work/one/SHA256SUMS")" = 2
check "the tarball can be unpacked" unpacked
check "it knows its version" test "$("$work/unpacked/$name/packaging/version")" = "$version"
check "and has all files" diff -rq -x .git -x VERSION "$clone" "$work/unpacked/$name"

echo >>"$clone/Makefile"
check "what is not committed is refused" refuses 'commit it' three
check "and nothing is made" test ! -e "$work/three"
check "what is there stays there" refuses 'commit it' one
check "as it was" diff -r "$work/one" "$work/two"
clone=$work/unpacked/$name
check "a tarball makes none" refuses 'is of a tarball' three
done_testing
