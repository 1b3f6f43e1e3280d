// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What can go wrong around the driver: a backend that lies, stalls or keeps
// what it was lent, a xenstored that does, a Xen that refuses, and another
// hand in xenstore.

#include <stdio.h> // snprintf
#include "choose.h" // choose
#include "faults.h" // faults_choose
#include "fixture.h" // Backend
#include "string.h" // memcpy

#define CHOICE(table) ((table)[choose(ARRAY_SIZE(table))])

// Whether the disk needs a new machine after the fault, stopped or not.
static int Lasting;

// As the toolstack and the disk have it.
static const char *Sectors, *SectorSize, *Info, *Indirect, *Persistent
    , *Flush;

// What no number should be, and numbers at the edges.
static const char *const Values[] = {
    "", "0", "1", "7", "8", "-1", "+1", " 1", "0x10", "512", "2048", "4095"
    , "4096", "4097", "65536", "4294967295", "4294967296", "36028797018963967"
    , "36028797018963968", "18446744073709551616", "one", "1e3"
    , "99999999999999999999999999999999999999999999999999",
};


/****************************************************************
 * The backend
 ****************************************************************/

// Answers that were not asked for: another's, an old one, one of the future.
static void
lie_about_id(void)
{
    static const u64 deltas[] = {
        1, 31, 32, 33, 64, 1024, (u64)-1, (u64)-31, (u64)-32, (u64)-33
        , 1ULL << 31, 1ULL << 32, 1ULL << 63, ~0ULL << 32,
    };
    Backend.manner.lie.id = CHOICE(deltas);
}

static void
lie_about_operation(void)
{
    u32 bits = 1 + choose(255);
    // An indirect read or write may be answered by BLKIF_OP_INDIRECT.
    if ((BLKIF_OP_READ ^ bits) == BLKIF_OP_INDIRECT
        || (BLKIF_OP_WRITE ^ bits) == BLKIF_OP_INDIRECT)
        bits = 8;
    Backend.manner.lie.operation = (u8)bits;
}

static void
lie_about_producer(void)
{
    static const u32 deltas[] = {
        1, 2, 31, 32, 33, ~0U, ~0U - 1, ~0U - 31, 1U << 31, 0x7fffffff,
    };
    Backend.manner.lie.prod = CHOICE(deltas);
}

static void
refuse(void)
{
    static const s16 status[] = { 0, -1, -2, 1, 77, 32767, -32768 };
    Backend.manner.fail_mask = 1 + choose(15);
    Backend.manner.status = CHOICE(status);
}

static void
refuse_always(void)
{
    refuse();
    Backend.manner.fail_mask = ~0U;
}

static void
refuse_program(void)
{
    Backend.manner.refuses_program = 1;
}

static void
refuse_flush(void)
{
    Backend.manner.flush_status = choose(2) ? BLKIF_RSP_ERROR
                                            : BLKIF_RSP_EOPNOTSUPP;
}

static void
die(void)
{
    Backend.manner.dies = Lasting = 1;
}

static void
detach(void)
{
    Lasting = 1;
    backend_detach_device(&Backend);
}

static void
be_silent(void)
{
    Backend.manner.silent = 1;
}

static void
take_nothing(void)
{
    Backend.manner.takes_nothing = 1;
}

// In time, or when the driver has given up.
static void
be_late(void)
{
    Backend.manner.slow = 1 + choose(2500);
}

static void
answer_too_much(void)
{
    Backend.manner.extra_answers = 1;
}

static void
keep_pages(void)
{
    Backend.manner.keeps_pages = 1;
}

static void
scribble(void)
{
    Backend.manner.lie.scribbles = 1;
}

static void
ignore_closing(void)
{
    Backend.manner.ignores_closing = Lasting = 1;
    if (choose(2))
        be_silent();
    else if (choose(2))
        keep_pages();
}

static void
ignore_states(void)
{
    Backend.manner.ignores_states = Lasting = 1;
}

static void
write_odd_properties(void)
{
    Lasting = 1;
    switch (choose(6)) {
    case 0: Backend.sectors = CHOICE(Values); break;
    case 1: Backend.sector_size = CHOICE(Values); break;
    case 2: Backend.info = CHOICE(Values); break;
    case 3: Backend.indirect = CHOICE(Values); break;
    case 4: Backend.flush = CHOICE(Values); break;
    default: Backend.persistent = CHOICE(Values); break;
    }
}


/****************************************************************
 * xenstore and Xen
 ****************************************************************/

static void
forge_reply(void)
{
    static const struct {
        u32 type, len;
        const char *payload;
        u32 payload_len;
    } replies[] = {
        { XS_ERROR, 7, "ENOENT", 7 }, { XS_ERROR, 4, "EIO", 4 },
        { XS_ERROR, 6, "E2BIG", 6 }, { XS_ERROR, 7, "EAGAIN", 7 },
        { XS_READ, 2, "4", 1 }, { XS_READ, 0, "", 0 },
        { XS_READ, 4, "4\0""44", 4 }, { XS_WRITE, 3, "OK", 3 },
        { XS_READ, XENSTORE_PAYLOAD_MAX + 1, "", 0 },
        { XS_READ, ~0U, "", 0 }, { XS_TYPE_COUNT, 1, "1", 1 },
        { XS_ERROR, 0, "", 0 }, { XS_READ, 20, "18446744073709551616", 20 },
    };
    u32 i = choose(ARRAY_SIZE(replies));
    backend_forget_found(&Backend);
    StoreManner.forged = 1 + choose(40);
    // No xenstored says of a change that there is nothing to change.
    StoreManner.forged_acts = !i || choose(2);
    StoreManner.type = replies[i].type;
    StoreManner.len = replies[i].len;
    StoreManner.payload = replies[i].payload;
    StoreManner.payload_len = replies[i].payload_len;
    Lasting = 1;
}

static void
stall_xenstored(void)
{
    Lasting = 1;
    backend_forget_found(&Backend);
    switch (choose(3)) {
    case 0: StoreManner.mute = 1; break;
    case 1: StoreManner.deaf = 1; break;
    default: StoreManner.stop_after = 1 + choose(100); break;
    }
}

// It talks in pieces and out of turn; that is its right.
static void
chatter(void)
{
    StoreManner.chunk = choose(40);
    StoreManner.slow_reader = choose(40);
    StoreManner.watch_events = choose(4);
    StoreManner.late_replies = choose(4);
}

static void
fail_hypercalls(void)
{
    xen_fail_hypercall(1 + choose(60), 1 + choose(3));
    backend_forget_found(&Backend);
    Lasting = 1;
}

static void
fail_allocations(void)
{
    guest_fail_allocations(1 + choose(3), 1 + choose(3));
}

// Somebody writes a state, or another key, behind both.
static void
meddle(void)
{
    static const char *const keys[] = {
        "state", "ring-ref", "event-channel", "protocol", "backend",
    };
    char path[128];
    Lasting = 1;
    backend_forget_found(&Backend);
    if (choose(2)) {
        backend_set_frontend_key(&Backend, CHOICE(keys), CHOICE(Values));
        return;
    }
    snprintf(path, sizeof(path), "%s/state", Backend.backend_dir);
    if (choose(4))
        store_set(path, CHOICE(Values));
    else
        store_remove(path);
}

#define FAULT(name) { #name, name }

static const struct {
    const char *name;
    void (*begin)(void);
} Faults[] = {
    FAULT(lie_about_id),
    FAULT(lie_about_operation),
    FAULT(lie_about_producer),
    FAULT(refuse),
    FAULT(refuse_always),
    FAULT(refuse_program),
    FAULT(refuse_flush),
    FAULT(die),
    FAULT(detach),
    FAULT(be_silent),
    FAULT(take_nothing),
    FAULT(be_late),
    FAULT(answer_too_much),
    FAULT(keep_pages),
    FAULT(scribble),
    FAULT(ignore_closing),
    FAULT(ignore_states),
    FAULT(write_odd_properties),
    FAULT(forge_reply),
    FAULT(stall_xenstored),
    FAULT(chatter),
    FAULT(fail_hypercalls),
    FAULT(fail_allocations),
    FAULT(meddle),
};

// Let something go wrong from now on.
void
faults_choose(void)
{
    Lasting = 0;
    Sectors = Backend.sectors;
    SectorSize = Backend.sector_size;
    Info = Backend.info;
    Indirect = Backend.indirect;
    Persistent = Backend.persistent;
    Flush = Backend.flush;
    u32 i = choose(ARRAY_SIZE(Faults));
    firmware_log(5, "fault: %s\n", Faults[i].name);
    Faults[i].begin();
}

// All are well again.  Returns whether the machine has to start anew.
int
faults_end(void)
{
    memset(&Backend.manner, 0, sizeof(Backend.manner));
    memset(&StoreManner, 0, sizeof(StoreManner));
    xen_fail_hypercall(0, 0);
    guest_fail_allocations(0, 0);
    Backend.sectors = Sectors;
    Backend.sector_size = SectorSize;
    Backend.info = Info;
    Backend.indirect = Indirect;
    Backend.persistent = Persistent;
    Backend.flush = Flush;
    Backend.unflushed = 0; // Where it could not be
    return Lasting;
}
