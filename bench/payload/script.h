// SPDX-License-Identifier: LGPL-3.0-or-later
// The payload's script language: one command a line, key=value words, '#'
// starts a comment. Parsed in place by the payload and the host tool alike.
#ifndef PAYLOAD_SCRIPT_H
#define PAYLOAD_SCRIPT_H

#include "types.h" // u32

#define SCRIPT_WORDS 20

struct script_word {
    const char *key;
    const char *value; // "" for a word without '='
    u8 used;
};

struct script_line {
    const char *name; // the command
    const char *error; // key of the first word whose value makes no sense
    u32 count;
    struct script_word words[SCRIPT_WORDS];
};

// A far pointer as it is written in a script and handed to the BIOS.
struct far_pointer {
    u16 offset;
    u16 segment;
};

int script_next(char **cursor, struct script_line *line);
const char *script_text_of(struct script_line *line, const char *key);
int script_is(struct script_line *line, const char *key, const char *value);
const char *script_parse_number(const char *text, u32 base, u64 *number);
u32 script_decimal(struct script_line *line, const char *key, u32 missing);
u32 script_hex(struct script_line *line, const char *key, u32 missing);
u64 script_address(struct script_line *line, const char *key, u64 missing);
u64 script_lba(struct script_line *line, const char *key, u64 disk_end
               , u64 missing);
u8 script_drive(struct script_line *line, u8 boot_drive);
struct far_pointer script_buffer(struct script_line *line
                                 , struct far_pointer missing);
const char *script_bad_word(const struct script_line *line);

#endif
