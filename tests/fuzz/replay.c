// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Runs inputs through a fuzz target without a fuzzer, for compilers that have
// none: replay FILE...

#include <stdio.h> // fopen
#include "input.h" // LLVMFuzzerTestOneInput

int
main(int argc, char **argv)
{
    static u8 data[1 << 16];
    int i;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file) {
            perror(argv[i]);
            return 2;
        }
        unsigned long size = fread(data, 1, sizeof(data), file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
    }
    return 0;
}
