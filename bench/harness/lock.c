// SPDX-License-Identifier: LGPL-3.0-or-later
// Locks a folder by flock() on a file in it, so that a lock cannot outlive its
// owner. The file says whose it is.

#include <err.h> // err
#include <errno.h> // EWOULDBLOCK
#include <fcntl.h> // open
#include <stdlib.h> // free
#include <string.h> // strlen
#include <sys/file.h> // flock
#include <time.h> // strftime
#include <unistd.h> // write

#include "files.h" // text_of
#include "jobfile.h" // EXIT_USAGE
#include "lock.h"

static void
complain(const char *folder, const char *path)
{
    char *owner = first_line(file_text(path));
    char *plain = text_plain(owner && *owner ? owner : "another process");
    warnx("%s is in use by %s", folder, plain);
    errx(EXIT_USAGE, "wait until that has ended, or choose another --out");
}

void
lock_take(const char *folder, const char *command)
{
    char *path = text_of("%s/lock", folder), now[64];
    time_t when = time(NULL);
    struct tm local;
    directory_make(folder);
    // Not closed in the children: what they write is under the lock, too.
    int fd = open(path, O_RDWR | O_CREAT, 0666); // NOLINT(*-cloexec*)
    if (fd < 0)
        err(EXIT_USAGE, "cannot write %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK)
            complain(folder, path);
        err(EXIT_USAGE, "cannot lock %s", path);
    }
    strftime(now, sizeof(now), "%Y-%m-%d %H:%M:%S", localtime_r(&when, &local));
    char *text = text_of("process %ld since %s: %s\n", (long)getpid(), now
                         , command);
    // On a full disk the lock holds all the same.
    if (ftruncate(fd, 0) || write(fd, text, strlen(text)) < 0)
        warn("%s", path);
    free(text);
    free(path);
}
