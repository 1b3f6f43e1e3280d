// SPDX-License-Identifier: LGPL-3.0-or-later
// Versions, read from the programs themselves and never typed in.

#include <stdlib.h> // getenv
#include <string.h> // strstr

#include "disk.h" // disk_description
#include "environment.h"
#include "files.h" // text_of
#include "process.h" // process_output
#include "tree.h" // tree_path
#include "version.h" // VERSION, made by packaging.mk

// Sets a key to the text, which is freed; to null if there is none.
static void
set(json_t *object, const char *key, char *text)
{
    json_object_set_new(object, key, text ? json_string(text) : json_null());
    free(text);
}

// Returns the text between two marks in a log.
static char *
between(const char *text, const char *start, const char *end)
{
    const char *from = text ? strstr(text, start) : NULL;
    const char *to = from ? strstr(from + strlen(start), end) : NULL;
    if (!to)
        return NULL;
    from += strlen(start);
    return text_of("%.*s", (int)(to - from), from);
}

static char *
sha256_of(const char *path)
{
    char *command = text_of("sha256sum '%s'", path);
    char *sum = process_output(command);
    free(command);
    if (sum)
        sum[strcspn(sum, " ")] = '\0';
    return sum;
}

// Returns the name of the file that hvmloader in Debian's package of Xen uses.
static char *
stock_path(const struct plan *plan)
{
    if (plan->on_xl)
        return text_of("/usr/share/seabios/bios-256k.bin");
    char *command = text_of("%s image 2>/dev/null", tree_path("lab/xenlab"));
    char *image = first_line(process_output(command));
    char *path = text_of("%s/tree/usr/share/seabios/bios-256k.bin"
                         , image ? image : "");
    free(command);
    free(image);
    return path;
}

static json_t *
firmware_json(const struct plan *plan, const struct guest_list *list
              , const struct firmware *firmware)
{
    json_t *object = json_object();
    char *log = NULL;
    size_t i;
    for (i = 0; i < list->count && !log; i++)
        if (list->guests[i].path.firmware == firmware)
            log = guest_file(&list->guests[i], "xen.log");
    char *path = firmware->path ? text_of("%s", firmware->path)
        : stock_path(plan);
    set(object, "sha256", sha256_of(path));
    free(path);
    set(object, "version", between(log, "SeaBIOS (version ", ")"));
    free(log);
    return object;
}

// Returns a text with two others around it, or NULL if it is NULL.
static char *
framed(const char *before, char *text, const char *after)
{
    char *all = text ? text_of("%s%s%s", before, text, after) : NULL;
    free(text);
    return all;
}

// Adds the lab's versions, from its machine's console.
static void
set_lab(json_t *object, const struct plan *plan, const struct guest *guest)
{
    char *console = guest_file(guest, "qemu.log");
    char *command = text_of("%s qemu 2>/dev/null", tree_path("lab/xenlab"));
    set(object, "qemu", first_line(process_output(command)));
    free(command);
    set(object, "xen", framed("", between(console, "Xen version ", ") ("), ")"));
    set(object, "dom0 kernel", between(console, "Linux version ", " "));
    set(object, "cpu", framed("QEMU TCG: ", between(console, "CPU Vendor: "
                                                    , " (raw"), ""));
    if (plan->cpus > 1)
        set(object, "cpus", text_of("%u", plan->cpus));
    free(console);
}

// The value of a line "KEY   : VALUE", as `xl info` has them.
static char *
info_value(const char *info, const char *key)
{
    char *start = text_of("\n%s ", key);
    const char *line = info ? strstr(info, start) : NULL;
    const char *value = line ? strstr(line, ": ") : NULL;
    free(start);
    return value ? first_line(text_of("%s", value + 2)) : NULL;
}

// Adds this machine's versions, from the host.txt that lab/lib/host.sh wrote.
static void
set_host(json_t *object, const struct guest *guest)
{
    char *info = guest_file(guest, "host.txt");
    set(object, "xen", info_value(info, "xen_version"));
    set(object, "dom0 kernel", info_value(info, "release"));
    set(object, "cpu", info_value(info, "cpu_model"));
    set(object, "cpus", info_value(info, "nr_cpus"));
    set(object, "cpu mhz", info_value(info, "cpu_mhz"));
    set(object, "xen command line", info_value(info, "xen_commandline"));
    free(info);
}

json_t *
environment_json(const struct plan *plan, const struct guest_list *list)
{
    json_t *object = json_object(), *firmware = json_object();
    size_t i;
    if (plan->on_xl)
        set_host(object, &list->guests[0]);
    else
        set_lab(object, plan, &list->guests[0]);
    if (plan->disk)
        set(object, "disk", disk_description(plan));
    json_object_set_new(object, "project", json_string(VERSION));
    for (i = 0; i < plan->firmware_count; i++)
        json_object_set_new(firmware, plan->firmware[i].name
                            , firmware_json(plan, list, &plan->firmware[i]));
    json_object_set_new(object, "firmware", firmware);
    return object;
}
