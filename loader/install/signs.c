// SPDX-License-Identifier: LGPL-3.0-or-later
// Whose the target is by its signatures: file systems, swap areas, members of
// arrays, partition tables. libblkid knows them, and where each one lies.

#include <blkid/blkid.h> // blkid_do_probe
#include <stdio.h> // snprintf
#include <stdlib.h> // strtoull
#include <string.h> // strcmp

#include "install.h"

#define WIPES 4096 // signatures: a ZFS pool alone has up to 512

struct sign {
    const char *name;
    int is_table;
    u64 at; // bytes, from the start of what is open
    size_t length;
};

static blkid_probe
probe_open(const struct target *target, u64 start, u64 end)
{
    blkid_probe probe = blkid_new_probe();
    if (!probe
        || blkid_probe_set_device(probe, target->fd
                                  , (blkid_loff_t)(start * SECTOR_SIZE)
                                  , (blkid_loff_t)((end - start) * SECTOR_SIZE))
        || blkid_probe_enable_superblocks(probe, 1)
        || blkid_probe_set_superblocks_flags(
            probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_MAGIC
            | BLKID_SUBLKS_BADCSUM)
        || blkid_probe_enable_partitions(probe, 1)
        || blkid_probe_set_partitions_flags(
            probe, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT))
        fail(target->path, "cannot be examined by libblkid");
    return probe;
}

// Fill in what a probe has found. start: sectors.
static void
describe(blkid_probe probe, u64 start, struct sign *sign)
{
    const char *at = NULL;
    sign->is_table = blkid_probe_lookup_value(probe, "TYPE", &sign->name
                                              , NULL);
    if (sign->is_table
        && blkid_probe_lookup_value(probe, "PTTYPE", &sign->name, NULL))
        sign->name = "something";
    sign->length = 0;
    blkid_probe_lookup_value(probe, sign->is_table ? "PTMAGIC"
                             : "SBMAGIC", NULL, &sign->length);
    blkid_probe_lookup_value(probe, sign->is_table ? "PTMAGIC_OFFSET"
                             : "SBMAGIC_OFFSET", &at, NULL);
    sign->at = start * SECTOR_SIZE + (at ? strtoull(at, NULL, 10) : 0);
}

static int
next_sign(const struct target *target, blkid_probe probe, u64 start
          , struct sign *sign)
{
    int status = blkid_do_probe(probe);
    if (status < 0)
        fail(target->path, "cannot be examined by libblkid: check the disk");
    if (!status)
        describe(probe, start, sign);
    return !status;
}

// What is known to be harmless: bytes that are proven to be ours, and an MBR,
// even a GPT's. The caller looks at its four entries, which stay as they are.
static int
is_known(const struct sign *sign, const struct installed *live)
{
    u64 sector = sign->at / SECTOR_SIZE;
    return (sign->is_table && (!strcmp(sign->name, "dos")
                               || !strcmp(sign->name, "PMBR")))
        || (live->state == INSTALLED_WHOLE && sector >= live->start
            && sector - live->start < live->sectors);
}

static void
append(char *text, size_t size, const struct sign *sign)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s%s at byte %llu"
             , used ? ", " : "", sign->name
             , sign->is_table ? " partition table" : "", sign->at);
}

// Name all that these sectors hold; the text is empty if that is nothing.
void
signs_name(const struct target *target, u64 start, u64 end
           , const struct installed *live, char *text, size_t size)
{
    blkid_probe probe = probe_open(target, start, end);
    struct sign sign;
    *text = 0;
    while (next_sign(target, probe, start, &sign))
        if (!is_known(&sign, live))
            append(text, size, &sign);
    blkid_free_probe(probe);
}

// Name what is on the disk around its partitions, such as a file system of the
// whole disk or an array that it is a member of. What lies within a partition
// is that partition's.
void
signs_name_disk(const struct target *target, char *text, size_t size)
{
    blkid_probe probe = probe_open(target, 0, target->sectors);
    struct sign sign;
    *text = 0;
    while (next_sign(target, probe, 0, &sign))
        if (!sign.is_table
            && !partition_has(target, sign.at / SECTOR_SIZE))
            append(text, size, &sign);
    blkid_free_probe(probe);
}

// Overwrite the signatures in what the target has for us, each copy of them, so
// that nobody takes it for what it no longer is.
void
signs_wipe(const struct target *target, const struct installed *live)
{
    static const u8 zeroes[SECTOR_SIZE];
    blkid_probe probe = probe_open(target, target->start, target->end);
    struct sign sign;
    int wiped;
    for (wiped = 0; wiped < WIPES
         && next_sign(target, probe, target->start, &sign); wiped++) {
        if (is_known(&sign, live) || !sign.length
            || sign.length > sizeof(zeroes))
            continue;
        write_at(target->path, target->fd, zeroes, sign.at, sign.length);
        blkid_probe_step_back(probe);
    }
    blkid_free_probe(probe);
}
