// SPDX-License-Identifier: LGPL-3.0-or-later
// int13 calls. Every register that a function does not define is garbage, so
// that nothing comes to depend on it.

#include "bios.h" // bios_call
#include "disk.h"
#include "layout.h" // SECTOR_SIZE
#include "string.h" // memset

#define GARBAGE 0xdead0000

struct edd_packet {
    u8 size, zero;
    u16 count;
    struct far_pointer buffer;
    u64 lba;
    u64 flat; // EDD 3.0
} __attribute__((packed));

_Static_assert(sizeof(struct edd_packet) == 24, "EDD 3.0 packet");

#define EDD_1_SIZE 16

struct edd_parameters {
    u16 size, flags;
    u32 cylinders, heads, track_sectors;
    u64 sectors;
    u16 sector_size;
    u8 more[4];
} __attribute__((packed));

_Static_assert(sizeof(struct edd_parameters) == 30, "EDD 2.0 parameters");

static void
set_registers(u8 function, u8 drive, struct real_regs *regs)
{
    regs->eax = GARBAGE | function << 8 | (regs->eax & 0xff);
    regs->edx = GARBAGE | (regs->edx & 0xff00) | drive;
    regs->ebp = GARBAGE;
}

// Returns the carry flag.
static u8
int13(u8 function, u8 drive, struct real_regs *regs)
{
    set_registers(function, drive, regs);
    bios_call(0x13, regs);
    return regs->flags & FLAG_CF;
}

static void
int13_transfer(u8 function, u8 drive, struct real_regs *regs)
{
    set_registers(function, drive, regs);
    bios_transfer(regs);
}

static u8
status_of(const struct real_regs *regs)
{
    return (u8)(regs->eax >> 8);
}

// A function without further parameters. Returns AH, and CF in *failed.
u8
disk_function(u8 drive, u8 function, u8 *failed)
{
    struct real_regs regs = { 0 };
    *failed = int13(function, drive, &regs);
    return status_of(&regs);
}

static void
read_edd_parameters(struct disk *disk)
{
    struct real_regs regs = { .ebx = 0x55aa };
    if (int13(0x41, disk->drive, &regs) || (regs.ebx & 0xffff) != 0xaa55)
        return;
    u8 version = status_of(&regs);

    struct edd_parameters parameters = { .size = sizeof(parameters) };
    regs = (struct real_regs) { .esi = near_offset(&parameters) };
    if (int13(0x48, disk->drive, &regs))
        return;
    disk->edd_version = version;
    disk->sectors = parameters.sectors;
    disk->sector_size = parameters.sector_size;
}

// Ask the BIOS about a drive. Returns 0, or -1 if it has no such drive.
int
disk_open(u8 drive, struct disk *disk)
{
    memset(disk, 0, sizeof(*disk));
    disk->drive = drive;
    struct real_regs regs = { 0 };
    if (int13(0x08, drive, &regs))
        return -1;
    disk->cylinders = ((regs.ecx >> 8 & 0xff) | (regs.ecx << 2 & 0x300)) + 1;
    disk->heads = (regs.edx >> 8 & 0xff) + 1;
    disk->track_sectors = regs.ecx & 0x3f;
    disk->sectors = disk->cylinders * disk->heads * disk->track_sectors;
    disk->sector_size = SECTOR_SIZE;
    read_edd_parameters(disk);
    return 0;
}

// Returns 1 if the cylinders of fn 08h include this sector.
int
disk_chs_reaches(const struct disk *disk, u64 lba)
{
    return lba < disk->cylinders * disk->heads * disk->track_sectors;
}

static void
note_answer(struct transfer *transfer, const struct real_regs *regs)
{
    transfer->ah = status_of(regs);
    transfer->failed = regs->flags & FLAG_CF;
    transfer->ticks = regs->tsc_after - regs->tsc_before;
}

// A CHS transfer of AL = transfer->count sectors at this very place, which
// need not exist.
void
disk_chs_call(u8 drive, u32 cylinder, u32 head, u32 sector
              , struct transfer *transfer)
{
    struct real_regs regs = {
        .eax = transfer->count,
        .ebx = GARBAGE | transfer->buffer.offset,
        .ecx = (cylinder & 0xff) << 8 | (cylinder >> 2 & 0xc0) | sector,
        .edx = head << 8,
        .es = transfer->buffer.segment,
    };
    int13_transfer(transfer->function, drive, &regs);
    note_answer(transfer, &regs);
    transfer->moved = regs.eax & 0xff;
}

static void
chs_transfer(const struct disk *disk, struct transfer *transfer)
{
    u32 track = (u32)transfer->lba / disk->track_sectors;
    u32 sector = (u32)transfer->lba % disk->track_sectors + 1;
    disk_chs_call(disk->drive, track / disk->heads, track % disk->heads, sector
                  , transfer);
}

static void
edd_transfer(const struct disk *disk, struct transfer *transfer)
{
    struct edd_packet packet = {
        .size = EDD_1_SIZE,
        .count = (u16)transfer->count,
        .buffer = transfer->buffer,
        .lba = transfer->lba,
        .flat = ~0ULL,
    };
    if (transfer->is_flat) {
        packet.size = sizeof(packet);
        packet.buffer = (struct far_pointer) { 0xffff, 0xffff };
        packet.flat = transfer->flat;
    }
    struct real_regs regs = {
        .ebx = GARBAGE, .ecx = GARBAGE, .esi = GARBAGE | near_offset(&packet),
    };
    int13_transfer(0x40 + transfer->function, disk->drive, &regs);
    note_answer(transfer, &regs);
    transfer->moved = packet.count;
}

// Do the request and note the answer. A CHS request must lie within reach.
void
disk_transfer(const struct disk *disk, struct transfer *transfer)
{
    if (transfer->chs)
        chs_transfer(disk, transfer);
    else
        edd_transfer(disk, transfer);
}
