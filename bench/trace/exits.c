// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Reads Xen's trace of a run (trace.bin) and prints what each BIOS call of the
// payload cost, one call a line:
//
//   GROUP exits=5 dm=0 interrupts=0 cr0-read=1 cr0-write=2 vmmcall=2 ...
//
// The payload enters and leaves real mode around a BIOS call, which causes
// exits for %cr0 at known addresses; the exits in between are the call's. A
// group is a series of calls during which it did no port I/O, so nothing was
// printed. dm is the number of times that the guest waited for its device
// model, qemu; exits for the hypervisor's own interrupts count only in
// `interrupts`. port-P is port I/O, P in hexadecimal; grant-maps are the
// guest's pages that a backend mapped; *-ticks are TSC ticks: blocked-ticks
// while the guest had given up its CPU, dom0-ticks while dom0's CPUs ran (an
// idle dom0 does not count).

#include <stdio.h> // printf
#include <stdlib.h> // strtoul
#include <string.h> // memset
#include <unistd.h> // getopt

#include "count.h"
#include "trace.h"
#include <xen/trace.h> // TRC_HVM_ENTRYEXIT, needs stdint.h

// Newer headers have other names for these. Until Xen 4.17 AMD's exits had the
// number that only Intel's have now.
#define EXIT_VMX (TRC_HVM_ENTRYEXIT + 2)
#define EXIT_SVM (TRC_HVM_ENTRYEXIT + 3)
#define MAX_CPUS 4096
#define NOBODY 0xffffffff
#define FIRST_SPECIAL 0x7ff0 // domain numbers from here on are Xen's own

enum runstate { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

static const char usage[] =
    "usage: exits [-d DOMID] [-i] TRACE FROM CALL TO\n"
    "       exits [-d DOMID] [-i] -t TRACE\n"
    "  FROM, CALL, TO: addresses of the payload's real_switch, of the BIOS call\n"
    "      in it and of its end, in hexadecimal (build/bench/stage.elf)\n"
    "  -t  sums over the whole trace, of the guest only\n"
    "  -d  only this guest; by default any\n"
    "  -i  the processor is Intel's; by default AMD's\n"
    "Exit status: 0 good; 1 the trace lacks records; 2 usage error\n";

static struct tally tally;
static enum maker maker;
static uint32_t guest_wanted; // 0: any
static uint32_t running[MAX_CPUS]; // domain << 16 | vcpu
static uint64_t dom0_since[MAX_CPUS]; // it runs there, or 0
static uint64_t blocked_since; // the guest's first vCPU is, or 0
static uint32_t reason; // of the last exit
static int totals, in_call;
static uint64_t call_start;
static uint32_t group = 1;
static uint32_t switch_from, bios_call, switch_to;

static int
is_guest(uint32_t vcpu)
{
    uint32_t domain = vcpu >> 16;
    return guest_wanted ? domain == guest_wanted
        : domain && domain < FIRST_SPECIAL;
}

static int
is_cr0(uint32_t code)
{
    const uint32_t *cr0 = exit_codes[maker].cr0;
    return code == cr0[0] || code == cr0[1] || code == cr0[2];
}

static void
begin_call(uint64_t now)
{
    tally_clear(&tally);
    in_call = 1;
    call_start = now;
}

// Returns how much of the time from since to now belongs to the call.
static uint64_t
part_of_call(uint64_t since, uint64_t now)
{
    if (since < call_start)
        since = call_start;
    return now > since ? now - since : 0;
}

static void
end_call(uint64_t now)
{
    uint32_t cpu;
    for (cpu = 0; cpu < MAX_CPUS; cpu++)
        if (dom0_since[cpu])
            tally.dom0 += part_of_call(dom0_since[cpu], now);
    printf("%u ", group);
    tally_print(&tally, maker);
    printf("\n");
    in_call = 0;
}

static void
take_exit(const struct trace_record *record, uint32_t code, uint32_t ip)
{
    if (!is_guest(running[record->cpu]))
        return;
    reason = code;
    if (!totals && is_cr0(code) && ip >= switch_from && ip < switch_to) {
        if (ip < bios_call)
            begin_call(record->tsc);
        else if (in_call)
            end_call(record->tsc);
    } else if (!in_call) {
        group += code == exit_codes[maker].io;
    } else if (code < REASONS) {
        tally.reasons[code]++;
    }
}

// The guest's vCPU 0 goes from one state to another. While it waits for qemu,
// Xen calls it offline.
static void
take_guest_state(uint32_t old, uint32_t new, uint64_t now)
{
    const struct exit_codes *codes = &exit_codes[maker];
    if (old == RUNNING && new == OFFLINE && in_call
        && (reason == codes->io || reason == codes->mmio))
        tally.waits_dm++;
    if (old == BLOCKED && in_call && blocked_since)
        tally.blocked += part_of_call(blocked_since, now);
    blocked_since = new == BLOCKED ? now : 0;
}

static void
take_runstate(const struct trace_record *record)
{
    uint32_t vcpu = record->data[0], cpu = record->cpu;
    uint32_t old = record->event >> 8 & 3, new = record->event >> 4 & 3;
    if (new == RUNNING)
        running[cpu] = vcpu;
    else if (old == RUNNING)
        running[cpu] = NOBODY;
    if (is_guest(vcpu) && !(vcpu & 0xffff))
        take_guest_state(old, new, record->tsc);
    if (vcpu >> 16)
        return;
    if (old == RUNNING && in_call && dom0_since[cpu])
        tally.dom0 += part_of_call(dom0_since[cpu], record->tsc);
    if (old == RUNNING || new == RUNNING)
        dom0_since[cpu] = new == RUNNING ? record->tsc : 0;
}

// Records of what Xen does for the vCPU that runs there.
static void
take_detail(const struct trace_record *record)
{
    const uint32_t *data = record->data;
    if (!in_call || !is_guest(running[record->cpu]))
        return;
    if (record->event == TRC_HVM_VMMCALL && data[0] < HYPERCALLS)
        tally.hypercalls[data[0]]++;
    else if (record->event == TRC_HVM_IOPORT_READ
             || record->event == TRC_HVM_IOPORT_WRITE)
        tally.ports[data[0] % PORTS]++;
}

static void
take_record(const struct trace_record *record)
{
    const uint32_t *data = record->data;
    switch (record->event) {
    case EXIT_VMX:
    case EXIT_SVM:
        take_exit(record, data[0], data[1]);
        break;
    case EXIT_VMX + TRC_64_FLAG:
    case EXIT_SVM + TRC_64_FLAG:
        take_exit(record, data[0], 0);
        break;
    case TRC_MEM_PAGE_GRANT_MAP:
    case TRC_MEM_PAGE_GRANT_UNMAP:
        if (in_call && is_guest(data[0] << 16))
            *(record->event == TRC_MEM_PAGE_GRANT_MAP ? &tally.grant_maps
              : &tally.grant_unmaps) += 1;
        break;
    default:
        if ((record->event & ~0x3f0U) == TRC_SCHED_RUNSTATE_CHANGE)
            take_runstate(record);
        else
            take_detail(record);
    }
}

// Returns the words that are left.
static char **
parse(int argc, char **argv)
{
    int option, wanted;
    while ((option = getopt(argc, argv, "d:it")) != -1) {
        if (option == 'd')
            guest_wanted = (uint32_t)strtoul(optarg, NULL, 10);
        else if (option == 'i')
            maker = MAKER_INTEL;
        else if (option == 't')
            totals = 1;
        else
            exit(2);
    }
    wanted = totals ? 1 : 4;
    if (argc - optind != wanted) {
        fputs(usage, stderr);
        exit(2);
    }
    return argv + optind;
}

int
main(int argc, char **argv)
{
    char **words = parse(argc, argv);
    struct trace trace;
    size_t i;
    if (!totals) {
        switch_from = (uint32_t)strtoul(words[1], NULL, 16);
        bios_call = (uint32_t)strtoul(words[2], NULL, 16);
        switch_to = (uint32_t)strtoul(words[3], NULL, 16);
    }
    memset(running, 0xff, sizeof(running));
    const char *problem = trace_read(words[0], &trace);
    if (problem) {
        fprintf(stderr, "exits: %s: %s\n", words[0], problem);
        return 1;
    }
    in_call = totals;
    for (i = 0; i < trace.count; i++)
        take_record(&trace.records[i]);
    if (totals) {
        tally_print(&tally, maker);
        printf("\n");
    }
    free(trace.records);
    return 0;
}
