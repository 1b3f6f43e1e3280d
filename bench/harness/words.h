// SPDX-License-Identifier: LGPL-3.0-or-later
// The words of a command line, and what was meant by a wrong one.
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

struct word_list {
    char **words; // NULL behind the last; each is a copy
    int count;
};

// A word @FILE stands for the words in the file.
struct word_list words_expand(int argc, char **argv);
// A copy of the list and of its words, which may then be changed.
struct word_list words_copy(const struct word_list *list);
void words_free(struct word_list *list);
// Our command line, for results.json.
char *words_joined(int argc, char **argv);

// The word that is most like another one, of those that are tried.
struct nearest {
    const char *wanted;
    const char *word; // NULL as long as none is like it
    unsigned distance;
};

struct nearest nearest_to(const char *wanted);
void nearest_try(struct nearest *nearest, const char *word);

#endif
