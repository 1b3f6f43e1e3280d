// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks that a file is a kernel that the boot code can start.

#include <string.h> // memcpy

#include "install.h"

#define LOW_VERSION(version) ((version) >> 8), ((version) & 0xff)

static void
check_setup(const char *path, const struct setup_header *setup, u64 size)
{
    u64 real = bzimage_real_sectors(setup) * (u64)SECTOR_SIZE;
    if (setup->header != BZIMAGE_SIGNATURE || setup->boot_flag != 0xaa55)
        fail(path, "is not a bzImage (Linux for x86, such as"
             " /boot/vmlinuz-VERSION)");
    if (setup->version < BZIMAGE_OLDEST)
        fail(path, "is too old: boot protocol %u.%02u; %u.%02u (Linux 2.6.31)"
             " or later is needed", LOW_VERSION(setup->version)
             , LOW_VERSION(BZIMAGE_OLDEST));
    if (!(setup->loadflags & BZIMAGE_LOADED_HIGH))
        fail(path, "is a zImage, which runs below 1 MiB: build a bzImage");
    if (size < real + setup->syssize * 16ULL || size <= real)
        fail(path, "is cut short: %llu bytes of %llu; copy it again", size
             , real + setup->syssize * 16ULL);
    if (size - real > 1U << 30)
        fail(path, "is too large for a kernel");
}

static void
take_command_line(const struct request *request, struct load_map *map)
{
    size_t length = strlen(request->append);
    size_t most = bzimage_setup(map->head)->cmdline_size;
    if (most >= sizeof(map->command_line))
        most = sizeof(map->command_line) - 1;
    if (length > most)
        fail("--append", "is too long: %zu characters; this kernel and loader"
             " take at most %zu", length, most);
    memcpy(map->command_line, request->append, length);
}

// Fill in all that the map says about the kernel, except its place. Returns the
// open file, and in *offset where its protected-mode part begins.
int
kernel_open(const struct request *request, struct load_map *map, u64 *offset)
{
    u64 size;
    int fd = open_file(request->kernel, &size);
    if (size < sizeof(map->head))
        fail(request->kernel, "is not a bzImage: it is too short");
    read_at(request->kernel, fd, map->head, 0, sizeof(map->head));
    const struct setup_header *setup = bzimage_setup(map->head);
    check_setup(request->kernel, setup, size);
    take_command_line(request, map);
    *offset = bzimage_real_sectors(setup) * (u64)SECTOR_SIZE;
    map->kernel.bytes = (u32)(size - *offset);

    const char *slash = strrchr(request->kernel, '/');
    const char *name = slash ? slash + 1 : request->kernel;
    size_t length = strnlen(name, sizeof(map->name) - 1);
    memcpy(map->name, name, length);
    return fd;
}
