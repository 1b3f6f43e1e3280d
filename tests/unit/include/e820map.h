// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The map of the fake guest's memory.
#ifndef __SHADOW_E820MAP_H
#define __SHADOW_E820MAP_H

#include "fake/guest.h" // guest_e820
#include <src/e820map.h>

#define e820_list guest_e820()
#define e820_count 3

#endif // e820map.h
