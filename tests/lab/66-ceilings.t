#!/bin/bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Whatever one of our calls may cost, one of Linux's xen-blkfront costs more: the
# budgets are below what fio measures in a guest on the same backend.
exec bench/scenarios/ceilings --tap
