// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What a toolstack has set for this guest by OEM strings of its SMBIOS tables
// (xl.cfg from Xen 4.18 on: smbios=["oem=..."]), which hvmloader takes from
// xenstore's bios-strings/oem-<n>:
//
//  xen-blk=off         no disk is served
//  xen-blk.idle=<n>    disconnect a disk after n timer ticks without an op
//                      (default 2); 0: not by time
//  xen-blk.ahead=<n>   read ahead into n times 64 KiB of memory, 54 at most
//                      (default: 10, and more in large guests); 0 or 1: do
//                      not read ahead

#include "blkfront/internal.h" // options_read
#include "config.h" // CONFIG_XEN_BLKFRONT_READAHEAD
#include "output.h" // snprintf
#include "string.h" // memcmp
#include "xen/xenstore.h" // xenstore_read

// hvmloader looks at no more than these.
#define OPTIONS_MAX_OEM_STRINGS 99

// A number of one or two digits, or -1.
static int
options_parse_number(const char *text)
{
    u32 tens = text[0] - '0', ones = text[1] - '0';
    if (tens <= 9 && !text[1])
        return tens;
    return tens <= 9 && ones <= 9 && !text[2] ? (int)(tens * 10 + ones) : -1;
}

_Static_assert(OPTIONS_MAX_AHEAD == 54, "as the messages say");

// If 'text' is the option 'name', which ends with "=", with a value from 0 to
// 'max', store that in *value and return true.
static int
options_take_number(const char *text, const char *name, int max, u8 *value)
{
    u32 len = strlen(name);
    if (memcmp(text, name, len))
        return 0;
    int number = options_parse_number(&text[len]);
    if (number < 0 || number > max)
        return 0;
    *value = (u8)number;
    return 1;
}

// Returns -1 if the driver is switched off, else 0.
static int
options_take_option(const char *text, struct options_s *options)
{
    if (!strcmp(text, "xen-blk=off"))
        return -1;
    if (memcmp(text, "xen-blk", 7))
        // Not one of ours
        return 0;
    if (options_take_number(text, "xen-blk.idle=", 99, &options->idle_ticks)
        || (CONFIG_XEN_BLKFRONT_READAHEAD
            && options_take_number(text, "xen-blk.ahead=", OPTIONS_MAX_AHEAD
                                   , &options->ahead)))
        return 0;
    dprintf(1, "xen-blk: unknown option \"%s\"; known: xen-blk=off, .idle=0 to 99%s\n"
            , text, CONFIG_XEN_BLKFRONT_READAHEAD ? ", .ahead=0 to 54" : "");
    return 0;
}

// Read the options into *options, which holds the defaults.  POST only.
// Returns -1 if the driver is switched off, else 0.
int
options_read(struct options_s *options)
{
    char key[16], text[32];
    int i;
    for (i = 1; i <= OPTIONS_MAX_OEM_STRINGS; i++) {
        snprintf(key, sizeof(key), "oem-%d", i);
        memset(text, 0, sizeof(text));
        int len = xenstore_read("bios-strings", key, text, sizeof(text));
        if (len == XENSTORE_ENOENT)
            break;
        if (len > 0 && options_take_option(text, options))
            return -1;
    }
    return 0;
}
