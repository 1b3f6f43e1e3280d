// SPDX-License-Identifier: LGPL-3.0-or-later
// fio's options: how fio reads the value of each, and what it means for int13.
#ifndef HARNESS_FIOOPTION_H
#define HARNESS_FIOOPTION_H

struct fio_job;

enum value_kind {
    VALUE_FLAG, // a number or nothing
    VALUE_OPTIONAL, // a text or nothing
    VALUE_BOOL,
    VALUE_INT, // with units of bytes, within least and most
    VALUE_SIZES, // "4k,8k", of at least least
    VALUE_SPLIT, // "4k/50:8k/50"
    VALUE_TIME,
    VALUE_TEXT,
    VALUE_CHOICE, // of the words in choices
    VALUE_CPUS, // "0-3,5"
    VALUE_PATTERN, // "0xdead"
    VALUE_PERCENTILES, // "50:99.9"
    VALUE_ANY, // fio has rules of its own for it
};

enum effect {
    EFFECT_TAKEN, // take() sets it in the job
    EFFECT_NONE, // no change of the work: a note says so
    EFFECT_REFUSED, // unless the value is off
    EFFECT_REFUSED_WRITING, // the same, of jobs that write
    EFFECT_REFUSED_RANDOM, // the same, of random jobs
    EFFECT_REFUSED_DEPTH, // the same, if the engine has several calls in flight
};

struct option_rule {
    const char *name, *alias; // alias may be NULL
    enum value_kind kind;
    enum effect effect;
    const char *why; // it has no effect, or what to do instead; or NULL
    const char *off; // the value with which it does nothing; NULL: 0, or 1 if
                     // that is the least
    long long least, most; // of VALUE_INT; most 0: any
    const char *choices; // " word word "
    const char *engine; // it is an option of that one alone
    // Returns NULL, or what is wrong with the value.
    const char *(*take)(struct fio_job *job, const char *value);
};

// Returns the rule of an option, NULL if fio has no option of that name.
const struct option_rule *fio_option_find(const char *name);
// The name that is most like it, NULL if none is.
const char *fio_option_like(const char *name);
// Returns NULL if fio takes the value, else why not. value may be NULL.
const char *fio_value_check(const struct option_rule *rule, const char *value
                            , unsigned kb_base);
// Does the option do nothing with this value?
int fio_value_is_off(const struct option_rule *rule, const char *value
                     , unsigned kb_base);

// Those that int13 can follow: joboption.c
extern const struct option_rule job_options[];
extern const unsigned job_option_count;

#endif
