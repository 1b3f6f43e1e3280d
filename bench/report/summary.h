// SPDX-License-Identifier: LGPL-3.0-or-later
// The few figures that README.md has of results.
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "document.h"
#include "grid.h"

// Adds the table of what a call costs by its size, and in a boot. The heading
// names the Xen, as results_xen() does. Returns false if no figure of it is known, and
// there is no table then.
bool summary_table(struct document *document, const char *xen
                   , const struct grid *grid);

// Adds which share of a boot's int13 time reconnects are, if a grid has what one
// takes and a grid, maybe another one, has the boot. Returns true if so.
bool summary_reconnects(struct document *document, const struct grid *grids
                        , size_t count);

// `int13bench summary`: argv[0] is "summary". Returns the exit status: 0 printed, 2
// not.
int cmd_summary(int argc, char **argv);

#endif // summary.h
