// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands of the payload's script. Each prints its result line (without
// the newline: the dispatcher adds the verdict) and counts its checks.
#ifndef PAYLOAD_COMMANDS_H
#define PAYLOAD_COMMANDS_H

#include "disk.h" // struct disk
#include "script.h" // struct script_line

typedef void command_fn(struct script_line *line);

command_fn command_list, command_identify, command_memmap; // survey.c
command_fn command_read, command_write; // single.c
command_fn command_random; // random.c
command_fn command_edges; // edges.c
command_fn command_time; // time.c
command_fn command_job; // command_job.c
command_fn command_readback; // readback.c
command_fn command_cycles; // cycles.c
command_fn command_load, command_jump; // kernel.c
command_fn command_mark, command_debugcon, command_picmask, command_picunmask
    , command_lidt, command_cli, command_sti, command_sleep, command_delay, command_bios
    , command_reset, command_poweroff; // machine.c

// The drive=boot of this run.
u8 boot_drive(void);
// Open the drive of a command's drive= word. Returns 0, or -1 after failing.
int open_disk(struct script_line *line, struct disk *disk);

#endif
