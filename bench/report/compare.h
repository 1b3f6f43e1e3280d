// SPDX-License-Identifier: LGPL-3.0-or-later
// `int13bench compare`: what changed between two results.
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

// argv[0] is "compare". Returns the exit status: 0 no regression, 1 at least
// one, 2 nothing that can be compared.
int cmd_compare(int argc, char **argv);

#endif // compare.h
