// SPDX-License-Identifier: LGPL-3.0-or-later
//
// On Xen there is no fw_cfg to set SeaBIOS's romfiles by (docs/Runtime_config.md).
// A toolstack sets those that are a number by OEM strings of the SMBIOS tables
// (xl.cfg: smbios=["oem=..."]), which hvmloader has made before SeaBIOS runs:
//
//  seabios:<file>=<number>     such as "seabios:etc/boot-menu-wait=0"
//
// The number is decimal, or hexadecimal with 0x.  POST only.

#include "fw/xen.h" // xen_smbios
#include "output.h" // dprintf
#include "romfile.h" // const_romfile_add_int
#include "std/smbios.h" // struct smbios_21_entry_point
#include "string.h" // strchr
#include "util.h" // smbios_next
#include "xen/machine.h" // machine_ptr
#include "xen/xen_romfile.h" // xen_romfile_setup

#define XEN_ROMFILE_PREFIX "seabios:"
#define XEN_ROMFILE_NAME_MAX (sizeof(((struct romfile_s *)0)->name) - 1)

// SMBIOS type 11; the strings follow, each with its NUL, and one more NUL.
#define XEN_ROMFILE_OEM_STRINGS 11

// The value of a digit, or 16.
static u32
xen_romfile_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (u32)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10) : 16;
}

// Store the number that is all of 'text' in *value.  Returns 0, or -1 if it is
// none, or needs more than 32 bits.
static int
xen_romfile_parse(const char *text, u32 *value)
{
    u32 base = 10, sum = 0;
    if (text[0] == '0' && text[1] == 'x') {
        base = 16;
        text += 2;
    }
    do {
        u32 digit = xen_romfile_digit(*text);
        if (digit >= base || sum > (0xffffffff - digit) / base)
            return -1;
        sum = sum * base + digit;
    } while (*++text);
    *value = sum;
    return 0;
}

static void
xen_romfile_take(const char *text)
{
    static const char prefix[] = XEN_ROMFILE_PREFIX;
    char name[XEN_ROMFILE_NAME_MAX + 1];
    u32 value, len = sizeof(prefix) - 1;
    if (strlen(text) < len || memcmp(text, prefix, len))
        // Somebody else's
        return;
    const char *start = &text[len], *equals = strchr(start, '=');
    if (!equals || equals == start || equals - start > XEN_ROMFILE_NAME_MAX
        || xen_romfile_parse(equals + 1, &value)) {
        dprintf(1, "bad OEM string \"%s\"; known: " XEN_ROMFILE_PREFIX
                "<file>=<number>\n", text);
        return;
    }
    strtcpy(name, start, (u32)(equals - start) + 1);
    dprintf(1, "%s set to %u by the toolstack\n", name, value);
    const_romfile_add_int(name, value);
}

void
xen_romfile_setup(void)
{
    const struct smbios_21_entry_point *smbios = xen_smbios();
    struct smbios_structure_header *header = NULL;
    if (!smbios || !smbios->structure_table_length)
        return;
    u32 len = smbios->structure_table_length;
    const char *start = machine_ptr(smbios->structure_table_address);
    if (start[len - 1])
        // The last string would not end.
        return;
    while ((header = smbios_next((void *)start, len, header))) {
        if (header->type != XEN_ROMFILE_OEM_STRINGS)
            continue;
        const char *text = (const char *)header + header->length;
        for (; text < &start[len] && *text; text += strlen(text) + 1)
            xen_romfile_take(text);
    }
}
