// SPDX-License-Identifier: LGPL-3.0-or-later
// The figures of a report for other programs.
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include <stdio.h> // FILE

#include "grid.h"

// A line that names the columns.
void csv_write_head(FILE *out);
// A line for each cell that has runs. Times are in us; what is not known is empty.
void csv_write_grid(const struct grid *grid, FILE *out);

#endif // csv.h
