// SPDX-License-Identifier: LGPL-3.0-or-later
// Preloaded into the install command: ends it at its write number CUT_AT, as a
// power cut does, or has that write fail where CUT_ERRNO is set.

#include <dlfcn.h> // dlsym
#include <errno.h> // errno
#include <stdlib.h> // getenv
#include <unistd.h> // pwrite

typedef ssize_t write_fn(int, const void *, size_t, off64_t);

ssize_t // NOLINTNEXTLINE(*-inconsistent-declaration-parameter-name): reserved
pwrite64(int fd, const void *data, size_t length, off64_t at)
{
    static int writes;
    static write_fn *next;
    const char *cut = getenv("CUT_AT"), *error = getenv("CUT_ERRNO");
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
    if (cut && ++writes >= atoi(cut)) {
        if (!error)
            _exit(9);
        errno = atoi(error);
        return -1;
    }
    return next(fd, data, length, at);
}
