// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Find Xen, and map the shared info page and the grant table.  32-bit code.

#include "fw/paravirt.h" // runningOnXen
#include "hw/pcidevice.h" // foreachpci
#include "malloc.h" // memalign_high
#include "output.h" // dprintf
#include "string.h" // memcmp
#include "x86.h" // cpuid
#include "xen/hypercall.h" // hypercall_add_to_physmap
#include "xen/xen_info.h" // struct xen_info_s

struct xen_info_s XenInfo VARLOW;

// hvmloader keeps 0xFE700000-0xFE800000 "for guest use": reserved in the
// E820 map forever, with no memory behind it (Xen's
// tools/firmware/hvmloader/config.h, GUEST_RESERVED_START).  A frame mapped
// there costs no RAM, and the hole that stays when the OS moves the frame
// elsewhere is the hole that was there before.
#define XEN_INFO_GUEST_RESERVED_START 0xfe700000

#define XEN_INFO_PCI_VENDOR 0x5853
#define XEN_INFO_PCI_DEVICE 0x0001

// More than 16 disks can use.  Xen's own limit is 64 unless it is lowered.
#define XEN_INFO_MAX_GRANT_FRAMES 12

// The last frame below 4 GiB.  Xen reports ~0 for a page that is not mapped.
#define XEN_INFO_MAX_FRAME 0xfffff

// Xen's CPUID leaves move up by 0x100 for each other interface (Viridian)
// that stands before them: xen/include/public/arch-x86/cpuid.h.
static u32
xen_info_find_cpuid_base(void)
{
    u32 base, eax, signature[3];
    for (base = 0x40000000; base < 0x40010000; base += 0x100) {
        cpuid(base, &eax, &signature[0], &signature[1], &signature[2]);
        if (!memcmp(signature, "XenVMMXenVMM", sizeof(signature))
            && eax - base >= 2)
            return base;
    }
    return 0;
}

// Entries of version 2 have another size.  An OS may have asked for them
// before a soft reset.
static int
xen_info_require_grant_v1(void)
{
    u32 version;
    if (!hypercall_gnttab_get_version(&version) && version == 1)
        return 0;
    int ret = hypercall_gnttab_set_version(1);
    if (ret)
        dprintf(1, "xen-blk: no grant table v1: %d\n", ret);
    return ret;
}

// Find xenstore's page and port.  They change when the guest is restored.
static int
xen_info_find_store(void)
{
    u64 pfn, port;
    if (hypercall_hvm_get_param(HVM_PARAM_STORE_PFN, &pfn)
        || hypercall_hvm_get_param(HVM_PARAM_STORE_EVTCHN, &port)
        || !pfn || pfn >> (32 - XEN_PAGE_SHIFT) || !port) {
        dprintf(1, "xen-blk: no xenstore\n");
        return -1;
    }
    XenInfo.store = machine_ptr((u32)pfn * XEN_PAGE_SIZE);
    XenInfo.store_port = (u32)port;
    return 0;
}



/****************************************************************
 * The pages that are shared with Xen
 ****************************************************************/

// Map one of Xen's pages: shared info at 'place', grant frames behind it.
// Ordinary memory that was there is given back to Xen.
static int
xen_info_map_page(u32 space, u32 index, u32 place)
{
    u32 frame = place / XEN_PAGE_SIZE + space + index;
    int ret = hypercall_add_to_physmap(space, index, frame);
    if (ret)
        dprintf(1, "xen-blk: cannot map page %d of %d: %d\n"
                , index, space, ret);
    return ret;
}

static int
xen_info_map_pages(u32 place)
{
    if (xen_info_map_page(XENMAPSPACE_shared_info, 0, place)
        || xen_info_map_page(XENMAPSPACE_grant_table, 0, place))
        return -1;
    XenInfo.shared = place;
    return 0;
}

// Choose where to map the pages.
static int
xen_info_find_places(void)
{
    XenInfo.home = XEN_INFO_GUEST_RESERVED_START;
    if (!runningOnXen())
        // QEMU's emulation of Xen has no such range.  It maps the page over
        // the memory and does not take the memory away.
        XenInfo.home = machine_phys(memalign_high(XEN_PAGE_SIZE
                                                  , 2 * XEN_PAGE_SIZE));
    if (XenInfo.home)
        return 0;
    warn_noalloc();
    return -1;
}

// From the next xen_info_enter() on, map the pages within reach of 16-bit code.
// POST only.  Returns 0, or -1 without memory.
int
xen_info_take_low(void)
{
    XenInfo.low = machine_phys(memalign_low(XEN_PAGE_SIZE
                                            , 2 * XEN_PAGE_SIZE));
    return XenInfo.low ? 0 : -1;
}

// Is shared info at 'place'?  Judged by the time in it: the clock has a speed,
// and was updated less than 2^36 cycles ago.
static int
xen_info_is_shared_info(u32 place)
{
    volatile struct shared_info *shared = machine_ptr(place);
    volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
    return t->tsc_to_system_mul
           && (rdtscll() - t->tsc_timestamp) >> 36 == 0;
}

// iPXE maps shared info, and the grant frames behind it, at a place of its own
// (arch/x86/drivers/xen/hvm.c), and goes on using them after one of our ops.
// A frame can be in one place only, so if we find them mapped like that, use
// them where they are: then there is nothing to put back.  Returns true if so.
static int
xen_info_share_place(void)
{
    xen_pfn_t frame[XEN_INFO_MAX_GRANT_FRAMES];
    u32 i, place;
    if (!XenInfo.frames
        || hypercall_gnttab_setup_table(XenInfo.frames, frame)
        || frame[0] - 1 >= XEN_INFO_MAX_FRAME)
        return 0;
    for (i = 1; i < XenInfo.frames; i++)
        if (frame[i] != frame[0] + i)
            return 0;
    place = (frame[0] - 1) * XEN_PAGE_SIZE;
    if (place == XenInfo.home || place == XenInfo.low
        || !xen_info_is_shared_info(place))
        return 0;
    XenInfo.shared = XenInfo.further = place;
    return 1;
}

// Map shared info and the grant table for I/O, within reach of 16-bit code if
// possible, wherever an earlier user has left them.  Returns 0 or -1.
int
xen_info_enter(void)
{
    u32 i;
    if (xen_info_find_store())
        return -1;
    if (xen_info_share_place())
        return 0;
    if (xen_info_map_pages(XenInfo.low ? XenInfo.low : XenInfo.home))
        return -1;
    XenInfo.further = XenInfo.home;
    for (i = 1; i < XenInfo.frames; i++)
        if (xen_info_map_page(XENMAPSPACE_grant_table, i, XenInfo.home))
            return -1;
    return 0;
}

// Move both to the place that stays reserved, and put memory back in low
// memory: an OS that moves the pages would leave holes there.  If they are
// anywhere else, they belong to another program and stay.
void
xen_info_leave(void)
{
    u32 i;
    if (!XenInfo.low || XenInfo.shared != XenInfo.low
        || xen_info_map_pages(XenInfo.home))
        return;
    // If there is no memory for them two pages of the guest's are missing, which
    // nobody can help.
    for (i = 0; i < 2; i++)
        hypercall_populate_physmap(XenInfo.low / XEN_PAGE_SIZE + i);
}

// May the guest use paravirtual drivers?  A toolstack that does not want it to
// leaves Xen's platform device out (xl.cfg: xen_platform_pci=0).  POST only.
static int
xen_info_has_platform_device(void)
{
    struct pci_device *pci;
    if (!runningOnXen())
        // QEMU's emulation of Xen has no such device.
        return 1;
    foreachpci(pci) {
        if (pci->vendor == XEN_INFO_PCI_VENDOR
            && pci->device == XEN_INFO_PCI_DEVICE)
            return 1;
    }
    return 0;
}

// Prepare XenInfo.  Returns 0, or -1 if there is no Xen that may be used.
int
xen_info_setup(void)
{
    u32 base = xen_info_find_cpuid_base();
    if (!base || !xen_info_has_platform_device() || hypercall_setup(base))
        return -1;
    if (xen_info_require_grant_v1() || xen_info_find_places()
        || xen_info_enter())
        return -1;
    XenInfo.frames = 1;
    XenInfo.next_gref = GNTTAB_NR_RESERVED_ENTRIES;
    XenInfo.end_gref = XEN_GRANT_ENTRIES;
    dprintf(3, "xen-blk: shared pages at %x, xenstore at %p\n"
            , XenInfo.shared, (void *)XenInfo.store);
    return 0;
}


/****************************************************************
 * Grant references
 ****************************************************************/

// Map one more grant frame; Xen extends the table.
static int
xen_info_add_grant_frame(void)
{
    if (!runningOnXen() || XenInfo.frames == XEN_INFO_MAX_GRANT_FRAMES
        || xen_info_map_page(XENMAPSPACE_grant_table, XenInfo.frames
                             , XenInfo.home))
        return -1;
    XenInfo.next_gref = XenInfo.frames++ * XEN_GRANT_ENTRIES;
    XenInfo.end_gref = XenInfo.next_gref + XEN_GRANT_ENTRIES;
    return 0;
}

// Reserve 'count' consecutive grant references, from the top of the first
// frame downwards, because an OS begins at the bottom, then in further
// frames.  POST only.  Returns the first one, or 0 if there are not enough.
u32
xen_take_grefs(u32 count)
{
    if (XenInfo.end_gref - XenInfo.next_gref < count
        && (count > XEN_GRANT_ENTRIES || xen_info_add_grant_frame()))
        return 0;
    return XenInfo.end_gref -= count;
}

// Like xen_take_grefs(), but as many as one likes, and never from frame 0: its
// bottom belongs to programs that run beside us, such as iPXE, and the rest to
// the disks.
u32
xen_take_further_grefs(u32 count)
{
    if (XenInfo.frames == 1 && xen_info_add_grant_frame())
        return 0;
    if (count <= XEN_GRANT_ENTRIES)
        return xen_take_grefs(count);
    u32 base = XenInfo.frames * XEN_GRANT_ENTRIES;
    do {
        if (xen_info_add_grant_frame())
            return 0;
    } while (XenInfo.end_gref - base < count);
    XenInfo.next_gref = base + count;
    return base;
}

// Guest-physical address of the entry of a reference.  Valid until the next
// xen_info_leave().
u32
xen_grant_entry(u32 gref)
{
    u32 place = gref < XEN_GRANT_ENTRIES ? XenInfo.shared : XenInfo.further;
    return place + XEN_PAGE_SIZE + gref * sizeof(struct grant_entry_v1);
}
