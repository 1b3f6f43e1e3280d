// SPDX-License-Identifier: LGPL-3.0-or-later
// Parser of the script language. A word is marked when a command asks for it,
// so that misspelt words are found instead of silently ignored.

#include "string.h" // strcmp

#include "script.h"

static int
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// Cut the next blank-separated word out of the line at *cursor. Returns NULL
// at the end of the line.
static char *
next_word(char **cursor)
{
    char *p = *cursor;
    while (is_blank(*p))
        p++;
    if (!*p || *p == '#')
        return NULL;
    char *word = p;
    while (*p && !is_blank(*p))
        p++;
    if (*p)
        *p++ = '\0';
    *cursor = p;
    return word;
}

// Cut the next line out of the text at *cursor. Returns NULL at its end.
static char *
next_line(char **cursor)
{
    char *text = *cursor, *p = text;
    if (!*p)
        return NULL;
    while (*p && *p != '\n')
        p++;
    if (*p)
        *p++ = '\0';
    *cursor = p;
    return text;
}

static void
add_word(struct script_line *line, char *text)
{
    if (line->count >= SCRIPT_WORDS) {
        line->error = text;
        return;
    }
    struct script_word *word = &line->words[line->count++];
    word->key = text;
    word->used = 0;
    while (*text && *text != '=')
        text++;
    if (*text)
        *text++ = '\0';
    word->value = text;
}

// Split the next line that holds a command, cutting the text in place.
// Returns 0 at the end of the script.
int
script_next(char **cursor, struct script_line *line)
{
    char *text;
    while ((text = next_line(cursor)) != NULL) {
        line->name = next_word(&text);
        if (!line->name)
            continue;
        line->error = NULL;
        line->count = 0;
        char *word;
        while ((word = next_word(&text)) != NULL)
            add_word(line, word);
        return 1;
    }
    return 0;
}

// The value of key, or NULL if the line has no such word.
const char *
script_text_of(struct script_line *line, const char *key)
{
    u32 i;
    for (i = 0; i < line->count; i++)
        if (!strcmp(line->words[i].key, key)) {
            line->words[i].used = 1;
            return line->words[i].value;
        }
    return NULL;
}

int
script_is(struct script_line *line, const char *key, const char *value)
{
    const char *text = script_text_of(line, key);
    return text && !strcmp(text, value);
}

static int
digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

// Read a number in base, or hexadecimal behind "0x". Returns the first
// character behind it, NULL if there is no digit at all.
const char *
script_parse_number(const char *text, u32 base, u64 *number)
{
    if (text[0] == '0' && text[1] == 'x') {
        base = 16;
        text += 2;
    }
    const char *first = text;
    *number = 0;
    while ((u32)digit_value(*text) < base)
        *number = *number * base + (u32)digit_value(*text++);
    return text == first ? NULL : text;
}

static u64
script_number(struct script_line *line, const char *key, u32 base, u64 max
              , u64 missing)
{
    const char *text = script_text_of(line, key);
    if (!text)
        return missing;
    u64 number;
    const char *rest = script_parse_number(text, base, &number);
    if (!rest || *rest || number > max) {
        line->error = key;
        return missing;
    }
    return number;
}

u32
script_decimal(struct script_line *line, const char *key, u32 missing)
{
    return (u32)script_number(line, key, 10, 0xffffffff, missing);
}

u32
script_hex(struct script_line *line, const char *key, u32 missing)
{
    return (u32)script_number(line, key, 16, 0xffffffff, missing);
}

// A hexadecimal number of up to 64 bits.
u64
script_address(struct script_line *line, const char *key, u64 missing)
{
    return script_number(line, key, 16, ~0ULL, missing);
}

// A sector number: decimal, 0x..., "end" (= disk_end, one past the last
// sector) or "end-N".
u64
script_lba(struct script_line *line, const char *key, u64 disk_end, u64 missing)
{
    const char *text = script_text_of(line, key);
    if (!text)
        return missing;
    int from_end = !strncmp(text, "end", 3);
    if (from_end && !text[3])
        return disk_end;
    if (from_end && text[3] == '-')
        text += 4;
    u64 number;
    const char *rest = script_parse_number(text, 10, &number);
    if (!rest || *rest || (from_end && number > disk_end)) {
        line->error = key;
        return missing;
    }
    return from_end ? disk_end - number : number;
}

// The drive=NN word, NN hexadecimal; "boot" and a missing word mean the drive
// that the payload was booted from.
u8
script_drive(struct script_line *line, u8 boot_drive)
{
    if (script_is(line, "drive", "boot"))
        return boot_drive;
    return (u8)script_hex(line, "drive", boot_drive);
}

// The buffer=SEG:OFF word, both hexadecimal.
struct far_pointer
script_buffer(struct script_line *line, struct far_pointer missing)
{
    const char *text = script_text_of(line, "buffer");
    if (!text)
        return missing;
    u64 segment, offset = 0;
    const char *rest = script_parse_number(text, 16, &segment);
    if (rest && *rest == ':')
        rest = script_parse_number(rest + 1, 16, &offset);
    if (!rest || *rest || segment > 0xffff || offset > 0xffff) {
        line->error = "buffer";
        return missing;
    }
    return (struct far_pointer) { (u16)offset, (u16)segment };
}

// After a command has asked for all its words: the first one that it did not
// ask for or could not read. NULL if all is well.
const char *
script_bad_word(const struct script_line *line)
{
    if (line->error)
        return line->error;
    u32 i;
    for (i = 0; i < line->count; i++)
        if (!line->words[i].used)
            return line->words[i].key;
    return NULL;
}
