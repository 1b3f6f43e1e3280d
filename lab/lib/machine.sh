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

# Set if a disk has latency. By default dom0's kernel sets no timer that is less
# than 100 us away, and Xen none that is less than 50 us away: of two requests that
# begin 30 us apart, the second would end 100 us after the first. Machines without
# such disks keep the defaults, as a user's host has them.
exact_timers=

# Set to 1 if a driver domain serves a disk: it needs memory and a kernel. There may
# be two of them at a time.
driver_domain=0

# Sets dom0_mib and machine_mib: what dom0 needs for its root, its disks and
# what guests leave, and what the whole machine needs beside it. In steps of a
# GiB, so that few machines differ and need to be saved (state.sh); what is not
# used is not taken from the host.
machine_memory() {
    local guest_mib=$1 trace=$2 free_mib
    ((!driver_domain)) || ((guest_mib += 2 * 256))
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
        machine_storage "$work/jobs/lab" &&
        tar -c -C "$work/jobs" -f "$work/jobs.tar" . ||
        die "$EXIT_BROKEN" "cannot write $work/jobs.tar (disk full?)"
}

# What a driver domain is made of, if there is one.
machine_storage() {
    ((driver_domain)) || return 0
    mkdir "$1/storage" && cp "$lab/dom0/storage-domain" "$1/" &&
        cp "$lab/dom0/storage-init" "$1/storage/init" && cp "$image/vmlinux" "$1/storage/"
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
    qemu=("${qemu_command[@]}" -name xenlab -M q35 -cpu "$machine_cpu" -smp "$smp"
        -m "$machine_mib" -nodefaults -no-user-config -no-reboot -display none -monitor none)
    machine_clock "$clock"
    qemu+=(-kernel "$image/xen"
        -append "console=com1 com1=115200,8n1 dom0_mem=${dom0_mib}M,max:${dom0_mib}M loglvl=all guest_loglvl=all console_timestamps=boot conring_size=4M bootscrub=0${exact_timers:+ timer_slop=1000}${sched:+ sched=$sched}"
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
    qemu+=(-initrd "$image/vmlinux console=hvc0 earlyprintk=xen panic=1${exact_timers:+ xen_timer_slop=1000}${store:+ store=$store},$1/initrd")
}

# machine_watch WORK PID SECONDS: ends that process when it has used that many
# seconds of CPU time, or as good as none for ten minutes: what runs in it hangs
# then, however fast this machine is. WORK/hung says why.
machine_watch() {
    local work=$1 pid=$2 limit=$3 ticks never stat used=0 seen=0 since=$SECONDS reason=
    ticks=$(getconf CLK_TCK)
    exec {never}<> <(:)     # a descriptor on which nothing ever arrives
    while [[ ! $reason ]]; do
        read -rt 5 -u "$never"
        read -r stat <"/proc/$pid/stat" || return 0
        # Behind the name in parentheses, user and system time are the 12th and 13th.
        read -r -a stat <<<"${stat##*) }"
        used=$((stat[11] + stat[12]))
        ((used - seen < ticks)) || { seen=$used since=$SECONDS; }
        ((used < limit * ticks)) || reason="it had used $limit s of CPU time"
        ((SECONDS - since < 600)) || reason="it had stood still for ten minutes"
    done
    echo "$reason" >"$work/hung"
    kill -TERM "$pid"
    read -rt 10 -u "$never"
    kill -KILL "$pid"
} 2>/dev/null

# machine_guarded WORK SECONDS: runs $qemu until it ends, or is ended.
machine_guarded() {
    local watcher status
    rm -f "$1/hung"
    setpriv --pdeathsig TERM "${qemu[@]}" </dev/null 2>"$1/qemu.err" &
    child=$!
    machine_watch "$1" "$child" "$2" >/dev/null &
    watcher=$!
    wait "$child"
    status=$?
    child=
    kill "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
    return "$status"
}

# machine_run WORK SECONDS: runs $qemu with the jobs and the disks until it is
# off. SECONDS of CPU time are the end in any case.
machine_run() {
    local work=$1 seconds=$2
    drives_qemu "$work/jobs.tar"
    # For what observes the machine from outside, such as `-plugin FILE`.
    local -a more
    read -ra more <<<"${XENLAB_QEMU-}"
    qemu+=("${more[@]}")
    machine_guarded "$work" "$seconds"
}

# True if the last machine_run got as far as its jobs.
machine_came_up() {
    grep -qs 'lab: .*dom0 is up' "$1/qemu.log"
}
