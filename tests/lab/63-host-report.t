#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# int13bench-host-report in a real dom0, the lab's, which for this once is the host,
# with what the packages install and nothing else of the tree: a small set, a disk,
# loaders and a CD-ROM. (A first guest, paused meanwhile, is only there because the
# lab does nothing without one: it must not be touched.) For make check-long alone,
# because IDE by PIO is slow.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

is_long || skip_all "emulated IDE takes long: make check-long does it"
root=$work/root
report=$work/outer/report

# What the packages hold, and those of Debian's that a user would install. These run with
# this machine's libraries, but nothing else does: another Debian's qemu crashes with them.
make_root() {
    local iso=/usr/lib/ISOLINUX c32=/usr/lib/syslinux/modules/bios/ldlinux.c32 tools=(jq xorriso gnuplot) tool library
    packaging/install "$PWD/$root" /usr || return
    rm -rf "$root/usr/share"/{doc,man}
    mkdir -p "$root"/opt/{bin,lib,tools} "$root$iso" "$root${c32%/*}" &&
        cp "$iso"/{isolinux,isohdpfx}.bin "$root$iso/" && cp "$c32" "$root$c32" || return
    for tool in "${tools[@]}"; do
        cp "$(type -P "$tool")" "$root/opt/tools/" &&
            printf '#!/bin/sh\nLD_LIBRARY_PATH=/opt/tools exec /opt/tools/%s "$@"\n' "$tool" >"$root/opt/bin/$tool" &&
            chmod 755 "$root/opt/bin/$tool" || return
    done
    libraries "$root"/opt/tools/* | xargs -I{} cp {} "$root/opt/tools/" || return
    for library in $(libraries build/bench/int13bench build/loader/blkload); do
        [[ -e $image/tree$(realpath "${library%/*}")/${library##*/} ]] || cp "$library" "$root/opt/lib/" || return
    done
    tar -C "$root" -cf "$work/root.tar" .
}

for tool in jq xorriso gnuplot /usr/lib/ISOLINUX/isolinux.bin; do
    command -v "$tool" >/dev/null || [[ -e $tool ]] || skip_all "needs jq, xorriso, gnuplot, isolinux and syslinux-common"
done
image=$(lab/xenlab image 2>"$work/xenlab.log") || skip_all "$(tail -n 1 "$work/xenlab.log")"
make_root || skip_all "cannot copy what is installed"
"$int13img" make "$work/outer.img" --size 32MiB -e 'mark outer'
cp "$image/vmlinuz" "$work/vmlinuz"
reads_job >"$work/jobs.fio"
printf '%s\n' '--job jobs.fio' '--firmware ours,stock' '--transport pv,ide' '--skip ours/ide/*' '--limit stock/ide=4' \
    '--backend phy' '--repetitions 1' >"$work/set"
cat >"$work/inner.sh" <<'END'
cd / && tar -xmf "$DIR/root.tar" || exit
find /usr/libexec | sort >/tmp/installed
export LD_LIBRARY_PATH=/opt/lib PATH=/opt/bin:/usr/bin:$PATH HOME=/tmp XDG_CACHE_HOME=/disks/cache
mkdir -p /disks/user && cd /disks/user || exit
truncate -s 256M user.img
sed "s,jobs.fio,$DIR/jobs.fio," "$DIR/set" >set
int13bench-host-report --check --out report --set set --disk user.img --loaders blkload,isolinux,cdrom --kernel "$DIR/vmlinuz"
echo "check $?"
int13bench-host-report --yes --out report --set set --disk user.img --loaders blkload,cdrom --initrd 1 --kernel "$DIR/vmlinuz"
echo "status $?"
losetup /dev/loop7 user.img
int13bench-host-report --check --out other --disk user.img --loaders none
losetup -d /dev/loop7
xl list
losetup --all
find /usr/libexec | sort | diff /tmp/installed -
ls -lR report
mkdir "$OUT/report"
cp -r report/log report/results.json report/report.md report/*.tar.gz "$OUT/report/"
true
END
# shellcheck disable=SC2016 # for dom0's shell
guest outer --bios "$bios" --disk "$work/outer.img,discard" --file "$work/root.tar" --file "$work/vmlinuz" \
    --file "$work/jobs.fio" --file "$work/set" --file "$work/inner.sh" --until 'PAYLOAD DONE' --timeout 3600 \
    --before 'sh "$DIR/inner.sh"'
run_guests

before=$work/outer/before.log
# holds FILTER: true for the results.
holds() {
    jq -e "$1" "$report/results.json"
}

nothing_left() {
    lacks "$before" '^xenlab-|^/dev/loop[0-9]+:' && shows "$before" '^guest '
}

check "it checks, and says what it would do" shows "$before" "^This host: Xen $lab_xen\." '^About [0-9]+ minutes' '^check 0'
check "and does it" shows "$before" '^status 0'
check "the firmware's jobs are there, and those on the disk" holds '[.jobs[].int13bench | select(.valid) | .firmware] |
    index("ours (quick)") and index("stock (quick)") and index("ours (disk)") and index("stock (disk)")'
check "all are valid, and of the host's clock" holds '[.jobs[].int13bench | .valid and .clock == "wall"] | all'
check "blkload was measured by all four ways, ISOLINUX from a CD-ROM by three" holds \
    '[.loads[] | select(.ms > 0 and .clock == "wall") | .loader] | group_by(.) | map({(.[0]): length}) | add ==
    {"blkload": 4, "ISOLINUX, CD-ROM": 3}'
check "a disk in use is refused" shows "$before" 'is a loop device on it'
check "it leaves no guest but the one that was there, and no loop device" nothing_left
check "and nothing where it is installed" lacks "$before" '^[<>] /usr/libexec'
mkdir "$work/sent" && tar -C "$work/sent" --strip-components=1 -xzf "$report"/*.tar.gz
for file in report.html raw/quick/ours-pv-phy-1/serial.log raw/cdrom/ours-phy-1-0/stamps.log; do
    check "what is to be sent has $file" test -s "$work/sent/$file"
done
check "but neither the disk's name nor a folder's" sh -c "! grep -rl -e user.img -e /disks/ $work/sent"
done_testing
