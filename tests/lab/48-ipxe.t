#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Another program of the same Xen interfaces: iPXE, loaded from the PV disk, in a
# guest whose only network card is Xen's. It fetches by that network, boots from
# it, boots our disks, gets control back, and leaves; int13 and the network work
# all the time, each beside the other.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

ipxe=/usr/lib/ipxe/ipxe.lkrn
[[ -f $ipxe ]] || skip_all "no $ipxe: it is Debian's package ipxe"

# What dom0 does beside each guest: DHCP, TFTP and HTTP on the lab's bridge, of
# the files that came along. iPXE does not wait for a proxy (its option 176). It
# spins when it waits, so dom0 must be allowed to preempt it at once.
cat >"$work/serve" <<'END'
cd "$DIR" || exit
xl sched-credit2 -s -r 0
dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --user=root \
    --interface=lab0 --dhcp-range=192.168.76.10,192.168.76.20 --no-ping \
    --leasefile-ro --dhcp-option=encap:175,176,1b --dhcp-boot=http://192.168.76.1/boot.ipxe \
    --enable-tftp --tftp-root="$DIR" --log-facility=- &
busybox httpd -f -vv -p 192.168.76.1:80 -h "$DIR" &
END

# What is on the PV disk, for GRUB to start: all else comes by the network.
cat >"$work/disk.ipxe" <<'END'
#!ipxe
dhcp net0
chain ${filename}
END
# Before that GRUB masks the second PIC: iPXE gathers noise from the clock's
# interrupt for nine seconds, which cost minutes here, and does without.
tests/lab/mkguest --kernel "$ipxe" --initrd "$work/disk.ipxe" --bits 16 \
    --grub 'outb 0x21 0xfc' --out "$work/ipxe.img" 2>"$work/mkguest.log" || ok 1 'the disk with iPXE'

# make_cd FILE DRIVE: a CD whose boot sector starts that of another drive, read
# by int13. El Torito: a boot record in sector 17, its catalog in 18, and one
# sector of 16-bit code, at 1000:0000.
make_cd() {
    truncate -s 40K "$1"
    put "$1" 17 0 '\0CD001\1EL TORITO SPECIFICATION'
    put "$1" 17 71 '\x12'
    put "$1" 18 0 '\1'
    put "$1" 18 30 '\x55\xaa\x88\0\0\x10\0\0\4\0\x13'
    # xor ax,ax; mov es,ax; mov ax,0201; mov cx,1; mov dx,DRIVE; mov bx,7c00;
    # int 13; jmp 0000:7c00
    put "$1" 19 0 "\x31\xc0\x8e\xc0\xb8\1\2\xb9\1\0\xba\x$2\0\xbb\0\x7c\xcd\x13\xea\0\x7c\0\0"
}

# put FILE SECTOR OFFSET BYTES
put() {
    # shellcheck disable=SC2059 # the bytes are escapes
    printf "$4" | dd of="$1" bs=1 seek=$(($2 * 2048 + $3)) conv=notrunc status=none
}

# add NAME BACKEND UNTIL [WORD...]: a guest with iPXE's disk and another one,
# $work/NAME.img, and the network's files in $work/net-NAME.
add() {
    local name=$1 backend=$2 until=$3 file
    local -a files=()
    for file in "$work/net-$name"/*; do
        files+=(--file "$file")
    done
    shift 3
    # shellcheck disable=SC2016 # dom0's shell has DIR
    guest "$name" --bios "$bios" --vif --memory 192 --file "$work/serve" "${files[@]}" \
        --disk "$work/ipxe.img,backend=$backend,discard" \
        --disk "$work/$name.img,vdev=xvde,backend=$backend" \
        --dom0 'exec sh $DIR/serve' --until "$until" --timeout 300 "$@"
}

mkdir -p "$work"/net-{disk,net}

# Guest "disk": the payload on the PV disk gives control back (int18), and iPXE
# closes its network card at once: it asks xenstore again and again, halted
# until each answer, while the clock's ticks disconnect the disk. The network
# still works, iPXE leaves, and the next device boots the next disk.
disk=(--size 4MiB --label 7 -e 'random ops=200 label=7' -e 'bios int=18')
next=(--size 4MiB --label 8 -e 'random ops=100 label=8' -e 'mark the end')
"$int13img" make "$work/disk.img" "${disk[@]}" || ok 1 image
"$int13img" make "$work/next.img" "${next[@]}" || ok 1 image
make_cd "$work/cd.iso" 82
head -c 300000 "$ipxe" >"$work/net-disk/data"
cat >"$work/net-disk/boot.ipxe" <<'END'
#!ipxe
imgfetch http://${next-server}/data || goto failed
imgfree data
sanboot --no-describe --drive 0x81 ||
ifclose net0
ifopen net0
chain http://${next-server}/after.ipxe || goto failed
exit
:failed
imgfetch http://${next-server}/failed ||
END
cat >"$work/net-disk/after.ipxe" <<'END'
#!ipxe
imgfetch http://${next-server}/data && imgfetch http://${next-server}/last ||
exit
END
add disk phy '^mark the end' --disk "$work/next.img,vdev=xvdf,backend=phy" \
    --disk "$work/cd.iso,vdev=hdc,devtype=cdrom"

# Guest "net": a kernel and its initramfs come by the network, and Linux finds
# the disks as if nobody had ever used them.
"$int13img" make "$work/net.img" --size 4MiB --label 7 --no-boot || ok 1 image
make_guest "$work/linux.img" --initrd-out "$work/net-net/initrd.img" ||
    skip_all 'no guest image'
cp "$lab_image/vmlinuz" "$work/net-net/"
cat >"$work/net-net/boot.ipxe" <<'END'
#!ipxe
kernel http://${next-server}/vmlinuz console=ttyS0 quiet disks=2 || goto failed
initrd http://${next-server}/initrd.img || goto failed
boot
:failed
imgfetch http://${next-server}/failed ||
END
! is_long || add net qdisk 'LINUX DONE|Kernel panic'

run_guests

# got NAME FILE...: the guest has fetched these from dom0, in this order.
got() {
    local name=$1
    shift
    diff <(sed -nE 's/.* url:.(.*)/\1/p' "$work/$name/dom0.log" | uniq) <(printf '%s\n' "$@")
}

# written NAME WORD...: the guest's disk holds what its payload's script wrote.
written() {
    local name=$1
    shift
    "$int13img" verify "$work/$name.img" "$@"
}

disk_log=$work/disk/serial.log net_log=$work/net/serial.log
check 'disk: the network card has no emulated twin' \
    lacks "$work/disk/guest.cfg" 'ioemu'
check 'disk: iPXE from the PV disk gets an address by DHCP' \
    shows "$work/disk/dom0.log" 'DHCPACK'
check 'disk: iPXE boots the other PV disk (sanboot)' shows "$disk_log" 'PAYLOAD START drive=81'
check 'disk: 200 random ops beside iPXE, all bytes as expected' \
    shows "$disk_log" 'random drive=81 .*result=pass'
check 'disk: what was written then is on the disk' written disk "${disk[@]}" --drive 81 --boot-drive 81
check 'disk: the network works before and after it' \
    got disk boot.ipxe data after.ipxe data last
check 'disk: when iPXE has left, the next disk boots' shows "$disk_log" 'PAYLOAD START drive=82'
check 'disk: 100 random ops after iPXE, all bytes as expected' \
    shows "$disk_log" 'random drive=82 .*result=pass'
is_long || done_testing

check 'net: a kernel and an initramfs from the network boot' shows "$net_log" 'LINUX UP' 'LINUX DONE'
for disk in xvda:ipxe xvde:net; do
    sum=$(sha256sum <"$work/${disk#*:}.img")
    check "net: Linux reads ${disk%:*} from end to end, as it is" \
        shows "$net_log" "DISK ${disk%:*} .*sha256=${sum%% *}"
done
check 'net: Linux has nothing to reset or to wait for' \
    lacks "$net_log" '(xenbus|vbd|blkfront).*([Tt]imeout|[Ww]aiting|reset|fail|error)'
done_testing
