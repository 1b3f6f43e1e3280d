# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The lab machine: QEMU emulating a PC with AMD's virtualisation, on which
# Xen, dom0 and the guests run. QEMU's options are here and in drives.sh.

# TCG's traps under Xen: iret reads the stack with supervisor rights (SMAP,
# SMEP), MWAIT refuses Xen's hint, and Xen cannot decode an intercepted RDTSCP.
# And with XSAVE, a process in dom0 that is often preempted by a busy guest
# computes nonsense, the shell's string functions first: seen in 3 of 4 runs of
# ten seconds with it, in none of 5 without.
machine_cpu=EPYC,+svm,+npt,-x2apic,-smap,-smep,-monitor,-rdtscp
machine_cpu+=,-xsave,-avx,-avx2,-fma,-f16c
readonly machine_cpu

# Sets dom0_mib and machine_mib: what dom0 needs for its root, its disks and
# what guests leave, and what the whole machine needs beside it. In steps of a
# GiB, so that few machines differ and need to be saved (state.sh); what is not
# used is not taken from the host.
machine_memory() {
    local guest_mib=$1 trace=$2 free_mib
    dom0_mib=$((1536 + ((ram_kept + ram_discarded_most) >> 20) + (trace ? 1024 : 0)))
    machine_mib=$((dom0_mib + guest_mib + 512))
    free_mib=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
    ((machine_mib <= free_mib)) || usage_error \
        "the lab needs $machine_mib MiB of memory and $free_mib are free; use place=host for big disks, or less --memory"
    dom0_mib=$(((dom0_mib + 1023) & ~1023))
    machine_mib=$((dom0_mib + ((guest_mib + 512 + 1023) & ~1023)))
}

# The jobs and what does them, as the archive that dom0 finds on a drive.
machine_jobs() {
    local work=$1
    mkdir -p "$work/jobs/etc/xen/scripts" &&
        cp "$lab/dom0/run-guest" "$lab/dom0/session" "$work/jobs/lab/" &&
        cp "$lab"/dom0/{block,vif}-lab "$work/jobs/etc/xen/scripts/" &&
        tar -c -C "$work/jobs" -f "$work/jobs.tar" . ||
        die "$EXIT_BROKEN" "cannot write $work/jobs.tar (disk full?)"
}

# dom0's first process joins the image: the kernel unpacks archive after
# archive.
machine_initrd() {
    local work=$1
    (cd "$lab/dom0" && echo init | cpio --quiet --create --format=newc --owner=+0:+0) |
        cat "$image/dom0.cpio" - >"$work/initrd" ||
        die "$EXIT_BROKEN" "cannot write $work/initrd (disk full?)"
}

# The machine's clock. With icount an instruction takes one virtual nanosecond,
# and idle time none of ours; the date and the random numbers are the same at
# each start, because dom0's kernel behaves differently with others.
machine_clock() {
    case $1 in
    icount) qemu+=(-accel tcg,thread=single -icount shift=0,sleep=off -seed 1
        -rtc base=2020-01-01T00:00:00,clock=vm) ;;
    wall) qemu+=(-accel tcg,thread=multi) ;;
    esac
}

# machine_words WORK CLOCK SMP PROGRESS: sets $qemu to the command of any lab
# machine, without drives. Its console goes to WORK/qemu.log, results to
# WORK/results.tar, progress lines to PROGRESS.
machine_words() {
    local work=$1 clock=$2 smp=$3 progress=$4
    qemu=(qemu-system-x86_64 -name xenlab -M q35 -cpu "$machine_cpu" -smp "$smp"
        -m "$machine_mib" -nodefaults -no-user-config -no-reboot -display none -monitor none)
    machine_clock "$clock"
    qemu+=(-kernel "$image/xen"
        -append "console=com1 com1=115200,8n1 dom0_mem=${dom0_mib}M,max:${dom0_mib}M loglvl=all guest_loglvl=all console_timestamps=boot conring_size=4M bootscrub=0"
        -chardev "file,id=console,path=$work/qemu.log" -serial chardev:console
        -device virtio-serial-pci,addr=3
        # Written to, never read from: a reader would see the end of its input.
        -chardev "file,id=progress,path=$progress"
        -device virtserialport,chardev=progress,name=progress
        -chardev "file,id=results,path=$work/results.tar"
        -device virtserialport,chardev=results,name=results)
}

# Adds what it needs to boot, besides -kernel.
machine_boots() {
    machine_initrd "$1"
    qemu+=(-initrd "$image/vmlinux console=hvc0 earlyprintk=xen panic=1,$1/initrd")
}

# machine_run WORK SECONDS: runs $qemu with the jobs and the disks until it
# powers off, or for SECONDS of wall time at most.
machine_run() {
    local work=$1 seconds=$2
    drives_qemu "$work/jobs.tar"
    # For what observes the machine from outside, such as `-plugin FILE`.
    local -a more
    read -ra more <<<"${XENLAB_QEMU-}"
    qemu+=("${more[@]}")
    run_child timeout -k 10 "$seconds" "${qemu[@]}" </dev/null 2>"$work/qemu.err"
}

# True if the last machine_run got as far as its jobs.
machine_came_up() {
    grep -qs 'lab: .*dom0 is up' "$1/qemu.log"
}
