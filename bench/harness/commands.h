// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands of int13bench. Each gets its words, its own name first, and
// returns the exit status.
#ifndef HARNESS_COMMANDS_H
#define HARNESS_COMMANDS_H

typedef int command_fn(int argc, char **argv);

command_fn command_check; // check.c
command_fn command_run; // run.c
command_fn command_script; // script.c

#endif
