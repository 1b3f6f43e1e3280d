// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of the tree, whether int13bench runs in it or has been installed.

#include <err.h> // errx
#include <libgen.h> // dirname
#include <limits.h> // PATH_MAX
#include <stdlib.h> // free
#include <string.h> // strcmp
#include <unistd.h> // readlink

#include "files.h" // text_of
#include "jobfile.h" // EXIT_USAGE
#include "tree.h"

// From the folder of the program: packaging/packaging.mk.
#define INSTALLED "/../libexec/seabios-blkfront"
#define MOST 1024 // files of all jobs

static char *
installed_path(const char *path)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length < 0)
        return NULL;
    self[length] = '\0';
    char *installed = text_of("%s" INSTALLED "/%s", dirname(self), path);
    if (!access(installed, F_OK))
        return installed;
    free(installed);
    return NULL;
}

const char *
tree_path(const char *path)
{
    static char *kept[MOST];
    size_t i;
    if (*path == '/' || !access(path, F_OK))
        return path;
    char *installed = installed_path(path);
    if (!installed)
        return path;
    for (i = 0; i < MOST && kept[i]; i++) {
        if (strcmp(kept[i], installed) != 0)
            continue;
        free(installed);
        return kept[i];
    }
    if (i < MOST)
        return kept[i] = installed;
    errx(EXIT_USAGE, "too many files");
}
