#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The Debian packages, of what is committed: lintian finds nothing in them, and each
# has what belongs to it. For make check-long alone, because it is a whole build.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

is_long || skip_all "a whole build: make check-long does it"
said=$(dpkg-checkbuilddeps packaging/debian/control 2>&1) || skip_all "${said##*error: }"
command -v lintian >/dev/null || skip_all "needs lintian"
[[ $(git status --porcelain --untracked-files=no) ]] && skip_all "what is not committed cannot be packaged"

# holds PACKAGE FILE...: those files are in it.
holds() {
    local package=$1 file
    shift
    dpkg-deb --contents "$work/deb/$package"_*.deb | awk '{ print $6 }' >"$work/contents"
    for file; do
        grep -qx "./usr/$file" "$work/contents" || { echo "no $file"; return 1; }
    done
}

check "they are made, and lintian finds nothing" \
    packaging/deb "$work/deb" build/download/seabios_*.orig.tar.gz
check "the firmware" holds seabios-blkfront share/seabios-blkfront/bios.bin bin/blkfront-status \
    share/man/man1/blkfront-status.1.gz share/qemu/firmware/90-seabios-blkfront.json
check "it is beside that of seabios" lacks "$work/contents" ' ./usr/share/seabios/'
check "the loader" holds blkload bin/blkload share/man/man1/blkload.1.gz
check "the bench" holds int13bench bin/int13bench bin/xenlab share/man/man1/xenlab.1.gz \
    bin/int13bench-host-report share/man/man1/int13bench-host-report.1.gz \
    libexec/seabios-blkfront/lab/dom0/run-guest
done_testing
