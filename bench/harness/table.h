// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run has measured, in a table for the terminal.
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include <jansson.h> // json_t
#include <stdio.h> // FILE

// Prints the median of each job on each path, in us a call, in at most 80 columns.
void table_print(const json_t *results, FILE *to);

#endif
