// SPDX-License-Identifier: LGPL-3.0-or-later
// One run at a time in a folder of results.
#ifndef HARNESS_LOCK_H
#define HARNESS_LOCK_H

// Makes the folder and locks it until this process and all that it starts have
// ended. Ends the program, with a message that says who has the folder and since
// when, if another run does.
void lock_take(const char *folder, const char *command);

#endif
