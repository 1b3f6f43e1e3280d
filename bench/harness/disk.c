// SPDX-License-Identifier: LGPL-3.0-or-later
// A disk of the user's, beside the one that a guest boots from: what may be done
// to it, and how each transport is told of it.

#include <err.h> // errx
#include <fcntl.h> // open
#include <stdlib.h> // free
#include <string.h> // strstr
#include <sys/stat.h> // fstat
#include <unistd.h> // lseek

#include "disk.h"
#include "files.h" // text_of
#include "layout.h" // SECTOR_SIZE

// Returns its size in sectors; ends the program if it is no disk.
static u64
disk_sectors(const char *path, int *is_device)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status))
        err(EXIT_USAGE, "--disk %s", path);
    *is_device = S_ISBLK(status.st_mode);
    if (!*is_device && !S_ISREG(status.st_mode))
        errx(EXIT_USAGE, "--disk %s: neither a block device nor a file", path);
    off_t size = lseek(fd, 0, SEEK_END);
    close(fd);
    if (size <= 0)
        errx(EXIT_USAGE, "--disk %s: is empty", path);
    return (u64)size / SECTOR_SIZE;
}

static void
check_job(const struct plan *plan, const struct fio_job *job, u64 sectors)
{
    const struct job_spec *spec = &job->spec;
    u64 end = spec->from + spec->sectors;
    if (spec->calls)
        errx(EXIT_USAGE, "--disk: the job %s replays a recorded stream, which the"
             " disk would have to hold; name a job file without it", job->name);
    if (spec->rw & JOB_WRITE && !plan->writes)
        errx(EXIT_USAGE, "--disk: the job %s writes, and the disk is only to be"
             " read; name a job file without it, or add --write: then what is in"
             " its region is lost", job->name);
    if (end > sectors)
        errx(EXIT_USAGE, "--disk %s: has %llu MiB, and the job %s wants %llu"
             , plan->disk, sectors >> 11, job->name, (end + 2047) >> 11);
}

void
disk_check(const struct plan *plan)
{
    int is_device;
    size_t i;
    if (!plan->disk) {
        if (plan->writes)
            errx(EXIT_USAGE, "--write: say to which disk with --disk");
        return;
    }
    u64 sectors = disk_sectors(plan->disk, &is_device);
    for (i = 0; i < plan->jobs.count; i++)
        check_job(plan, &plan->jobs.jobs[i], sectors);
    for (i = 0; i < plan->backend_count; i++)
        if (!strcmp(plan->backends[i], "qdisk") && !plan->writes)
            errx(EXIT_USAGE, "--disk: qemu as the backend serves no read-only"
                 " disks; say --backend phy, or --write");
}

char *
disk_words(const struct plan *plan, const struct path *path)
{
    const char *mode = plan->writes ? "" : ",ro";
    if (path->transport->words)
        return text_of(" --disk %s,backend=none%s", plan->disk, mode);
    return text_of(" --disk %s,vdev=" DISK_VDEV ",backend=%s%s", plan->disk
                   , path->backend, mode);
}

// Returns the text with "from" in it replaced, which is there once at most. The
// text is freed.
static char *
replaced(char *text, const char *from, const char *to)
{
    const char *place = strstr(text, from);
    char *all;
    if (!place)
        return text;
    all = text_of("%.*s%s%s", (int)(place - text), text, to
                  , place + strlen(from));
    free(text);
    return all;
}

// What is numbered 0 in bench/transports is numbered 1 for the second disk. QEMU
// has no read-only hard disks on IDE: what a guest wrote would go to a temporary
// file.
char *
disk_qemu_words(const struct plan *plan, const char *words)
{
    static const char *const numbered[][2] = {
        { "@disk0@", "@disk1@" }, { "index=0", "index=1" }, { "id=d0", "id=d1" },
        { "drive=d0", "drive=d1" }, { "id=a0", "id=a1" },
        { "bus=a0.", "bus=a1." }, { "serial=x", "serial=y" },
    };
    char *second = text_of("%s", words), *all;
    size_t i;
    for (i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++)
        second = replaced(second, numbered[i][0], numbered[i][1]);
    if (!plan->writes)
        second = replaced(second, "format=raw", "format=raw,snapshot=on");
    all = text_of("%s %s", words, second);
    free(second);
    return all;
}

char *
disk_description(const struct plan *plan)
{
    int is_device;
    u64 sectors = disk_sectors(plan->disk, &is_device);
    return text_of("%s, %llu MiB, %s", is_device ? "block device" : "file"
                   , sectors >> 11, plan->writes ? "written to" : "only read");
}
