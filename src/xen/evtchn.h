// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Event channels, polled: no interrupt is ever requested.
#ifndef __XEN_EVTCHN_H
#define __XEN_EVTCHN_H

#include "types.h" // u32

int evtchn_alloc(u16 remote_domid, u32 *port);
void evtchn_close(u32 port);
int evtchn_is_bound(u32 port);
void evtchn_notify(u32 port);
void evtchn_clear(u32 port);
void evtchn_sleep(u32 port, u64 until);

#endif // evtchn.h
