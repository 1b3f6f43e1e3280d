// SPDX-License-Identifier: LGPL-3.0-or-later
// Every check ends in check_pass() or in one "FAIL" line that says what
// differed; after MAX_FAILURES of them the script stops.

#include <stdarg.h> // va_list

#include "bios.h" // bios_repeated_ticks
#include "console.h" // print
#include "report.h"

#define MAX_FAILURES 20

static u32 passes, failures;

void
check_pass(void)
{
    passes++;
}

void
check_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("FAIL ");
    print_list(format, args);
    print("\n");
    va_end(args);
    failures++;
}

// Report a failed check of a disk transfer.
void
transfer_fail(const struct disk *disk, const struct transfer *transfer
              , const char *what)
{
    static const char *const names[] = {
        [FN_READ] = "read", [FN_WRITE] = "write", [FN_VERIFY] = "verify",
    };
    if (transfer->is_flat)
        print("flat=%llx ", transfer->flat);
    check_fail("%s %s drive=%02x lba=%llu count=%u buffer=%04x:%04x cf=%u"
               " ah=%02x moved=%u: %s"
               , names[transfer->function], transfer->chs ? "chs" : "edd"
               , disk->drive, transfer->lba, transfer->count
               , transfer->buffer.segment, transfer->buffer.offset
               , transfer->failed, transfer->ah, transfer->moved, what);
}

// Returns 1 if the call moved all it was asked to, or 0 after reporting that it
// did not.
int
transfer_succeeded(const struct disk *disk, const struct transfer *transfer)
{
    if (!transfer->failed && !transfer->ah
        && transfer->moved == transfer->count)
        return 1;
    transfer_fail(disk, transfer, "call failed or moved too little");
    return 0;
}

u32
check_failures(void)
{
    return failures;
}

int
check_exhausted(void)
{
    return failures >= MAX_FAILURES;
}

// Print the last line, and before it a note that is not a failure.
void
check_sum(void)
{
    if (bios_lost())
        check_fail("a transfer or a tick has changed %s", bios_lost());
    if (bios_repeated_ticks())
        print("NOTE %u timer interrupts came twice\n", bios_repeated_ticks());
    print("PAYLOAD DONE pass=%u fail=%u\n", passes, failures);
}

// A command that cannot be run at all, and why.
void
check_refuse(const struct script_line *line, const char *what
             , const char *which)
{
    check_fail("%s: %s%s", line->name, what, which);
    print("%s", line->name);
}

// Must be called once a command has asked for all its words. Returns 0 if they
// are good; else fails on the one that is unknown or cannot be read.
int
check_words(const struct script_line *line)
{
    const char *bad = script_bad_word(line);
    if (!bad)
        return 0;
    check_refuse(line, "bad word ", bad);
    return -1;
}
