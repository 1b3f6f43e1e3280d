// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver uses of SeaBIOS's fw/xen.h.
#ifndef __SHADOW_FW_XEN_H
#define __SHADOW_FW_XEN_H

struct smbios_21_entry_point;

extern unsigned long xen_hypercall_page;

struct smbios_21_entry_point *xen_smbios(void);

#endif // xen.h
