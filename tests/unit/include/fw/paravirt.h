// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver uses of SeaBIOS's fw/paravirt.h.
#ifndef __SHADOW_FW_PARAVIRT_H
#define __SHADOW_FW_PARAVIRT_H

int runningOnXen(void);

#endif // paravirt.h
