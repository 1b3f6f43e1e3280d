// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What src/xen/machine.h itself does with memory, in 32-bit code.  All other
// tests have a header of this name in front of it.

#include <sys/mman.h> // mmap
#include "fake/run.h" // RUN_TESTS

// The firmware's own types and names, as far as it takes to compile it.
#undef __XEN_MACHINE_H
#undef machine_linear
#undef MODESEGMENT
#define MODESEGMENT 0
#define SYMBOL(name) 0x6a000U
#define CR0_PE 1
#define machine_ptr real_ptr
#define machine_phys real_phys
#define machine_is_low real_is_low
#define machine_flat real_flat
#define machine_in_real_mode real_in_real_mode
#define machine_in_vm86 real_in_vm86
#define machine_hypercall real_hypercall
#define machine_copy real_copy
#define machine_move real_move
#define machine_mb real_mb
#define machine_cmpxchg16 real_cmpxchg16
#define machine_clear_bit real_clear_bit

struct descloc_s {
    u32 addr;
};

u32 cr0_vm86_read(void);

// Its addresses are of 32 bits, and so are those that these tests use.
#pragma GCC diagnostic ignored "-Wpointer-to-int-cast"
#pragma GCC diagnostic ignored "-Wint-to-pointer-cast"
#include "../../src/xen/machine.h" // real_copy

static u8 *Memory;

static int
setup(void **state)
{
    (void)state;
    u32 i;
    Memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE
                  , MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_true(Memory != MAP_FAILED);
    for (i = 0; i < 4096; i++)
        Memory[i] = (u8)(i * 7 + (i >> 8));
    return 0;
}

// Byte i of the memory as setup() has left it.
static u8
original(u32 i)
{
    return (u8)(i * 7 + (i >> 8));
}

// Of all bytes, those from 'dest' on are what was at 'src', and no other changed.
static void
check_moved(u32 dest, u32 src, u32 len)
{
    u32 i;
    for (i = 0; i < 4096; i++)
        assert_int_equal(Memory[i], original(i - dest < len ? i - dest + src : i));
}

static void
test_copy(void **state)
{
    (void)state;
    real_copy(&Memory[100], &Memory[1000], 512);
    check_moved(100, 1000, 512);
}

// What an unaligned READ is moved by: over itself, downwards.
static void
test_copy_over_itself(void **state)
{
    (void)state;
    real_copy(&Memory[4], &Memory[8], 2048);
    check_moved(4, 8, 2048);
}

static void
test_move(void **state)
{
    (void)state;
    real_move(real_phys(Memory) + 12, real_phys(Memory) + 512, 1024);
    check_moved(12, 512, 1024);
}

static void
test_addresses(void **state)
{
    (void)state;
    assert_ptr_equal(real_ptr(real_phys(Memory)), Memory);
    assert_int_equal(real_flat(Memory), real_phys(Memory));
}

static void
test_is_low(void **state)
{
    static const struct {
        u32 addr, len;
        int is_low;
    } cases[] = {
        { 0x6a000, 1, 1 }, { 0x6a000, 0x10000, 1 }, { 0x69fff, 1, 0 },
        { 0x79fff, 1, 1 }, { 0x79fff, 2, 0 }, { 0x7a000, 1, 0 },
        { 0x6a001, 0x10000, 0 }, { 0, 1, 0 }, { 0xffffffff, 1, 0 },
    };
    u32 i;
    (void)state;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(real_is_low(cases[i].addr, cases[i].len), cases[i].is_low);
}

static void
test_cmpxchg16(void **state)
{
    (void)state;
    u16 value[3] = { 1, 5, 2 };
    assert_int_equal(real_cmpxchg16(&value[1], 4, 9), 5);
    assert_int_equal(value[1], 5);
    assert_int_equal(real_cmpxchg16(&value[1], 5, 9), 5);
    assert_int_equal(value[1], 9);
    assert_int_equal(value[0], 1);
    assert_int_equal(value[2], 2);
}

static void
test_clear_bit(void **state)
{
    (void)state;
    u32 map[4] = { ~0U, ~0U, ~0U, ~0U };
    real_clear_bit(map, 33);
    real_clear_bit(map, 127);
    real_clear_bit(map, 33);
    assert_int_equal(map[0], ~0U);
    assert_int_equal(map[1], ~2U);
    assert_int_equal(map[2], ~0U);
    assert_int_equal(map[3], ~0U >> 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_copy, setup),
        cmocka_unit_test_setup(test_copy_over_itself, setup),
        cmocka_unit_test_setup(test_move, setup),
        cmocka_unit_test_setup(test_addresses, setup),
        cmocka_unit_test(test_is_low),
        cmocka_unit_test(test_cmpxchg16),
        cmocka_unit_test(test_clear_bit),
    };
    return RUN_TESTS(tests);
}
