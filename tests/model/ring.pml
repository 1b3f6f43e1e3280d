/* SPDX-License-Identifier: LGPL-3.0-or-later
 *
 * The blkif ring between frontend and backend on x86, for spin: push with
 * its notification, the look for answers, arming, sleep and time-out.  What
 * a CPU stores waits in its store buffer, in order, until some later time or
 * a barrier; what it loads comes from memory.  Where the backend answers, no
 * time-out may come: that would be a lost wake-up.  When an op has ended,
 * none of its pages may be granted or mapped.
 *
 * The frontend's inlines are functions of the driver that have the same names,
 * with the same steps in the same order: tests/model/steps compares them.
 * tests/mutants/list has faults of both.
 */

#define OPS 3
#define MAX_REQUESTS 2
#define SLOTS 4

#define REQ_PROD  0
#define REQ_EVENT 1
#define RSP_PROD  2
#define RSP_EVENT 3
#define SLOT(index) (4 + (index) % SLOTS)

/* The shared page, and what is on its way there from each CPU. */
byte memory[4 + SLOTS];
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

/* What a slot has: the request or the answer of an index. */
#define REQUEST(index) (2 * (index) + 2)
#define RESPONSE(index) (2 * (index) + 3)

#define BARRIER(stores) empty(stores)
/* x86 has no need of them: the compiler alone must keep the order. */
#define STORE_BARRIER skip
#define LOAD_BARRIER skip
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

/* src/blkfront/ring.c */

inline ring_init()
{
    memory[REQ_EVENT] = 1
}

inline ring_add()
{
    FRONT_STORE(SLOT(req_added), REQUEST(req_added));
    req_added++;
    busy++
}

inline ring_push()
{
    STORE_BARRIER;
    FRONT_STORE(REQ_PROD, req_added);
    BARRIER(front_stores);
    notify = PASSED(req_added, memory[REQ_EVENT], req_prod);
    req_prod = req_added
}

inline ring_reap()
{
    seen = memory[RSP_PROD];
    assert((seen - rsp_cons + 256) % 256 <= busy);
    LOAD_BARRIER;
    do
    :: rsp_cons != seen ->
        assert(memory[SLOT(rsp_cons)] == RESPONSE(rsp_cons));
        rsp_cons++;
        busy--
    :: else -> break
    od
}

inline ring_arm()
{
    FRONT_STORE(RSP_EVENT, rsp_cons + busy);
    BARRIER(front_stores);
    there = memory[RSP_PROD] != rsp_cons
}

/* src/xen/evtchn.c.  A hypercall serializes. */

inline evtchn_clear()
{
    front_pending = false
}

inline evtchn_notify()
{
    empty(front_stores);
    back_pending = true
}

inline evtchn_sleep()
{
    if
    :: front_pending
    :: unreliable -> timed_out = true
    :: timeout ->
        assert(unreliable);     /* A lost wake-up */
        timed_out = true
    fi
}

/* src/gref_pool.c */

/* What is mapped cannot be taken back. */
inline gref_pool_revoke()
{
    atomic {
        assert(!mapped[i]);
        granted[i] = false
    }
}

inline gref_pool_put()
{
    gref_pool_revoke()
}

inline gref_pool_close()
{
    i = 0;
    do
    :: i < SLOTS -> gref_pool_revoke(); i++
    :: else -> break
    od
}

/* src/blkfront/xfer.c */

inline xfer_get_grants()
{
    i = 0;
    do
    :: i < n -> granted[(req_added + i) % SLOTS] = true; i++
    :: else -> break
    od
}

inline xfer_put_grants()
{
    i = 0;
    do
    :: i < SLOTS -> gref_pool_put(); i++
    :: else -> break
    od
}

inline xfer_push()
{
    ring_push();
    if
    :: notify -> evtchn_notify()
    :: else
    fi
}

inline xfer_send_requests()
{
    i = 0;
    do
    :: i < n -> ring_add(); i++
    :: else -> break
    od;
    xfer_push()
}

/* A look, or none. */
inline xfer_spin()
{
    if
    :: ring_reap()
    :: skip
    fi
}

inline xfer_sleep()
{
    do
    :: busy && !timed_out ->
        evtchn_clear();
        ring_arm();
        if
        :: !there -> evtchn_sleep()
        :: else
        fi;
        ring_reap()
    :: else -> break
    od
}

inline xfer_await()
{
    timed_out = false;
    xfer_spin();
    xfer_sleep()
}

inline xfer_await_answers()
{
    xfer_await()
}

inline xfer_run()
{
    xfer_get_grants();
    xfer_send_requests();
    xfer_await_answers();
    if
    :: !busy -> xfer_put_grants()
    :: else
    fi
}

/* src/blkfront/vbd.c */

inline vbd_close_backend()
{
    empty(front_stores);
    closing = true;
    closed
}

inline vbd_close_pools()
{
    gref_pool_close()
}

inline vbd_disconnect()
{
    vbd_close_backend();
    vbd_close_pools();
    vbd_close_pools()
}

/* op32.c's op32_run(), and op32_conclude() if there was no answer. */
proctype frontend()
{
    byte req_added, req_prod, rsp_cons, busy, ops, n, i, seen;
    bool notify, there, timed_out, stopped;

    do
    :: ops < OPS && !stopped ->
        ops++;
        if :: n = 1 :: n = MAX_REQUESTS fi;
        xfer_run();
        if
        :: busy ->
            vbd_disconnect();
            stopped = true
        :: else
        fi
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
                assert(memory[SLOT(req_cons)] == REQUEST(req_cons));
                atomic {
                    assert(granted[req_cons % SLOTS]);
                    mapped[req_cons % SLOTS] = true
                };
                if :: unreliable -> silent = true :: skip fi;
                if
                :: !silent ->
                    mapped[req_cons % SLOTS] = false;
                    BACK_STORE(SLOT(req_cons), RESPONSE(req_cons));
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
    ring_init();
    if :: unreliable = true :: skip fi;
    atomic { run drain(); run frontend(); run backend() }
}
