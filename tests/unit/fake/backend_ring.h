// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The backend's half of the blkif ring.
#ifndef __FAKE_BACKEND_RING_H
#define __FAKE_BACKEND_RING_H

struct backend_s;

void backend_attach(struct backend_s *backend, void *page);
void backend_detach(struct backend_s *backend);
int backend_park(struct backend_s *backend);
void backend_end_parked(void);
void backend_forget_parked(void);
int backend_has_request(struct backend_s *backend);
void backend_serve(struct backend_s *backend);

#endif // backend_ring.h
