// SPDX-License-Identifier: LGPL-3.0-or-later
// `int13bench budgets`: holds results to a file of budgets, both ways: what has a
// budget must have been measured, and what was measured must have a budget.

#include "budgets.h"

#include <ctype.h> // isdigit
#include <fnmatch.h> // fnmatch
#include <getopt.h> // getopt_long
#include <stdarg.h> // va_list
#include <stdio.h> // printf
#include <string.h> // strcmp

#include "format.h"

#define MESSAGE_SIZE 512
#define ALLOWED 1.02 // of a budget: so much a change elsewhere may do

static const char help[] =
    "usage: int13bench budgets [OPTION]... RESULTS.json\n"
    "Prints what calls cost in the lab beside what they may cost, and fails at 2 %\n"
    "above that: the median in virtual us, the median of the exits to Xen, and on\n"
    "average the firmware's own instructions and the round trips to qemu.\n"
    "  --budgets FILE   the budgets, instead of bench/budgets, which explains them\n"
    "  --peers          also whether each peer is slower than this firmware, by as\n"
    "                   many times as FILE says\n"
    "  --tap            print tests in place of tables\n"
    "  --help           show this help\n"
    "Examples:\n"
    "  int13bench run @bench/sets/figures --out build/figures\n"
    "  int13bench budgets build/figures/results.json\n"
    "Exit status: 0 within all budgets; 1 not; 2 usage error, or there is no figure\n"
    "for a budget, or no budget for a figure.\n";

// How each figure is called in a sentence; all but the peers' are in the table.
static const char *const units[] = {
    [FIGURE_US] = "virtual us", [FIGURE_EXITS] = "exits",
    [FIGURE_FIRMWARE] = "instructions of the firmware",
    [FIGURE_QEMU] = "round trips to qemu",
};
#define TABLED (sizeof(units) / sizeof(*units))

static const char *const backends[] = { "phy", "qdisk" };
#define BACKENDS (sizeof(backends) / sizeof(*backends))

// What is found of a figure; the worst one is the exit status.
enum verdict { VERDICT_GOOD, VERDICT_OVER, VERDICT_MISSING };

struct finding {
    enum verdict verdict;
    const char *text;
};

struct holding {
    struct pool *pool;
    const struct results *results;
    struct grid grid;
    const char **names; // of its cells, as the patterns have them
    struct budgets budgets;
    bool peers, tap;
    struct finding *findings;
    size_t count;
};

static void __attribute__((format(printf, 3, 4)))
find(struct holding *holding, enum verdict verdict, const char *format, ...)
{
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    holding->findings = pool_grow(holding->pool, holding->findings
                                  , holding->count, holding->count + 1
                                  , sizeof(*holding->findings));
    holding->findings[holding->count++] = (struct finding) {
        verdict, pool_copy(holding->pool, text),
    };
}


/****************************************************************
 * Cells, and the budgets that are for them
 ****************************************************************/

static size_t
cell_count(const struct holding *holding)
{
    return holding->grid.job_count * holding->grid.series_count;
}

// Returns a cell, series by series, or NULL if it was not to be run.
static const struct cell *
cell_at(const struct holding *holding, size_t i)
{
    const struct grid *grid = &holding->grid;
    const struct cell *cell = &grid->cells[i % grid->job_count * grid->series_count
                                           + i / grid->job_count];
    return cell->runs || cell->invalid ? cell : NULL;
}

static void
name_cells(struct holding *holding)
{
    holding->names = pool_array(holding->pool, cell_count(holding)
                                , sizeof(*holding->names));
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = &holding->grid.cells[i];
        holding->names[i] = pool_format(
            holding->pool, "%s/%s/%s/%s", cell->series->firmware
            , cell->series->transport, cell->series->backend, cell->job->name);
    }
}

static const char *
name_of(const struct holding *holding, const struct cell *cell)
{
    return holding->names[cell - holding->grid.cells];
}

// Returns true if the results are of that version of Xen: 4.20 is any 4.20.x.
static bool
is_of_xen(const struct holding *holding, const char *version)
{
    const char *xen = results_environment(holding->results, "xen");
    size_t length = strlen(version);
    return xen && !strncmp(xen, version, length)
           && !isdigit((unsigned char)xen[length]);
}

static bool
is_for(const struct holding *holding, const struct budget *budget
       , const struct cell *cell)
{
    return !fnmatch(budget->pattern, name_of(holding, cell), 0)
           && (!budget->xen || is_of_xen(holding, budget->xen));
}

// Returns true if the budget holds for that cell: one that is for its version of
// Xen takes the place of those that are for any.
static bool
holds_for(const struct holding *holding, const struct budget *budget
          , const struct cell *cell)
{
    if (!is_for(holding, budget, cell))
        return false;
    for (size_t i = 0; !budget->xen && i < holding->budgets.count; i++) {
        const struct budget *other = &holding->budgets.list[i];
        if (other->xen && other->figure == budget->figure
            && is_for(holding, other, cell))
            return false;
    }
    return true;
}

// The figure of a cell, negative if it was not counted.
static double
figure_of(const struct cell *cell, enum figure figure)
{
    switch (figure) {
    case FIGURE_US: return cell->median / 1000;
    case FIGURE_EXITS: return cell_median_exits(cell);
    case FIGURE_FIRMWARE:
        return cell->has_waterfall ? (double)cell->waterfall[PARTY_FIRMWARE] : -1;
    case FIGURE_QEMU: return cell_counter(cell, COUNTER_ROUND_TRIPS);
    default: return -1;
    }
}

// The strictest budget for that figure of the cell, or NULL; of FIGURE_SLOWER any.
static const struct budget *
limit_of(const struct holding *holding, const struct cell *cell
         , enum figure figure)
{
    const struct budget *least = NULL;
    for (size_t i = 0; i < holding->budgets.count; i++) {
        const struct budget *budget = &holding->budgets.list[i];
        if (budget->figure == figure && holds_for(holding, budget, cell)
            && (!least || budget->number < least->number))
            least = budget;
    }
    return least;
}

// The cell of that firmware with the same job, on that backend; NULL if it has no
// valid run.
static const struct cell *
ours_of(const struct holding *holding, const struct cell *peer
        , const char *firmware, const char *backend)
{
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        if (cell && cell->runs && cell->job == peer->job
            && !strcmp(cell->series->firmware, firmware)
            && !strcmp(cell->series->transport, "pv")
            && !strcmp(cell->series->backend, backend))
            return cell;
    }
    return NULL;
}

// How many times as long as that firmware's on this backend a call of the peer's
// takes. Negative: that is not known; 0: the peer is on another backend.
static double
times_of(const struct holding *holding, const struct cell *peer
         , const char *firmware, const char *backend)
{
    const struct cell *ours = ours_of(holding, peer, firmware, backend);
    if (!strcmp(peer->series->transport, "pv")
        && strcmp(peer->series->backend, backend) != 0)
        return 0;
    return ours ? peer->median / ours->median : -1;
}


/****************************************************************
 * Findings
 ****************************************************************/

// What is to be done to measure what the budget is for.
static const char *
command_for(const struct budget *budget)
{
    return budget->figure == FIGURE_SLOWER ? "make peers" : "make figures";
}

static void
hold_figure(struct holding *holding, const struct budget *budget
            , const struct cell *cell)
{
    const char *name = name_of(holding, cell), *unit = units[budget->figure];
    double is = figure_of(cell, budget->figure);
    if (is < 0)
        find(holding, VERDICT_MISSING, "%s: its %s were not counted; run this:"
             " %s", name, unit, command_for(budget));
    else
        find(holding, is <= budget->number * ALLOWED ? VERDICT_GOOD : VERDICT_OVER
             , "%s: %s %s, budget %g", name
             , format_number(holding->pool, is), unit, budget->number);
}

static void
hold_peer(struct holding *holding, const struct budget *budget
          , const struct cell *cell)
{
    const char *name = name_of(holding, cell);
    for (size_t i = 0; i < BACKENDS; i++) {
        double times = times_of(holding, cell, budget->than, backends[i]);
        if (times < 0)
            find(holding, VERDICT_MISSING, "%s: there is no %s/pv/%s/%s to"
                 " compare it with; run this: %s", name, budget->than, backends[i]
                 , cell->job->name, command_for(budget));
        else if (times > 0)
            find(holding, times >= budget->number ? VERDICT_GOOD : VERDICT_OVER
                 , "%s: takes %.2f times as long as %s on %s, goal %g", name
                 , times, budget->than, backends[i], budget->number);
    }
}

static const char *
reason_of(const struct holding *holding, const struct cell *cell)
{
    for (size_t i = 0; i < holding->results->run_count; i++) {
        const struct run *run = &holding->results->runs[i];
        if (run->reason && !strcmp(run->job, cell->job->name)
            && !strcmp(run->firmware, cell->series->firmware)
            && !strcmp(run->transport, cell->series->transport)
            && !strcmp(run->backend, cell->series->backend))
            return run->reason;
    }
    return "no reason is given";
}

static void
hold_cell(struct holding *holding, const struct budget *budget
          , const struct cell *cell)
{
    if (!cell->runs)
        find(holding, VERDICT_MISSING, "%s: no run of it is valid (%s); run this"
             " again: %s", name_of(holding, cell), reason_of(holding, cell)
             , command_for(budget));
    else if (budget->figure == FIGURE_SLOWER)
        hold_peer(holding, budget, cell);
    else
        hold_figure(holding, budget, cell);
}

static void
hold_budget(struct holding *holding, const struct budget *budget)
{
    bool any = false;
    if (budget->xen && !is_of_xen(holding, budget->xen))
        return;
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        any |= cell && is_for(holding, budget, cell);
        if (cell && holds_for(holding, budget, cell))
            hold_cell(holding, budget, cell);
    }
    if (!any)
        find(holding, VERDICT_MISSING, "%s: there is a budget for it in %s, but no"
             " result; run this: %s", budget->pattern, holding->budgets.file
             , command_for(budget));
}

// Returns true if a job by that firmware is held to virtual us.
static bool
is_held(const struct holding *holding, const char *firmware)
{
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        if (cell && !strcmp(cell->series->firmware, firmware)
            && limit_of(holding, cell, FIGURE_US))
            return true;
    }
    return false;
}

// Finds cells for which the file has no line; without --peers only those of
// firmware for which it has one.
static void
find_unheld(struct holding *holding)
{
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        if (!cell || limit_of(holding, cell, FIGURE_US)
            || limit_of(holding, cell, FIGURE_SLOWER)
            || (!holding->peers && !is_held(holding, cell->series->firmware)))
            continue;
        find(holding, VERDICT_MISSING, "%s: there is no line for it in %s; add one,"
             " such as: %s us %s", name_of(holding, cell), holding->budgets.file
             , name_of(holding, cell)
             , format_us(holding->pool, cell->runs ? cell->median : 0));
    }
}

static void
hold_all(struct holding *holding)
{
    for (size_t i = 0; i < holding->budgets.count; i++) {
        const struct budget *budget = &holding->budgets.list[i];
        if (budget->figure != FIGURE_SLOWER || holding->peers)
            hold_budget(holding, budget);
    }
    find_unheld(holding);
}


/****************************************************************
 * Output
 ****************************************************************/

// Returns true if the cell is in the table of those with that figure.
static bool
is_listed(const struct holding *holding, const struct cell *cell
          , enum figure figure)
{
    return cell && cell->runs && limit_of(holding, cell, figure);
}

static int
name_width(const struct holding *holding, enum figure figure)
{
    size_t width = 0;
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        if (is_listed(holding, cell, figure)
            && strlen(name_of(holding, cell)) > width)
            width = strlen(name_of(holding, cell));
    }
    return (int)width;
}

// Each figure of the cell, and how much it may be.
static void
print_cell(const struct holding *holding, const struct cell *cell
           , const int *widths)
{
    for (size_t k = 0; k < TABLED; k++) {
        const struct budget *limit = limit_of(holding, cell, (enum figure)k);
        double is = figure_of(cell, (enum figure)k);
        printf("%*s%6s", widths[k], format_number(holding->pool, is), limit
               ? pool_format(holding->pool, "%g", limit->number) : "-");
    }
}

static void
print_figures(const struct holding *holding)
{
    static const char *const heads[TABLED] = { "us", "exits", "firmware", "qemu" };
    static const int widths[TABLED] = { 7, 6, 9, 5 };
    int width = name_width(holding, FIGURE_US);
    printf("%-*s", width, "per call, virtual us");
    for (size_t k = 0; k < TABLED; k++)
        printf("%*s%6s", widths[k], heads[k], "limit");
    printf("\n");
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        if (!is_listed(holding, cell, FIGURE_US))
            continue;
        printf("%-*s", width, name_of(holding, cell));
        print_cell(holding, cell, widths);
        printf("\n");
    }
}

// How many times as long as ours, on either backend.
static void
print_peer(const struct holding *holding, const struct cell *cell, int width)
{
    const struct budget *goal = limit_of(holding, cell, FIGURE_SLOWER);
    printf("%-*s%11s", width, name_of(holding, cell)
           , format_us(holding->pool, cell->median));
    for (size_t i = 0; i < BACKENDS; i++) {
        double times = times_of(holding, cell, goal->than, backends[i]);
        printf("%9s", times > 0 ? pool_format(holding->pool, "%.2f", times) : "-");
    }
    printf("%7s%6s\n"
           , format_number(holding->pool, cell_median_exits(cell))
           , format_number(holding->pool, cell_counter(cell, COUNTER_ROUND_TRIPS)));
}

static void
print_peers(const struct holding *holding)
{
    int width = name_width(holding, FIGURE_SLOWER);
    printf("\n%-*s%11s%9s%9s%7s%6s\n", width, "peer; x: times ours", "virtual us"
           , "x phy", "x qdisk", "exits", "qemu");
    for (size_t i = 0; i < cell_count(holding); i++) {
        const struct cell *cell = cell_at(holding, i);
        if (is_listed(holding, cell, FIGURE_SLOWER))
            print_peer(holding, cell, width);
    }
}

// Prints what is not as it should be, and how much is.
static void
print_findings(const struct holding *holding)
{
    size_t good = 0;
    for (size_t i = 0; i < holding->count; i++)
        good += holding->findings[i].verdict == VERDICT_GOOD;
    printf("\n%zu of %zu figures are as they should be%s\n", good, holding->count
           , good < holding->count ? "; these are not:" : ".");
    for (size_t i = 0; i < holding->count; i++)
        if (holding->findings[i].verdict != VERDICT_GOOD)
            printf("%s\n", holding->findings[i].text);
    printf("What the calls did, exit by exit: int13bench report %s\n"
           , holding->results->file);
}

static void
print_tests(const struct holding *holding)
{
    for (size_t i = 0; i < holding->count; i++)
        printf("%s %zu - %s\n", holding->findings[i].verdict == VERDICT_GOOD
               ? "ok" : "not ok", i + 1, holding->findings[i].text);
    printf("1..%zu\n", holding->count);
}

static void
print_all(const struct holding *holding)
{
    if (holding->tap) {
        print_tests(holding);
        return;
    }
    print_figures(holding);
    if (holding->peers)
        print_peers(holding);
    print_findings(holding);
}


/****************************************************************
 * Command
 ****************************************************************/

static int
hold_results(struct holding *holding, struct results *results
             , const char *budgets, char *message)
{
    enum verdict worst = VERDICT_GOOD;
    holding->pool = &results->pool;
    holding->results = results;
    if (!budgets_read(&holding->budgets, holding->pool, budgets, message
                      , MESSAGE_SIZE)
        || !grid_make(&holding->grid, results, clock_names[0], message, MESSAGE_SIZE))
        return 2;
    if (!holding->grid.job_count) {
        snprintf(message, MESSAGE_SIZE, "%s: nothing in it was timed in virtual"
                 " time, which budgets are of; run this: make figures"
                 , results->file);
        return 2;
    }
    name_cells(holding);
    hold_all(holding);
    print_all(holding);
    for (size_t i = 0; i < holding->count; i++)
        if (holding->findings[i].verdict > worst)
            worst = holding->findings[i].verdict;
    return (int)worst;
}

static int
hold_file(struct holding *holding, const char *file, const char *budgets)
{
    struct results results;
    char message[MESSAGE_SIZE] = "";
    int status = 2;
    if (results_read(&results, file, message, sizeof(message))) {
        status = hold_results(holding, &results, budgets, message);
        results_free(&results);
    }
    if (message[0] && holding->tap)
        printf("not ok 1 - %s\n1..1\n", message);
    else if (message[0])
        fprintf(stderr, "budgets: %s\n", message);
    return status;
}

int
cmd_budgets(int argc, char **argv, const char *file)
{
    static const struct option names[] = {
        { "budgets", required_argument, NULL, 'b' },
        { "peers", no_argument, NULL, 'p' },
        { "tap", no_argument, NULL, 't' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    struct holding holding = { .peers = false };
    int option;
    optind = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
        switch (option) {
        case 'b': file = optarg; break;
        case 'p': holding.peers = true; break;
        case 't': holding.tap = true; break;
        case 'h': fputs(help, stdout); return 0;
        default: fputs("Try --help.\n", stderr); return 2;
        }
    if (argc - optind == 1)
        return hold_file(&holding, argv[optind], file);
    fputs("budgets: wants one file of results; try --help\n", stderr);
    return 2;
}
