// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver uses of SeaBIOS's util.h.
#ifndef __SHADOW_UTIL_H
#define __SHADOW_UTIL_H

#include "types.h" // u32

struct drive_s;

void boot_add_hd(struct drive_s *drive, const char *desc, int prio);
void boot_add_cd(struct drive_s *drive, const char *desc, int prio);
struct drive_s *boot_next_drive(struct drive_s *prev);
const char *boot_drive_desc(struct drive_s *drive);
int boot_replace_drive(struct drive_s *old, struct drive_s *drive);
void *smbios_next(void *start, u32 length, void *prev);

#endif // util.h
