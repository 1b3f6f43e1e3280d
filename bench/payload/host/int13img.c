// SPDX-License-Identifier: LGPL-3.0-or-later
// int13img: makes the disk images that the int13 payload runs on, and verifies
// them after the run. Exit code: 0 good, 1 the image differs, 2 an error.

#include <getopt.h> // getopt_long
#include <stdio.h> // fopen
#include <stdlib.h> // strtoull
#include <string.h> // memcpy

#include "image.h"

extern const u8 stage_blob[]; // stage_blob.S
extern const u64 stage_blob_size;

static const char usage_text[] =
    "usage: int13img make FILE --size N[KiB|MiB|GiB|TiB] [options]\n"
    "       int13img verify FILE [options]\n"
    "  --label N        the disk's label (1)\n"
    "  --script FILE    commands from a file\n"
    "  -e COMMAND       one command; may be repeated\n"
    "  --sparse         write the payload and the last 256 sectors only\n"
    "  --no-boot        pattern from sector 0 on, no payload\n"
    "  --drive HEX      verify: this image's drive number (80)\n"
    "  --boot-drive HEX verify: what drive=boot means (80)\n"
    "  --stage FILE     use this payload, not the embedded one\n";

enum { OPT_SIZE = 256, OPT_LABEL, OPT_SCRIPT, OPT_SPARSE, OPT_NO_BOOT
       , OPT_DRIVE, OPT_BOOT_DRIVE, OPT_STAGE };

static const struct option options[] = {
    { "size", required_argument, NULL, OPT_SIZE },
    { "label", required_argument, NULL, OPT_LABEL },
    { "script", required_argument, NULL, OPT_SCRIPT },
    { "sparse", no_argument, NULL, OPT_SPARSE },
    { "no-boot", no_argument, NULL, OPT_NO_BOOT },
    { "drive", required_argument, NULL, OPT_DRIVE },
    { "boot-drive", required_argument, NULL, OPT_BOOT_DRIVE },
    { "stage", required_argument, NULL, OPT_STAGE },
    { NULL, 0, NULL, 0 },
};

static void __attribute__((noreturn))
die(const char *what, const char *which)
{
    fprintf(stderr, "int13img: %s: %s\n", which, what);
    exit(RESULT_ERROR);
}

static u64
parse_number(const char *text, int base, char **rest)
{
    u64 number = strtoull(text, rest, base);
    if (*rest == text)
        die("not a number", text);
    return number;
}

static u32
parse_small(const char *text, int base, u32 limit)
{
    char *rest;
    u64 number = parse_number(text, base, &rest);
    if (*rest || number > limit)
        die("the number is out of range", text);
    return (u32)number;
}

// Bytes, with a binary suffix or none. Returns sectors.
static u64
parse_size(const char *text)
{
    static const char *const suffixes[] = { "", "KiB", "MiB", "GiB", "TiB" };
    char *rest;
    u64 number = parse_number(text, 10, &rest);
    u32 i;
    for (i = 0; i < ARRAY_SIZE(suffixes); i++)
        if (!strcmp(rest, suffixes[i])) {
            u64 bytes = number << (10 * i);
            if (bytes % SECTOR_SIZE || bytes >> (10 * i) != number)
                break;
            return bytes / SECTOR_SIZE;
        }
    die("not a size in whole sectors", text);
}

// Read a whole file that must fit in size bytes. Returns its length.
static size_t
read_file(const char *path, void *data, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(RESULT_ERROR);
    }
    size_t length = fread(data, 1, size, file);
    if (ferror(file) || fgetc(file) != EOF)
        die("cannot be read, or is too long", path);
    fclose(file);
    return length;
}

// Append a line, or lines, to the script; its last byte stays 0.
static void
add_script(struct image *image, const char *text, size_t length)
{
    size_t used = strlen(image->script);
    if (used + length + 2 > SCRIPT_SIZE)
        die("the script is too long", "-e or --script");
    memcpy(image->script + used, text, length);
    image->script[used + length] = '\n';
}

static void
add_script_file(struct image *image, const char *path)
{
    char text[SCRIPT_SIZE];
    add_script(image, text, read_file(path, text, sizeof(text)));
}

static void
parse_option(struct image *image, int option, size_t *stage_length)
{
    switch (option) {
    case 'e':
        add_script(image, optarg, strlen(optarg));
        break;
    case OPT_SIZE:
        image->sectors = parse_size(optarg);
        break;
    case OPT_LABEL:
        image->label = parse_small(optarg, 10, ~0u);
        break;
    case OPT_SCRIPT:
        add_script_file(image, optarg);
        break;
    case OPT_SPARSE:
        image->sparse = 1;
        break;
    case OPT_NO_BOOT:
        image->boots = 0;
        break;
    case OPT_DRIVE:
        image->drive = (u8)parse_small(optarg, 16, 0xff);
        break;
    case OPT_BOOT_DRIVE:
        image->boot_drive = (u8)parse_small(optarg, 16, 0xff);
        break;
    case OPT_STAGE:
        memset(image->payload, 0, sizeof(image->payload));
        *stage_length = read_file(optarg, image->payload
                                  , sizeof(image->payload));
        break;
    default:
        fputs(usage_text, stderr);
        exit(RESULT_ERROR);
    }
}

static void
parse_options(struct image *image, int argc, char **argv)
{
    size_t stage_length = stage_blob_size;
    int option;
    memcpy(image->payload, stage_blob, stage_length);
    while ((option = getopt_long(argc, argv, "e:", options, NULL)) != -1)
        parse_option(image, option, &stage_length);
    if (optind + 2 != argc) {
        fputs(usage_text, stderr);
        exit(RESULT_ERROR);
    }
    if (stage_length <= SECTOR_SIZE + SCRIPT_SIZE)
        die("too short for a payload", "--stage");
    image->path = argv[optind + 1];
    memcpy(image->payload + SECTOR_SIZE, image->script, SCRIPT_SIZE);
}

int
main(int argc, char **argv)
{
    static struct image image = {
        .label = 1, .drive = 0x80, .boot_drive = 0x80, .boots = 1,
    };
    parse_options(&image, argc, argv);
    const char *verb = argv[optind];
    if (!strcmp(verb, "verify"))
        return image_verify(&image);
    if (strcmp(verb, "make"))
        die("must be make or verify", verb);
    if (image.sectors < PAYLOAD_SECTORS + SPARSE_SECTORS)
        die("missing or too small", "--size");
    return image_make(&image);
}
