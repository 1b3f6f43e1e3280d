// SPDX-License-Identifier: LGPL-3.0-or-later
// The loader's places in memory, on maps of many kinds, against a search page
// by page; and the question for the map.

#include <setjmp.h> // cmocka
#include <stdarg.h> // cmocka
#include <stddef.h> // cmocka
#include <stdint.h> // cmocka

#include <cmocka.h>
#include <string.h> // memset

#include "bios.h" // the fake
#include "io.h" // the fake
#include "memory.h"

#define PAGE 4096
#define PAGES 64 // of the machines with random maps

u8 machine[MACHINE_SIZE];
void *near_pointer;

// The BIOS: a map, and what is wrong with it.
static const struct e820_entry *answers;
static u32 answer_count, asked;

void
bios_call(u8 vector, struct real_regs *regs)
{
    assert_int_equal(vector, 0x15);
    asked++;
    regs->flags = FLAG_CF;
    if (regs->eax != 0xe820 || regs->ebx >= answer_count)
        return;
    assert_int_equal(regs->edx, 0x534d4150);
    assert_int_equal(regs->edi, NEAR_POINTER);
    memcpy(near_pointer, &answers[regs->ebx], sizeof(*answers));
    regs->eax = 0x534d4150;
    regs->ebx = regs->ebx + 1 < answer_count ? regs->ebx + 1 : 0;
    regs->flags = 0;
}

static void
test_ask(void **state)
{
    static const struct e820_entry pc[] = {
        { 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 }, { 0xa0000, 0, 1 }
        , { 0x100000, 0x7f00000, 1 },
    };
    static struct e820_entry many[200];
    struct boot_params params = { .e820_count = 77 };
    u32 i;
    (void)state;
    answers = pc;
    answer_count = ARRAY_SIZE(pc);
    assert_int_equal(memory_ask(&params), 0);
    assert_int_equal(params.e820_count, 3); // but the empty one
    assert_memory_equal(&params.e820[2], &pc[3], sizeof(pc[3]));

    answer_count = 0;
    assert_int_equal(memory_ask(&params), -1);

    for (i = 0; i < ARRAY_SIZE(many); i++)
        many[i] = (struct e820_entry) { i * PAGE, PAGE, 1 };
    answers = many;
    answer_count = ARRAY_SIZE(many);
    assert_int_equal(memory_ask(&params), 0);
    assert_int_equal(params.e820_count, E820_MAX);
}

static u32
draw(u32 bound)
{
    static u32 word = 2463534242U;
    word ^= word << 13;
    word ^= word >> 17;
    word ^= word << 5;
    return word % bound;
}

// Entries anywhere, that overlap and are not in order.
static void
make_map(struct boot_params *params)
{
    u32 i;
    params->e820_count = (u8)(1 + draw(8));
    for (i = 0; i < params->e820_count; i++)
        params->e820[i] = (struct e820_entry) {
            (u64)draw(PAGES) * PAGE, (u64)(1 + draw(PAGES)) * PAGE
            , 1 + draw(3) / 2,
        };
}

// A page is RAM if an entry says so and none says otherwise.
static int
page_is_ram(const struct boot_params *params, u64 page)
{
    u32 i;
    int ram = 0;
    for (i = 0; i < params->e820_count; i++) {
        const struct e820_entry *entry = &params->e820[i];
        if (page * PAGE < entry->start
            || page * PAGE >= entry->start + entry->size)
            continue;
        if (entry->type != 1)
            return 0;
        ram = 1;
    }
    return ram;
}

static int
pages_are_ram(const struct boot_params *params, u64 from, u64 to)
{
    for (; from < to; from++)
        if (!page_is_ram(params, from))
            return 0;
    return 1;
}

// What is found is RAM, within the bounds; and a place in one entry of the map
// is not overlooked.
static void
test_random_maps(void **state)
{
    static struct boot_params params;
    u32 round, found = 0;
    (void)state;
    for (round = 0; round < 20000; round++) {
        make_map(&params);
        u64 from = draw(PAGES), to = from + 1 + draw(PAGES);
        assert_int_equal(!!memory_is_ram(&params, from * PAGE, to * PAGE)
                         , pages_are_ram(&params, from, to));
        u32 size = 1 + draw(8), limit = draw(2 * PAGES), floor = draw(PAGES);
        u32 place = memory_highest(&params, size * PAGE, floor * PAGE
                                   , (u64)limit * PAGE);
        assert_int_equal(place % PAGE, 0);
        place /= PAGE;
        if (!place)
            continue;
        found++;
        assert_true(place >= floor && place + size <= limit);
        assert_true(pages_are_ram(&params, place, place + size));
    }
    assert_true(found > 1000);
}

static void
test_highest(void **state)
{
    struct boot_params params = { .e820_count = 5, .e820 = {
        { 0x100000000, 0x100000000, 1 }, { 0x100000, 0x7ee0000, 1 }
        , { 0x7fe0000, 0x20000, 2 }, { 0x9000000, 0x1800, 1 }
        , { 0, 0x9fc00, 1 },
    } };
    (void)state;
    assert_int_equal(memory_highest(&params, 0x1801, 0, 0x80000000), 0x7fde000);
    assert_int_equal(memory_highest(&params, 0x1000, 0, 0x80000000), 0x9000000);
    assert_int_equal(memory_highest(&params, 0x2000, 0x7fdf000, 1ULL << 32), 0);
    assert_int_equal(memory_highest(&params, 0x4000000, 0x200000, 0x5000000)
                     , 0x1000000);
    assert_int_equal(memory_highest(&params, 0x8000000, 0, 0x80000000), 0);
}

static void
test_a20(void **state)
{
    (void)state;
    asked = 0;
    memset(machine + 0x7c00, 0xaa, 4);
    assert_int_equal(memory_open_a20(), 0);
    assert_int_equal(asked, 0); // it was open
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_random_maps),
        cmocka_unit_test(test_highest),
        cmocka_unit_test(test_a20),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
