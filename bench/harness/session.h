// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run was asked for and how far it came, in the folder of its results, so
// that it can be resumed.
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include "guests.h" // struct guest_list
#include "words.h" // struct word_list

// The words of the command line of the run in this folder; ends the program if
// there is none.
struct word_list session_words(const char *folder);
// How that run was called, to be freed.
char *session_command(const char *folder);
// Marks the guests that the resumed run has done already, if they were asked for
// the same as now, and removes the results of all others.
void session_begin(const struct plan *plan, struct guest_list *list);

#endif
