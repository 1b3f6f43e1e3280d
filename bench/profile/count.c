// SPDX-License-Identifier: LGPL-3.0-or-later
//
// QEMU plugin: counts the instructions that a lab machine executes during
// int13 calls of the payload, by the linear address of the block of code that
// they are in. All that happens meanwhile counts, in the guest, in Xen and in
// dom0. With `xenlab --clock icount` the sum is the virtual time of the calls.
//
// Arguments: out=FILE, and addresses in hexadecimal: begin= the first block of
// a call, end= the block that it returns to, group= a block that begins a new
// group of calls. After stop=, calls do not count until the next group. FILE gets
// lines "group address instructions", and "group calls N".
// With parties=1 it gets lines "group PARTY instructions", which costs less:
// "firmware" is code below 1 MiB, "user" is dom0's programs. Debian ships no
// header for plugins: the declarations here are version 1 of the interface in
// QEMU's docs/devel/tcg-plugins.rst.

#include <inttypes.h> // PRIx64
#include <stdio.h> // fprintf
#include <stdlib.h> // calloc
#include <string.h> // strncmp

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void tb_trans_fn(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void tb_exec_fn(unsigned int vcpu, void *data);
typedef void udata_fn(qemu_plugin_id_t id, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id
                                           , tb_trans_fn *fn);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb
                                          , tb_exec_fn *fn
                                          , enum qemu_plugin_cb_flags flags
                                          , void *data);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb
                                              , enum qemu_plugin_op op
                                              , void *ptr, uint64_t imm);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, udata_fn *fn
                                    , void *data);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

// Translations; QEMU may translate a block more than once. Columns of a
// table, so that the two passes over them at each call are cheap.
#define MAX_BLOCKS (4U << 20)
#define MAX_GROUPS 4096
static uint64_t *addrs, *counts, *before, *totals[MAX_GROUPS];
static uint32_t blocks;

// The same by who executed them.
enum { FIRMWARE, XEN, KERNEL, USER, PARTIES };
static const char *const party_names[PARTIES] = {
    "firmware", "xen", "kernel", "user"
};
#define XEN_START UINT64_C(0xffff800000000000) // of a PV guest's addresses
#define XEN_END UINT64_C(0xffff880000000000)
static uint64_t parties, stop_addr;
static uint64_t party_counts[PARTIES], party_before[PARTIES]
    , party_totals[MAX_GROUPS][PARTIES];

static uint64_t begin_addr, end_addr, group_addr;
static uint64_t calls[MAX_GROUPS];
static uint32_t group;
static int inside, stopped;
static const char *out = "counts";

static void
begin_call(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    if (stopped)
        return;
    if (parties)
        memcpy(party_before, party_counts, sizeof(party_before));
    else
        memcpy(before, counts, blocks * sizeof(counts[0]));
    inside = 1;
}

static void
end_call(unsigned int vcpu, void *data)
{
    uint32_t i;
    (void)vcpu, (void)data;
    if (!inside)
        return;
    inside = 0;
    calls[group]++;
    for (i = 0; parties && i < PARTIES; i++)
        party_totals[group][i] += party_counts[i] - party_before[i];
    if (parties)
        return;
    if (!totals[group])
        totals[group] = calloc(MAX_BLOCKS, sizeof(counts[0]));
    for (i = 0; totals[group] && i < blocks; i++)
        totals[group][i] += counts[i] - before[i];
}

static void
next_group(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    if (group < MAX_GROUPS - 1)
        group++;
    stopped = 0;
}

static void
stop(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    stopped = 1;
}

static uint64_t *
party_count(uint64_t addr)
{
    return &party_counts[addr < 0x100000 ? FIRMWARE : addr < XEN_START ? USER
                         : addr < XEN_END ? XEN : KERNEL];
}

static void
add_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    uint64_t addr = qemu_plugin_tb_vaddr(tb);
    tb_exec_fn *fn = addr == begin_addr ? begin_call
        : addr == end_addr ? end_call : addr == group_addr ? next_group
        : stop_addr && addr == stop_addr ? stop : NULL;
    (void)id;
    if (fn)
        qemu_plugin_register_vcpu_tb_exec_cb(tb, fn, QEMU_PLUGIN_CB_NO_REGS
                                             , NULL);
    if (parties) {
        qemu_plugin_register_vcpu_tb_exec_inline(
            tb, QEMU_PLUGIN_INLINE_ADD_U64, party_count(addr)
            , qemu_plugin_tb_n_insns(tb));
        return;
    }
    if (blocks == MAX_BLOCKS)
        return;
    addrs[blocks] = addr;
    qemu_plugin_register_vcpu_tb_exec_inline(
        tb, QEMU_PLUGIN_INLINE_ADD_U64, &counts[blocks++]
        , qemu_plugin_tb_n_insns(tb));
}

static void
write_parties(FILE *file)
{
    uint32_t i, g;
    fprintf(file, "group what number\n");
    for (g = 0; g <= group; g++) {
        if (!calls[g])
            continue;
        fprintf(file, "%u calls %" PRIu64 "\n", g, calls[g]);
        for (i = 0; i < PARTIES; i++)
            fprintf(file, "%u %s %" PRIu64 "\n", g, party_names[i]
                    , party_totals[g][i]);
    }
}

static void
write_counts(qemu_plugin_id_t id, void *data)
{
    uint32_t i, g;
    FILE *file = fopen(out, "w");
    (void)id, (void)data;
    if (!file) {
        perror(out);
        return;
    }
    if (parties)
        write_parties(file);
    for (g = 0; g <= group; g++) {
        if (!totals[g])
            continue;
        fprintf(file, "%u calls %" PRIu64 "\n", g, calls[g]);
        for (i = 0; i < blocks; i++)
            if (totals[g][i])
                fprintf(file, "%u %016" PRIx64 " %" PRIu64 "\n", g, addrs[i]
                        , totals[g][i]);
    }
    fclose(file);
}

static void
parse(const char *arg)
{
    static const struct {
        const char *name;
        uint64_t *value;
        int base;
    } words[] = {
        { "begin=", &begin_addr, 16 }, { "end=", &end_addr, 16 },
        { "group=", &group_addr, 16 }, { "stop=", &stop_addr, 16 },
        { "parties=", &parties, 10 },
    };
    size_t i;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strncmp(arg, words[i].name, strlen(words[i].name)))
            *words[i].value = strtoull(arg + strlen(words[i].name), NULL
                                       , words[i].base);
    if (!strncmp(arg, "out=", 4))
        out = strdup(arg + 4);
}

EXPORT int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc
                    , char **argv)
{
    int i;
    (void)info;
    for (i = 0; i < argc; i++)
        parse(argv[i]);
    addrs = calloc(MAX_BLOCKS, sizeof(addrs[0]));
    counts = calloc(MAX_BLOCKS, sizeof(counts[0]));
    before = calloc(MAX_BLOCKS, sizeof(before[0]));
    if (!addrs || !counts || !before)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, add_block);
    qemu_plugin_register_atexit_cb(id, write_counts, NULL);
    return 0;
}
