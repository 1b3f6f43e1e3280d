// SPDX-License-Identifier: LGPL-3.0-or-later
//
// bench/report/grid.c: runs become cells, and contradictions are told.

#include <string.h> // strstr

#include "fake/check.h" // assert_int_equal
#include "fake/run.h" // RUN_TESTS
#include "grid.h"

#define RUNS 8

struct fixture {
    struct results results;
    struct run runs[RUNS];
    uint64_t samples[RUNS][4];
    struct grid grid;
    char message[256];
};

static struct fixture Fixture;

// Adds a run of four samples; sectors 63, repetition 1.
static struct run *
add_run(const char *job, const char *firmware, const char *backend
        , uint64_t first_sample)
{
    size_t i = Fixture.results.run_count++;
    assert_true(i < RUNS);
    for (uint64_t k = 0; k < 4; k++)
        Fixture.samples[i][k] = first_sample + k;
    Fixture.runs[i] = (struct run){ .job = job, .firmware = firmware
        , .transport = "pv", .backend = backend, .clock = "virtual"
        , .repetition = 1, .sectors = 63, .valid = true
        , .samples = Fixture.samples[i], .sample_count = 4 };
    return &Fixture.runs[i];
}

static bool
make_grid(void)
{
    return grid_make(&Fixture.grid, &Fixture.results, "virtual", Fixture.message
                     , sizeof(Fixture.message));
}

static int
setup(void **state)
{
    (void)state;
    Fixture = (struct fixture){ .results = { .file = "f" } };
    Fixture.results.runs = Fixture.runs;
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    pool_free(&Fixture.results.pool);
    return 0;
}

static void
test_repetitions_are_pooled(void **state)
{
    (void)state;
    add_run("seqread-63", "ours", "phy", 100);
    add_run("seqread-63", "ours", "phy", 200)->repetition = 2;
    assert_true(make_grid());
    const struct cell *cell = grid_cell(&Fixture.grid, 0, 0);
    assert_int_equal(cell->runs, 2);
    assert_int_equal(cell->count, 8);
    assert_true(cell->median == 151.5);
    assert_true(cell->low_run == 101.5 && cell->high_run == 201.5);
    assert_true(cell->max == 203);
}

static void
test_invalid_runs_are_not_used(void **state)
{
    (void)state;
    add_run("seqread-63", "ours", "phy", 100);
    struct run *invalid = add_run("seqread-63", "ours", "phy", 900);
    invalid->repetition = 2;
    invalid->valid = false;
    add_run("seqread-63", "stock", "phy", 900)->valid = false;
    assert_true(make_grid());
    assert_int_equal(grid_cell(&Fixture.grid, 0, 0)->count, 4);
    assert_int_equal(grid_cell(&Fixture.grid, 0, 0)->invalid, 1);
    assert_null(grid_cell(&Fixture.grid, 0, 1));
}

static void
test_clocks_do_not_mix(void **state)
{
    (void)state;
    add_run("seqread-63", "ours", "phy", 100);
    add_run("seqread-63", "ours", "phy", 900)->clock = "wall";
    assert_true(make_grid());
    assert_int_equal(grid_cell(&Fixture.grid, 0, 0)->count, 4);
    assert_true(grid_make(&Fixture.grid, &Fixture.results, "modelled"
                          , Fixture.message, sizeof(Fixture.message)));
    assert_int_equal(Fixture.grid.job_count, 0);
    assert_false(grid_has_cells(&Fixture.grid));
}

static void
test_names(void **state)
{
    (void)state;
    add_run("seqread-63", "ours", "phy", 100);
    add_run("mix", "ours", "qemu", 100);
    add_run("-63", "stock", "phy", 100);
    assert_true(make_grid());
    assert_string_equal(Fixture.grid.jobs[0].family, "seqread");
    assert_string_equal(Fixture.grid.jobs[1].family, "mix");
    assert_string_equal(Fixture.grid.jobs[2].family, "-63");
    assert_string_equal(Fixture.grid.series[0].label, "ours pv/phy");
    assert_string_equal(Fixture.grid.series[1].label, "ours pv");
    // the same transport and backend: the same hue
    assert_int_equal(Fixture.grid.series[0].style.hue
                     , Fixture.grid.series[2].style.hue);
    assert_int_equal(Fixture.grid.series[2].style.variant, 1);
    assert_int_not_equal(Fixture.grid.series[0].style.hue
                         , Fixture.grid.series[1].style.hue);
}

static void
test_contradictions(void **state)
{
    (void)state;
    add_run("seqread-63", "ours", "phy", 100);
    struct run *other = add_run("seqread-63", "ours", "phy", 100);
    assert_false(make_grid());
    assert_non_null(strstr(Fixture.message, "f: jobs[1]: the job 'seqread-63' has"
                           " the same firmware"));
    other->repetition = 2;
    assert_true(make_grid());
    other->sectors = 8;
    assert_false(make_grid());
    assert_non_null(strstr(Fixture.message, "another number of sectors"));
}

static void
test_counters_add_up(void **state)
{
    struct count one[] = { { "PIO", 3 }, { "NPF", 1 } }, two[] = { { "NPF", 7 } };
    (void)state;
    struct run *a = add_run("seqread-63", "ours", "phy", 100);
    struct run *b = add_run("seqread-63", "ours", "phy", 100);
    b->repetition = 2;
    a->counters = (struct counters){ .calls = 4, .has_exits = true
        , .exits = { one, 2 } };
    b->counters = (struct counters){ .calls = 4, .has_exits = true
        , .exits = { two, 1 } };
    a->counters.has[COUNTER_COPIED] = true;
    a->counters.number[COUNTER_COPIED] = 32256;
    assert_true(make_grid());
    const struct cell *cell = grid_cell(&Fixture.grid, 0, 0);
    assert_int_equal(counts_find(&cell->counters.exits, "NPF"), 8);
    assert_true(cell_exits(cell) == 11.0 / 8);
    // counted in one of two runs is not counted
    assert_true(cell_counter(cell, COUNTER_COPIED) < 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_repetitions_are_pooled, setup
                                        , teardown),
        cmocka_unit_test_setup_teardown(test_invalid_runs_are_not_used, setup
                                        , teardown),
        cmocka_unit_test_setup_teardown(test_clocks_do_not_mix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_contradictions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_counters_add_up, setup, teardown),
    };
    return RUN_TESTS(tests);
}
