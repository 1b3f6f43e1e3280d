// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The driver's own pages for data, shared by all disks: SeaBIOS has one op in
// flight.

#include "biosvar.h" // get_ebda_seg
#include "blkfront/internal.h" // pages_alloc_low
#include "malloc.h" // memalign_high
#include "output.h" // warn_noalloc
#include "string.h" // memset
#include "xen/machine.h" // machine_phys
#include "xen/xen_abi.h" // XEN_PAGE_SIZE

struct pages_s Pages VARLOW;

// Memory in reach of 16-bit code if that is wanted and there is some left,
// else above 1 MiB.  POST only.  Returns NULL if there is none.
void *
pages_alloc_low(u32 align, u32 size, int wanted)
{
    void *mem = wanted ? memalign_low(align, size) : NULL;
    return mem ? mem : memalign_high(align, size);
}

// Note where memory below 640 KiB ends that is not SeaBIOS's: at the extended BIOS
// data area, as long as nobody else moves that.  POST only.
void
pages_note_low_end(void)
{
    u32 end = get_ebda_seg() << 4;
    Pages.low_end = ALIGN_DOWN(end < 0xa0000 ? end : 0xa0000, XEN_PAGE_SIZE);
}

// Allocate the pages, cleared: a backend gets to see them.  POST only.
// Returns 0, or -1 without memory.
int
pages_setup(void)
{
    u32 size = PAGES_BOUNCE * XEN_PAGE_SIZE;
    void *bounce = memalign_high(XEN_PAGE_SIZE, size);
    void *scratch = memalign_high(XEN_PAGE_SIZE, XEN_PAGE_SIZE);
    if (!bounce || !scratch) {
        warn_noalloc();
        free(bounce);
        free(scratch);
        return -1;
    }
    memset(bounce, 0, size);
    memset(scratch, 0, XEN_PAGE_SIZE);
    pages_note_low_end();
    Pages.bounce = machine_phys(bounce);
    Pages.scratch = machine_phys(scratch);
    return 0;
}

// Have the scratch page within reach of 16-bit code, while it is not shared.
// POST only.  Returns 0, or -1 without memory, with the page where it was.
int
pages_move_low(void)
{
    void *scratch = memalign_low(XEN_PAGE_SIZE, XEN_PAGE_SIZE);
    if (!scratch)
        return -1;
    memset(scratch, 0, XEN_PAGE_SIZE);
    free(machine_ptr(Pages.scratch));
    Pages.scratch = machine_phys(scratch);
    return 0;
}
