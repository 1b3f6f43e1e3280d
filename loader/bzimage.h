// SPDX-License-Identifier: LGPL-3.0-or-later
// Linux's boot protocol as far as it is used here: the head of a bzImage, and
// the parameters that its 32-bit entry takes. From Linux's
// Documentation/x86/boot.rst, zero-page.rst and its uapi headers.
#ifndef LOADER_BZIMAGE_H
#define LOADER_BZIMAGE_H

#include "types.h" // u32

#define BZIMAGE_HEAD 1024 // bytes of the file that hold all of the header
#define BZIMAGE_SIGNATURE 0x53726448 // "HdrS"
#define BZIMAGE_OLDEST 0x020a // the first version with init_size: Linux 2.6.31
#define BZIMAGE_LOADED_HIGH 1

#define SETUP_OFFSET 0x1f1 // of struct setup_header, in file and parameters
#define SETUP_JUMP_OFFSET 0x200 // the header ends where that leads to

struct setup_header {
    u8 setup_sects; // 0 means 4
    u16 root_flags;
    u32 syssize; // protected-mode part, in 16 bytes
    u16 ram_size, vid_mode, root_dev, boot_flag;
    u8 jump, jump_length;
    u32 header;
    u16 version;
    u32 realmode_swtch;
    u16 start_sys_seg, kernel_version;
    u8 type_of_loader, loadflags;
    u16 setup_move_size;
    u32 code32_start, ramdisk_image, ramdisk_size, bootsect_kludge;
    u16 heap_end_ptr;
    u8 ext_loader_ver, ext_loader_type;
    u32 cmd_line_ptr, initrd_addr_max, kernel_alignment;
    u8 relocatable_kernel, min_alignment;
    u16 xloadflags;
    u32 cmdline_size, hardware_subarch;
    u64 hardware_subarch_data;
    u32 payload_offset, payload_length;
    u64 setup_data, pref_address;
    u32 init_size;
} __attribute__((packed));

#define SETUP_AT(field) (SETUP_OFFSET \
    + __builtin_offsetof(struct setup_header, field))
_Static_assert(SETUP_AT(jump) == SETUP_JUMP_OFFSET, "jump");
_Static_assert(SETUP_AT(header) == 0x202, "header");
_Static_assert(SETUP_AT(kernel_version) == 0x20e, "kernel_version");
_Static_assert(SETUP_AT(code32_start) == 0x214, "code32_start");
_Static_assert(SETUP_AT(cmd_line_ptr) == 0x228, "cmd_line_ptr");
_Static_assert(SETUP_AT(cmdline_size) == 0x238, "cmdline_size");
_Static_assert(SETUP_AT(pref_address) == 0x258, "pref_address");
_Static_assert(SETUP_AT(init_size) == 0x260, "init_size");

struct e820_entry {
    u64 start, size;
    u32 type;
} __attribute__((packed));

#define E820_RAM 1
#define E820_MAX 128

struct boot_params {
    u8 cursor_column, cursor_row;
    u16 ext_mem_k, video_page;
    u8 video_mode, columns;
    u8 unused_08[6];
    u8 lines, is_vga;
    u16 character_height;
    u8 unused_12[0x1e8 - 0x12];
    u8 e820_count;
    u8 unused_1e9[SETUP_OFFSET - 0x1e9];
    struct setup_header setup;
    u8 unused_264[0x2d0 - SETUP_OFFSET - sizeof(struct setup_header)];
    struct e820_entry e820[E820_MAX];
    u8 unused_cd0[4096 - 0x2d0 - E820_MAX * sizeof(struct e820_entry)];
} __attribute__((packed));

_Static_assert(__builtin_offsetof(struct boot_params, video_mode) == 6, "mode");
_Static_assert(__builtin_offsetof(struct boot_params, lines) == 0xe, "lines");
_Static_assert(__builtin_offsetof(struct boot_params, e820) == 0x2d0, "e820");
_Static_assert(__builtin_offsetof(struct boot_params, setup) == 0x1f1, "setup");
_Static_assert(sizeof(struct boot_params) == 4096, "a page");

static inline const struct setup_header *
bzimage_setup(const u8 *head)
{
    return (const struct setup_header *)(head + SETUP_OFFSET);
}

// Sectors of the file before the protected-mode part.
static inline u32
bzimage_real_sectors(const struct setup_header *setup)
{
    return 1 + (setup->setup_sects ? setup->setup_sects : 4U);
}

#endif
