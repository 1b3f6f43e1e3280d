#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# What a romfile with a number does, in plain QEMU, where fw_cfg is its source: how
# long SeaBIOS waits for a key, by the virtual clock. tests/unit/test_xen_romfile.c
# shows that OEM strings become romfiles on Xen.
# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh

command -v qemu-system-i386 >/dev/null || skip_all "needs qemu-system-i386"

# A boot sector that sends "T" and the timer ticks since midnight to the debug port,
# and ends QEMU.
printf '\x31\xc0\x8e\xd8\xba\x02\x04\xb0T\xee\xa1\x6c\x04\xee\x88\xe0\xee\xba\x01\x05\xee\xf4' >"$work/disk.img"
truncate -s 510 "$work/disk.img"
printf '\x55\xaa' >>"$work/disk.img"
truncate -s 1M "$work/disk.img"
printf '\0\0\0\0' >"$work/zero"

# boot NAME WORD...: with these words of QEMU's; its log goes to $work/NAME.
boot() {
    local log=$work/$1
    shift
    rm -f "$log"
    timeout 300 qemu-system-i386 -M pc -accel tcg -icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm \
        -m 64 -display none -monitor none -serial none -net none -bios build/bios.bin \
        -drive "file=$work/disk.img,format=raw,if=ide,snapshot=on" -device isa-debug-exit,iobase=0x501 \
        -debugcon "file:$log" -global isa-debugcon.iobase=0x402 "$@"
    # What QEMU ends with if a guest asks for it, and not for a failure of its own.
    (($? & 1)) && grep -aq "Booting from" "$log"
}

# ticks NAME: of a boot.
ticks() {
    local -a bytes
    read -ra bytes < <(tail -c 2 "$work/$1" | od -An -tu1)
    echo $((bytes[0] + bytes[1] * 256))
}

check "it boots as ever" boot plain -boot menu=on
check "the menu is offered" shows "$work/plain" 'Press ESC for boot menu'
check "and waited for: 2.5 s, 45 ticks" test "$(ticks plain)" -ge 45
check "etc/boot-menu-wait=0" boot no-wait -boot menu=on -fw_cfg name=etc/boot-menu-wait,file="$work/zero"
check "the menu is offered" shows "$work/no-wait" 'Press ESC for boot menu'
check "and not waited for" test "$(ticks no-wait)" -le "$(($(ticks plain) - 44))"
# SeaBIOS makes a romfile of QEMU's word as it does of an OEM string.
check "etc/show-boot-menu=0" boot no-menu -boot menu=off
check "nothing is offered" lacks "$work/no-menu" 'Press ESC'
check "nor waited for" test "$(ticks no-menu)" -le "$(($(ticks plain) - 44))"
done_testing
