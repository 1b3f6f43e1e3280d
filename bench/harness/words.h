// SPDX-License-Identifier: LGPL-3.0-or-later
// The words of a command line.
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

struct word_list {
    char **words; // NULL behind the last
    int count;
};

// A word @FILE stands for the words in the file.
struct word_list words_expand(int argc, char **argv);
// How we were called, for whoever wants to do it again.
char *words_joined(int argc, char **argv);

#endif
