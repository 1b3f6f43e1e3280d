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
// Our command line, for results.json.
char *words_joined(int argc, char **argv);

#endif
