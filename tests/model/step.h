// SPDX-License-Identifier: LGPL-3.0-or-later
//
// One step of a history: a run of ops and handovers, with or without a fault.
#ifndef __MODEL_STEP_H
#define __MODEL_STEP_H

void step_good(void);
void step_faulty(void);

#endif // step.h
