// SPDX-License-Identifier: LGPL-3.0-or-later
//
// SeaBIOS's own malloc.h; its free() is not the C library's.
#ifndef __SHADOW_MALLOC_H
#define __SHADOW_MALLOC_H

#include "types.h" // u32, before SeaBIOS's own

#define free(data) guest_free(data)
#define LegacyRamSize GuestRamEnd
#include <src/malloc.h>

#endif // malloc.h
