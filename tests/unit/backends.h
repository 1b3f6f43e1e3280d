// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Tests that run once for each kind of backend.  Who includes this defines
// setup_kind().
#ifndef __BACKENDS_H
#define __BACKENDS_H

#include "fake/backend.h" // enum backend_kind

static int setup_kind(void **state, enum backend_kind kind);

static int
setup_blkback(void **state)
{
    return setup_kind(state, BLKBACK);
}

static int
setup_persistent(void **state)
{
    return setup_kind(state, PERSISTENT);
}

static int
setup_qdisk(void **state)
{
    return setup_kind(state, QDISK);
}

#define PERSISTENT_BACKEND(test)                                        \
    { #test "/persistent", test, setup_persistent, NULL, NULL }
#define ALL_BACKENDS(test)                                              \
    { #test "/blkback", test, setup_blkback, NULL, NULL },              \
    PERSISTENT_BACKEND(test),                                           \
    { #test "/qdisk", test, setup_qdisk, NULL, NULL }

#endif // backends.h
