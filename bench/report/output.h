// SPDX-License-Identifier: LGPL-3.0-or-later
// A report's files.
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include "document.h"
#include "results.h"

// Draws all charts, and writes report.md, report.html, a folder of charts and, if
// csv, report.csv to the folder. Prints the names of the reports. False with a
// message.
bool output_write(const struct document *document, struct results *results
                  , const char *folder, bool csv, char *message, size_t size);

#endif // output.h
