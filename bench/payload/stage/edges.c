// SPDX-License-Identifier: LGPL-3.0-or-later
// The command edges: the borders of a disk and of the int13 interface. Calls
// that must fail must say so, and must leave memory alone.

#include "bios.h" // near_offset
#include "buffer.h" // buffer_prepare
#include "commands.h"
#include "console.h" // print
#include "report.h" // transfer_fail
#include "spec.h" // MAX_CALL_SECTORS

#define STATUS_WRITE_PROTECT 0x03
#define QUICK_TICKS (1u << 28) // well under a second on any TSC

static const struct far_pointer edge_buffer = { 0, 0x2000 };

static u32 edge_count;

static void
edge(int ok)
{
    edge_count++;
    if (ok)
        check_pass();
}

// A refused call: legal is how many sectors the disk has of those asked for.
static int
refused(const struct disk *disk, const struct transfer *transfer, u32 legal)
{
    if (!transfer->failed || !transfer->ah) {
        transfer_fail(disk, transfer, "should have failed");
        return 0;
    }
    if (legal && !transfer->chs && transfer->moved > legal) {
        transfer_fail(disk, transfer, "claims sectors that do not exist");
        return 0;
    }
    return buffer_canaries(disk, transfer)
        && buffer_untouched(disk, transfer, legal);
}

// Must succeed if the disk has all the sectors (legal == count), else fail.
static void
edd_edge(const struct disk *disk, u8 function, u64 lba, u32 count, u32 legal)
{
    struct transfer transfer = {
        .function = function, .lba = lba, .count = count,
        .buffer = edge_buffer,
    };
    buffer_prepare(&transfer);
    disk_transfer(disk, &transfer);
    if (legal < count)
        edge(refused(disk, &transfer, legal));
    else
        edge(transfer_succeeded(disk, &transfer)
             && buffer_canaries(disk, &transfer));
}

static void
chs_edge(const struct disk *disk, u8 function, u32 cylinder, u32 head
         , u32 sector, u32 count, int exists)
{
    struct transfer transfer = {
        .function = function, .chs = 1, .count = count, .buffer = edge_buffer,
    };
    buffer_prepare(&transfer);
    disk_chs_call(disk->drive, cylinder, head, sector, &transfer);
    if (exists)
        edge(transfer_succeeded(disk, &transfer)
             && buffer_canaries(disk, &transfer));
    else
        edge(refused(disk, &transfer, 0));
}

static void
edd_edges(const struct disk *disk)
{
    u64 end = disk->sectors;
    edd_edge(disk, FN_READ, 0, 1, 1);
    edd_edge(disk, FN_READ, 0, MAX_CALL_SECTORS, MAX_CALL_SECTORS);
    edd_edge(disk, FN_READ, end - 1, 1, 1);
    edd_edge(disk, FN_READ, end - MAX_CALL_SECTORS, MAX_CALL_SECTORS
             , MAX_CALL_SECTORS);
    edd_edge(disk, FN_READ, 0, 0, 0);

    // Across and beyond the end.
    edd_edge(disk, FN_READ, end - 1, 2, 1);
    edd_edge(disk, FN_READ, end - 127, 128, 127);
    edd_edge(disk, FN_READ, end, 1, 0);
    edd_edge(disk, FN_WRITE, end, 1, 0);
    edd_edge(disk, FN_READ, end + 1, 1, 0);
    edd_edge(disk, FN_READ, ~0ULL, 1, 0);
    edd_edge(disk, FN_READ, ~0ULL, 2, 0); // LBA + count wraps
    edd_edge(disk, FN_READ, 1ULL << 63, 1, 0);
    edd_edge(disk, FN_READ, 1ULL << 55, 1, 0); // wraps when made bytes
    if (end <= 0xffffffff) {
        edd_edge(disk, FN_READ, 0xffffffff, 1, 0);
        edd_edge(disk, FN_READ, 1ULL << 32, 1, 0); // LBA 0 to 32 bits
    }

    // More than one call may move.
    edd_edge(disk, FN_READ, 0, MAX_CALL_SECTORS + 1, 0);
    edd_edge(disk, FN_READ, 0, 0x1000, 0);
    edd_edge(disk, FN_READ, 0, 0xffff, 0);

    edd_edge(disk, FN_VERIFY, 0, 1, 1);
    edd_edge(disk, FN_VERIFY, end - 1, 1, 1);
    edd_edge(disk, FN_VERIFY, end, 1, 0);
}

static void
chs_edges(const struct disk *disk)
{
    chs_edge(disk, FN_READ, 0, 0, 1, 1, 1);
    chs_edge(disk, FN_READ, disk->cylinders - 1, disk->heads - 1
             , disk->track_sectors, 1, 1);
    chs_edge(disk, FN_READ, 0, 0, 1, MAX_CALL_SECTORS, 1);
    chs_edge(disk, FN_VERIFY, 0, 0, 1, 1, 1);

    chs_edge(disk, FN_READ, 0, 0, 0, 1, 0); // sectors count from 1
    chs_edge(disk, FN_READ, 0, 0, 1, 0, 0);
    chs_edge(disk, FN_READ, 0, 0, 1, MAX_CALL_SECTORS + 1, 0);
    chs_edge(disk, FN_READ, 0, 0, 1, 0xff, 0);
    if (disk->cylinders < 1023) // fn 08h hides the last cylinder
        chs_edge(disk, FN_READ, 1023, 0, 1, 1, 0);
    if (disk->heads < 256)
        chs_edge(disk, FN_READ, 0, 255, 1, 1, 0);
    if (disk->track_sectors < 63)
        chs_edge(disk, FN_READ, 0, 0, 63, 1, 0);
}

static void
function_edge(u8 drive, u8 function, u8 failed, u8 ah)
{
    u8 got_failed, got_ah = disk_function(drive, function, &got_failed);
    int ok = got_failed == failed && got_ah == ah;
    if (!ok)
        check_fail("fn %02x drive=%02x: cf=%u ah=%02x, expected cf=%u ah=%02x"
                   , function, drive, got_failed, got_ah, failed, ah);
    edge(ok);
}

// Reset, ready, and the status that the next call can ask for.
static void
status_edges(const struct disk *disk)
{
    struct transfer bad = {
        .function = FN_READ, .lba = disk->sectors, .count = 1,
        .buffer = edge_buffer,
    };
    function_edge(disk->drive, 0x00, 0, 0);
    function_edge(disk->drive, 0x01, 0, 0);
    disk_transfer(disk, &bad);
    function_edge(disk->drive, 0x01, bad.failed, bad.ah);
    function_edge(disk->drive, 0x10, 0, 0);
    function_edge(disk->drive, 0x15, 0, 3); // a hard disk
}

static void
missing_drive_edge(u8 drive)
{
    struct disk disk = { .drive = drive };
    struct transfer transfer = {
        .function = FN_READ, .count = 1, .buffer = edge_buffer,
    };
    buffer_prepare(&transfer);
    disk_transfer(&disk, &transfer);
    int ok = refused(&disk, &transfer, 0);
    if (ok && transfer.ticks > QUICK_TICKS) {
        transfer_fail(&disk, &transfer, "took too long to be refused");
        ok = 0;
    }
    edge(ok);
    function_edge(drive, 0x08, 1, 0x01);
}

static void
write_protect_edge(const struct disk *disk, u8 chs)
{
    struct transfer transfer = {
        .function = FN_WRITE, .chs = chs, .lba = chs ? 0 : disk->sectors - 1,
        .count = 1, .buffer = edge_buffer,
    };
    buffer_prepare(&transfer);
    disk_transfer(disk, &transfer);
    int ok = refused(disk, &transfer, 0);
    if (ok && transfer.ah != STATUS_WRITE_PROTECT) {
        transfer_fail(disk, &transfer, "not the write-protect status");
        ok = 0;
    }
    edge(ok);
}

void
command_edges(struct script_line *line)
{
    struct disk disk;
    if (open_disk(line, &disk))
        return;
    int readonly = script_decimal(line, "readonly", 0) != 0;
    if (check_words(line))
        return;
    edge_count = 0;
    edd_edges(&disk);
    chs_edges(&disk);
    status_edges(&disk);
    missing_drive_edge(0x8f);
    missing_drive_edge(0xff);
    if (readonly) {
        write_protect_edge(&disk, 0);
        write_protect_edge(&disk, 1);
    }
    print("edges drive=%02x checks=%u", disk.drive, edge_count);
}
