// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The names of devices, by the table of docs/man/xen-vbd-interface.7.

#include "blkfront/internal.h" // vbd_name
#include "fake/run.h" // RUN_TESTS
#include "string.h" // memset

#define EXTENDED(disk, partition) (1U << 28 | (disk) << 8 | (partition))
#define SIZE 16

static const struct {
    u32 device;
    const char *name;
} Cases[] = {
    { 202 << 8 | 0 << 4, "xvda" }, { 202 << 8 | 15 << 4, "xvdp" },
    { 202 << 8 | 0 << 4 | 1, "xvda1" }, { 202 << 8 | 15 << 4 | 15, "xvdp15" },
    { 51712, "xvda" }, { 51728, "xvdb" }, { 51761, "xvdd1" },
    { EXTENDED(16, 0), "xvdq" }, { EXTENDED(25, 0), "xvdz" },
    { EXTENDED(26, 0), "xvdaa" }, { EXTENDED(51, 0), "xvdaz" },
    { EXTENDED(52, 0), "xvdba" }, { EXTENDED(701, 0), "xvdzz" },
    { EXTENDED(702, 0), "xvdaaa" }, { EXTENDED(16, 3), "xvdq3" },
    { EXTENDED(26, 255), "xvdaa255" }, { EXTENDED(0, 0), "xvda" },
    { EXTENDED(0xfffff, 255), "xvdbgqcv255" }, // The largest there is
    { 8 << 8, "sda" }, { 8 << 8 | 15 << 4, "sdp" }, { 8 << 8 | 17, "sdb1" },
    { 3 << 8, "hda" }, { 3 << 8 | 64, "hdb" }, { 3 << 8 | 65, "hdb1" },
    { 22 << 8, "hdc" }, { 22 << 8 | 64, "hdd" }, { 22 << 8 | 127, "hdd63" },
    { 3 << 8 | 191, "hdc63" },
    { 0, "vbd-0" }, { 9 << 8, "vbd-2304" }, { 2U << 28, "vbd-536870912" },
    { 0xffffffff, "vbd-4294967295" },
};

static void
test_names(void **state)
{
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Cases); i++) {
        char name[SIZE];
        memset(name, '#', sizeof(name));
        vbd_name(name, sizeof(name), Cases[i].device);
        assert_string_equal(name, Cases[i].name);
    }
}

// Cut off where there is no room, and never without a NUL.
static void
test_short_buffers(void **state)
{
    u32 i, size;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(Cases); i++)
        for (size = 1; size < SIZE; size++) {
            char name[SIZE];
            memset(name, '#', sizeof(name));
            vbd_name(name, size, Cases[i].device);
            size_t len = strlen(Cases[i].name);
            if (len >= size)
                len = size - 1;
            assert_int_equal(strlen(name), len);
            assert_memory_equal(name, Cases[i].name, len);
            assert_int_equal(name[SIZE - 1], '#');
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_short_buffers),
    };
    return RUN_TESTS(tests);
}
