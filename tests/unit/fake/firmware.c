// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver calls in SeaBIOS, and what it told it.

#include <stdarg.h> // va_list
#include <stdlib.h> // getenv
#include "blkfront/blkfront.h" // blkfront_process_op
#include "block.h" // struct drive_s
#include "config.h" // ConfigSticky
#include "fake/check.h" // assert_true
#include "fake/firmware.h" // firmware_log
#include "fake/guest.h" // guest_ptr
#include "fake/world.h" // world_now
#include "fw/xen.h" // xen_smbios
#include "hw/pcidevice.h" // struct pci_device
#include "malloc.h" // malloc_tmp
#include "output.h" // znprintf
#include "romfile.h" // const_romfile_add_int
#include "stacks.h" // run_thread
#include "std/disk.h" // DISK_RET_EPARAM
#include "std/smbios.h" // struct smbios_structure_header
#include "string.h" // strstr
#include "util.h" // boot_add_hd

struct firmware_drive_s FirmwareDrives[FIRMWARE_DRIVES];
u32 FirmwareNrDrives;
int ConfigSticky, Config16Bit, ConfigReadahead;
int FirmwareIn16Bit, FirmwareOnExtraStack, FirmwareInRealMode;
int FirmwareInVm86, FirmwareOtherResult;
u32 FirmwareOtherOps;
int FirmwareNoCall32, FirmwareTicks;
u32 FirmwareCalls32;

struct pci_device FirmwarePciDevice;

struct smbios_21_entry_point *FirmwareSmbios;
char FirmwareRomfile[128];
u32 FirmwareRomfileValue, FirmwareNrRomfiles;

static u64 NextTick;

static char Log[1 << 16];
static u32 LogLen;

void
firmware_reset(void)
{
    FirmwareNrDrives = 0;
    FirmwarePciDevice = (struct pci_device) { 0x5853, 1 };
    ConfigSticky = Config16Bit = 1;
    FirmwareIn16Bit = FirmwareNoCall32 = FirmwareTicks = 0;
    FirmwareOnExtraStack = FirmwareInRealMode = 1;
    FirmwareCalls32 = FirmwareOtherOps = 0;
    FirmwareInVm86 = FirmwareOtherResult = 0;
    FirmwareSmbios = NULL;
    FirmwareRomfile[0] = '\0';
    FirmwareNrRomfiles = 0;
    NextTick = 0;
    LogLen = 0;
    Log[0] = '\0';
}

// The debug port.  LOG=1 in the environment shows it.
void
firmware_log(int level, const char *fmt, ...)
{
    va_list args;
    char line[512];
    va_start(args, fmt);
    int len = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (getenv("LOG"))
        fprintf(stderr, "%d: %s", level, line);
    if (LogLen + (u32)len >= sizeof(Log))
        LogLen = 0;
    memcpy(&Log[LogLen], line, (u32)len + 1);
    LogLen += (u32)len;
}

// Whether the text is in what was logged since the last reset.
int
firmware_said(const char *text)
{
    return strstr(Log, text) != NULL;
}

char *
znprintf(size_t size, const char *fmt, ...)
{
    va_list args;
    char *text = malloc_tmp((u32)size);
    if (!text)
        return NULL;
    va_start(args, fmt);
    vsnprintf(text, size, fmt, args);
    va_end(args);
    return text;
}

void
run_thread(void (*func)(void *), void *data)
{
    func(data);
}

void
wait_threads(void)
{
}

static void
add_drive(struct drive_s *drive, const char *desc, int is_cdrom)
{
    assert_true(FirmwareNrDrives < FIRMWARE_DRIVES);
    FirmwareDrives[FirmwareNrDrives++] = (struct firmware_drive_s) {
        drive, desc, is_cdrom,
    };
}

void
boot_add_hd(struct drive_s *drive, const char *desc, int prio)
{
    (void)prio;
    add_drive(drive, desc, 0);
}

// SeaBIOS looks for a boot record, and shows the label if there is one.
void
boot_add_cd(struct drive_s *drive, const char *desc, int prio)
{
    u8 test_unit_ready[16] = { 0 };
    struct disk_op_s *op = malloc_low(sizeof(*op));
    (void)prio;
    add_drive(drive, desc, 1);
    if (drive->type != DTYPE_XEN_VBD || !op)
        return;
    *op = (struct disk_op_s) {
        .drive_fl = drive, .command = CMD_SCSI, .cdbcmd = test_unit_ready,
    };
    assert_int_equal(blkfront_process_op(op), DISK_RET_SUCCESS);
    u8 *block = malloc_tmp(CDROM_SECTOR_SIZE);
    *op = (struct disk_op_s) {
        .drive_fl = drive, .command = CMD_READ, .lba = 0x11, .count = 1,
        .buf_fl = block,
    };
    blkfront_process_op(op);
    free(block);
    free(op);
}

struct drive_s *
boot_next_drive(struct drive_s *prev)
{
    u32 i = 0;
    if (prev)
        while (FirmwareDrives[i++].drive != prev)
            assert_true(i < FirmwareNrDrives);
    return i < FirmwareNrDrives ? FirmwareDrives[i].drive : NULL;
}

// The place of a drive in the boot order, or FirmwareNrDrives.
static u32
find_drive(const struct drive_s *drive)
{
    u32 i;
    for (i = 0; i < FirmwareNrDrives; i++)
        if (FirmwareDrives[i].drive == drive)
            break;
    return i;
}

const char *
boot_drive_desc(struct drive_s *drive)
{
    return FirmwareDrives[find_drive(drive)].desc;
}

int
boot_replace_drive(struct drive_s *old, struct drive_s *drive)
{
    u32 place = find_drive(old), i = find_drive(drive);
    if (place == FirmwareNrDrives || i == FirmwareNrDrives
        || FirmwareDrives[place].is_cdrom != FirmwareDrives[i].is_cdrom)
        return -1;
    FirmwareDrives[place] = FirmwareDrives[i];
    FirmwareNrDrives--;
    memmove(&FirmwareDrives[i], &FirmwareDrives[i + 1]
            , (FirmwareNrDrives - i) * sizeof(FirmwareDrives[0]));
    return 0;
}

// SeaBIOS answers the ops that need no driver; tests look only at what is
// passed on.
int
default_process_op(struct disk_op_s *op)
{
    (void)op;
    return DISK_RET_EPARAM;
}


/****************************************************************
 * Settings
 ****************************************************************/

struct smbios_21_entry_point *
xen_smbios(void)
{
    return FirmwareSmbios;
}

// As SeaBIOS's.
void *
smbios_next(void *start, u32 length, void *prev)
{
    u8 *end = (u8 *)start + length, *next = prev ? prev : start;
    struct smbios_structure_header *header = prev;
    if (prev) {
        next += header->length + 2;
        while (next < end && (next[-1] || next[-2]))
            next++;
    }
    header = (void *)next;
    if (next >= end || next + sizeof(*header) >= end
        || next + header->length >= end)
        return NULL;
    return next;
}

void
const_romfile_add_int(char *name, u32 value)
{
    assert_true(strlen(name) < sizeof(FirmwareRomfile));
    memcpy(FirmwareRomfile, name, strlen(name) + 1);
    FirmwareRomfileValue = value;
    FirmwareNrRomfiles++;
}


/****************************************************************
 * 16-bit code
 ****************************************************************/

void
firmware_assert16(void)
{
    assert_true(FirmwareIn16Bit);
}

int
on_extra_stack(void)
{
    return FirmwareOnExtraStack;
}

// Begin a call from one sort of code to the other.  Returns what ends it.
static int
enter_mode(int in_16bit)
{
    int was = FirmwareIn16Bit;
    FirmwareIn16Bit = in_16bit;
    return was;
}

int
firmware_call32(void (*func)(int), u32 eax, int errret)
{
    assert_true(FirmwareIn16Bit);
    FirmwareCalls32++;
    if (FirmwareNoCall32)
        return errret;
    enter_mode(0);
    func((int)eax);
    enter_mode(1);
    return 0;
}

int
firmware_call32_plain(void (*func)(void), u32 eax, int errret)
{
    (void)eax;
    assert_true(FirmwareIn16Bit);
    FirmwareCalls32++;
    if (FirmwareNoCall32)
        return errret;
    enter_mode(0);
    func();
    enter_mode(1);
    return 0;
}

int
firmware_call32_op(int (*func)(struct disk_op_s *), u32 eax, int errret)
{
    assert_true(FirmwareIn16Bit);
    FirmwareCalls32++;
    if (FirmwareNoCall32)
        return errret;
    enter_mode(0);
    int ret = func(guest_ptr(eax));
    enter_mode(1);
    return ret;
}

// Where SeaBIOS's own dispatch of 32-bit code arrives.
int
process_op_32(struct disk_op_s *op)
{
    return blkfront_process_op(op);
}

// Other drives, from either sort of code.
int
process_op(struct disk_op_s *op)
{
    assert_int_not_equal(op->drive_fl->type, DTYPE_XEN_VBD);
    FirmwareOtherOps++;
    return FirmwareOtherResult;
}

// int13, as SeaBIOS's 16-bit code has prepared it.
int
firmware_op_16(struct disk_op_s *op)
{
    int was = enter_mode(1);
    int ret = blkfront_process_op_16(op);
    enter_mode(was);
    return ret;
}

void
firmware_int15(u16 ax)
{
    int was = enter_mode(1);
    blkfront_int15(ax);
    enter_mode(was);
}

// Ticks that were missed come at once when the guest gets the CPU back.
void
firmware_missed_tick(void)
{
    int was = enter_mode(1);
    blkfront_tick();
    enter_mode(was);
}

void
firmware_tick(void)
{
    world_sleep(NS_PER_TICK);
    firmware_missed_tick();
}

// What yield() lets in: the ticks since the last time are one.
void
firmware_interrupts(void)
{
    if (!FirmwareTicks || world_now() < NextTick)
        return;
    NextTick = world_now() + NS_PER_TICK;
    firmware_missed_tick();
}
