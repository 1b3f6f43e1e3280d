// SPDX-License-Identifier: LGPL-3.0-or-later
// The disk to install on: opened, locked, and measured.

#include <errno.h> // EBUSY
#include <fcntl.h> // open
#include <glob.h> // glob
#include <linux/fs.h> // BLKSSZGET
#include <stdio.h> // fopen
#include <string.h> // strcspn
#include <sys/ioctl.h> // ioctl
#include <sys/stat.h> // fstat
#include <sys/sysmacros.h> // makedev
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

static int
is_backing_file(const char *attribute, const struct stat *image, char *path
                , int size)
{
    struct stat status;
    FILE *file = fopen(attribute, "re");
    if (!file)
        return 0;
    int got = fgets(path, size, file) != NULL;
    fclose(file);
    path[got ? strcspn(path, "\n") : 0] = 0;
    return got && !stat(path, &status) && status.st_dev == image->st_dev
        && status.st_ino == image->st_ino;
}

// An image that is a loop device has a second cache, and maybe somebody who has
// mounted it.
static void
refuse_looped(const struct target *target, const struct stat *image)
{
    char path[4096];
    glob_t found;
    size_t i;
    if (glob("/sys/block/loop*/loop/backing_file", 0, NULL, &found))
        return;
    for (i = 0; i < found.gl_pathc; i++)
        if (is_backing_file(found.gl_pathv[i], image, path, sizeof(path)))
            fail(target->path, "is in use as /dev/%.*s: name that device"
                 ", or detach it with losetup -d"
                 , (int)strcspn(found.gl_pathv[i] + 11, "/")
                 , found.gl_pathv[i] + 11);
    globfree(&found);
}

// blkback does not open a guest's disk exclusively.
static void
refuse_guests(const struct target *target, int fd)
{
    struct stat device;
    glob_t found;
    size_t i;
    if (fstat(fd, &device) || glob(
            "/sys/bus/xen-backend/devices/vbd-*/physical_device", 0, NULL
            , &found))
        return;
    for (i = 0; i < found.gl_pathc; i++) {
        unsigned int its_major, its_minor;
        FILE *file = fopen(found.gl_pathv[i], "re");
        int got = file ? fscanf(file, "%x:%x", &its_major, &its_minor) : 0;
        if (file)
            fclose(file);
        if (got == 2 && makedev(its_major, its_minor) == device.st_rdev)
            fail(target->path, "is in use by a Xen guest (see xl block-list):"
                 " shut that down first");
    }
    globfree(&found);
}

// QEMU locks the images that it has open, and we lock ours against it and
// against another blkload. A file system without locks is no reason to stop.
static void
refuse_used(const struct target *target)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct stat status;
    if (fcntl(target->fd, F_OFD_SETLK, &lock)
        && (errno == EAGAIN || errno == EACCES))
        fail(target->path, "is in use by another program, such as QEMU or"
             " another blkload: end that first");
    if (fstat(target->fd, &status))
        fail_errno(target->path, "cannot be examined");
    if (S_ISREG(status.st_mode))
        refuse_looped(target, &status);
    else
        refuse_guests(target, target->fd);
}

// Refuse to overwrite a file that is to be installed.
void
target_refuse_source(const struct target *target, const char *path)
{
    struct stat disk, source;
    if (!fstat(target->fd, &disk) && !stat(path, &source)
        && disk.st_dev == source.st_dev && disk.st_ino == source.st_ino)
        fail(path, "is the target, too: name a disk, an image of one, or a"
             " partition as the target");
}

// Have the file system that an image lies on reserve the room for these sectors.
// Not all of them can.
void
target_reserve(const struct target *target, u64 start, u64 sectors)
{
    struct stat status;
    int result;
    if (fstat(target->fd, &status) || !S_ISREG(status.st_mode))
        return;
    do
        result = fallocate(target->fd, FALLOC_FL_KEEP_SIZE
                           , (off_t)(start * SECTOR_SIZE)
                           , (off_t)(sectors * SECTOR_SIZE));
    while (result && errno == EINTR);
    if (result && errno == ETXTBSY)
        fail(target->path, "is in use as a swap area or a program: end that"
             " first");
    if (result && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        fail(target->path, "needs %llu MiB that the file system it lies on does"
             " not have: make room there; nothing has changed"
             , sectors / 2048 + 1);
}

// With --partition the rest of the disk may be in use, even by the running
// system.
void
target_open(struct target *target, const struct request *request, int write)
{
    struct stat status;
    int flags = (write ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC;
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
    if (write)
        refuse_used(target);
    if (request->partition) {
        partition_find(target, request->partition);
        if (write)
            target->guard = partition_guard(target, request->partition);
        if (target->guard >= 0)
            refuse_guests(target, target->guard);
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
