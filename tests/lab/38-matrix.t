#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Guests as people have them: what xl.cfg says beside the disks, other schedulers and
# another xenstored. In each of them the payload reads and writes at random, with every
# byte compared in the guest and in the image.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

roms=/usr/lib/ipxe/qemu # of Debian 12
[[ -d $roms ]] || roms=/usr/share/qemu
[[ -f $roms/pxe-e1000.rom ]] || skip_all "$roms/pxe-e1000.rom is missing; run: lab/packages ipxe-qemu"

# What sets a guest apart: words of xenlab's. Xen's vga="none" is the lab's default.
declare -A words=(
    [plain]=''
    [viridian]='--xl viridian=1'
    [populate-on-demand]='--xl maxmem=192'
    [one-grant-frame]='--xl max_grant_frames=1'
    [eight-cpus]='--vcpus 8'
    [stdvga]='--xl vga="stdvga"'
    [cirrus]='--xl vga="cirrus"'
    [ahci]='--xl hdtype="ahci"'
    [usb]='--xl usb=1 --xl usbdevice=["tablet"]'
    [two-serial-ports]='--xl serial=["file:@out@/serial.log","pty"]'
    [no-acpi]='--xl acpi=0'
    [large]='--memory 6144'
)
# Two network cards, from whose ROMs the guest could boot as well.
for name in stdvga cirrus; do
    words[$name]+=" --file $roms/pxe-e1000.rom --file $roms/pxe-rtl8139.rom"
    words[$name]+=' --xl device_model_args_hvm=["-device","e1000,romfile=@dir@/pxe-e1000.rom","-device","rtl8139,romfile=@dir@/pxe-rtl8139.rom"]'
done

# add_guest NAME KIND BACKEND: its disk is emulated as well, as most are.
add_guest() {
    local guest=$1 kind=$2 backend=$3 image=$work/$1.img
    local -a more
    read -ra more <<<"${words[$kind]}"
    "$int13img" make "$image" --size 6MiB --label 7 --script "$work/script" || ok 1 "image $image"
    guest "$guest" --bios "$bios" "${more[@]}" --disk "$image,vdev=xvda,backend=$backend" \
        --until 'PAYLOAD (DONE|STOP)' --timeout 60
    guests+=("$guest")
}

cat >"$work/script" <<'END'
list
random drive=80 seed=5 ops=120 from=64 to=8256 writes=40 chs=10 label=7 maxcount=128
memmap
random drive=80 seed=6 ops=60 from=64 to=8256 writes=40 chs=10 label=7 maxcount=128
END

# A ROM of a network card that has grown, as they do: too large for what is left below
# 1 MiB until it has been run. Its sizes are in its header and in PCI's.
perl -0777 -pe 'substr($_, 2, 1) = "\xe0"; substr($_, unpack("v", substr($_, 0x18)) + 0x10, 2) = pack("v", 0xe0);
    $_ .= "\0" x (0xe0 * 512 - length); substr($_, 6, 1) = "\0"; substr($_, 6, 1) = chr(-unpack("%8C*", $_) & 255)' \
    "$roms/pxe-e1000.rom" >"$work/large.rom"
# shellcheck disable=SC2016 # for dom0's shell
guest network --bios "$bios" --xl 'vga="stdvga"' --xl 'boot="n"' --file "$work/large.rom" --timeout 20 \
    --xl 'device_model_args_hvm=["-device","e1000,romfile=@dir@/large.rom"]' --until 'iPXE initiali[sz]ing devices' \
    --before 'xenstore-write /local/domain/$DOMID/bios-strings/oem-1 seabios:etc/sercon-port=0x3f8'

kinds=(stdvga one-grant-frame cirrus viridian populate-on-demand eight-cpus ahci usb two-serial-ports)
# On Debian 13 libxl passes -no-acpi, which its qemu no longer knows: xl cannot create such a guest.
[[ $lab_release == trixie ]] || kinds+=(no-acpi)
guests=()
while read -r kind backend; do
    add_guest "$kind-$backend" "$kind" "$backend"
done < <(pairs "$(sample 2 "${kinds[@]}" | paste -sd ' ')" "phy qdisk")
run_guests

# Another machine each.
run_on() {
    local name=$1 kind backend
    shift
    while read -r kind backend; do
        add_guest "$name-$kind-$backend" "$kind" "$backend"
    done < <(pairs "plain large" "qdisk phy")
    run_guests "$@"
}
if is_long; then
    run_on oxenstored --store oxenstored
    run_on credit --sched credit
fi

# option_roms GUEST: both ran, and the guest still booted from the PV disk.
option_roms() {
    [[ $(grep -ac 'Running option rom at' "$work/$1/xen.log") -ge 3 ]]
}

compared() {
    "$int13img" verify "$work/$1.img" --label 7 --script "$work/script"
}

for guest in "${guests[@]}"; do
    check "$guest: every op is as expected" passed "$guest"
    check "$guest: the image is as expected" compared "$guest"
    check "$guest: by PV" shows "$work/$guest/xen.log" 'xen-blk: xvda: calls=[0-9]{2}.* errors=0'
    [[ $guest != stdvga-* && $guest != cirrus-* ]] ||
        check "$guest: the ROMs of its cards ran" option_roms "$guest"
done
check "network: a ROM that is too large for its place runs" \
    shows "$work/network/xen.log" 'Running option rom at [0-9]...:0003'
check "network: and boots" shows "$work/network/serial.log" 'iPXE initiali[sz]ing devices'
! is_long || check "credit: Xen has that scheduler" \
    shows "$work/credit-plain-qdisk/qemu.log" 'Using scheduler: SMP Credit Scheduler \(credit\)'
done_testing
