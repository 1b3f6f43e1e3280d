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
#include "blkfront/xfer.h" // xfer_settle
#include "block.h" // DTYPE_XEN_VBD
#include "config.h" // CONFIG_XEN_BLKFRONT
#include "e820map.h" // e820_list
#include "malloc.h" // malloc_low
#include "output.h" // dprintf
#include "stacks.h" // run_thread
#include "std/disk.h" // struct mbr_s
#include "string.h" // memset
#include "util.h" // boot_add_hd
#include "xen/xen_info.h" // xen_info_setup
#include "xen/xen_time.h" // xen_time_setup

// Default: disconnect after about 110 ms without an op.
#define SETUP_IDLE_TICKS 2

// What reading ahead may cost the OS: one part of its memory in so many, or
// 640 KiB in a small guest.
#define SETUP_AHEAD_PART 256
#define SETUP_MIN_AHEAD 10

// The most blocks that an int13 packet can ask for.
#define SETUP_MAX_BLOCKS 0xffff

// How many disks 16-bit code can serve.  Each takes two and a half pages of
// low memory, and grant frame 0 has references for no more than two.
#define SETUP_LOW_DISKS 2


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

// "Xen PV disk xvda, 10 GiB", "Xen PV CD-ROM hdc, 600 MiB"
static char *
setup_describe(struct vbd_s *vbd)
{
    u32 size = (u32)(vbd->sectors >> 11);
    const char *unit = "MiB";
    if (size >= 10 * 1024) {
        size >>= 10;
        unit = "GiB";
    }
    return znprintf(MAXDESCSIZE, "Xen PV %s %s, %u %s%s"
                    , vbd->cdrom ? "CD-ROM" : "disk", vbd->name, size, unit
                    , vbd->readonly && !vbd->cdrom ? ", read-only" : "");
}

static void
setup_disk(struct drive_s *drive, struct vbd_s *vbd)
{
    drive->blksize = DISK_SECTOR_SIZE;
    drive->sectors = vbd->sectors;
    drive->max_flat_size = SETUP_MAX_BLOCKS * DISK_SECTOR_SIZE;
    struct mbr_s *mbr = setup_read_mbr_sector(vbd);
    geometry_guess(drive, mbr);
    free(mbr);
}

// As SeaBIOS has other CD-ROM drives: the disc in it may change.
static void
setup_cdrom(struct drive_s *drive)
{
    drive->blksize = CDROM_SECTOR_SIZE;
    drive->sectors = ~0ULL;
    drive->max_flat_size = SETUP_MAX_BLOCKS * CDROM_SECTOR_SIZE;
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
    if (vbd->cdrom)
        setup_cdrom(&blkdrive->drive);
    else
        setup_disk(&blkdrive->drive, vbd);
    char *desc = setup_describe(vbd);
    dprintf(1, "xen-blk: %s (backend domain %d%s%s)\n", desc
            , vbd->backend_domid, vbd->trusted ? "" : ", not trusted"
            , vbd->persistent ? ", persistent" : "");
    if (vbd->block_mask) {
        vbd_log_name(vbd);
        dprintf(1, "blocks of %d bytes\n"
                , (vbd->block_mask + 1) * XEN_SECTOR_SIZE);
    }
    if (vbd->cdrom) {
        boot_add_cd(&blkdrive->drive, desc, -1);
        handover_begin(); // It has read the disc's label; POST goes on
    } else {
        boot_add_hd(&blkdrive->drive, desc, -1);
    }
    drive_add(blkdrive);
    return 0;
}


/****************************************************************
 * Setup
 ****************************************************************/

// A disk on its way through POST.
struct setup_disk_s {
    struct vbd_s *vbd;
    int tried;                  // To connect it
};

struct setup_disks_s {
    u32 count;
    struct setup_disk_s disk[];
};

// A POST thread for each disk: the backends connect in parallel, and read the
// first sectors in parallel.
static void
setup_connect(void *data)
{
    struct setup_disk_s *disk = data;
    if (!vbd_connect(disk->vbd))
        readahead_begin(disk->vbd);
    disk->tried = 1;
}

// A further thread registers them, in the order of xenstore.
static void
setup_register(void *data)
{
    struct setup_disks_s *disks = data;
    u32 i;
    for (i = 0; i < disks->count; i++) {
        struct setup_disk_s *disk = &disks->disk[i];
        while (!disk->tried)
            yield();
        if (disk->vbd->state == VBD_CONNECTED
            && setup_register_drive(disk->vbd)) {
            xfer_settle(disk->vbd);
            handover_disconnect(disk->vbd);
        }
    }
    free(disks);
}

// Set up what all disks share.  Many disks would leave no grant references for it,
// so it comes before the third; and behind the second, because 16-bit code reaches
// no grant frame but the first.
static void
setup_shared(u32 ahead)
{
    flat_setup();
    if (CONFIG_XEN_BLKFRONT_READAHEAD)
        window_setup(ahead * OPTIONS_AHEAD_PAGES);
}

// Find the disks in a list of names.  Returns NULL if there are none.
static struct setup_disks_s *
setup_find_disks(const char *names, u32 size, u32 ahead)
{
    struct setup_disks_s *disks;
    u32 pos, count = 0;
    for (pos = 0; pos < size; pos += strlen(&names[pos]) + 1)
        count++;
    disks = malloc_tmp(sizeof(*disks) + count * sizeof(disks->disk[0]));
    if (!disks)
        return NULL;
    disks->count = 0;
    for (pos = 0; pos < size; pos += strlen(&names[pos]) + 1) {
        int low = CONFIG_XEN_BLKFRONT_16BIT && disks->count < SETUP_LOW_DISKS;
        struct vbd_s *vbd = vbd_create(&names[pos], low);
        if (!vbd)
            continue;
        disks->disk[disks->count++] = (struct setup_disk_s){ vbd, 0 };
        if (disks->count == SETUP_LOW_DISKS)
            setup_shared(ahead);
    }
    if (disks->count && disks->count < SETUP_LOW_DISKS)
        setup_shared(ahead);
    if (disks->count)
        return disks;
    free(disks);
    return NULL;
}

static void
setup_init_vbds(u32 ahead)
{
    u32 size, i;
    const char *names = xenstore_directory("device/vbd", &size);
    char *ids = names ? malloc_tmp(size + 1) : NULL;
    if (!ids)
        return;
    memcpy(ids, names, size + 1);
    struct setup_disks_s *disks = setup_find_disks(ids, size, ahead);
    free(ids);
    if (!disks)
        return;
    for (i = 0; i < disks->count; i++)
        run_thread(setup_connect, &disks->disk[i]);
    run_thread(setup_register, disks);
}

// How much memory to read ahead a guest has, if its toolstack says nothing: in
// units of OPTIONS_AHEAD_PAGES.
static u32
setup_default_ahead(void)
{
    u32 pages = 0, ahead;
    int i;
    for (i = 0; i < e820_count; i++)
        if (e820_list[i].type == E820_RAM)
            pages += (u32)(e820_list[i].size >> XEN_PAGE_SHIFT);
    ahead = pages / (SETUP_AHEAD_PART * OPTIONS_AHEAD_PAGES);
    if (ahead > OPTIONS_MAX_AHEAD)
        return OPTIONS_MAX_AHEAD;
    return ahead < SETUP_MIN_AHEAD ? SETUP_MIN_AHEAD : ahead;
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
        .idle_ticks = SETUP_IDLE_TICKS, .ahead = (u8)setup_default_ahead(),
    };
    if (options_read(&options)) {
        dprintf(1, "xen-blk: switched off\n");
        return;
    }
    handover_set_idle_limit(options.idle_ticks);
    if (!pages_setup())
        setup_init_vbds(options.ahead);
}

// From now on 16-bit code may serve disks: move what it needs to where it reaches it.
// That is 28 KiB below 1 MiB.  Option ROMs come first: the ROM of a network card takes
// some 74 KiB until it has been run, and 4 KiB afterwards.  If a backend still uses
// pages, all stay where they are, for what was freed would be somebody else's.  The
// disks are closed.
static void
setup_move_low(void)
{
    struct blkfront_drive_s *drive;
    int kept = 0;
    if (!DriveList)
        return;
    for (drive = DriveList; drive; drive = drive->next)
        kept += vbd_close_pools(drive_vbd(drive));
    if (kept || pages_move_low() || xen_info_take_low()) {
        dprintf(1, "xen-blk: 16-bit code is not used: %s\n"
                , kept ? "backends keep pages" : "no memory below 1 MiB");
        return;
    }
    for (drive = DriveList; drive; drive = drive->next)
        vbd_move_low(drive_vbd(drive));
}

// POST ends: what boots next may be an OS.
void
blkfront_prepboot(void)
{
    if (!CONFIG_XEN_BLKFRONT || !Handover.open)
        return;
    handover_prepboot();
    if (CONFIG_XEN_BLKFRONT_16BIT)
        setup_move_low();
}
