// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Event channels, polled.  HVM_PARAM_CALLBACK_IRQ is left unset, so an event
// only ever sets bits in shared info.  Compiled for 16-bit and 32-bit code.
//
// To sleep without losing a wake-up: clear the port, ask the other side for an
// event, check that what the event would announce has not happened yet, sleep.
// Xen does not signal a port that is still pending, hence the clear.

#include "config.h" // for hw/pic.h
#include "hw/pic.h" // pic_irqmask_read
#include "output.h" // dprintf
#include "xen/evtchn.h" // evtchn_alloc
#include "xen/hypercall.h" // hypercall_evtchn_send
#include "xen/xen_info.h" // xen_shared

// Offer an event channel to a domain.  Returns 0, or -1 if Xen has none left.
int
evtchn_alloc(u16 remote_domid, u32 *port)
{
    int ret = hypercall_evtchn_alloc_unbound(remote_domid, port);
    if (ret)
        dprintf(1, "xen-blk: no event channel: %d\n", ret);
    return ret ? -1 : 0;
}

// Close a port and leave its bits as they were before it was opened.
void
evtchn_close(u32 port)
{
    hypercall_evtchn_close(port);
    evtchn_clear(port);
}

// Is the other end connected?  It is not if the backend is gone, or if this
// guest was saved and restored.
int
evtchn_is_bound(u32 port)
{
    u32 status;
    return !hypercall_evtchn_status(port, &status)
           && status == EVTCHNSTAT_interdomain;
}

// Send an event.  A failure shows as an answer that does not come.
void
evtchn_notify(u32 port)
{
    hypercall_evtchn_send(port);
}

// Make the port ready to signal again.
void
evtchn_clear(u32 port)
{
    machine_clear_bit(xen_shared()->evtchn_pending, port);
}

static int
evtchn_is_pending(u32 port)
{
    volatile u8 *map = (volatile u8 *)xen_shared()->evtchn_pending;
    return map[port / 8] >> (port % 8) & 1;
}

// Sleep until the port is pending, or until xen_time() reaches 'until' (ns).
// May return early.
//
// A timer tick that comes while interrupts are disabled keeps the CPU awake:
// Xen asserts it again at each entry to the guest (xen/arch/x86/hvm/vpt.c,
// pt_update_irq), and each time that ends the poll.  A backend that needs this
// CPU would then get it only when our time slice is used up, so hold such
// interrupts back at the PIC and try once more.
void
evtchn_sleep(u32 port, u64 until)
{
    hypercall_sched_poll(port, until);
    if (evtchn_is_pending(port))
        return;
    u16 mask = pic_irqmask_read();
    pic_irqmask_write(0xffff);
    hypercall_sched_poll(port, until);
    pic_irqmask_write(mask);
}
