// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A long random history: OPS=number of ops, SEED=which one of them.

#include <stdio.h> // printf
#include <stdlib.h> // strtoull
#include "choose.h" // choose
#include "fixture.h" // RUN_TESTS
#include "history.h" // history_op
#include "step.h" // step_good

// One step in so many is with a fault.
#define FAULTY_ONE_IN 100

static u64 Random, Seed = 1, Ops = 1000000;

// xorshift64*
u32
choose(u32 limit)
{
    Random ^= Random >> 12;
    Random ^= Random << 25;
    Random ^= Random >> 27;
    return (u32)((((Random * 0x2545f4914f6cdd1dULL) >> 32) * limit) >> 32);
}

static void
get_number(const char *name, u64 *value)
{
    const char *text = getenv(name);
    char *end;
    if (!text)
        return;
    *value = strtoull(text, &end, 0);
    if (!*value || *end) {
        fprintf(stderr, "%s=%s: must be a number above 0\n", name, text);
        exit(2);
    }
}

static void
test_random_history(void **state)
{
    (void)state;
    Random = Seed;
    history_start();
    while (History.ops < Ops)
        if (choose(FAULTY_ONE_IN))
            step_good();
        else
            step_faulty();
    history_check();
    printf("# ops %llu, failed %llu, handovers %llu, restores %llu"
           ", restarts %llu\n", History.ops, History.failed
           , History.handovers, History.restores, History.restarts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_history),
    };
    get_number("SEED", &Seed);
    get_number("OPS", &Ops);
    printf("# SEED=%llu OPS=%llu\n", Seed, Ops);
    fflush(stdout);
    return RUN_TESTS(tests);
}
