// SPDX-License-Identifier: LGPL-3.0-or-later
// The stage's C entry: runs the script that the host tool wrote behind the
// boot sector, and sums up.

#include "bios.h" // bios_guard_ticks
#include "commands.h"
#include "console.h" // print
#include "report.h" // check_refuse
#include "string.h" // strcmp

extern char script_text[]; // boot.S

static const struct {
    const char *name;
    command_fn *run;
} commands[] = {
    { "bios", command_bios },
    { "cli", command_cli },
    { "cycles", command_cycles },
    { "debugcon", command_debugcon },
    { "delay", command_delay },
    { "edges", command_edges },
    { "identify", command_identify },
    { "job", command_job },
    { "jump", command_jump },
    { "list", command_list },
    { "load", command_load },
    { "mark", command_mark },
    { "memmap", command_memmap },
    { "lidt", command_lidt },
    { "picmask", command_picmask },
    { "picunmask", command_picunmask },
    { "poweroff", command_poweroff },
    { "random", command_random },
    { "read", command_read },
    { "readback", command_readback },
    { "reset", command_reset },
    { "sleep", command_sleep },
    { "sti", command_sti },
    { "time", command_time },
    { "write", command_write },
};

static u8 booted_from;

u8
boot_drive(void)
{
    return booted_from;
}

int
open_disk(struct script_line *line, struct disk *disk)
{
    if (!disk_open(script_drive(line, booted_from), disk))
        return 0;
    const char *name = script_text_of(line, "drive");
    check_refuse(line, "no drive ", name ? name : "boot");
    return -1;
}

static void
run_command(struct script_line *line)
{
    u32 i, failures = check_failures();
    for (i = 0; i < ARRAY_SIZE(commands); i++)
        if (!strcmp(commands[i].name, line->name))
            break;
    if (i < ARRAY_SIZE(commands))
        commands[i].run(line);
    else
        check_refuse(line, "no such command", "");
    print(" result=%s\n", check_failures() == failures ? "pass" : "fail");
}

// Once too much has failed, all that is left to do is to power off.
static int
is_skipped(const struct script_line *line)
{
    return check_exhausted() && strcmp(line->name, "poweroff");
}

void stage_main(u32 drive);

void
stage_main(u32 drive)
{
    booted_from = (u8)drive;
    console_setup();
    bios_guard_ticks();
    print("PAYLOAD START drive=%02x\n", drive);
    char *cursor = script_text;
    struct script_line line;
    while (script_next(&cursor, &line))
        if (!is_skipped(&line))
            run_command(&line);
    if (check_exhausted())
        print("STOPPED after too many failures\n");
    check_sum();
}
