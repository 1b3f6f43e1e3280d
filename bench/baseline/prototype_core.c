// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The design of 2011: a buffer of one page, 8 sectors a request.

#define BOUNCE_PAGES 1
// As SeaBIOS compiles all files as one.
#include "bounce_core.c" // NOLINT(bugprone-suspicious-include)
