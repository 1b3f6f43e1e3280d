// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands for gnuplot that draw a chart.
#ifndef REPORT_SCRIPT_H
#define REPORT_SCRIPT_H

#include <stdio.h> // FILE

#include "chart.h"

// The commands for one chart, to be drawn to that file as SVG.
void script_chart(FILE *out, const struct chart *chart
                  , const char *svg);

#endif // script.h
