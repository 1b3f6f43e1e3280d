#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The same sources and compiler make the same bios.bin in any folder, at any date
# and on a machine of any name, and its banner has the version of the tree.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/build/lib.sh
. tests/build/lib.sh

elsewhere=(unshare --user --map-root-user --uts sh -c 'hostname elsewhere && exec "$@"' sh)
"${elsewhere[@]}" true 2>/dev/null || skip_all "needs a host name of its own: unshare --user --uts does not work"
command -v faketime >/dev/null || skip_all "needs faketime"

# make_elsewhere: makes the firmware in the copy, three years ahead.
make_elsewhere() {
    cp build/version "$copy/VERSION"
    env -u MAKEFLAGS -u MAKELEVEL "${elsewhere[@]}" faketime -f +1100d \
        make -C "$copy" build/bios.bin
}

knows_its_version() {
    grep -aqF -e "-blkfront-$(<build/version)" build/bios.bin
}

check "bios.bin has the version of the tree" knows_its_version

# What SeaBIOS takes of machine and date, it takes when it puts its parts together:
# `make check` does only that anew.
built_tree
check "it is made elsewhere and later" make_elsewhere
check "with the same bytes" cmp build/bios.bin "$copy/build/bios.bin"

if is_long; then
    copy=$work/a-folder-with-a-longer-name/tree
    fresh_tree
    check "all of it is" make_elsewhere
    check "with the same bytes, too" cmp build/bios.bin "$copy/build/bios.bin"
fi
done_testing
