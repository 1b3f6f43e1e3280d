// SPDX-License-Identifier: LGPL-3.0-or-later
// Writes cells as comma-separated values (RFC 4180): see csv.h.

#include "csv.h"

#include "format.h" // cell_throughput

static void
write_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputs("\",", out);
}

static void
write_us(bool known, double ns, const char *end, FILE *out)
{
    if (known)
        fprintf(out, "%.3f", ns / 1000);
    fputs(end, out);
}

void
csv_write_head(FILE *out)
{
    fputs("clock,job,firmware,transport,backend,runs,invalid,calls,median_us,"
          "median_low_us,median_high_us,mean_us,p95_us,p99_us,max_us,mib_per_s\n"
          , out);
}

static void
write_cell(const struct grid *grid, const struct cell *cell, FILE *out)
{
    bool known = cell->count > 0;
    write_text(grid->clock, out);
    write_text(cell->job->name, out);
    write_text(cell->series->firmware, out);
    write_text(cell->series->transport, out);
    write_text(cell->series->backend, out);
    fprintf(out, "%zu,%zu,%zu,", cell->runs, cell->invalid, cell->count);
    write_us(known, cell->median, ",", out);
    write_us(known && cell->interval.known, cell->interval.low, ",", out);
    write_us(known && cell->interval.known, cell->interval.high, ",", out);
    write_us(known, cell->mean, ",", out);
    write_us(known, cell->p95, ",", out);
    write_us(known, cell->p99, ",", out);
    write_us(known, cell->max, ",", out);
    if (known && cell->job->bytes > 0)
        fprintf(out, "%.3f", cell_throughput(cell));
    fputc('\n', out);
}

void
csv_write_grid(const struct grid *grid, FILE *out)
{
    for (size_t i = 0; i < grid->job_count * grid->series_count; i++)
        if (grid->cells[i].runs || grid->cells[i].invalid)
            write_cell(grid, &grid->cells[i], out);
}
