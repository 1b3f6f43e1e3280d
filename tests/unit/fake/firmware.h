// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver calls in SeaBIOS, and what it told it.
#ifndef __FAKE_FIRMWARE_H
#define __FAKE_FIRMWARE_H

#include "types.h" // u32

struct disk_op_s;
struct drive_s;
struct smbios_21_entry_point;

#define FIRMWARE_DRIVES 32

struct firmware_drive_s {
    struct drive_s *drive;
    const char *desc;
    int is_cdrom;
};

// The drives that were registered, in order.
extern struct firmware_drive_s FirmwareDrives[FIRMWARE_DRIVES];
extern u32 FirmwareNrDrives;

// Drives that do not belong to the driver answer ops with this, and are
// counted.
extern int FirmwareOtherResult;
extern u32 FirmwareOtherOps;

// What hvmloader has left, and the romfile that was added last.
extern struct smbios_21_entry_point *FirmwareSmbios;
extern char FirmwareRomfile[128];
extern u32 FirmwareRomfileValue, FirmwareNrRomfiles;

// How the CPU gets to the driver; FirmwareIn16Bit is MODESEGMENT (types.h).
extern int FirmwareOnExtraStack, FirmwareInRealMode, FirmwareInVm86;
// The way to 32-bit code is closed, as to a caller in protected mode.
extern int FirmwareNoCall32;
extern u32 FirmwareCalls32;             // How often it was taken

// 18.2 Hz.
#define NS_PER_TICK 54925401ULL

// Timer ticks, where a test has started them, at each yield().
extern int FirmwareTicks;
void firmware_interrupts(void);
void firmware_missed_tick(void);
void firmware_tick(void);

void firmware_reset(void);
void firmware_log(int level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int firmware_said(const char *text);
int firmware_op_16(struct disk_op_s *op);
void firmware_int15(u16 ax);

#endif // firmware.h
