// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Who decides what comes next in a history: chance, or the bytes of a fuzzer.
// Each program has its own.
#ifndef __MODEL_CHOOSE_H
#define __MODEL_CHOOSE_H

#include "types.h" // u32

// A number below 'limit', which is not 0.
u32 choose(u32 limit);

#endif // choose.h
