// SPDX-License-Identifier: LGPL-3.0-or-later
// Files and disks, read and written whole or not at all.

#include <errno.h> // EINTR
#include <fcntl.h> // open
#include <sys/stat.h> // fstat
#include <unistd.h> // pread

#include "install.h"

void
read_at(const char *path, int fd, void *data, u64 at, size_t length)
{
    char *next = data;
    while (length) {
        ssize_t got = pread(fd, next, length, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail_errno(path, "cannot be read");
        if (!got)
            fail(path, "shrank while it was read: is something writing to it?");
        next += got;
        at += (u64)got;
        length -= (size_t)got;
    }
}

void
write_at(const char *path, int fd, const void *data, u64 at, size_t length)
{
    const char *next = data;
    while (length) {
        ssize_t put = pwrite(fd, next, length, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            fail_errno(path, "cannot be written");
        next += put;
        at += (u64)put;
        length -= (size_t)put;
    }
}

// Open a file for reading, which must be a regular one: its size is needed. A
// pipe that nobody writes to must not have us wait.
int
open_file(const char *path, u64 *size)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status))
        fail_errno(path, "cannot be opened");
    if (!S_ISREG(status.st_mode))
        fail(path, "is not a regular file: name the file itself");
    *size = (u64)status.st_size;
    return fd;
}
