// SPDX-License-Identifier: LGPL-3.0-or-later
// The loader's reads on BIOSes of every kind: what is read is right, or an
// error, whatever they make of flat addresses.

#include <setjmp.h> // cmocka
#include <stdarg.h> // cmocka
#include <stddef.h> // cmocka
#include <stdint.h> // cmocka

#include <cmocka.h>
#include <string.h> // memset

#include "bios.h" // the fake
#include "io.h" // the fake
#include "layout.h" // SECTOR_SIZE
#include "reader.h"

#define DRIVE 0x80
#define AT 0x200000
#define MAP_LBA 8

struct packet {
    u8 size, zero;
    u16 sectors;
    u16 offset, segment;
    u64 lba, flat;
} __attribute__((packed));

// The BIOS.
enum flat { FLAT_NONE, FLAT_ERROR, FLAT_STRAY, FLAT_STRAY_LOW, FLAT_NOTHING
            , FLAT_WORKS, FLAT_BYTE };
static struct {
    u32 version;
    enum flat flat;
    u32 most; // sectors of a flat call
    u64 bad; // this sector has an error
    u32 fails; // ordinary calls that fail first
    u32 flat_calls, calls; // made
} bios;

u8 machine[MACHINE_SIZE];
void *near_pointer;

static u8
disk_byte(u64 at)
{
    return (u8)(at * 0x9e3779b1 >> 13 ^ at >> 9);
}

static void
put_sectors(u32 address, u64 lba, u32 sectors)
{
    u32 i, length = sectors * SECTOR_SIZE;
    assert_true(address + length <= MACHINE_SIZE);
    for (i = 0; i < length; i++)
        machine[address + i] = disk_byte(lba * SECTOR_SIZE + i);
}

static u8
flat_read(const struct packet *packet)
{
    bios.flat_calls++;
    assert_int_equal(packet->size, 24);
    switch (bios.flat) {
    case FLAT_ERROR:
        return 1;
    case FLAT_STRAY:
        put_sectors(STRAY_HIGH, packet->lba, packet->sectors);
        return 0;
    case FLAT_STRAY_LOW:
        put_sectors(STRAY_LOW, packet->lba, packet->sectors);
        return 0;
    case FLAT_BYTE:
        put_sectors((u32)packet->flat, packet->lba, packet->sectors & 0xff);
        return 0;
    case FLAT_WORKS:
        if (packet->sectors > bios.most)
            return 9;
        put_sectors((u32)packet->flat, packet->lba, packet->sectors);
        return 0;
    default:
        return 0;
    }
}

static u8
read_packet(const struct packet *packet)
{
    u64 end = packet->lba + packet->sectors;
    if (packet->lba <= bios.bad && bios.bad < end)
        return 4;
    if (packet->offset == 0xffff && packet->segment == 0xffff)
        return flat_read(packet);
    bios.calls++;
    assert_int_equal(packet->size, 16);
    assert_in_range(packet->sectors, 1, 127);
    if (bios.fails) {
        bios.fails--;
        return 0x20;
    }
    put_sectors((u32)packet->segment * 16 + packet->offset, packet->lba
                , packet->sectors);
    return 0;
}

void
bios_call(u8 vector, struct real_regs *regs)
{
    u8 status = 1;
    assert_int_equal(vector, 0x13);
    assert_int_equal(regs->edx, DRIVE);
    if (regs->eax >> 8 == 0x41) {
        status = 0;
        regs->eax = bios.version << 8;
        regs->ecx = 7;
    } else if (regs->eax >> 8 == 0x42) {
        assert_int_equal(regs->esi, NEAR_POINTER);
        status = read_packet(near_pointer);
        regs->eax = (u32)status << 8;
    }
    regs->flags = status ? FLAG_CF : 0;
}

static void
start(struct reader *reader, u32 version, enum flat flat, u32 most)
{
    u8 known[SECTOR_SIZE];
    u32 i;
    memset(&bios, 0, sizeof(bios));
    memset(machine, 0, sizeof(machine));
    bios.version = version;
    bios.flat = flat;
    bios.most = most;
    bios.bad = ~0ULL;
    for (i = 0; i < sizeof(known); i++)
        known[i] = disk_byte(MAP_LBA * SECTOR_SIZE + i);
    reader_setup(reader, DRIVE);
    reader_probe(reader, MAP_LBA, known, KERNEL_ADDR);
}

// Reads so many sectors as the loader does. Returns how many came.
static u32
read_all(struct reader *reader, u64 lba, u32 sectors)
{
    u32 done = 0, i;
    while (done < sectors) {
        u32 count = reader_read(reader, lba + done, sectors - done
                                , AT + done * SECTOR_SIZE);
        if (!count)
            break;
        done += count;
    }
    for (i = 0; i < done * SECTOR_SIZE; i++)
        assert_int_equal(machine[AT + i], disk_byte(lba * SECTOR_SIZE + i));
    return done;
}

// Who cannot is found out by one call at most, and read from by way of low
// memory.
static void
test_without_flat(void **state)
{
    static const enum flat kinds[] = { FLAT_ERROR, FLAT_STRAY, FLAT_STRAY_LOW
                                       , FLAT_NOTHING };
    struct reader reader;
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(kinds); i++) {
        start(&reader, 0x30, kinds[i], 0);
        assert_int_equal(reader.flat_sectors, 0);
        assert_int_equal(bios.flat_calls, 1);
        assert_int_equal(read_all(&reader, 1000, 1001), 1001);
        assert_int_equal(bios.flat_calls, 1);
        assert_int_equal(bios.calls, 1 + 1000 / BOUNCE_SECTORS);
    }
    start(&reader, 0x21, FLAT_WORKS, 65535);
    assert_int_equal(bios.flat_calls, 0);
    assert_int_equal(read_all(&reader, 1000, 500), 500);
    assert_int_equal(bios.flat_calls, 0);
}

static void
test_flat(void **state)
{
    struct reader reader;
    (void)state;
    start(&reader, 0x30, FLAT_WORKS, 65535);
    assert_int_equal(read_all(&reader, 1ULL << 33, 20001), 20001);
    assert_int_equal(bios.flat_calls, 1 + 1); // Up to 31.9 MiB each
    assert_int_equal(bios.calls, 0);
}

// A driver's limit is found, and kept to.
static void
test_limits(void **state)
{
    static const u32 limits[] = { 5000, 2048, 255, 128, 127, 120 };
    struct reader reader;
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(limits); i++) {
        start(&reader, 0x30, FLAT_WORKS, limits[i]);
        assert_int_equal(read_all(&reader, 77, 9999), 9999);
        assert_int_equal(bios.calls, 0);
        assert_in_range(reader.flat_sectors, limits[i] / 2, limits[i]);
        assert_true(bios.flat_calls < 9 + 1 + 9999 / reader.flat_sectors + 1);
    }
    start(&reader, 0x30, FLAT_WORKS, 100);
    assert_int_equal(read_all(&reader, 77, 9999), 9999);
    assert_int_equal(reader.flat_sectors, 0);
}

// The number of sectors taken for a byte: success, and less than was asked for.
static void
test_count_is_a_byte(void **state)
{
    struct reader reader;
    (void)state;
    start(&reader, 0x30, FLAT_BYTE, 0);
    assert_int_equal(read_all(&reader, 300, 10000), 10000);
    assert_int_equal(bios.calls, 0);
}

static void
test_errors(void **state)
{
    struct reader reader;
    (void)state;
    start(&reader, 0x30, FLAT_WORKS, 65535);
    bios.bad = 5000;
    assert_in_range(read_all(&reader, 100, 9000), 4900 - BOUNCE_SECTORS, 4900);
    assert_int_equal(reader.status, 4);
    start(&reader, 0x30, FLAT_ERROR, 0);
    bios.fails = 2;
    assert_int_equal(read_all(&reader, 100, 300), 300);
    bios.fails = 3;
    assert_int_equal(read_all(&reader, 100, 300), 0);
    assert_int_equal(reader.status, 0x20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_flat),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_count_is_a_byte),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
