// SPDX-License-Identifier: LGPL-3.0-or-later
// The report's first sentences: how long a kernel takes to load by what users have
// and by this firmware, or else what one job takes.

#include <stdlib.h> // qsort
#include <string.h> // strcmp

#include "format.h"
#include "sections.h"

#define OURS_MOST 4 // backends that are named

// What was loaded, from what, and how long our firmware took by each backend.
struct scene {
    struct pool *pool;
    const struct results *results;
    const char *of, *loader;
    uint64_t mib, latency_us;
    const struct load *ours[OURS_MOST];
    size_t count;
};


/****************************************************************
 * Words
 ****************************************************************/

static const char *
seconds(struct pool *pool, const struct load *load)
{
    double s = (double)load->ms / 1000;
    return pool_format(pool, s < 0.9995 ? "%.3f s" : s < 9.995 ? "%.2f s"
                       : s < 99.95 ? "%.1f s" : "%.0f s", s);
}

// What stands between the item at this place and the one before.
static const char *
between(size_t at, size_t count)
{
    return !at ? "" : at + 1 == count ? " and " : ", ";
}

static const char *
times_text(struct pool *pool, double ratio)
{
    return pool_format(pool, ratio < 9.95 ? "%.1f" : "%.0f", ratio);
}

// "74 and 68", for a time by something else.
static const char *
ratios(const struct scene *scene, const struct load *other)
{
    const char *text = "";
    for (size_t i = 0; i < scene->count; i++)
        text = pool_format(scene->pool, "%s%s%s", text, between(i, scene->count)
                           , times_text(scene->pool, (double)other->ms
                                        / (double)scene->ours[i]->ms));
    return text;
}

// "0.447 and 0.507 s with this firmware".
static const char *
our_times(const struct scene *scene)
{
    const char *text = "";
    for (size_t i = 0; i < scene->count; i++)
        text = pool_format(scene->pool, "%s%s%s", text, between(i, scene->count)
                           , seconds(scene->pool, scene->ours[i]));
    return pool_format(scene->pool, "%s with this firmware", text);
}

static const char *
server(struct pool *pool, const char *backend)
{
    if (!strcmp(backend, "phy"))
        return "blkback (phy, in dom0's kernel)";
    if (!strcmp(backend, "qdisk"))
        return "qemu (qdisk, a program in dom0)";
    return *backend ? backend : pool_copy(pool, "its backend");
}


/****************************************************************
 * Loads
 ****************************************************************/

static bool
is_of(const struct load *load, const char *of)
{
    return of == load->of || (of && load->of && !strcmp(of, load->of));
}

static const struct load *
find_load(const struct scene *scene, enum way_kind kind)
{
    for (size_t i = 0; i < scene->results->load_count; i++) {
        const struct load *load = &scene->results->loads[i];
        if (load->kind == kind && is_of(load, scene->of) && load->ms
            && !strcmp(load->loader, scene->loader)
            && load->initrd_mib == scene->mib
            && load->latency_us == scene->latency_us)
            return load;
    }
    return NULL;
}

// Fills in our own times. Returns true if there are any.
static bool
set_scene(struct scene *scene, const char *loader, uint64_t mib
          , uint64_t latency_us)
{
    scene->loader = loader;
    scene->mib = mib;
    scene->latency_us = latency_us;
    scene->count = 0;
    for (size_t i = 0; i < scene->results->load_count; i++) {
        const struct load *load = &scene->results->loads[i];
        if (load->kind == WAY_OURS && is_of(load, scene->of) && load->ms
            && !strcmp(load->loader, loader) && load->initrd_mib == mib
            && load->latency_us == latency_us && scene->count < OURS_MOST)
            scene->ours[scene->count++] = load;
    }
    return scene->count;
}

// The first loader and initrd that there are times of, with that way and ours.
static bool
find_scene(struct scene *scene, enum way_kind kind)
{
    for (size_t i = 0; i < scene->results->load_count; i++) {
        const struct load *load = &scene->results->loads[i];
        if (load->kind == kind && is_of(load, scene->of) && !load->latency_us
            && set_scene(scene, load->loader, load->initrd_mib, 0))
            return true;
    }
    return false;
}

// The latency of a millisecond, or the lowest other one, or 0.
static uint64_t
shown_latency(const struct scene *scene)
{
    uint64_t shown = 0;
    for (size_t i = 0; i < scene->results->load_count; i++) {
        const struct load *load = &scene->results->loads[i];
        uint64_t us = load->latency_us;
        if (us && is_of(load, scene->of) && !strcmp(load->loader, scene->loader)
            && load->initrd_mib == scene->mib
            && (us == 1000 || !shown || (shown != 1000 && us < shown)))
            shown = us;
    }
    return shown;
}

static void
add_ours(struct document *document, const struct scene *scene)
{
    const char *text = "";
    for (size_t i = 0; i < scene->count; i++)
        text = pool_format(scene->pool, "%s%s%s%s %s", text
                           , between(i, scene->count)
                           , seconds(scene->pool, scene->ours[i])
                           , i ? "" : " if it is served by"
                           , pool_format(scene->pool, "%s%s", i ? "by " : ""
                                         , server(scene->pool
                                                  , scene->ours[i]->backend)));
    document_item(document, pool_format(
        scene->pool, "From a PV disk (Xen's own kind, without an emulated"
        " controller) by this firmware: %s.", text));
}

static void
add_emulated(struct document *document, const struct scene *scene
             , enum way_kind kind, const char *what)
{
    const struct load *load = find_load(scene, kind);
    if (load)
        document_item(document, pool_format(
            scene->pool, "%s: %s, %s times as long.", what
            , seconds(scene->pool, load), ratios(scene, load)));
}

static void
add_latency(struct document *document, const struct scene *base)
{
    struct scene scene = *base;
    uint64_t us = shown_latency(base);
    if (!us || !set_scene(&scene, base->loader, base->mib, us))
        return;
    const struct load *load = find_load(&scene, WAY_DMA);
    const char *by = "DMA";
    if (!load) {
        load = find_load(&scene, WAY_PIO);
        by = "PIO";
    }
    if (load)
        document_item(document, pool_format(
            scene.pool, "If the storage takes %g ms for each request: %s by %s,"
            " %s: %s times as fast.", (double)us / 1000
            , seconds(scene.pool, load), by, our_times(&scene)
            , ratios(&scene, load)));
}

static void
add_cdrom(struct document *document, const struct scene *base)
{
    struct scene scene = *base;
    if (!find_scene(&scene, WAY_CDROM_XEN) && !find_scene(&scene, WAY_CDROM))
        return;
    const struct load *debian = find_load(&scene, WAY_CDROM);
    const struct load *xen = find_load(&scene, WAY_CDROM_XEN);
    const struct load *best = xen ? xen : debian;
    document_item(document, pool_format(
        scene.pool, "From a CD-ROM, by %.*s with %llu MiB: %s%s%s%s%s, %s: %s"
        " times as fast%s.", (int)strcspn(scene.loader, ","), scene.loader
        , (unsigned long long)scene.mib
        , debian ? seconds(scene.pool, debian) : ""
        , debian ? " with Debian's SeaBIOS" : "", debian && xen ? ", " : ""
        , xen ? seconds(scene.pool, xen) : "", xen ? " with Xen's" : ""
        , our_times(&scene), ratios(&scene, best)
        , debian && xen ? " as the latter" : ""));
}

static void
add_loads_of(struct document *document, const struct results *results
             , const char *of)
{
    struct scene scene = { .pool = document->pool, .results = results
        , .of = of };
    if (!find_scene(&scene, WAY_PIO) && !find_scene(&scene, WAY_DMA)
        && !find_scene(&scene, WAY_OURS))
        return;
    document_text(document, pool_format(
        scene.pool, "%s%sHow long %.*s takes to load Debian's kernel and an initrd"
        " of %llu MiB, in %s:", of ? of : "", of ? ". " : ""
        , (int)strcspn(scene.loader, ","), scene.loader
        , (unsigned long long)scene.mib, scene.ours[0]->wall
        ? "seconds by the host's clock" : "virtual seconds (a billion"
        " instructions of guest, Xen and dom0 together)"));
    add_ours(document, &scene);
    add_emulated(document, &scene, WAY_PIO, "By emulated IDE with PIO (the CPU"
                 " fetches the data word by word), as Debian's SeaBIOS reads");
    add_emulated(document, &scene, WAY_DMA, "By emulated IDE with DMA (the"
                 " controller writes to memory), as Xen builds SeaBIOS");
    add_latency(document, &scene);
    add_cdrom(document, &scene);
}


/****************************************************************
 * Jobs
 ****************************************************************/

// What users call a firmware and its disk.
static const char *
series_words(struct pool *pool, const struct series *series)
{
    static const struct { const char *label, *words; } known[] = {
        { "stock ide", "emulated IDE by PIO (the CPU fetches the data word by"
          " word), as Debian's SeaBIOS reads" },
        { "stock virtio", "virtio-blk with Debian's SeaBIOS" },
        { "stock ahci", "emulated AHCI with Debian's SeaBIOS" },
        { "stock nvme", "emulated NVMe with Debian's SeaBIOS" },
        { "ide-dma ide", "emulated IDE by DMA (the controller writes to memory),"
          " as Xen builds SeaBIOS" },
        { "ours pv/phy", "this firmware from a PV disk (Xen's own kind) that"
          " blkback (phy, in dom0's kernel) serves" },
        { "ours pv/qdisk", "this firmware from a PV disk that qemu (qdisk, a"
          " program in dom0) serves" },
        { "in-place pv/phy", "this firmware, built without read-ahead, from a PV"
          " disk (Xen's own kind) that blkback (phy, in dom0's kernel) serves" },
        { "in-place pv/qdisk", "this firmware, built without read-ahead, from a"
          " PV disk that qemu (qdisk, a program in dom0) serves" },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (!strcmp(series->label, known[i].label))
            return known[i].words;
    return pool_copy(pool, series->label);
}

// The same in fewer words, where the others stand above.
static const char *
short_words(struct pool *pool, const struct series *series)
{
    static const struct { const char *label, *words; } known[] = {
        { "stock ide", "IDE by PIO" }, { "ide-dma ide", "IDE by DMA" },
        { "stock virtio", "virtio-blk" }, { "stock ahci", "AHCI" },
        { "stock nvme", "NVMe" },
        { "ours pv/phy", "this firmware, blkback" },
        { "ours pv/qdisk", "this firmware, qdisk" },
        { "in-place pv/phy", "without read-ahead, blkback" },
        { "in-place pv/qdisk", "without read-ahead, qdisk" },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (!strcmp(series->label, known[i].label))
            return known[i].words;
    return pool_copy(pool, series->label);
}

// By rising time.
static int
compare_cells(const void *a, const void *b)
{
    const struct cell *x = *(const struct cell *const *)a
                       , *y = *(const struct cell *const *)b;
    return (x->median > y->median) - (x->median < y->median);
}

// Debian's firmware, Xen's by IDE, and the PV disks, the fastest first.
static size_t
job_cells(const struct grid *grid, size_t job, const struct cell **cells)
{
    size_t count = 0;
    for (size_t s = 0; s < grid->series_count; s++) {
        const struct cell *cell = grid_cell(grid, job, s);
        if (cell && (!strcmp(cell->series->firmware, "stock")
                     || !strcmp(cell->series->label, "ide-dma ide")
                     || !strcmp(cell->series->transport, "pv")))
            cells[count++] = cell;
    }
    qsort(cells, count, sizeof(const struct cell *), compare_cells);
    return count;
}

// Returns true if a PV disk is among them: nothing else is of interest here.
static bool
has_pv(const struct cell *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(cells[i]->series->transport, "pv"))
            return true;
    return false;
}

static bool
has_series(const struct grid *grid, const char *label)
{
    for (size_t s = 0; s < grid->series_count; s++)
        if (!strcmp(grid->series[s].label, label))
            return true;
    return false;
}

// A job that most have, by its time for a call.
static void
add_job(struct document *document, const struct grid *grid, size_t job)
{
    struct pool *pool = document->pool;
    const struct cell **cells = pool_array(pool, grid->series_count
                                           , sizeof(const struct cell *));
    size_t count = job_cells(grid, job, cells);
    const struct job *of = &grid->jobs[job];
    if (!count || !has_pv(cells, count))
        return;
    document_text(document, pool_format(
        pool, "A boot loader reads the disk by int13 calls of the BIOS. The typical"
        " (median) time of one that reads or writes %llu sectors (%g KiB), in"
        " microseconds of %s time:", (unsigned long long)of->sectors
        , (double)of->sectors * SECTOR_SIZE / 1024, grid->clock));
    for (size_t i = 0; i < count; i++)
        document_item(document, pool_format(
            pool, "%s us: %s%s%s.", format_us(pool, cells[i]->median)
            , series_words(pool, cells[i]->series), i ? ", " : ""
            , !i ? "" : pool_format(pool, "%s times as long", times_text(
                pool, cells[i]->median / cells[0]->median))));
    if (has_series(grid, "stock ide") && !has_series(grid, "ide-dma ide"))
        document_text(document, "As Xen builds SeaBIOS it reads IDE by DMA (the"
                      " controller writes to memory), which these results do not"
                      " have.");
}

// The sum of all calls of a boot, by all that made all of them.
static void
add_boot(struct document *document, const struct grid *grid, size_t job)
{
    struct pool *pool = document->pool;
    const struct cell **cells = pool_array(pool, grid->series_count
                                           , sizeof(const struct cell *));
    size_t count = job_cells(grid, job, cells), most = 0, shown = 0;
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        most = cell_calls(cells[i]) > most ? cell_calls(cells[i]) : most;
    for (size_t i = 0; i < count; i++)
        if (cell_calls(cells[i]) == most)
            text = pool_format(pool, "%s%s%s (%s)", text, shown++ ? ", " : ""
                               , format_measured(pool, cell_total(
                                   cells[i], most) / 1e6)
                               , short_words(pool, cells[i]->series));
    if (shown)
        document_text(document, pool_format(
            pool, "All %zu calls of a boot by %s, replayed, in ms: %s."
            , most, grid->jobs[job].name, text));
}

void
add_lead(struct document *document, const struct results *results
         , const struct grid *grid)
{
    for (size_t i = 0; i < results->load_count; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = !is_of(&results->loads[k], results->loads[i].of);
        if (first)
            add_loads_of(document, results, results->loads[i].of);
    }
    if (!results->load_count && grid && grid_has_cells(grid)
        && grid_main_job(grid)->sectors) {
        add_job(document, grid, (size_t)(grid_main_job(grid) - grid->jobs));
        for (size_t i = 0; i < grid->job_count; i++)
            if (grid->jobs[i].recorded)
                add_boot(document, grid, i);
    }
}
