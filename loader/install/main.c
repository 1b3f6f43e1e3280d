// SPDX-License-Identifier: LGPL-3.0-or-later
// blkload: puts a kernel and its initrd on a disk, with a boot loader that
// reads them straight to where they run. Exit status: 0 done, 1 not done,
// 2 usage error.

#include <blkid/blkid.h> // blkid_get_library_version
#include <ctype.h> // isdigit
#include <getopt.h> // getopt_long
#include <stdio.h> // fputs
#include <stdlib.h> // strtoul
#include <string.h> // strcmp

#include "install.h"
#include "version.h" // VERSION, made by packaging.mk

#define INITRDS 64

static const char usage_text[] =
    "usage: blkload --kernel FILE [OPTION]... TARGET\n"
    "       blkload --check [--partition N] TARGET\n"
    "Puts a Linux kernel on a disk, with a boot loader that has the BIOS read\n"
    "it straight to where it runs.\n"
    "  --kernel FILE    a bzImage, such as /boot/vmlinuz-VERSION\n"
    "  --initrd FILE    an initrd; may be repeated, the order is kept\n"
    "  --append TEXT    the kernel's command line\n"
    "  --partition N    install into partition N of TARGET (MBR: 1 to 4, or\n"
    "                   GPT), with boot code in the first sector of TARGET\n"
    "  --force          overwrite what is there, whatever it is, but the disk's\n"
    "                   number and partition table\n"
    "  --debugcon       at boot, print to port 0xe9, too: Xen and QEMU log it\n"
    "  --check          say what is installed, and check that it is intact\n"
    "  --help, --version\n"
    "TARGET: a disk without partitions, an image of one, or a partition,\n"
    "which then boots when another boot loader chains to it. It must hold\n"
    "only zeroes or an earlier installation of blkload, all of which has the\n"
    "right sums, and must not be in use.\n"
    "Exit status:\n"
    "  0  done; with --check: what is installed is intact\n"
    "  1  not done, for the reason that is printed; if nothing else is said\n"
    "     there, the target is as it was. With --check: nothing is installed,\n"
    "     or it is damaged\n"
    "  2  usage error\n";

enum { OPT_KERNEL = 256, OPT_INITRD, OPT_APPEND, OPT_PARTITION, OPT_FORCE
       , OPT_DEBUGCON, OPT_CHECK, OPT_VERSION };

static const struct option options[] = {
    { "kernel", required_argument, NULL, OPT_KERNEL },
    { "initrd", required_argument, NULL, OPT_INITRD },
    { "append", required_argument, NULL, OPT_APPEND },
    { "partition", required_argument, NULL, OPT_PARTITION },
    { "force", no_argument, NULL, OPT_FORCE },
    { "debugcon", no_argument, NULL, OPT_DEBUGCON },
    { "check", no_argument, NULL, OPT_CHECK },
    { "version", no_argument, NULL, OPT_VERSION },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static const char *initrds[INITRDS];

static void __attribute__((noreturn))
wrong_use(const char *why)
{
    fprintf(stderr, "blkload: %s (blkload --help)\n", why);
    exit(STATUS_WRONG_USE);
}

static void __attribute__((noreturn))
print_version(void)
{
    const char *library = "";
    blkid_get_library_version(&library, NULL);
    printf("blkload " VERSION " (libblkid %s)\n", library);
    exit(STATUS_DONE);
}

static u32
parse_partition(const char *text)
{
    char *rest;
    unsigned long number = strtoul(text, &rest, 10);
    if (!isdigit((unsigned char)*text) || *rest || !number || number > 128)
        wrong_use("--partition wants a number from 1 to 128");
    return (u32)number;
}

static void
add_initrd(struct request *request, const char *path)
{
    if (request->initrd_count == INITRDS)
        wrong_use("too many initrds");
    initrds[request->initrd_count++] = path;
}

static void
parse_option(struct request *request, int option, int *check)
{
    switch (option) {
    case OPT_KERNEL:
        request->kernel = optarg;
        break;
    case OPT_INITRD:
        add_initrd(request, optarg);
        break;
    case OPT_APPEND:
        request->append = optarg;
        break;
    case OPT_PARTITION:
        request->partition = parse_partition(optarg);
        break;
    case OPT_FORCE:
        request->force = 1;
        break;
    case OPT_DEBUGCON:
        request->debug = 1;
        break;
    case OPT_CHECK:
        *check = 1;
        break;
    case OPT_VERSION:
        print_version();
    case 'h':
        fputs(usage_text, stdout);
        exit(STATUS_DONE);
    default:
        exit(STATUS_WRONG_USE);
    }
}

static void
refuse_damage(const struct target *target, const struct installed *installed)
{
    if (installed->state == INSTALLED_DAMAGED
        && strcmp(installed->damage, "map") != 0)
        fail(target->path, "the %s has changed since it was installed: install"
             " it again, with --force", installed->damage);
    if (!installed_is_within(installed, target))
        fail(target->path, "nothing is installed there, or its map is damaged:"
             " install again");
}

static void
check_target(const struct request *request)
{
    static struct installed installed;
    struct target target;
    u8 boot[SECTOR_SIZE];
    target_open(&target, request, 0);
    read_at(target.path, target.fd, boot, target.boot * SECTOR_SIZE
            , sizeof(boot));
    installed_find(&target, boot, &installed);
    refuse_damage(&target, &installed);
    printf("%s: %.63s, kernel %u bytes, initrd %u bytes, at sector %llu: good\n"
           "command line: %.2047s\n", request->target, installed.map.name
           , installed.map.kernel.bytes, installed.map.initrd.bytes
           , installed.map.lba, installed.map.command_line);
    target_close(&target);
}

int
main(int argc, char *argv[])
{
    struct request request = { .append = "", .initrds = initrds };
    int option, check = 0;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        parse_option(&request, option, &check);
    if (optind + 1 != argc)
        wrong_use("name one disk, image or partition");
    request.target = argv[optind];
    if (check == (request.kernel != NULL))
        wrong_use(check ? "--check and --kernel exclude each other"
                  : "--kernel is missing");
    if (check)
        check_target(&request);
    else
        install(&request);
    return STATUS_DONE;
}
