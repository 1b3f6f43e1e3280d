// SPDX-License-Identifier: LGPL-3.0-or-later
// The disk to install on: opened, and measured.

#include <errno.h> // EBUSY
#include <fcntl.h> // open
#include <linux/fs.h> // BLKSSZGET
#include <sys/ioctl.h> // ioctl
#include <sys/stat.h> // fstat
#include <unistd.h> // close

#include "install.h"

static void
measure(struct target *target)
{
    struct stat status;
    int sector_size = SECTOR_SIZE;
    u64 bytes;
    if (fstat(target->fd, &status))
        fail_errno(target->path, "cannot be examined");
    bytes = (u64)status.st_size;
    if (S_ISBLK(status.st_mode)) {
        if (ioctl(target->fd, BLKGETSIZE64, &bytes)
            || ioctl(target->fd, BLKSSZGET, &sector_size))
            fail_errno(target->path, "does not report its size");
    } else if (!S_ISREG(status.st_mode)) {
        fail(target->path, "is neither a disk nor an image of one");
    }
    if (sector_size != SECTOR_SIZE)
        fail(target->path, "has sectors of %d bytes: the BIOS boots from 512"
             " only", sector_size);
    target->sectors = bytes / SECTOR_SIZE;
    if (!target->sectors)
        fail(target->path, "is empty: give an image its size first, with"
             " truncate -s 128M");
}

// The next sector that begins a page on the disk that the BIOS sees.
u64
target_align(const struct target *target, u64 sector)
{
    return align_sectors(sector + target->origin) - target->origin;
}

// With --partition the rest of the disk may be in use, even by the running
// system.
void
target_open(struct target *target, const struct request *request, int write)
{
    struct stat status;
    int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    *target = (struct target) { .path = request->target, .guard = -1 };
    if (write && !request->partition && !stat(target->path, &status)
        && S_ISBLK(status.st_mode))
        flags |= O_EXCL;
    target->fd = open(target->path, flags);
    if (target->fd < 0 && errno == EBUSY)
        fail(target->path, "is in use: unmount it first, or name a partition of"
             " it with --partition");
    if (target->fd < 0)
        fail_errno(target->path, "cannot be opened");
    measure(target);
    if (request->partition) {
        partition_find(target, request->partition);
        if (write)
            target->guard = partition_guard(target, request->partition);
    } else {
        target->origin = partition_origin(target);
        target->end = target->sectors;
    }
    target->first = target_align(target, target->start + 1);
}

void
target_close(struct target *target)
{
    if (target->guard >= 0)
        close(target->guard);
    if (close(target->fd))
        fail_errno(target->path, "cannot be written");
}
