/* SPDX-License-Identifier: LGPL-3.0-or-later
 *
 * The blkif ring between frontend and backend on x86, for spin: push with
 * its notification, the look for answers, arming, sleep and time-out.  What
 * a CPU stores waits in its store buffer, in order, until some later time or
 * a barrier; what it loads comes from memory.  Where the backend answers, no
 * time-out may come: that would be a lost wake-up.  When an op has ended,
 * none of its pages may be granted or mapped.
 *
 * Each of these is to break it: NO_PUSH_BARRIER, NO_ARM_BARRIER,
 * CLEAR_AFTER_ARM, NO_LOOK_AFTER_ARM, REVOKE_BEFORE_CLOSED.
 */

#define OPS 3
#define MAX_REQUESTS 2
#define SLOTS 4

#define REQ_PROD  0
#define REQ_EVENT 1
#define RSP_PROD  2
#define RSP_EVENT 3

/* The shared page, and what is on its way there from each CPU. */
byte memory[4];
chan front_stores = [4] of { byte, byte };
chan back_stores = [4] of { byte, byte };

/* Event channel, both ways: pending bits in Xen's hands. */
bool front_pending, back_pending;

/* Grants of the op's pages, and mappings of these. */
bool granted[SLOTS], mapped[SLOTS];

/* The states in xenstore, as far as a stop needs them. */
bool closing, closed;

/* The backend is one that may stop to answer. */
bool unreliable;

bool front_done;

#define BARRIER(stores) empty(stores)
#define FRONT_STORE(place, value) front_stores!place, value
#define BACK_STORE(place, value) back_stores!place, value
/* As ring.h has it: whether event is in (old, new]. */
#define PASSED(new, event, old) (((new) - (event) + 256) % 256 < ((new) - (old) + 256) % 256)

proctype drain()
{
    byte place, value;
end:
    do
    :: atomic { front_stores?place, value -> memory[place] = value }
    :: atomic { back_stores?place, value -> memory[place] = value }
    od
}

/* ring.c, xfer.c, and op32.c's op32_conclude(). */
proctype frontend()
{
    byte req_prod, rsp_cons, busy, ops, n, i, seen;
    bool notify, timed_out, stopped;

    do
    :: ops < OPS && !stopped ->
        ops++;
        /* get_grants(), ring_add() */
        if :: n = 1 :: n = MAX_REQUESTS fi;
        i = 0;
        do
        :: i < n -> granted[(req_prod + i) % SLOTS] = true; i++
        :: else -> break
        od;
        busy = n;

        /* ring_push() */
        FRONT_STORE(REQ_PROD, req_prod + n);
#ifndef NO_PUSH_BARRIER
        BARRIER(front_stores);
#endif
        notify = PASSED(req_prod + n, memory[REQ_EVENT], req_prod);
        req_prod = req_prod + n;
        if
        :: notify -> BARRIER(front_stores); back_pending = true
        :: else
        fi;

        timed_out = false;
        do
        :: busy && !timed_out ->
            /* spin(): a look, or none */
            if
            :: seen = memory[RSP_PROD];
               assert((seen - rsp_cons + 256) % 256 <= busy);
               busy = busy - (seen - rsp_cons);
               rsp_cons = seen
            :: skip
            fi;
            /* sleep() */
            if
            :: busy ->
#ifndef CLEAR_AFTER_ARM
                front_pending = false;
#endif
                FRONT_STORE(RSP_EVENT, rsp_cons + busy);
#ifndef NO_ARM_BARRIER
                BARRIER(front_stores);
#endif
                seen = memory[RSP_PROD];
#ifdef CLEAR_AFTER_ARM
                front_pending = false;
#endif
                if
#ifndef NO_LOOK_AFTER_ARM
                :: seen != rsp_cons
#endif
                :: else ->
                    /* SCHEDOP_poll */
                    if
                    :: front_pending
                    :: unreliable -> timed_out = true
                    :: timeout ->
                        assert(unreliable);     /* A lost wake-up */
                        timed_out = true
                    fi
                fi;
                /* ring_reap() */
                seen = memory[RSP_PROD];
                assert((seen - rsp_cons + 256) % 256 <= busy);
                busy = busy - (seen - rsp_cons);
                rsp_cons = seen
            :: else
            fi
        :: else -> break
        od;

        if
        :: busy ->
            /* handover_stop() */
            stopped = true;
            BARRIER(front_stores);
            closing = true;
#ifndef REVOKE_BEFORE_CLOSED
            closed;
#endif
        :: else
        fi;

        /* put_grants(): what is mapped cannot be taken back */
        i = 0;
        do
        :: i < SLOTS ->
            atomic {
                assert(!mapped[i]);
                granted[i] = false
            };
            i++
        :: else -> break
        od
    :: else -> break
    od;
    front_done = true
}

/* As Linux's and QEMU's backends, with the macros of ring.h. */
proctype backend()
{
    byte req_cons, rsp_prod, old, prod;
    bool silent;

    do
    :: back_pending && !closing ->
        back_pending = false;
again:
        prod = memory[REQ_PROD];
        do
        :: req_cons != prod && !closing && !silent ->
            old = rsp_prod;
            /* Some of them, then their answers at once. */
            do
            :: req_cons != prod ->
                atomic {
                    assert(granted[req_cons % SLOTS]);
                    mapped[req_cons % SLOTS] = true
                };
                if :: unreliable -> silent = true :: skip fi;
                if
                :: !silent ->
                    mapped[req_cons % SLOTS] = false;
                    rsp_prod++
                :: else
                fi;
                req_cons++;
                if :: silent -> break :: !silent -> skip fi
            :: rsp_prod != old -> break
            od;
            if
            :: rsp_prod != old ->
                BACK_STORE(RSP_PROD, rsp_prod);
                BARRIER(back_stores);
                if
                :: PASSED(rsp_prod, memory[RSP_EVENT], old) ->
                    front_pending = true
                :: else
                fi
            :: else
            fi
        :: else -> break
        od;
        /* RING_FINAL_CHECK_FOR_REQUESTS */
        BACK_STORE(REQ_EVENT, req_cons + 1);
        BARRIER(back_stores);
        if
        :: memory[REQ_PROD] != req_cons && !silent && !closing -> goto again
        :: else
        fi
    :: closing ->
        /* Lets go of all it has, then says so. */
        mapped[0] = false;
        mapped[1] = false;
        mapped[2] = false;
        mapped[3] = false;
        closed = true;
        break
    :: front_done && !closing -> break
    od
}

init {
    /* ring_init() */
    memory[REQ_EVENT] = 1;
    if :: unreliable = true :: skip fi;
    atomic { run drain(); run frontend(); run backend() }
}
