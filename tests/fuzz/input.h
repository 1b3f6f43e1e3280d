// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a fuzzer has thought of: bytes that decide, one after the other.
#ifndef __FUZZ_INPUT_H
#define __FUZZ_INPUT_H

#include "choose.h" // choose

// The entry of a fuzz target, as libFuzzer has it.
int LLVMFuzzerTestOneInput(const u8 *data, unsigned long size);

void input_start(const u8 *data, unsigned long size);
int input_more(void);

#endif // input.h
