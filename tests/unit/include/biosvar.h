// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Variables and pointers of 16-bit code.  Here all are in reach; what is not
// the guest's memory has no flat address.
#ifndef __SHADOW_BIOSVAR_H
#define __SHADOW_BIOSVAR_H

#include "fake/guest.h" // guest_phys

#define GET_GLOBAL(var) (var)
#define GET_LOW(var) (var)
#define SET_LOW(var, val) ((void)((var) = (val)))
#define GET_FLATPTR(var) (var)
#define SET_FLATPTR(var, val) ((void)((var) = (val)))
#define MAKE_FLATPTR(seg, ptr) guest_phys(ptr)
#define SET_SEG(seg, value) ((void)(value))
#define GET_SEG(seg) 0

static inline u16
get_ebda_seg(void)
{
    return (u16)(GuestConventionalEnd >> 4);
}

#endif // biosvar.h
