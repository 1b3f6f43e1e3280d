// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What can go wrong around the driver.
#ifndef __MODEL_FAULTS_H
#define __MODEL_FAULTS_H

void faults_choose(void);
int faults_end(void);

#endif // faults.h
