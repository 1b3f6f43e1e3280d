// SPDX-License-Identifier: LGPL-3.0-or-later
// A kernel that says what a boot loader has given it: the state of the CPU, the
// parameters, and checksums (as of cksum) of itself and of the initrd. Then it
// powers QEMU's machine off.

#include "bzimage.h" // struct boot_params
#include "console.h" // print
#include "io.h" // physical
#include "string.h" // memset

#define POLYNOMIAL 0x04c11db7
#define QEMU_PM1A 0x604
#define QEMU_S5 0x2000
#define FLAG_IF 0x200

extern const u8 witness_start[];

// What the entry has pushed.
struct entry_state {
    u32 flags, edi, ebp, ebx;
};

void witness_main(const struct boot_params *params
                  , const struct entry_state *state);

static u32
crc_byte(u32 crc, u8 byte)
{
    u32 bit;
    crc ^= (u32)byte << 24;
    for (bit = 0; bit < 8; bit++)
        crc = crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0);
    return crc;
}

// The checksum that POSIX's cksum prints.
static u32
cksum(const u8 *data, u32 length)
{
    u32 i, crc = 0;
    for (i = 0; i < length; i++)
        crc = crc_byte(crc, data[i]);
    for (i = length; i; i >>= 8)
        crc = crc_byte(crc, (u8)i);
    return ~crc;
}

static int
state_is_right(const struct entry_state *state)
{
    u16 cs, ds, es, ss;
    asm("movw %%cs, %0" : "=r"(cs));
    asm("movw %%ds, %0" : "=r"(ds));
    asm("movw %%es, %0" : "=r"(es));
    asm("movw %%ss, %0" : "=r"(ss));
    return cs == 0x10 && ds == 0x18 && es == 0x18 && ss == 0x18
        && !(state->flags & FLAG_IF) && !state->ebx && !state->ebp
        && !state->edi;
}

void
witness_main(const struct boot_params *params, const struct entry_state *state)
{
    const struct setup_header *setup = &params->setup;
    u32 length = setup->syssize * 16;
    u32 sum = cksum(witness_start, length); // before anything of it is changed
    console_setup();
    print("WITNESS kernel %u %u\n", sum, length);
    print("WITNESS state %s\n", state_is_right(state) ? "right" : "wrong");
    print("WITNESS command line (%s)\n"
          , (const char *)physical(setup->cmd_line_ptr));
    print("WITNESS loader %02x\n", (u32)setup->type_of_loader);
    print("WITNESS memory %u, screen %ux%u\n", (u32)params->e820_count
          , (u32)params->columns, (u32)params->lines);
    print("WITNESS initrd %u %u at %08x\n"
          , cksum(physical(setup->ramdisk_image), setup->ramdisk_size)
          , setup->ramdisk_size, setup->ramdisk_image);
    print("WITNESS DONE\n");
    outw(QEMU_S5, QEMU_PM1A);
}
