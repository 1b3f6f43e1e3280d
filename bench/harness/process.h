// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs other programs, and returns what they print and their exit status.
#ifndef HARNESS_PROCESS_H
#define HARNESS_PROCESS_H

// A shell command's output, to be freed; NULL if it fails.
char *process_output(const char *command);
// Runs a program with these words and waits for it. Returns its exit status,
// -1 if there is none.
int process_run(char *const words[]);
// Like process_run(), but gives each line of its standard error to take(),
// which may change it.
// A signal that ends programs ends that one first, and process_signal() is it.
typedef void line_fn(void *user, char *line);
int process_watch(char *const words[], line_fn *take, void *user);

// From now on, such signals do not end us, but what process_watch() runs.
void process_catch_signals(void);
// The signal that came, 0 if none did.
int process_signal(void);

#endif
