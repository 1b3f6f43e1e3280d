// SPDX-License-Identifier: LGPL-3.0-or-later
// The loader's C entry: finds out what there is, reads kernel and initrd to
// where they run, and starts the kernel by Linux's 32-bit boot protocol.

#include "bios.h" // physical
#include "console.h" // print
#include "io.h" // physical
#include "map.h" // struct load_map
#include "memory.h" // memory_ask
#include "reader.h" // reader_read
#include "screen.h" // give_up
#include "string.h" // memcmp

#define LOADER_UNKNOWN 0xff // of type_of_loader
#define MIB 0x100000
#define DOTS 16 // of the progress, for all that is read

void stage_main(u32 drive);
void kernel_enter(u32 entry, const struct boot_params *params)
    __attribute__((noreturn));

static struct boot_params params __attribute__((aligned(16)));

struct progress {
    u32 done, all; // sectors
};

static void
show_progress(struct progress *progress, u32 sectors)
{
    u32 part = progress->all / DOTS + 1, before = progress->done / part;
    progress->done += sectors;
    for (; before < progress->done / part; before++)
        print(".");
}

// Read all of it, or do not come back.
static void
load(struct reader *reader, const struct map_extent *extent, u32 address
     , struct progress *progress)
{
    u32 left = map_extent_sectors(extent);
    u64 lba = extent->lba;
    while (left) {
        u32 count = reader_read(reader, lba, left, address);
        if (!count)
            give_up("drive %02x: int13 status %02x at or after sector %llu:"
                    " check the disk, or install again", (u32)reader->drive
                    , (u32)reader->status, lba);
        show_progress(progress, count);
        lba += count;
        left -= count;
        address += count * SECTOR_SIZE;
    }
}

static u32
mebibytes(u64 bytes)
{
    return (u32)((bytes + MIB - 1) >> 20);
}

// Returns the end of the memory that the kernel needs: it is read to 1 MiB and
// unpacks itself there or at its preferred address.
static u64
kernel_end(const struct load_map *map)
{
    const struct setup_header *setup = bzimage_setup(map->head);
    u64 end = KERNEL_ADDR + (u64)map->kernel.bytes;
    u64 unpacked = setup->pref_address + setup->init_size;
    return unpacked > end ? unpacked : end;
}

// Returns the initrd's address, 0 if there is none.
static u32
find_places(const struct load_map *map)
{
    const struct setup_header *setup = bzimage_setup(map->head);
    u64 end = kernel_end(map), size = map_extent_sectors(&map->initrd);
    u32 address = 0;
    size *= SECTOR_SIZE;
    if (size)
        address = memory_highest(&params, (u32)size, end
                                 , (u64)setup->initrd_addr_max + 1);
    if (!memory_is_ram(&params, KERNEL_ADDR, end) || (size && !address))
        give_up("kernel and initrd need %u MiB of memory in one piece: give the"
                " machine more", mebibytes(end + size));
    return address;
}

// The kernel's own header, filled in.
static void
make_parameters(const struct load_map *map, u32 initrd)
{
    u32 end = SETUP_JUMP_OFFSET + 2 + map->head[SETUP_JUMP_OFFSET + 1];
    u8 *page = (u8 *)&params;
    if (end > __builtin_offsetof(struct boot_params, e820))
        end = __builtin_offsetof(struct boot_params, e820);
    memcpy(page + SETUP_OFFSET, map->head + SETUP_OFFSET, end - SETUP_OFFSET);
    params.setup.type_of_loader = LOADER_UNKNOWN;
    params.setup.vid_mode = 0xffff; // as it is
    params.setup.code32_start = KERNEL_ADDR;
    params.setup.cmd_line_ptr = (u32)map->command_line;
    params.setup.ramdisk_image = initrd;
    params.setup.ramdisk_size = map->initrd.bytes;
    screen_describe(&params);
}

static void
load_all(struct reader *reader, const struct load_map *map, u32 initrd)
{
    struct progress progress = {
        .all = map_extent_sectors(&map->kernel)
            + map_extent_sectors(&map->initrd),
    };
    reader_probe(reader, map->lba, map, KERNEL_ADDR);
    print("blkload: kernel ");
    load(reader, &map->kernel, KERNEL_ADDR, &progress);
    print("\nblkload: initrd ");
    load(reader, &map->initrd, initrd, &progress);
    print("\nblkload: loaded %s\n", reader->flat_sectors ? "flat"
          : "by way of low memory");
}

// Asks for the memory map twice: before the reads, to find memory, and as the
// last call, because firmware may take it as the sign that an operating system
// starts, and disconnect its disks.
void
stage_main(u32 drive)
{
    const struct load_map *map = physical(MAP_ADDR);
    struct reader reader;
    screen_setup(map->flags & MAP_DEBUG);
    print("\nblkload: %s, initrd %u MiB\n", map->name
          , mebibytes(map->initrd.bytes));
    if (memcmp(map->magic, MAP_MAGIC, sizeof(map->magic)))
        give_up("the map is not blkload's: run blkload again");
    if (memory_ask(&params))
        give_up("the BIOS reports no memory map (int15 E820)");
    u32 initrd = find_places(map);
    if (memory_open_a20())
        give_up("the BIOS does not enable A20 (int15 2401)");
    reader_setup(&reader, (u8)drive);
    load_all(&reader, map, initrd);
    make_parameters(map, initrd);
    if (memory_ask(&params))
        give_up("the BIOS no longer reports a memory map (int15 E820)");
    kernel_enter(KERNEL_ADDR, &params);
}
