// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Xen PV block frontend: find the disks and register them with SeaBIOS.
// 32-bit code, most of it for POST only.

#include "blkfront/blkfront.h" // blkfront_setup
#include "blkfront/drive.h" // struct blkfront_drive_s
#include "blkfront/handover.h" // handover_setup
#include "blkfront/internal.h" // flat_setup
#include "blkfront/op.h" // struct op_s
#include "blkfront/vbd.h" // vbd_connect
#include "block.h" // DTYPE_XEN_VBD
#include "config.h" // CONFIG_XEN_BLKFRONT
#include "malloc.h" // malloc_low
#include "output.h" // dprintf
#include "stacks.h" // run_thread
#include "std/disk.h" // struct mbr_s
#include "string.h" // memset
#include "util.h" // boot_add_hd
#include "xen/xen_info.h" // xen_info_setup
#include "xen/xen_time.h" // xen_time_setup

// Defaults: disconnect after about 110 ms without an op, read ahead if built
// in.
#define SETUP_IDLE_TICKS 2
#define SETUP_AHEAD_PAGES                                            \
    (CONFIG_XEN_BLKFRONT_READAHEAD ? STREAM_WINDOW_PAGES : 0)

// The most that an int13 packet can ask for.
#define SETUP_MAX_FLAT_SIZE (0xffff * DISK_SECTOR_SIZE)

// How many disks 16-bit code can serve.  Each takes two and a half pages of
// low memory, and grant frame 0 has references for no more than two.
#define SETUP_LOW_DISKS 2

// How many disks are read ahead.  Each takes 520 KiB.
#define SETUP_AHEAD_DISKS 2


/****************************************************************
 * Register
 ****************************************************************/

// Read the first sector, from which the geometry may follow.  The caller frees
// it.  Returns NULL if the read fails.
static struct mbr_s *
setup_read_mbr_sector(struct vbd_s *vbd)
{
    struct mbr_s *mbr = memalign_tmphigh(DISK_SECTOR_SIZE, sizeof(*mbr));
    if (!mbr)
        return NULL;
    struct op_s op = { .addr = machine_phys(mbr), .count = 1 };
    if (!op32_run(vbd, &op))
        return mbr;
    free(mbr);
    return NULL;
}

// "Xen PV disk xvda, 10 GiB"
static char *
setup_describe(struct vbd_s *vbd)
{
    u32 size = (u32)(vbd->sectors >> 11);
    const char *unit = "MiB";
    if (size >= 10 * 1024) {
        size >>= 10;
        unit = "GiB";
    }
    return znprintf(MAXDESCSIZE, "Xen PV disk %s, %u %s%s", vbd->name, size
                    , unit, vbd->readonly ? ", read-only" : "");
}

static int
setup_register_drive(struct vbd_s *vbd)
{
    struct blkfront_drive_s *blkdrive = malloc_low(sizeof(*blkdrive));
    if (!blkdrive) {
        warn_noalloc();
        return -1;
    }
    memset(blkdrive, 0, sizeof(*blkdrive));
    blkdrive->vbd = machine_phys(vbd);
    blkdrive->drive.type = DTYPE_XEN_VBD;
    blkdrive->drive.cntl_id = vbd->device;
    blkdrive->drive.blksize = DISK_SECTOR_SIZE;
    blkdrive->drive.sectors = vbd->sectors;
    blkdrive->drive.max_flat_size = SETUP_MAX_FLAT_SIZE;
    struct mbr_s *mbr = setup_read_mbr_sector(vbd);
    geometry_guess(&blkdrive->drive, mbr);
    free(mbr);
    char *desc = setup_describe(vbd);
    dprintf(1, "xen-blk: %s (backend domain %d%s%s)\n", desc
            , vbd->backend_domid, vbd->trusted ? "" : ", not trusted"
            , vbd->persistent ? ", persistent" : "");
    boot_add_hd(&blkdrive->drive, desc, -1);
    drive_add(blkdrive);
    return 0;
}


/****************************************************************
 * Setup
 ****************************************************************/

// A POST thread for each disk: the backends connect in parallel.
static void
setup_init_vbd(void *data)
{
    struct vbd_s *vbd = data;
    if (vbd_connect(vbd))
        return;
    if (setup_register_drive(vbd))
        handover_disconnect(vbd);
}

static void
setup_init_vbds(u32 ahead_pages)
{
    struct vbd_s *first[SETUP_AHEAD_DISKS];
    u32 size, pos, i, count = 0;
    const char *names = xenstore_directory("device/vbd", &size);
    char *ids = names ? malloc_tmp(size + 1) : NULL;
    if (!ids)
        return;
    memcpy(ids, names, size + 1);
    for (pos = 0; pos < size; pos += strlen(&ids[pos]) + 1) {
        int low = CONFIG_XEN_BLKFRONT_16BIT && count < SETUP_LOW_DISKS;
        struct vbd_s *vbd = vbd_create(&ids[pos], low);
        if (!vbd)
            continue;
        if (count < SETUP_AHEAD_DISKS)
            first[count] = vbd;
        count++;
        run_thread(setup_init_vbd, vbd);
    }
    free(ids);
    if (count)
        flat_setup();
    if (CONFIG_XEN_BLKFRONT_READAHEAD && ahead_pages)
        for (i = 0; i < count && i < SETUP_AHEAD_DISKS; i++)
            window_setup(first[i], ahead_pages);
}

void
blkfront_setup(void)
{
    ASSERT32FLAT();
    if (!CONFIG_XEN_BLKFRONT)
        return;
    dprintf(3, "init xen-blk\n");
    if (xen_info_setup())
        return;
    xen_time_setup();
    handover_setup();
    if (xenstore_setup())
        return;
    struct options_s options = {
        .idle_ticks = SETUP_IDLE_TICKS, .ahead_pages = SETUP_AHEAD_PAGES,
    };
    if (options_read(&options)) {
        dprintf(1, "xen-blk: switched off\n");
        return;
    }
    handover_set_idle_limit(options.idle_ticks);
    if (!pages_setup())
        setup_init_vbds(options.ahead_pages);
}

// POST ends: what boots next may be an OS.
void
blkfront_prepboot(void)
{
    if (CONFIG_XEN_BLKFRONT && Handover.open)
        handover_prepboot();
}
