// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the driver uses of SeaBIOS's hw/pic.h.
#ifndef __SHADOW_PIC_H
#define __SHADOW_PIC_H

#include "fake/guest.h" // GuestIrqMask

static inline u16
pic_irqmask_read(void)
{
    return GuestIrqMask;
}

static inline void
pic_irqmask_write(u16 mask)
{
    GuestIrqMask = mask;
}

#endif // pic.h
