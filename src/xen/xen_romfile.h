// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Settings of SeaBIOS from a toolstack.
#ifndef __XEN_ROMFILE_H
#define __XEN_ROMFILE_H

void xen_romfile_setup(void);

#endif // xen_romfile.h
