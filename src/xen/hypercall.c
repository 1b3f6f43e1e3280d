// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Find out how to call Xen.  Compiled for 16-bit and 32-bit code, which share
// the answer.

#include "fw/xen.h" // xen_hypercall_page
#include "malloc.h" // memalign_high
#include "output.h" // dprintf
#include "x86.h" // cpuid
#include "xen/hypercall.h" // hypercall_setup

u8 HypercallVmmcall VARLOW;

// fw/xen.c does this only if hvmloader started the firmware.
static int
hypercall_write_page(u32 cpuid_base)
{
    if (xen_hypercall_page)
        return 0;
    u32 pages, msr, ecx, edx, i;
    cpuid(cpuid_base + 2, &pages, &msr, &ecx, &edx);
    u8 *page = memalign_high(XEN_PAGE_SIZE, pages * XEN_PAGE_SIZE);
    if (!page) {
        warn_noalloc();
        return -1;
    }
    // The write also makes shared info take its 32-bit layout, after the
    // mode of the CPU (xen/arch/x86/hvm/hvm.c, hvm_latch_shinfo_size).
    for (i = 0; i < pages; i++)
        wrmsr(msr, (machine_phys(page) + i * XEN_PAGE_SIZE) | i);
    xen_hypercall_page = machine_phys(page);
    return 0;
}

// Find the instruction for hypercalls on the page that Xen fills with them:
// each entry is "mov $number, %eax" and vmcall or vmmcall.  16-bit code cannot
// reach the page, and so executes the instruction itself.  POST only.  Returns
// 0, or -1 if the page holds neither.
int
hypercall_setup(u32 cpuid_base)
{
    if (hypercall_write_page(cpuid_base))
        return -1;
    const u8 *code = machine_ptr(xen_hypercall_page);
    u32 instruction = code[5] << 16 | code[6] << 8 | code[7];
    HypercallVmmcall = instruction == 0x0f01d9;
    if (HypercallVmmcall || instruction == 0x0f01c1) // vmcall
        return 0;
    dprintf(1, "xen-blk: unknown hypercall page\n");
    return -1;
}
