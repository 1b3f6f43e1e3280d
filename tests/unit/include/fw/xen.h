// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver uses of SeaBIOS's fw/xen.h.
#ifndef __SHADOW_FW_XEN_H
#define __SHADOW_FW_XEN_H

extern unsigned long xen_hypercall_page;

#endif // xen.h
