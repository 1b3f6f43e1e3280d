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

// An installation that is there. sectors is 0 if there is none.
struct installed {
    u64 start; // of its map
    u64 sectors;
    struct load_map map;
};

// errors.c: print one line for the user and exit; fail_errno() adds errno's text.
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
void target_refuse_strangers(const struct target *target
                             , const struct request *request);
void target_close(struct target *target);

// partition.c
void partition_find(struct target *target, u32 number);
int partition_table_is_there(const u8 *sector);
int partition_guard(const struct target *target, u32 number);
u64 partition_origin(const struct target *target);

// installed.c
void installed_find(const struct target *target, struct installed *installed);
int installed_boot_code(const u8 *sector);
void installed_check(const struct target *target
                     , const struct installed *installed);

// write.c
void install(const struct request *request);

#endif
