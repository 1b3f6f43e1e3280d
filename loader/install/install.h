// SPDX-License-Identifier: LGPL-3.0-or-later
// The parts of the install command.
#ifndef LOADER_INSTALL_H
#define LOADER_INSTALL_H

#include <stddef.h> // size_t

#include "map.h" // struct load_map

enum { STATUS_DONE, STATUS_FAILED, STATUS_WRONG_USE };

struct request {
    const char *target;
    const char *kernel;
    const char *const *initrds;
    u32 initrd_count;
    const char *append;
    u32 partition; // 0: none, the target is all ours
    int force;
    int debug; // MAP_DEBUG
};

// A disk, an image of one, or a partition. Sectors are counted from the start
// of what is open.
struct target {
    const char *path;
    int fd;
    int guard; // of the partition's own device, or -1
    u64 sectors;
    u64 origin; // where that start is on the disk that the BIOS sees
    u64 boot; // the boot sector
    u64 start, end; // what is ours
    u64 first; // the first place in it for map, stage, kernel and initrd
};

// What a boot sector leads to.
struct installed {
    enum { INSTALLED_NONE, INSTALLED_DAMAGED, INSTALLED_WHOLE } state;
    const char *damage; // the part that does not have its sum
    u64 start; // of its map
    u64 sectors; // 0 unless it is whole
    struct load_map map;
};

// errors.c: print one line for the user and exit; fail_errno() adds errno's text.
// What the failure means for the target is added, once that is known.
void fail_means(const char *text);
void __attribute__((noreturn, format(printf, 2, 3)))
fail(const char *path, const char *format, ...);
void __attribute__((noreturn)) fail_errno(const char *path, const char *what);

// files.c
void read_at(const char *path, int fd, void *data, u64 at, size_t length);
void write_at(const char *path, int fd, const void *data, u64 at
              , size_t length);
int open_file(const char *path, u64 *size);

// kernel.c
int kernel_open(const struct request *request, struct load_map *map
                , u64 *offset);

// Pages: eight sectors.
static inline u64
align_sectors(u64 sectors)
{
    return (sectors + 7) & ~7ULL;
}

// target.c
u64 target_align(const struct target *target, u64 sector);
void target_open(struct target *target, const struct request *request
                 , int write);
void target_refuse_source(const struct target *target, const char *path);
void target_reserve(const struct target *target, u64 start, u64 sectors);
void target_close(struct target *target);

// partition.c
void partition_find(struct target *target, u32 number);
int partition_table_is_there(const u8 *sector);
void partition_drop_garbage(u8 *sector);
int partition_has(const struct target *target, u64 sector);
int partition_guard(const struct target *target, u32 number);
u64 partition_origin(const struct target *target);

// installed.c
void installed_find(const struct target *target, const u8 *boot
                    , struct installed *installed);
int installed_is_within(const struct installed *installed
                        , const struct target *target);
int installed_boot_fields(const u8 *sector, struct boot_fields *fields);
void installed_lay_out(struct load_map *map, u32 ahead);
const char *installed_damage(const struct target *target
                             , const struct load_map *map);
u32 installed_sum(const u32 *data);
u64 installed_ours_at(const struct target *target, u64 place);
void installed_claim(const struct target *target, u64 place, u64 sectors);

// signs.c
void signs_name(const struct target *target, u64 start, u64 end
                , const struct installed *live, char *text, size_t size);
void signs_name_disk(const struct target *target, char *text, size_t size);
void signs_wipe(const struct target *target, const struct installed *live);

// strangers.c
void strangers_refuse(const struct target *target, const struct request *request
                      , const u8 *boot, const struct installed *live);
u64 strangers_look(const struct target *target, const struct request *request
                   , const struct installed *live, u64 place, u64 sectors);

// write.c
void install(const struct request *request);

#endif
