#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What an operator does, by the words of packaging/doc/switching.md alone, which are
# taken from the document that the package installs: in the lab's dom0 the Debian
# package is installed, a Linux guest is switched over to it, looked at, and switched
# back. For make check-long alone: it builds the package, and loads a kernel by
# emulated IDE.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

is_long || skip_all "builds packages, and emulated IDE takes long: make check-long does it"
for tool in dh lintian cpio; do
    command -v "$tool" >/dev/null || skip_all "needs debhelper, lintian and cpio"
done
[[ $(git status --porcelain --untracked-files=no) ]] && skip_all "what is not committed cannot be packaged"

# Prints where the package of what is committed is, made now if `make deb` has not.
find_package() {
    local dir version package
    version=$(packaging/version | sed 's/-/+/; s/-/./g')
    for dir in build/deb build/tests/deb/deb "$work/deb"; do
        [[ $dir != "$work/deb" ]] || packaging/deb "$dir" build/download/seabios_*.orig.tar.gz >"$work/deb.log" 2>&1
        package=$dir/seabios-blkfront_$version-0local1_all.deb
        [[ ! -e $package ]] || { echo "$package" && return; }
    done
    return 1
}

# A guest that says when it is up, and shuts down when it is asked to.
make_linux() {
    local tree=$work/initramfs
    mkdir -p "$tree"/{bin,sbin,proc} && cp "$image/busybox" "$tree/bin/" || return
    cat >"$tree/init" <<'END'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox echo GUEST READY
while :; do /bin/busybox sleep 1000; done
END
    cat >"$tree/sbin/poweroff" <<'END'
#!/bin/busybox sh
/bin/busybox echo o >/proc/sysrq-trigger
END
    chmod 755 "$tree/init" "$tree/sbin/poweroff"
    (cd "$tree" && find . | cpio --quiet -o -H newc) | gzip -1 >"$work/initrd" &&
        tests/lab/mkguest --kernel "$image/vmlinuz" --initrd "$work/initrd" \
            --append 'console=ttyS0 quiet' --out "$work/guest1.img" 2>"$work/mkguest.log"
}

package=$(find_package)
check "the package is made" test -e "$package" || { tail -n 5 "$work/deb.log"; done_testing; }
image=$(lab/xenlab image 2>"$work/xenlab.log") || skip_all "$(tail -n 1 "$work/xenlab.log")"
check "the guest's disk is made" make_linux || done_testing
cp "$package" "$work/package.deb"
cat >"$work/inner.sh" <<'END'
doc=/usr/share/doc/seabios-blkfront/packaging/doc/switching.md
config=/etc/xen/guest1.cfg

# words REGEX: the first command of the document that begins so, for this guest.
words() {
    zcat -f $doc* | tr '`' '\n' | sed -n "s/^ *\($1.*\)/\1/p" | head -n 1 | sed "s,GUEST,guest1,g; s,BIOS,$bios,"
}

run() {
    echo "\$ $1"
    sh -c "$1"
    echo "status $?"
}

# Linux is up, or three minutes are over.
await() {
    tries=0
    until grep -qs 'GUEST READY' /tmp/guest1.log || [ $((tries += 1)) -gt 180 ] || ! xl domid guest1 >/dev/null 2>&1; do sleep 1; done
    grep -ao 'GUEST READY' /tmp/guest1.log
    : >/tmp/guest1.log
}

# dom0's image has dpkg, but not its files.
mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/triggers
: >/var/lib/dpkg/status
: >/var/lib/dpkg/available
run "dpkg -i $DIR/package.deb"
cp --sparse=always "$DISK1" /disks/guest1.img
mkdir -p /etc/xen
cat >$config <<'CONFIG'
name = "guest1"
type = "hvm"
memory = 192
disk = [ "format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/disks/guest1.img" ]
serial = "file:/tmp/guest1.log"
vga = "none"
nographic = 1
tsc_mode = "native"
CONFIG
bios=$(zcat -f $doc* | sed -n 's/.*`\([^`]*\)` from a package.*/\1/p')

echo "== as it was"
run "$(words 'xl set-parameters')"
run "xl create $config"
await
run "$(words blkfront-status)"

echo "== switched over"
words 'bios_path_override =' >>$config
run "$(words 'xl shutdown -w')"
await
run "$(words blkfront-status)"

echo "== undone"
sed -i '/^bios_path_override/d' $config
run "$(words 'xl shutdown -w')"
await
run "$(words blkfront-status)"
run "dpkg -r seabios-blkfront"
find /usr -name '*seabios-blkfront*' -o -name 'blkfront-status*'
echo "== end"
xl destroy guest1
END
"$int13img" make "$work/outer.img" --size 32MiB -e 'mark outer'
# A first guest, paused meanwhile, is only there because the lab does nothing without.
# shellcheck disable=SC2016 # for dom0's shell
guest outer --bios "$bios" --disk "$work/outer.img,discard" --disk "$work/guest1.img,vdev=xvdf,discard" \
    --file "$work/package.deb" --file "$work/inner.sh" --until 'PAYLOAD DONE' --timeout 1800 \
    --before 'sh "$DIR/inner.sh"'
run_guests

# part NAME: what was said in that part.
part() {
    sed "1,/^== $1/d; /^== /,\$d" "$work/outer/before.log" >"$work/$1"
    cat "$work/$1"
    [[ -s $work/$1 ]]
}

check "the package is installed" shows "$work/outer/before.log" 'Setting up seabios-blkfront' '^status 0'
check "as it was" part 'as it was'
check "the guest boots by the stock firmware, and that is told" shows "$work/as it was" '^GUEST READY' 'guest1 .*: another firmware'
check "switched over" part 'switched over'
check "the document's words do it" shows "$work/switched over" '^\$ xl shutdown -w guest1; .*xl create /etc/xen/guest1.cfg' \
    '^GUEST READY' '^\$ blkfront-status guest1'
check "it says that the guest boots by its PV disk, and what was read" shows "$work/switched over" \
    'guest1 .*: boots by paravirtual disks' "firmware: SeaBIOS .*blkfront" 'disk xvda, .*in place of its emulated twin' \
    '[0-9]+ calls by [0-9]+ requests' 'released [0-9]+ times after use; 0 retries, 0 errors'
check "undone" part undone
check "the stock firmware boots again" shows "$work/undone" '^GUEST READY' 'guest1 .*: another firmware'
check "the package is removed" shows "$work/undone" 'Removing seabios-blkfront'
check "and all of it" lacks "$work/undone" '^/usr/'
done_testing
