// SPDX-License-Identifier: LGPL-3.0-or-later
//
// SeaBIOS's settings by OEM strings, in SMBIOS tables as hvmloader lays them out.

#include <stdio.h> // snprintf
#include "fixture.h" // fixture_machine
#include "std/smbios.h" // struct smbios_21_entry_point
#include "string.h" // memcpy
#include "xen/xen_romfile.h" // xen_romfile_setup

#define TABLE GUEST_PROGRAM

static struct smbios_21_entry_point Entry;
static u32 Length;

static void
add_bytes(const void *bytes, u32 len)
{
    memcpy(guest_ptr(TABLE + Length), bytes, len);
    Length += len;
    Entry.structure_table_length = (u16)Length;
}

// A structure of that type, with a byte of its own and the strings, which end with
// an empty one.
static void
add_structure(u8 type, const char *strings, u32 len)
{
    u8 header[5] = { type, sizeof(header), 0, 0, 1 };
    add_bytes(header, sizeof(header));
    add_bytes(strings, len);
}

#define ADD(type, strings) add_structure(type, strings "\0", sizeof(strings) + 1)

static int
setup(void **state)
{
    fixture_machine(state);
    Length = 0;
    Entry = (struct smbios_21_entry_point) { .structure_table_address = TABLE };
    FirmwareSmbios = &Entry;
    ADD(0, "Xen\0" "4.17.5\0" "04/01/2026");
    return 0;
}

static void
add_end(void)
{
    ADD(127, "");
}

// One OEM string.
static void
set(const char *text)
{
    add_structure(11, text, (u32)strlen(text) + 1);
    add_bytes("", 1);
    add_end();
    xen_romfile_setup();
}

static void
test_numbers(void **state)
{
    static const struct {
        const char *text;
        u32 value;
    } cases[] = {
        { "0", 0 }, { "1", 1 }, { "2500", 2500 }, { "0250", 250 },
        { "4294967295", 0xffffffff }, { "0x3f8", 0x3f8 }, { "0x0", 0 },
        { "0xFFFFffff", 0xffffffff },
    };
    char text[64];
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(state);
        snprintf(text, sizeof(text), "seabios:etc/boot-menu-wait=%s"
                 , cases[i].text);
        set(text);
        assert_int_equal(FirmwareNrRomfiles, 1);
        assert_string_equal(FirmwareRomfile, "etc/boot-menu-wait");
        assert_int_equal(FirmwareRomfileValue, cases[i].value);
        assert_true(firmware_said("etc/boot-menu-wait set to "));
        assert_false(firmware_said("bad OEM string"));
    }
}

static void
test_bad(void **state)
{
    static const char *const cases[] = {
        "seabios:", "seabios:etc/x", "seabios:=1", "seabios:etc/x=",
        "seabios:etc/x= 1", "seabios:etc/x=-1", "seabios:etc/x=1a",
        "seabios:etc/x=0x", "seabios:etc/x=0x1g", "seabios:etc/x=4294967296",
        "seabios:etc/x=0x100000000", "seabios:etc/x=yes", "seabios:etc/x=1=2",
    };
    u32 i;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        setup(state);
        set(cases[i]);
        assert_int_equal(FirmwareNrRomfiles, 0);
        assert_true(firmware_said("bad OEM string"));
    }
}

// A romfile's name has room for 127 characters.
static void
test_long_name(void **state)
{
    char text[256], name[128];
    memset(name, 'n', sizeof(name));
    name[127] = '\0';
    snprintf(text, sizeof(text), "seabios:%s=7", name);
    set(text);
    assert_string_equal(FirmwareRomfile, name);
    assert_int_equal(FirmwareRomfileValue, 7);
    setup(state);
    snprintf(text, sizeof(text), "seabios:%sx=7", name);
    set(text);
    assert_int_equal(FirmwareNrRomfiles, 0);
    assert_true(firmware_said("bad OEM string"));
}

// Strings that are for others are none of ours, and not mentioned.
static void
test_others(void **state)
{
    (void)state;
    ADD(11, "xen-blk=off\0" "of the host's vendor\0" "sea\0" "SEABIOS:etc/x=1");
    ADD(11, "");
    ADD(4, "seabios:etc/x=1");
    add_end();
    xen_romfile_setup();
    assert_int_equal(FirmwareNrRomfiles, 0);
    assert_false(firmware_said("OEM string"));
}

// All strings of all structures of the type.
static void
test_several(void **state)
{
    (void)state;
    ADD(11, "xen-blk.idle=4\0" "seabios:etc/threads=2\0" "seabios:bad");
    ADD(1, "Xen\0" "HVM domU");
    ADD(11, "seabios:etc/show-boot-menu=0");
    add_end();
    xen_romfile_setup();
    assert_int_equal(FirmwareNrRomfiles, 2);
    assert_string_equal(FirmwareRomfile, "etc/show-boot-menu");
    assert_int_equal(FirmwareRomfileValue, 0);
    assert_true(firmware_said("etc/threads set to 2"));
    assert_true(firmware_said("bad OEM string \"seabios:bad\""));
}

static void
test_no_tables(void **state)
{
    (void)state;
    FirmwareSmbios = NULL;
    xen_romfile_setup();
    FirmwareSmbios = &Entry;
    Entry.structure_table_length = 0;
    xen_romfile_setup();
    assert_int_equal(FirmwareNrRomfiles, 0);
}

// Tables that end anywhere: nothing behind their end is looked at.
static void
test_cut(void **state)
{
    static const char strings[] = "seabios:etc/a=1\0seabios:etc/b=2\0";
    static const char behind[] = "seabios:etc/behind=3";
    u32 whole, cut;
    (void)state;
    add_structure(11, strings, sizeof(strings));
    whole = Length;
    for (cut = 0; cut < whole; cut++) {
        u8 *end = guest_ptr(TABLE + cut), kept[sizeof(behind)];
        memcpy(kept, end, sizeof(kept));
        memcpy(end, behind, sizeof(behind));
        Entry.structure_table_length = (u16)cut;
        xen_romfile_setup();
        assert_string_not_equal(FirmwareRomfile, "etc/behind");
        assert_false(firmware_said("bad OEM string"));
        memcpy(end, kept, sizeof(kept));
    }
    assert_string_equal(FirmwareRomfile, "etc/b");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_numbers, setup),
        cmocka_unit_test_setup(test_bad, setup),
        cmocka_unit_test_setup(test_long_name, setup),
        cmocka_unit_test_setup(test_others, setup),
        cmocka_unit_test_setup(test_several, setup),
        cmocka_unit_test_setup(test_no_tables, setup),
        cmocka_unit_test_setup(test_cut, setup),
    };
    return RUN_TESTS(tests);
}
