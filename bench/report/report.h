// SPDX-License-Identifier: LGPL-3.0-or-later
// `int13bench report`: results.json as report.md and report.html.
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

// argv[0] is "report". Returns the exit status: 0 written, 2 not.
int cmd_report(int argc, char **argv);

#endif // report.h
